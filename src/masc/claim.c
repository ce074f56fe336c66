/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * claim: comparison of claims (RFC 2909 5.1.1) and their two forms.
 *
 * claim_wins() is the whole of 5.1.1, and every collision and clash is decided by it: so that all
 * nodes that see the same two claims name the same winner, it looks at nothing but the two claims.
 */
#include "masc/claim.h"

#include "base/check.h"

bool claim_wins(const struct claim *a, const struct claim *b)
{
    CHECK(claim_is_compared(a->type) && claim_is_compared(b->type));
    /* 5.1.1: PREFIX_IN_USE, CLAIM_DENIED, CLAIM_TO_EXPAND, NEW_CLAIM: the order of their codes. */
    if (a->type != b->type)
        return a->type < b->type;
    /* 5.1.1: then the claim that was initiated first ... */
    if (a->timestamp_s != b->timestamp_s)
        return a->timestamp_s < b->timestamp_s;
    /* ... and then the lower Origin Node Identifier, as unsigned integers. */
    return a->node < b->node;
}

struct masc_attr claim_to_attr(const struct claim *c)
{
    return (struct masc_attr){
        .type = c->type,
        .role = c->role,
        .deprecated = c->deprecated,
        .timestamp_s = (uint32_t)c->timestamp_s,
        .lifetime_s = c->lifetime_s,
        .holdtime_s = c->holdtime_s,
        .domain = c->domain,
        .node = c->node,
        .prefix = c->prefix,
    };
}

struct claim claim_from_attr(const struct masc_attr *a, enum masc_role role, int64_t now_s)
{
    return (struct claim){
        .prefix = a->prefix,
        .domain = a->domain,
        .node = a->node,
        .timestamp_s = masc_timestamp_extend(a->timestamp_s, now_s),
        .lifetime_s = a->lifetime_s,
        .holdtime_s = a->holdtime_s,
        .type = a->type,
        .role = role,
        .deprecated = a->deprecated,
    };
}
