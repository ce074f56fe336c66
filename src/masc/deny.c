/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * deny: why a parent refuses a child's claim (RFC 2909 11.4.3, 8.3, Appendix B).
 *
 * A refusal is first a CLAIM_DENIED that tells the longest life allowed; a child that claims the
 * same again draws 3/18 (life) or 3/22 (size). All times are compared as absolute ends.
 *
 * What a child holds is compared with thresholds at each of its claims, and a hostile child has as
 * many entries as per_origin_max allows. So a claim pays for WALK_PER_CLAIM of them, and a
 * millisecond for WALK_PER_MS: when that makes up for all, all are walked, and ranges held twice
 * count once. A child with few entries, or one that does not claim in bursts, is always judged by
 * that. In between, what came since is counted on top: that may count a range twice, and what ended
 * counts until the next walk, so a burst is rather denied too much than too little.
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

struct tally *tally_of(struct masc *m, uint32_t at)
{
    uint32_t domain = m->table.origin[m->table.entry[at].origin].domain;
    struct tally *y = &m->tally[domain];
    if (y->domain != m->table.domain[domain].id)
        *y = (struct tally){.domain = m->table.domain[domain].id};
    return y;
}

/* A denial that stands, of a claim by that domain which broke the same rule. What was deleted is
 * marked DEAD. */
static bool is_told(const struct masc *m, const struct claim *c, bool size, uint32_t at)
{
    const struct entry *e = &m->table.entry[at];
    if (!(e->flags & ENTRY_DENIED) || e->flags & ENTRY_DEAD || e->family != c->prefix.family ||
        table_domain(&m->table, at) != c->domain)
        return false;
    return size ? prefix_size(table_prefix(&m->table, at)) > m->cfg->size_max
                : e->lifetime_s > m->cfg->lifetime_max_s;
}

/* The domain was denied a claim that broke the same rule before, and that is not forgotten. All
 * entries are gone through only if the denial that was found last has ended. */
static bool was_told(struct masc *m, const struct claim *c, bool size)
{
    uint32_t at = table_first_of_domain(&m->table, c->domain);
    uint32_t *last;
    if (at == TABLE_NONE)
        return false;
    last = &tally_of(m, at)->denied[c->prefix.family == FAMILY_IPV6][size];
    if (is_told(m, c, size, *last))
        return true;
    for (; at != TABLE_NONE; at = table_next_of_domain(&m->table, at)) {
        m->looked_at++;
        if (is_told(m, c, size, at)) {
            *last = at;
            return true;
        }
    }
    return false;
}

uint8_t deny_refuses(struct masc *m, const struct claim *c)
{
    const struct masc_config *g = m->cfg;
    if (g->lifetime_max_s && c->lifetime_s > g->lifetime_max_s && was_told(m, c, false))
        return MASC_UPDATE_LIFETIME_LONG;
    if (g->size_max && prefix_size(c->prefix) > g->size_max && was_told(m, c, true))
        return MASC_UPDATE_SIZE_LARGE;
    return 0;
}

/* ---- Appendix B: addresses claimed and allocated by a child ---- */

enum { WALK_PER_CLAIM = 128, WALK_PER_MS = 16, COVERS_MAX = 64 };

/* The part `range` of entry `at` is claimed or held by a child. */
static bool counts(const struct masc *m, uint32_t at, struct prefix range)
{
    const struct entry *e = &m->table.entry[at];
    enum masc_type type = e->type & 7;
    return e->role == MASC_CHILD && claim_is_compared(type) && type != MASC_CLAIM_DENIED &&
           !prefix_is_hint(table_prefix(&m->table, at)) && e->family == range.family &&
           table_effective(&m->table, at, range, m->now.wall.s);
}

static struct newest newest_of(const struct masc *m, uint32_t list)
{
    if (list == TABLE_NONE)
        return (struct newest){.at = TABLE_NONE};
    return (struct newest){table_prefix(&m->table, list), m->table.entry[list].timestamp_s, list};
}

static bool is_newest(const struct masc *m, const struct newest *n, uint32_t at)
{
    return at == n->at && m->table.entry[at].timestamp_s == n->timestamp_s &&
           prefix_compare(table_prefix(&m->table, at), n->prefix) == 0;
}

/* Are all `entries` of the domain to be walked now? */
static bool is_walk_due(const struct masc *m, const struct held *h, uint32_t entries)
{
    int64_t ms = m->now.mono.ms - h->walked.ms;
    uint64_t paid = h->judged * WALK_PER_CLAIM;
    return !h->counted || paid >= entries || ms >= entries / WALK_PER_MS;
}

/* Ranges in the scratch, and the addresses of those that found no place there. */
struct picked {
    size_t n;
    uint64_t beyond;
    bool crowded;
};

static void pick(struct masc *m, struct prefix p, struct picked *k)
{
    if (k->n == SCRATCH_MAX && !k->crowded) {
        k->n = masc_space_normalise(m->scratch, k->n);
        k->crowded = k->n > SCRATCH_WORTH;
    }
    if (k->n < SCRATCH_MAX)
        m->scratch[k->n++] = p;
    else /* among so many, ranges that are named twice do not matter */
        k->beyond = add_sat(k->beyond, prefix_size(p));
}

/* Picks what counts in a list of the domain before `known`, which was counted already; false: that
 * is gone, and all was picked. */
static bool pick_newer(struct masc *m, uint32_t at, uint8_t family, const struct newest *known,
                       struct picked *k)
{
    for (; at != TABLE_NONE; at = m->table.entry[at].dom_next) {
        struct prefix p = table_prefix(&m->table, at);
        if (is_newest(m, known, at))
            return true;
        m->looked_at++;
        if (p.family == family && counts(m, at, p))
            pick(m, p, k);
    }
    return known->at == TABLE_NONE;
}

/* The same of both lists. If what was newest is gone from one, they are walked whole: that happens
 * when it expires. */
static bool pick_all_newer(struct masc *m, const struct domain *d, uint8_t family,
                           const struct held *h, struct picked *k)
{
    return pick_newer(m, d->held, family, &h->in[0], k) &&
           pick_newer(m, d->first, family, &h->in[1], k);
}

static void pick_all(struct masc *m, const struct domain *d, uint8_t family, struct picked *k)
{
    static const struct newest none = {.at = TABLE_NONE};
    *k = (struct picked){0};
    (void)pick_newer(m, d->held, family, &none, k);
    (void)pick_newer(m, d->first, family, &none, k);
}

static uint64_t size_of(struct masc *m, struct picked *k)
{
    uint64_t sum = k->beyond;
    size_t i;
    k->n = masc_space_normalise(m->scratch, k->n);
    for (i = 0; i < k->n; i++)
        sum = add_sat(sum, prefix_size(m->scratch[i]));
    return sum;
}

/* Addresses of `p` outside the ranges picked, which size_of() made disjoint. */
static uint64_t size_outside(const struct masc *m, const struct picked *k, struct prefix p)
{
    uint64_t inside = 0;
    size_t i;
    for (i = 0; i < k->n; i++) {
        if (prefix_covers(m->scratch[i], p))
            return 0;
        if (prefix_covers(p, m->scratch[i]))
            inside = add_sat(inside, prefix_size(m->scratch[i]));
    }
    return prefix_size(p) - inside;
}

/* A renewal, or a claim inside something that the child has: it holds no more by that. */
static bool is_held_already(const struct masc *m, const struct claim *c)
{
    struct cover over = table_cover(&m->table, c->prefix, c->domain);
    unsigned n = 0;
    uint32_t at;
    while (n++ < COVERS_MAX && (at = table_cover_next(&over)) != TABLE_NONE)
        if (counts(m, at, c->prefix))
            return true;
    return false;
}

static uint64_t held_with(struct masc *m, const struct claim *c)
{
    uint32_t at = table_first_of_domain(&m->table, c->domain);
    uint8_t family = c->prefix.family;
    const struct domain *d;
    struct picked k = {0};
    struct held *h;
    uint64_t sum;
    bool known;
    if (at == TABLE_NONE)
        return prefix_size(c->prefix);
    d = &m->table.domain[m->table.origin[m->table.entry[at].origin].domain];
    h = &tally_of(m, at)->held[family == FAMILY_IPV6];
    h->judged++;
    known = !is_walk_due(m, h, d->refs) && pick_all_newer(m, d, family, h, &k);
    if (!known)
        pick_all(m, d, family, &k);
    sum = size_of(m, &k);
    *h = (struct held){
        .counted = true,
        .in = {newest_of(m, d->held), newest_of(m, d->first)},
        .addresses = known ? add_sat(h->addresses, sum) : sum,
        .judged = known ? h->judged : 0,
        .walked = known ? h->walked : m->now.mono,
    };
    if (known && is_held_already(m, c))
        return h->addresses;
    return add_sat(h->addresses, size_outside(m, &k, c->prefix));
}

/* Those of the customer, else the general ones. */
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
