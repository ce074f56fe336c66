/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iana: see iana.h. IPv4: a table of blocks by first and last address; everything multicast outside
 * 239.0.0.0/8 is somebody's. IPv6: the flags and the scope in the second octet decide: only
 * transient addresses (T) are free, and those with P (ff3x) are made from unicast prefixes or are
 * source-specific.
 */
#include "host/iana.h"

#include "base/text.h"

static const struct {
    uint32_t first, last;
    const char *name;
} blocks[] = {
    {0xE0000000, 0xE00000FF, "224.0.0.0/24, the Local Network Control Block (RFC 5771)"},
    {0xE0000100, 0xE00001FF, "224.0.1.0/24, the Internetwork Control Block (RFC 5771)"},
    {0xE0000200, 0xE0FFFFFF, "224.0.2.0-224.255.255.255, assigned or reserved blocks (RFC 5771)"},
    {0xE1000000, 0xE7FFFFFF, "225.0.0.0-231.255.255.255, reserved (RFC 5771)"},
    {0xE8000000, 0xE8FFFFFF, "232.0.0.0/8, source-specific multicast (RFC 4607)"},
    {0xE9000000, 0xE9FFFFFF, "233.0.0.0/8, GLOP and AD-HOC blocks (RFC 3180, RFC 5771)"},
    {0xEA000000, 0xEAFFFFFF, "234.0.0.0/8, unicast-prefix-based addresses (RFC 6034)"},
    {0xEB000000, 0xEEFFFFFF, "235.0.0.0-238.255.255.255, reserved (RFC 5771)"},
};

static bool warn_ipv4(struct prefix p, struct wr *w)
{
    uint64_t first = (uint64_t)p.addr;
    uint64_t last = first + prefix_size(p) - 1;
    bool warned = false;

    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        if (last < blocks[i].first || first > blocks[i].last)
            continue;
        wr_text(w, warned ? "; " : "is not free for local use: it meets ");
        wr_text(w, blocks[i].name);
        warned = true;
    }
    if (warned)
        wr_text(w, "; only 239.0.0.0/8 is (RFC 2365)");
    return warned;
}

static bool warn_ipv6(struct prefix p, struct wr *w)
{
    unsigned second = (unsigned)(p.addr >> 112) & 0xFF;
    unsigned flags = second >> 4, scope = second & 0xF;

    if (p.len < 16)
        wr_text(w, "spans several IPv6 multicast scopes or kinds: ff1x::/16 is one scope");
    else if (!(flags & 1))
        wr_text(w, "is not transient: ff0x::/16 is assigned by IANA (RFC 4291); use ff1x");
    else if (flags & 2)
        wr_text(w, "lies in ff3x::/16, made from unicast prefixes or source-specific (RFC 3306)");
    else if (scope == 0 || scope == 0xF)
        wr_text(w, "has a reserved scope (RFC 7346)");
    else
        return false;
    return true;
}

bool iana_warn(struct prefix p, struct wr *w)
{
    if (!prefix_is_multicast(p))
        return false;
    return p.family == FAMILY_IPV4 ? warn_ipv4(p, w) : warn_ipv6(p, w);
}
