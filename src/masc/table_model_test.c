/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table against a model that is an array: thousands of random insertions, look-ups and
 * expiries, after each of which both must hold the same entries in the same order with the same
 * next expiry.
 */
#include "masc/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "tests/tap.h"

enum { MAX = 120, ORIGINS = 12, PER_ORIGIN = 40, RETENTION = 500 };

struct known {
    struct claim c;
    bool dead;
};

struct model {
    struct known k[MAX]; /* in order of arrival */
    unsigned n;
    int64_t now;
};

static struct masc_config config;

static bool same(const struct claim *a, const struct claim *b)
{
    return prefix_equal(a->prefix, b->prefix) && a->domain == b->domain && a->node == b->node &&
           a->timestamp_s == b->timestamp_s && a->lifetime_s == b->lifetime_s &&
           a->holdtime_s == b->holdtime_s && a->type == b->type && a->role == b->role &&
           a->deprecated == b->deprecated;
}

static int64_t due(const struct known *k)
{
    const struct claim *c = &k->c;
    uint32_t life = c->lifetime_s < c->holdtime_s && c->type != MASC_CLAIM_DENIED ? c->lifetime_s
                                                                                 : c->holdtime_s;
    return k->dead ? c->timestamp_s + c->holdtime_s + RETENTION : c->timestamp_s + life;
}

static struct claim random_claim(struct prng *rng, int64_t now)
{
    static const uint8_t len[] = {8, 12, 16, 17, 24};
    uint8_t l = len[prng_below(rng, 5)];
    u128 addr = 0xE4000000 | (u128)prng_below(rng, 3) << 20 | (u128)prng_below(rng, 2) << 15;
    struct prefix p = prefix_shorten((struct prefix){addr, FAMILY_IPV4, 32}, l);

    if (prng_below(rng, 8) == 0)
        p = (struct prefix){0, FAMILY_IPV4, 24};
    if (prng_below(rng, 4) == 0)
        p = (struct prefix){(u128)0xFF1E << 112 | (u128)prng_below(rng, 3) << 80, FAMILY_IPV6, 64};
    return (struct claim){
        .prefix = p,
        .domain = 1 + prng_below(rng, 10),
        .node = 1 + prng_below(rng, 3),
        .timestamp_s = now - (int64_t)prng_below(rng, 20),
        .lifetime_s = (uint32_t)(100 + prng_below(rng, 900)),
        .holdtime_s = (uint32_t)(100 + prng_below(rng, 900)),
        .type = (enum masc_type)prng_below(rng, 6),
        .role = (enum masc_role)prng_below(rng, 4),
        .deprecated = prng_below(rng, 9) == 0,
    };
}

static bool other_origin(const struct model *m, const struct claim *c, unsigned *origins)
{
    bool known = false;
    unsigned i, j;

    *origins = 0;
    for (i = 0; i < m->n; i++) {
        const struct claim *a = &m->k[i].c;
        for (j = 0; j < i; j++)
            if (m->k[j].c.domain == a->domain && m->k[j].c.node == a->node)
                break;
        *origins += j == i;
        known |= a->domain == c->domain && a->node == c->node;
    }
    return !known;
}

static enum table_result expect_insert(const struct model *m, const struct claim *c)
{
    unsigned i, of_domain = 0, variants = 0, origins;

    for (i = 0; i < m->n; i++) {
        const struct claim *a = &m->k[i].c;
        if (same(a, c))
            return TABLE_DUPLICATE;
        of_domain += a->domain == c->domain;
        variants += a->domain == c->domain && prefix_equal(a->prefix, c->prefix);
    }
    if (m->n >= MAX - MAX / 8 || of_domain >= PER_ORIGIN || variants >= TABLE_CHAIN_MAX)
        return TABLE_FULL;
    return other_origin(m, c, &origins) && origins == ORIGINS ? TABLE_FULL : TABLE_NEW;
}

static bool expire_both(struct model *m, struct table *t)
{
    unsigned i;

    for (;;) {
        uint32_t at = table_due(t, m->now);
        int64_t when = table_next_expiry(t);
        struct claim c;
        bool gone;
        if (at == TABLE_NONE)
            break;
        c = table_claim(t, at);
        gone = table_expire(t, at);
        for (i = 0; i < m->n && !same(&m->k[i].c, &c); i++)
            continue;
        if (i == m->n || due(&m->k[i]) != when || gone != m->k[i].dead)
            return false;
        m->k[i].dead = true;
        if (gone)
            memmove(&m->k[i], &m->k[i + 1], (--m->n - i) * sizeof(m->k[0]));
    }
    for (i = 0; i < m->n; i++)
        if (due(&m->k[i]) <= m->now)
            return false;
    return true;
}

static bool same_contents(const struct model *m, const struct table *t)
{
    uint32_t at = t->log_first, kinds[4][MASC_TYPES] = {{0}}, live[4][MASC_TYPES] = {{0}};
    int64_t next = INT64_MAX;
    unsigned i;

    if (t->count != m->n || t->heap_n != m->n)
        return false;
    for (i = 0; i < m->n; i++) {
        struct claim c;
        if (at == TABLE_NONE)
            return false;
        c = table_claim(t, at);
        if (!same(&c, &m->k[i].c) || table_find(t, &c) != at ||
            m->k[i].dead != (bool)(t->entry[at].flags & ENTRY_DEAD))
            return false;
        kinds[c.role][c.type]++;
        live[c.role][c.type] += !m->k[i].dead;
        if (due(&m->k[i]) < next)
            next = due(&m->k[i]);
        at = t->entry[at].log_next;
    }
    return at == TABLE_NONE && table_next_expiry(t) == next &&
           memcmp(kinds, t->kinds, sizeof(kinds)) == 0 &&
           memcmp(live, t->live_kinds, sizeof(live)) == 0;
}

static bool is_held(const struct known *k)
{
    return !k->dead && (k->c.type == MASC_PREFIX_IN_USE || k->c.type == MASC_PREFIX_MANAGED);
}

/* What a domain holds, newest first; *at is then the entry after that. */
static bool same_held(const struct model *m, const struct table *t, u128 domain, uint32_t *at)
{
    unsigned i;

    *at = table_first_of_domain(t, domain);
    for (i = m->n; i-- > 0;) {
        struct claim c;
        if (m->k[i].c.domain != domain || !is_held(&m->k[i]))
            continue;
        if (*at == TABLE_NONE)
            return false;
        c = table_claim(t, *at);
        if (!same(&c, &m->k[i].c))
            return false;
        *at = table_next_of_domain(t, *at);
    }
    return true;
}

/* Each entry of each domain once: what it holds, then all others. */
static bool same_domains(const struct model *m, const struct table *t)
{
    u128 d;

    for (d = 1; d <= 10; d++) {
        unsigned i, others = 0;
        uint32_t at;
        if (!same_held(m, t, d, &at))
            return false;
        for (i = 0; i < m->n; i++)
            others += m->k[i].c.domain == d && !is_held(&m->k[i]);
        for (; at != TABLE_NONE && others; at = table_next_of_domain(t, at), others--)
            if (table_domain(t, at) != d ||
                (table_is_held(t, at) && !(t->entry[at].flags & ENTRY_DEAD)))
                return false;
        if (at != TABLE_NONE || others)
            return false;
    }
    return true;
}

static bool insert_both(struct model *m, struct table *t, const struct claim *c)
{
    enum table_result want = expect_insert(m, c);
    uint32_t at;

    if (table_insert(t, c, 1, 0, &at) != want)
        return false;
    if (want == TABLE_NEW)
        m->k[m->n++] = (struct known){*c, false};
    return true;
}

TEST(twenty_thousand_random_operations, "M-11.1-27")
{
    struct model *m = calloc(1, sizeof(*m));
    struct prng rng = prng_init(2909);
    struct table t;
    unsigned i, wrong = 0, full = 0, duplicate = 0;
    void *mem;

    masc_config_defaults(&config);
    config.claims_max = MAX;
    config.origins_max = ORIGINS;
    config.per_origin_max = PER_ORIGIN;
    config.peers_max = 4;
    config.retention_s = RETENTION;
    mem = aligned_alloc(64, (table_octets(&config) + 63) & ~(size_t)63);
    memset(mem, 0, table_octets(&config));
    table_init(&t, mem, &config, 1);
    m->now = 1000000;
    for (i = 0; i < 20000 && !wrong; i++) {
        struct claim c = m->n && prng_below(&rng, 5) == 0 ? m->k[prng_below(&rng, m->n)].c
                                                          : random_claim(&rng, m->now);
        full += expect_insert(m, &c) == TABLE_FULL;
        duplicate += expect_insert(m, &c) == TABLE_DUPLICATE;
        wrong += !insert_both(m, &t, &c);
        if (prng_below(&rng, 3) == 0)
            m->now += (int64_t)prng_below(&rng, i % 1000 < 500 ? 60 : 10);
        wrong += !expire_both(m, &t) || !same_contents(m, &t) || !same_domains(m, &t);
    }
    EXPECT_UEQ(wrong, 0);
    EXPECT(full > 100 && duplicate > 100);
    m->now += 3000;
    EXPECT(expire_both(m, &t));
    EXPECT_UEQ(t.count, 0);
    EXPECT_UEQ(t.length_bits[0][0] | t.length_bits[1][0] | t.length_bits[1][1], 0);
    free(mem);
    free(m);
}
