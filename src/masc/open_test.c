/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OPEN with a configuration: what ours says, which of others' are refused, in which order
 * and with which Data.
 */
#include "masc/open.h"

#include <string.h>

#include "tests/masc_rig.h"

#define REMOTE 0xC0000201u

static struct masc_config config;
static struct masc_peer_config *peer;
static uint8_t data[MASC_OPEN_DATA_MAX];

/* The local node: domain 65000, node 192.0.2.254; its parents as given (0: none). */
static void local(u128 first, u128 second)
{
    const u128 parent[] = {first, second};

    masc_config_defaults(&config);
    config.domain = 65000;
    config.node = 0xC00002FE;
    for (unsigned i = 0; i < 2; i++)
        if (parent[i]) {
            struct masc_peer_config *p = &config.peer[config.peers++];
            masc_peer_defaults(p);
            p->role = MASC_CHILD;
            p->domain = parent[i];
            p->addr = rig_v4(0x0A000000u + i);
        }
    peer = &config.peer[config.peers++];
    masc_peer_defaults(peer);
    peer->addr = rig_v4(REMOTE);
}

static void remote(enum masc_role role, u128 domain, u128 parent)
{
    peer->role = role;
    peer->domain = domain;
    peer->parent = parent;
}

static struct masc_fault judge_hex(const struct hex *h)
{
    struct masc_open o;
    struct masc_fault f = masc_open_decode(&o, h->at, h->len);

    if (masc_fault_is(&f))
        return f;
    return masc_open_judge(&config, peer, &o, rd_init(h->at + 4, h->len - 4), data);
}

static struct hex last;

static struct masc_fault judge(const char *text)
{
    last = hex(text);
    return judge_hex(&last);
}

/* Data is the OPEN without its header. */
static bool is_body(const struct masc_fault *f)
{
    return f->data_len == last.len - 4 && memcmp(f->data, last.at + 4, f->data_len) == 0;
}

static bool data_is(const struct masc_fault *f, const char *text)
{
    struct hex h = hex(text);

    return f->data_len == h.len && memcmp(f->data, h.at, h.len) == 0;
}

TEST(open_ours, "M-7.2-15 M-7.2-21 M-7.2-27")
{
    struct masc_open o;
    struct hex h = {.len = 0};
    struct wr w = wr_init(h.at, sizeof(h.at));

    local(64900, 64901);
    remote(MASC_PARENT, 65001, 0);
    o = masc_open_make(&config, peer, MASC_VERSION);
    EXPECT_EQ(o.hold_time_s, 240);
    EXPECT(o.domain == 65000 && o.node == 0xC00002FE);
    EXPECT(o.parent == 64900); /* the first parent */
    masc_open_encode(&w, &o);
    EXPECT_UEQ(w.len, 20); /* no parameters */
    peer->role = MASC_INTERNAL;
    EXPECT(masc_open_make(&config, peer, 1).parent == 64900);
    peer->role = MASC_SIBLING;
    peer->parent = 64901;
    EXPECT(masc_open_make(&config, peer, 1).parent == 64901);
    peer->role = MASC_CHILD;
    EXPECT(masc_open_make(&config, peer, 1).parent == 65001);
    peer->role = MASC_INTERNAL;
    config.peer[0].role = config.peer[1].role = MASC_PARENT;
    EXPECT(masc_open_make(&config, peer, 1).parent == 65000); /* none known: our own */
    config.tld = true;
    EXPECT(masc_open_make(&config, peer, 1).parent == MASC_TLD_ID);
    EXPECT(masc_open_make(&config, peer, 1).node == 0xC00002FE);
}

TEST(open_without_parents, "M-7.2-24")
{
    local(0, 0);
    remote(MASC_INTERNAL, 65000, 0);
    EXPECT(masc_open_make(&config, peer, 1).parent == 65000);
    /* and so it is not taken for top-level: accepted by one that has parents */
    local(64900, 0);
    remote(MASC_INTERNAL, 65000, 0);
    EXPECT_EQ(judge("0014 01 00 01 04 00F0 0000FDE8 C0000201 0000FDE8").code, 0);
}

TEST(open_family, "")
{
    local(64900, 0);
    remote(MASC_PARENT, 65001, 0);
    EXPECT_EQ(masc_open_make(&config, peer, 1).family, FAMILY_IPV4);
    config.open_family = FAMILY_IPV6;
    EXPECT_EQ(masc_open_make(&config, peer, 1).family, FAMILY_IPV6);
    config.open_family = 0;
    peer->addr.family = FAMILY_IPV6;
    EXPECT_EQ(masc_open_make(&config, peer, 1).family, FAMILY_IPV6);
    peer->addr.family = FAMILY_IPV4;
    config.peer[0].domain = (u128)1 << 40; /* does not fit in 4 octets */
    EXPECT_EQ(masc_open_make(&config, peer, 1).family, FAMILY_IPV6);
}

TEST(open_domain_and_node, "M-8.2-01 M-8.2-04 M-8.2-05")
{
    struct masc_fault f;

    local(64900, 0);
    remote(MASC_PARENT, 65001, 0);
    f = judge("0014 01 00 01 05 00F0 0000FDE9 C0000201 0000FDE8");
    EXPECT_EQ(f.code, 0);
    f = judge("0014 01 00 01 05 00F0 0000FDEA C0000201 0000FDE8");
    EXPECT(f.code == 2 && f.subcode == 2 && !f.open && is_body(&f));
    /* our own Node Identifier, none at all, another than the one configured */
    f = judge("0014 01 00 01 05 00F0 0000FDE9 C00002FE 0000FDE8");
    EXPECT(f.code == 2 && f.subcode == 3 && !f.open && is_body(&f));
    f = judge("0014 01 00 01 05 00F0 0000FDE9 00000000 0000FDE8");
    EXPECT(f.code == 2 && f.subcode == 3);
    peer->node = 0xC0000202;
    f = judge("0014 01 00 01 05 00F0 0000FDE9 C0000201 0000FDE8");
    EXPECT(f.code == 2 && f.subcode == 3);
    f = judge("0014 01 00 01 05 00F0 0000FDE9 C0000202 0000FDE8");
    EXPECT_EQ(f.code, 0);
}

TEST(open_hold_time_policy, "M-7.2-14 M-8.2-07")
{
    static const struct {
        unsigned hold;
        bool good;
    } offer[] = {{0, false}, {3, false}, {29, false}, {30, true}, {240, true}, {65535, true}};

    local(64900, 0);
    remote(MASC_PARENT, 65001, 0);
    for (unsigned i = 0; i < sizeof(offer) / sizeof(offer[0]); i++) {
        struct masc_fault f;
        last = rig_open_of(MASC_CHILD, (uint16_t)offer[i].hold, 65001, REMOTE, 65000);
        config.hold_time_min_s = 0;
        EXPECT_EQ(judge_hex(&last).code, 0);
        config.hold_time_min_s = 30;
        f = judge_hex(&last);
        EXPECT_EQ(f.code, offer[i].good ? 0 : 2);
        EXPECT(offer[i].good || (f.subcode == 6 && is_body(&f)));
    }
}

TEST(open_roles, "M-8.2-11 M-7.2-10")
{
    for (unsigned ours = 0; ours < 4; ours++)
        for (unsigned theirs = 0; theirs < 4; theirs++) {
            bool fits = ours == theirs ? ours % 2 == 0 : ours % 2 == 1 && theirs % 2 == 1;
            struct masc_fault f;
            uint8_t own = (uint8_t)ours;
            local(64900, 0);
            remote((enum masc_role)ours, 65001, 64900);
            last = rig_open_of((enum masc_role)theirs, 240, 65001, REMOTE, 64900);
            f = judge_hex(&last);
            if (fits)
                EXPECT_EQ(f.code, 0);
            else
                EXPECT(f.code == 2 && f.subcode == 8 && !f.open && f.data_len == 1 &&
                       f.data[0] == own);
        }
}

/* any value is accepted where the field is ignored. */
TEST(open_parent_ignored, "M-7.2-22")
{
    static const uint32_t parent[] = {0, 65000, 65001, 1, 64900, UINT32_MAX};

    for (unsigned i = 0; i < sizeof(parent) / sizeof(parent[0]); i++) {
        local(64900, 0);
        remote(MASC_PARENT, 65001, 0);
        last = rig_open_of(MASC_CHILD, 240, 65001, REMOTE, parent[i]);
        EXPECT_EQ(judge_hex(&last).code, 0);
        remote(MASC_CHILD, 65001, 0);
        last = rig_open_of(MASC_PARENT, 240, 65001, REMOTE, parent[i]);
        EXPECT_EQ(judge_hex(&last).code, 0);
    }
}

TEST(open_internal_parents, "M-8.2-09 M-8.2-10")
{
    struct masc_fault f;

    local(64900, 64901);
    remote(MASC_INTERNAL, 65000, 0);
    f = judge("0014 01 00 01 04 00F0 0000FDE8 C0000203 00000000"); /* a TLD: V11 */
    EXPECT(f.code == 2 && f.subcode == 7 && !f.open);
    EXPECT(data_is(&f, "0000FD84 0000FD85"));
    f = judge("0014 01 00 01 04 00F0 0000FDE8 C0000203 00000001"); /* different: fine */
    EXPECT_EQ(f.code, 0);
    local(0, 0);
    config.tld = true;
    remote(MASC_INTERNAL, 65000, 0);
    f = judge("0014 01 00 01 04 00F0 0000FDE8 C0000203 0000FD84");
    EXPECT(f.code == 2 && f.subcode == 7);
    EXPECT(data_is(&f, "00000000"));
    f = judge("0014 01 00 01 04 00F0 0000FDE8 C0000203 00000000");
    EXPECT_EQ(f.code, 0);
    /* no parent known, and not top-level: our own Domain Identifier is the list */
    local(0, 0);
    remote(MASC_INTERNAL, 65000, 0);
    f = judge("0014 01 00 01 04 00F0 0000FDE8 C0000203 00000000");
    EXPECT(f.subcode == 7 && data_is(&f, "0000FDE8"));
}

/* A connection is internal if and only if both domain and role say so: no other one is accepted on
 * an internal peering, and no such one on another. */
TEST(open_internal_or_external, "M-10.1-13")
{
    local(64900, 0);
    remote(MASC_INTERNAL, 65000, 0);
    EXPECT_EQ(judge("0014 01 00 01 04 00F0 0000FDE8 C0000203 00000001").code, 0);
    EXPECT_EQ(judge("0014 01 00 01 04 00F0 0000FDE9 C0000203 00000001").subcode, 2);
    EXPECT_EQ(judge("0014 01 00 01 05 00F0 0000FDE8 C0000203 00000001").subcode, 8);
    remote(MASC_PARENT, 65001, 0);
    EXPECT_EQ(judge("0014 01 00 01 04 00F0 0000FDE9 C0000203 00000001").subcode, 8);
    EXPECT_EQ(judge("0014 01 00 01 05 00F0 0000FDE8 C0000203 00000001").subcode, 2);
}

TEST(open_sibling_parents, "M-8.2-12 M-8.2-13")
{
    struct masc_fault f;

    local(64900, 64910);
    remote(MASC_SIBLING, 65002, 64900);
    f = judge("0014 01 00 01 06 00F0 0000FDEA C0000202 0000FD84");
    EXPECT_EQ(f.code, 0);
    /* its parent cannot be ourselves nor itself */
    f = judge("0014 01 00 01 06 00F0 0000FDEA C0000202 0000FDE8");
    EXPECT(f.code == 2 && f.subcode == 9 && !f.open && data_is(&f, "0000FDE8"));
    f = judge("0014 01 00 01 06 00F0 0000FDEA C0000202 0000FDEA");
    EXPECT(f.code == 2 && f.subcode == 9 && data_is(&f, "0000FDEA"));
    f = judge("0014 01 00 01 06 00F0 0000FDEA C0000202 0000FE4B");
    EXPECT(f.code == 2 && f.subcode == 10 && !f.open && data_is(&f, "0000FD84 0000FD8E"));
    /* another common one: no error, but not this connection's */
    f = judge("0014 01 00 01 06 00F0 0000FDEA C0000202 0000FD8E");
    EXPECT(f.code == MASC_E_CEASE);
    /* Data has the length of the identifiers that are refused */
    f = judge("0038 01 00 01 0A 00F0 0000000000000000 000000000000FDEA 0000000000000000 "
              "00000000C0000202 0000000000000000 000000000000FE4B");
    EXPECT(f.subcode == 10);
    EXPECT(data_is(&f, "0000000000000000 000000000000FD84 0000000000000000 000000000000FD8E"));
    /* top-level siblings have the parent 0 */
    local(0, 0);
    config.tld = true;
    remote(MASC_SIBLING, 65002, 0);
    f = judge("0014 01 00 01 06 00F0 0000FDEA C0000202 00000000");
    EXPECT_EQ(f.code, 0);
    f = judge("0014 01 00 01 06 00F0 0000FDEA C0000202 0000FD84");
    EXPECT(f.subcode == 10 && data_is(&f, "00000000"));
}

/* with several faults the earliest check is told. */
TEST(open_order, "")
{
    struct masc_fault f;

    local(64900, 0);
    remote(MASC_SIBLING, 65001, 64900);
    config.hold_time_min_s = 30;
    f = judge("0014 01 00 01 07 0004 0000FDEA C00002FE 0000FE4B");
    EXPECT(f.subcode == 6);
    f = judge("0014 01 00 01 07 00F0 0000FDEA C00002FE 0000FE4B");
    EXPECT(f.subcode == 2);
    f = judge("0014 01 00 01 07 00F0 0000FDE9 C00002FE 0000FE4B");
    EXPECT(f.subcode == 3);
    f = judge("0014 01 00 01 07 00F0 0000FDE9 C0000201 0000FE4B");
    EXPECT(f.subcode == 8);
    f = judge("0014 01 00 01 06 00F0 0000FDE9 C0000201 0000FE4B");
    EXPECT(f.subcode == 10);
}

TEST(open_nearness, "")
{
    struct masc_fault f[] = {
        {.code = 2, .subcode = 6}, {.code = 2, .subcode = 2},  {.code = 2, .subcode = 3},
        {.code = 2, .subcode = 8}, {.code = 2, .subcode = 10}, {.code = 0},
    };

    for (unsigned i = 1; i < sizeof(f) / sizeof(f[0]); i++)
        EXPECT(masc_open_nearness(&f[i]) > masc_open_nearness(&f[i - 1]));
}
