/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * source: from whom a claim can be made, and how long it may live (RFC 2909 4.3, 4.5, 5.1, 12.5).
 *
 * A domain with parents claims from their PREFIX_MANAGEDs, a top-level domain (and a Zone TLD in
 * its scope) from configured ranges that never end.
 */
#include "masc/want.h"

uint32_t source_life(const struct masc *m, uint16_t space, uint32_t wanted_s,
                     int64_t managed_end_s)
{
    const struct space *s = &m->space[space];
    int64_t start = m->now.wall.s, life = wanted_s; /* cut again when it is sent */
    bool denied = s->denied_until_s > m->now.wall.s && s->denied_end_s;
    if (managed_end_s - start < life)
        life = managed_end_s - start;
    if (denied && s->denied_end_s - start < life)
        life = s->denied_end_s - start;
    return life > m->cfg->waiting_period_s ? (uint32_t)life : 0;
}

bool source_is_abandoned(const struct masc *m, u128 domain)
{
    unsigned i;
    for (i = 0; i < m->cfg->peers; i++)
        if (m->cfg->peer[i].role == MASC_CHILD && m->cfg->peer[i].domain == domain &&
            !m->cfg->peer[i].defend_only)
            return false;
    return true;
}

static unsigned range_sources(const struct masc *m, const struct need *n, struct source *s)
{
    unsigned i, k = 0;
    for (i = 0; i < m->cfg->ranges; i++)
        if (m->cfg->range[i].scope == n->scope && m->cfg->range[i].prefix.family == n->family)
            s[k++] = (struct source){.managed = m->cfg->range[i].prefix,
                                     .space = associate(m, m->cfg->range[i].prefix, SPACE_NONE),
                                     .end_s = INT64_MAX / 2};
    return k;
}

/* A newer one of the same parent covers it: spares asking the table, which gives newest first. */
static bool is_among(const struct source *s, unsigned n, struct prefix p)
{
    unsigned i;
    for (i = 0; i < n; i++)
        if (prefix_covers(s[i].managed, p))
            return true;
    return false;
}

/* What can be claimed from one parent: its prefixes, deprecated or not, newest first. */
static unsigned sources_of(const struct masc *m, const struct need *n, u128 parent,
                           struct source s[SOURCES_MAX])
{
    uint32_t at = table_first_of_domain(&m->table, parent);
    unsigned k = 0;
    for (; at != TABLE_NONE && k < SOURCES_MAX; at = table_next_of_domain(&m->table, at)) {
        const struct entry *e = &m->table.entry[at];
        struct prefix p = table_prefix(&m->table, at);
        if ((e->type & 7) == MASC_PREFIX_MANAGED && e->role == MASC_PARENT &&
            p.family == n->family && masc_config_scope(m->cfg, p) == n->scope &&
            !is_among(s, k, p) && table_effective(&m->table, at, p, m->now.wall.s))
            s[k++] = (struct source){.managed = p, .space = e->space,
                                     .end_s = e->timestamp_s + e->lifetime_s,
                                     .deprecated = e->type >> 7};
    }
    return k;
}

/* Ours: with `tight` the largest of a parent's prefixes is filled first, so that small ones fall
 * empty and the parent can let them go. */
static void sort_by_size(struct source *s, unsigned n)
{
    unsigned i, at;
    for (i = 1; i < n; i++) {
        struct source moved = s[i];
        for (at = i; at > 0 && moved.managed.len < s[at - 1].managed.len; at--)
            s[at] = s[at - 1];
        s[at] = moved;
    }
}

/* Active ones first (4.3); not those of a provider that is only defended. */
static unsigned parent_sources(const struct masc *m, const struct need *n, struct source *s)
{
    struct source found[SOURCES_MAX];
    u128 parent[MASC_PARENTS_MAX];
    unsigned parents = masc_config_parents(m->cfg, parent), k = 0, i, j, of;
    bool deprecated = false;
    do
        for (i = 0; i < parents; i++) {
            of = source_is_abandoned(m, parent[i]) ? 0 : sources_of(m, n, parent[i], found);
            if (m->cfg->tight)
                sort_by_size(found, of);
            for (j = 0; j < of && k < SOURCES_MAX; j++)
                if (found[j].deprecated == deprecated)
                    s[k++] = found[j];
        }
    while ((deprecated = !deprecated));
    return k;
}

unsigned source_list(const struct masc *m, const struct need *n, struct source *s)
{
    return masc_config_is_top_level(m->cfg, n->scope) ? range_sources(m, n, s)
                                                      : parent_sources(m, n, s);
}

int64_t source_end(const struct masc *m, const struct own *o)
{
    struct cover c = table_cover(&m->table, o->prefix, m->space[o->space].domain);
    int64_t end = 0;
    uint32_t at;
    if (o->purpose == MASC_FOR_LOCAL) {
        const struct own *managed = own_covering(m, o->prefix);
        return managed ? own_end(managed) : 0;
    }
    if (m->space[o->space].domain == MASC_TLD_ID)
        return INT64_MAX / 2;
    while ((at = table_cover_next(&c)) != TABLE_NONE) {
        const struct entry *e = &m->table.entry[at];
        if ((e->type & 7) == MASC_PREFIX_MANAGED && e->role == MASC_PARENT &&
            e->space == o->space && e->timestamp_s + e->lifetime_s > end &&
            table_effective(&m->table, at, o->prefix, m->now.wall.s))
            end = e->timestamp_s + e->lifetime_s;
    }
    return end;
}

uint32_t source_life_left(const struct masc *m, const struct own *o)
{
    const struct space *s = &m->space[o->space];
    int64_t left = source_end(m, o) - m->now.wall.s;
    if (s->denied_until_s > m->now.wall.s && s->denied_end_s &&
        s->denied_end_s - m->now.wall.s < left)
        left = s->denied_end_s - m->now.wall.s;
    if (left > o->lifetime_s)
        left = o->lifetime_s;
    return left > m->cfg->waiting_period_s ? (uint32_t)left : 0;
}

bool source_fades(const struct masc *m, const struct own *o)
{
    struct cover c = table_cover(&m->table, o->prefix, m->space[o->space].domain);
    bool fades = false;
    uint32_t at;
    while ((at = table_cover_next(&c)) != TABLE_NONE) {
        const struct entry *e = &m->table.entry[at];
        if ((e->type & 7) != MASC_PREFIX_MANAGED || e->role != MASC_PARENT ||
            e->space != o->space || !table_effective(&m->table, at, o->prefix, m->now.wall.s))
            continue;
        if (!(e->type >> 7))
            return false;
        fades = true;
    }
    return fades;
}
