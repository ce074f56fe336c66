/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config: scopes, the ranges of a top-level domain, and demands: all that names address space.
 *
 * A domain is top-level per scope: in the global one by `tld`, in others by `zone_tld` (RFC 2909
 * 4.5, readings ). Where it is, it claims out of configured ranges; where it is not,
 * space comes from parents, and a range would contradict them.
 */
#include "masc/config_judge.h"

/* Multicast, without bits past its length, of a family we speak. */
static bool check_prefix(const struct masc_judge *j, const char *list, unsigned i, struct prefix p)
{
    if (p.family != FAMILY_IPV4 && p.family != FAMILY_IPV6)
        return masc_judge_bad_at(j, list, i, "prefix", "is missing: set it, as in 239.192.0.0/14");
    if (!masc_judge_speaks(j->c, p.family))
        return masc_judge_bad_at(j, list, i, "prefix",
                                 "is of a family that is not spoken: enable the family or remove "
                                 "it");
    if (p.len > family_bits(p.family) || (p.addr & ~prefix_mask(p.family, p.len)))
        return masc_judge_bad_at(j, list, i, "prefix",
                                 "has bits past its length: correct one of both");
    if (!prefix_is_multicast(p))
        return masc_judge_bad_at(j, list, i, "prefix", "must lie in 224.0.0.0/4 or ff00::/8");
    return true;
}

static bool check_scopes(const struct masc_judge *j)
{
    const struct masc_scope *s = j->c->scope;

    for (unsigned i = 0; i < j->c->scopes; i++) {
        if (!masc_judge_name(s[i].name))
            return masc_judge_bad_at(j, "scopes", i, "name",
                                     "must have 1 to 31 octets: give the scope a name");
        if (!check_prefix(j, "scopes", i, s[i].prefix))
            return false;
        for (unsigned k = 0; k < i; k++) {
            if (text_equal(s[i].name, s[k].name))
                return masc_judge_bad_at(j, "scopes", i, "name",
                                         "is the name of an earlier scope: rename one of them");
            /* domains of several zones would disagree about the scope of a prefix */
            if (prefix_overlaps(s[i].prefix, s[k].prefix))
                return masc_judge_bad_at(j, "scopes", i, "prefix",
                                         "overlaps that of an earlier scope, but an address has "
                                         "one scope: make them disjoint, or remove one");
        }
    }
    return true;
}

static bool check_range(const struct masc_judge *j, unsigned i)
{
    const struct masc_config *c = j->c;
    const struct masc_range *r = &c->range[i];

    if (!check_prefix(j, "ranges", i, r->prefix))
        return false;
    if (r->scope > c->scopes)
        return masc_judge_bad_at(j, "ranges", i, "scope", "is not configured: add it to scopes");
    /* others get their space from their parents */
    if (!masc_config_is_top_level(c, r->scope))
        return masc_judge_bad_at(j, "ranges", i, "scope",
                                 "is one in which this domain has parents: make it top-level "
                                 "there, or remove the range");
    if (r->scope != MASC_SCOPE_GLOBAL && !prefix_covers(c->scope[r->scope - 1].prefix, r->prefix))
        return masc_judge_bad_at(j, "ranges", i, "prefix",
                                 "must lie inside the prefix of its scope");
    for (unsigned k = 0; k < i; k++)
        if (prefix_overlaps(r->prefix, c->range[k].prefix))
            return masc_judge_bad_at(j, "ranges", i, "prefix",
                                     "overlaps an earlier range: keep the larger one");
    return true;
}

/* The room a demand can be met from, at most; 0: none is configured where it would have to be. */
static uint64_t room_for(const struct masc_config *c, const struct masc_demand *d)
{
    uint64_t room = 0;

    if (!masc_config_is_top_level(c, d->scope)) {
        if (d->scope == MASC_SCOPE_GLOBAL)
            return UINT64_MAX;
        return prefix_size(c->scope[d->scope - 1].prefix);
    }
    for (unsigned i = 0; i < c->ranges; i++) {
        uint64_t size = prefix_size(c->range[i].prefix);
        if (c->range[i].scope != d->scope || c->range[i].prefix.family != d->family)
            continue;
        room = size > UINT64_MAX - room ? UINT64_MAX : room + size;
    }
    return room;
}

static bool check_demand(const struct masc_judge *j, unsigned i)
{
    const struct masc_config *c = j->c;
    const struct masc_demand *d = &c->demand[i];

    if (d->scope > c->scopes)
        return masc_judge_bad_at(j, "demands", i, "scope", "is not configured: add it to scopes");
    if (!masc_judge_speaks(c, d->family))
        return masc_judge_bad_at(j, "demands", i, "family", "must be ipv4 or ipv6, and spoken");
    if (d->scope != MASC_SCOPE_GLOBAL && c->scope[d->scope - 1].prefix.family != d->family)
        return masc_judge_bad_at(j, "demands", i, "family", "must be that of the scope's prefix");
    if (d->addresses == 0)
        return masc_judge_bad_at(j, "demands", i, "addresses",
                                 "must be at least 1: remove the demand if there is none");
    if (d->lifetime_s == 0)
        return masc_judge_bad_at(j, "demands", i, "lifetime",
                                 "must be at least 1 second: 30d is usual");
    if (room_for(c, d) == 0)
        return masc_judge_bad_at(j, "demands", i, "scope",
                                 "has no range to claim out of, and a top-level domain has no "
                                 "parent: add one to ranges");
    if (d->addresses > room_for(c, d))
        return masc_judge_bad_at(j, "demands", i, "addresses",
                                 "are more than the scope or its ranges hold: ask for fewer");
    return true;
}

bool masc_judge_space(const struct masc_judge *j)
{
    if (!check_scopes(j))
        return false;
    for (unsigned i = 0; i < j->c->ranges; i++)
        if (!check_range(j, i))
            return false;
    for (unsigned i = 0; i < j->c->demands; i++)
        if (!check_demand(j, i))
            return false;
    return true;
}
