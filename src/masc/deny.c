/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * deny: why a parent refuses a child's claim (RFC 2909 11.4.3, 8.3, Appendix B).
 *
 * A refusal is first a CLAIM_DENIED that tells the longest life allowed; a child that claims the
 * same again draws 3/18 (life) or 3/22 (size). All times are compared as absolute ends.
 */
#include "masc/want.h"

static uint32_t clip(int64_t seconds)
{
    return seconds <= 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

/* The longest life that a claim with this Timestamp may have inside `managed`. */
static uint32_t longest_life(const struct masc *m, const struct claim *c,
                             const struct own *managed)
{
    uint32_t nested = clip(own_end(managed) - c->timestamp_s), policy = m->cfg->lifetime_max_s;
    return policy && policy < nested ? policy : nested;
}

/* The domain was denied a claim that broke the same rule before, and that is not forgotten. */
static bool was_told(const struct masc *m, const struct claim *c, bool size)
{
    uint32_t at = table_first_of_domain(&m->table, c->domain);
    for (; at != TABLE_NONE; at = table_next_of_domain(&m->table, at)) {
        const struct entry *e = &m->table.entry[at];
        if (!(e->flags & ENTRY_DENIED) || e->flags & ENTRY_DEAD || e->family != c->prefix.family)
            continue;
        if (size ? prefix_size(table_prefix(&m->table, at)) > m->cfg->size_max
                 : e->lifetime_s > m->cfg->lifetime_max_s)
            return true;
    }
    return false;
}

uint8_t deny_refuses(const struct masc *m, const struct claim *c)
{
    const struct masc_config *g = m->cfg;
    if (g->lifetime_max_s && c->lifetime_s > g->lifetime_max_s && was_told(m, c, false))
        return MASC_UPDATE_LIFETIME_LONG;
    if (g->size_max && prefix_size(c->prefix) > g->size_max && was_told(m, c, true))
        return MASC_UPDATE_SIZE_LARGE;
    return 0;
}

/* Appendix B: addresses claimed and allocated by the child with this claim; overlaps once. */
static uint64_t held_with(struct masc *m, const struct claim *c)
{
    uint32_t at = table_first_of_domain(&m->table, c->domain);
    uint64_t sum = 0;
    size_t n = 0, i;
    bool crowded = false;
    m->scratch[n++] = c->prefix;
    for (; at != TABLE_NONE; at = table_next_of_domain(&m->table, at)) {
        const struct entry *e = &m->table.entry[at];
        struct prefix p = table_prefix(&m->table, at);
        bool counts = e->role == MASC_CHILD && claim_is_compared(e->type & 7) &&
                      (e->type & 7) != MASC_CLAIM_DENIED && !prefix_is_hint(p) &&
                      e->family == c->prefix.family &&
                      table_effective(&m->table, at, p, m->now.wall.s);
        if (counts && n == SCRATCH_MAX && !crowded) {
            n = masc_space_normalise(m->scratch, n);
            crowded = n > SCRATCH_WORTH;
        }
        if (counts && n < SCRATCH_MAX)
            m->scratch[n++] = p;
        else if (counts) /* among so many, ranges that are named twice do not matter */
            sum = add_sat(sum, prefix_size(p));
    }
    n = masc_space_normalise(m->scratch, n);
    for (i = 0; i < n; i++)
        sum = add_sat(sum, prefix_size(m->scratch[i]));
    return sum;
}

/* Appendix B: those of the customer, else the general ones. */
struct thresholds {
    uint64_t soft, hard; /* addresses; 0: none */
};

static struct thresholds thresholds_of(const struct masc *m, u128 domain)
{
    struct thresholds t = {m->cfg->soft_threshold, m->cfg->hard_threshold};
    unsigned i;
    for (i = 0; i < m->cfg->peers; i++) {
        const struct masc_peer_config *p = &m->cfg->peer[i];
        if (p->role != MASC_PARENT || p->domain != domain)
            continue;
        t.soft = p->soft_threshold ? p->soft_threshold : t.soft;
        t.hard = p->hard_threshold ? p->hard_threshold : t.hard;
    }
    return t;
}

const char *deny_reason(struct masc *m, const struct claim *c, const struct own *managed,
                        uint32_t *lifetime_s, struct out *out)
{
    const struct masc_config *g = m->cfg;
    struct thresholds t = thresholds_of(m, c->domain);
    uint64_t held = t.soft || t.hard ? held_with(m, c) : 0;
    *lifetime_s = longest_life(m, c, managed);
    if (claim_end(c) > own_end(managed))
        return "it would outlive the parent's prefix";
    if (g->lifetime_max_s && c->lifetime_s > g->lifetime_max_s)
        return "its life is longer than local policy allows";
    if (g->size_max && prefix_size(c->prefix) > g->size_max)
        return "it is larger than local policy allows";
    if (clash_touches(m, c->prefix))
        return "the range is disputed with another domain";
    if (t.hard && held > t.hard)
        return "the child would hold more than the hard threshold";
    if (t.soft && held >= t.soft)
        life_log(m, &(struct life){.event = "threshold", .prefix = c->prefix, .domain = c->domain,
                                   .ready_s = INT64_MAX, .until_s = INT64_MAX,
                                   .reason = "the child reaches the soft threshold"}, out);
    return NULL;
}
