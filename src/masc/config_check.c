/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config: do the values agree with each other, and with RFC 2909?
 *
 * The first complaint ends the check: an operator mends one line at a time, and later complaints
 * often follow from the first. Numbers and identity are judged here, peers in config_peers.c,
 * scopes, ranges and demands in config_space.c. Counts come first, so that nothing reads past an
 * array. A limit of 0 is no limit.
 */
#include "masc/config_judge.h"

struct wr *masc_judge_at(const struct masc_judge *j, const char *list, unsigned index,
                         const char *field)
{
    wr_text(j->path, list);
    if (index != MASC_JUDGE_NO_INDEX) {
        wr_text(j->path, "[");
        wr_decimal(j->path, index);
        wr_text(j->path, "]");
    }
    if (field) {
        wr_text(j->path, ".");
        wr_text(j->path, field);
    }
    return j->why;
}

bool masc_judge_bad_at(const struct masc_judge *j, const char *list, unsigned index,
                       const char *field, const char *why)
{
    wr_text(masc_judge_at(j, list, index, field), why);
    return false;
}

bool masc_judge_bad(const struct masc_judge *j, const char *setting, const char *why)
{
    return masc_judge_bad_at(j, setting, MASC_JUDGE_NO_INDEX, NULL, why);
}

bool masc_judge_name(const char name[MASC_NAME_MAX])
{
    for (unsigned i = 0; i < MASC_NAME_MAX; i++)
        if (!name[i])
            return i > 0;
    return false;
}

bool masc_judge_is_group(u128 addr, uint8_t family)
{
    return prefix_is_multicast((struct prefix){addr, family, (uint8_t)family_bits(family)});
}

bool masc_judge_speaks(const struct masc_config *c, uint8_t family)
{
    return (family == FAMILY_IPV4 && c->ipv4) || (family == FAMILY_IPV6 && c->ipv6);
}

/* "is 7, expected 1 to 5: choose ..." unless it is. */
static bool in_range(const struct masc_judge *j, const char *setting, uint64_t v,
                     const uint64_t bounds[2], const char *advice)
{
    if (v >= bounds[0] && v <= bounds[1])
        return true;
    struct wr *why = masc_judge_at(j, setting, MASC_JUDGE_NO_INDEX, NULL);
    wr_text(why, "is ");
    wr_decimal(why, v);
    wr_text(why, ", expected ");
    wr_decimal(why, bounds[0]);
    if (bounds[1] == UINT64_MAX) {
        wr_text(why, " or more");
    } else {
        wr_text(why, " to ");
        wr_decimal(why, bounds[1]);
    }
    wr_text(why, ": ");
    wr_text(why, advice);
    return false;
}

#define AT_LEAST(n)   ((const uint64_t[2]){(n), UINT64_MAX})
#define BETWEEN(a, b) ((const uint64_t[2]){(a), (b)})

static bool check_counts(const struct masc_judge *j)
{
    const struct masc_config *c = j->c;

    return in_range(j, "peers_max", c->peers_max, BETWEEN(1, MASC_PEERS_MAX),
                    "it is the number of places for peerings") &&
           in_range(j, "peers", c->peers, BETWEEN(0, c->peers_max),
                    "raise this limit or remove peers") &&
           in_range(j, "scopes", c->scopes, BETWEEN(0, MASC_SCOPES_MAX), "remove scopes") &&
           in_range(j, "ranges", c->ranges, BETWEEN(0, MASC_RANGES_MAX), "remove ranges") &&
           in_range(j, "demands", c->demands, BETWEEN(0, MASC_DEMANDS_MAX), "remove demands") &&
           in_range(j, "ignore", c->ignored, BETWEEN(0, MASC_IGNORED_MAX), "remove entries") &&
           in_range(j, "claims_max", c->claims_max, AT_LEAST(1), "no claim could be kept") &&
           in_range(j, "per_origin_max", c->per_origin_max, BETWEEN(1, c->claims_max),
                    "no domain can have more claims than fit into the table") &&
           in_range(j, "origins_max", c->origins_max, AT_LEAST(1), "no claim could be kept") &&
           in_range(j, "own_max", c->own_max, AT_LEAST(1), "nothing could be claimed");
}

/* Top-level in some scope (4.5). */
static bool has_zone_tld(const struct masc_config *c)
{
    for (unsigned i = 0; i < c->scopes; i++)
        if (c->scope[i].zone_tld)
            return true;
    return false;
}

static bool check_identity(const struct masc_judge *j)
{
    const struct masc_config *c = j->c;

    if (!c->ipv4 && !c->ipv6)
        return masc_judge_bad(j, "families", "none is spoken: enable ipv4, ipv6 or both");
    if (c->open_family != 0 && !masc_judge_speaks(c, c->open_family))
        return masc_judge_bad(j, "open_family",
                              "must be ipv4 or ipv6, and spoken: leave it out to use the family of "
                              "each peer's address");
    /* 6: 0 is [TLD_ID] */
    if (c->domain == MASC_TLD_ID)
        return masc_judge_bad(j, "domain",
                              "is missing: set it to the number of this autonomous system (0 "
                              "stands for the parent of top-level domains)");
    if (c->node == 0)
        return masc_judge_bad(j, "node",
                              "is missing: set it to an address of this node that no other node "
                              "has");
    /* 7.2, A-03 */
    if (c->ipv4 && c->domain >> 32)
        return masc_judge_bad(j, "domain",
                              "must be below 2^32, as IPv4 messages carry 4 octets of it: use the "
                              "number of the autonomous system");
    if (c->ipv4 && c->node >> 32)
        return masc_judge_bad(j, "node",
                              "must be below 2^32, as IPv4 messages carry 4 octets of it: use an "
                              "IPv4 address of this node");
    /* 8.8: it is compared as an address of the node, which a group is not */
    if (masc_judge_is_group(c->node, c->node >> 32 ? FAMILY_IPV6 : FAMILY_IPV4))
        return masc_judge_bad(j, "node",
                              "is a multicast address: use a unicast address of this node");
    /* */
    if (c->sole_tld && !c->tld && !has_zone_tld(c))
        return masc_judge_bad(j, "sole_tld",
                              "is for domains that are top-level, everywhere or in a scope: make "
                              "this one so, or remove it");
    /* 12.4 */
    if (c->clash != MASC_CLASH_AUTOMATIC && c->clash != MASC_CLASH_MANUAL)
        return masc_judge_bad(j, "clash", "must be automatic or manual");
    for (unsigned i = 0; i < c->ignored; i++)
        if (c->ignore[i].domain == MASC_TLD_ID || c->ignore[i].domain == c->domain)
            return masc_judge_bad_at(j, "ignore", i, "domain",
                                     "must be the identifier of another domain: remove the entry");
    return true;
}

static bool check_times(const struct masc_judge *j)
{
    const struct masc_config *c = j->c;

    return in_range(j, "waiting_period", c->waiting_period_s, AT_LEAST(1),
                    "the RFC has 172800 (48 hours), and all domains must have the same") &&
           in_range(j, "connect_retry", c->connect_retry_s, AT_LEAST(1), "120 is usual") &&
           in_range(j, "start_backoff", c->start_backoff_s, BETWEEN(1, c->start_backoff_max_s),
                    "it is doubled up to its maximum; the RFC has 60 and 86400") &&
           /* it would end before its first use */
           in_range(j, "lifetime", c->lifetime_s,
                    AT_LEAST((uint64_t)c->waiting_period_s + c->claim_delay_s + 1),
                    "a claim must outlive the waiting period and the delay before it; 30 days are "
                    "usual");
}

/* min <= max, where 0 is no limit. */
static bool ordered(const struct masc_judge *j, const char *max, uint64_t low, uint64_t high)
{
    return low == 0 || high == 0 ||
           in_range(j, max, high, AT_LEAST(low),
                    "the lower limit is above the upper: change one of them (0 is no limit)");
}

/* A value of ours keeps the limits that we set for others: internal peers have them too. */
static bool kept(const struct masc_judge *j, const char *limit, const uint64_t bounds[2],
                 uint64_t ours)
{
    uint64_t low = bounds[0], high = bounds[1];

    if (ours >= low && (high == 0 || ours <= high))
        return true;
    struct wr *why = masc_judge_at(j, limit, MASC_JUDGE_NO_INDEX, NULL);
    wr_text(why, "would refuse our own claims, which have ");
    wr_decimal(why, ours);
    wr_text(why, ": move this limit, or change what we claim");
    return false;
}

static bool check_limits(const struct masc_judge *j)
{
    const struct masc_config *c = j->c;

    return ordered(j, "lifetime_max", c->lifetime_min_s, c->lifetime_max_s) &&
           ordered(j, "holdtime_max", c->holdtime_min_s, c->holdtime_max_s) &&
           ordered(j, "size_max", c->size_min, c->size_max) &&
           ordered(j, "hard_threshold", c->soft_threshold, c->hard_threshold) &&
           in_range(j, "claim_min", c->claim_min, AT_LEAST(1), "256 addresses are usual") &&
           kept(j, "lifetime_min", BETWEEN(c->lifetime_min_s, 0), c->lifetime_s) &&
           kept(j, "lifetime_max", BETWEEN(0, c->lifetime_max_s), c->lifetime_s) &&
           /* 7.3: the Holdtime of a claim is the waiting period, that of a prefix its lifetime */
           kept(j, "holdtime_min", BETWEEN(c->holdtime_min_s, 0), c->waiting_period_s) &&
           kept(j, "holdtime_max", BETWEEN(0, c->holdtime_max_s), c->waiting_period_s) &&
           kept(j, "holdtime_max", BETWEEN(0, c->holdtime_max_s), c->lifetime_s) &&
           kept(j, "size_min", BETWEEN(c->size_min, 0), c->claim_min) &&
           kept(j, "size_max", BETWEEN(0, c->size_max), c->claim_min) &&
           in_range(j, "prefixes_max", c->prefixes_max, AT_LEAST(1),
                    "the RFC has 3 prefixes per domain") &&
           in_range(j, "utilization_high", c->utilization_high, BETWEEN(1, 100),
                    "it is per cent; the RFC has 90") &&
           in_range(j, "utilization_low", c->utilization_low, BETWEEN(0, c->utilization_high - 1u),
                    "it is per cent and below the high one; the RFC has 70") &&
           in_range(j, "utilization_shrink", c->utilization_shrink,
                    BETWEEN(0, c->utilization_low),
                    "it is per cent and at most the low one; 0 is the same as that");
}

bool masc_config_check(const struct masc_config *c, struct wr *path, struct wr *why)
{
    const struct masc_judge j = {.c = c, .path = path, .why = why};

    return check_counts(&j) && check_identity(&j) && check_times(&j) && check_limits(&j) &&
           masc_judge_space(&j) && masc_judge_peers(&j);
}
