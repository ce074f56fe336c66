/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table: memory, hash, insertion, and questions about prefixes (see table.h).
 *
 * The hash chains entries by exact prefix and domain; buckets and links hold indices, so that an
 * entry costs the same on every machine. Each word that others choose is mixed with a secret before
 * the next one enters (origin_mix), so that nobody can choose claims that share a chain. Origins
 * and domains are in origin.c, what time and later UPDATEs make of an entry in table_time.c.
 */
#include "masc/table.h"

#include <string.h>

#include "base/check.h"
#include "masc/origin.h"

static size_t align64(size_t n)
{
    return (n + 63) & ~(size_t)63;
}

static uint32_t power_of_two(uint32_t n)
{
    uint32_t p = 16;
    while (p < n && p < UINT32_C(1) << 31)
        p <<= 1;
    return p;
}

static uint32_t words_for(const struct masc_config *c)
{
    return ((uint32_t)c->peers_max + 63) / 64;
}

/* The parts of the table's memory, in order; with mem = 0 it only measures. All are filled from the
 * start but the hash arrays, and what is small comes first: so a table of few claims touches few
 * pages. */
static size_t lay_out(struct table *t, uintptr_t mem, const struct masc_config *c)
{
    size_t n = c->claims_max, o = c->origins_max, at = 0;
    size_t buckets = power_of_two(c->claims_max), origins = power_of_two(c->origins_max);
    t->origin_bucket = (void *)(mem + at);
    at += align64(origins * sizeof(uint32_t));
    t->domain_bucket = (void *)(mem + at);
    at += align64(origins * sizeof(uint32_t));
    t->bucket = (void *)(mem + at);
    at += align64(buckets * sizeof(uint32_t));
    t->from = (void *)(mem + at);
    at += align64(n * words_for(c) * sizeof(uint64_t));
    t->origin = (void *)(mem + at);
    at += align64(o * sizeof(struct origin));
    t->domain = (void *)(mem + at);
    at += align64(o * sizeof(struct domain));
    t->heap = (void *)(mem + at);
    at += align64(n * sizeof(struct due));
    t->entry = (void *)(mem + at);
    at += align64(n * sizeof(struct entry));
    return at;
}

size_t table_octets(const struct masc_config *c)
{
    struct table t;
    return lay_out(&t, 0, c);
}

/* Buckets hold index + 1, so that zeroed memory is an empty table. */
void table_init(struct table *t, void *mem, const struct masc_config *c, uint64_t seed)
{
    *t = (struct table){
        .due_s = INT64_MAX,
        .entries_max = c->claims_max,
        .origins_max = c->origins_max,
        .per_origin_max = c->per_origin_max,
        .bucket_mask = power_of_two(c->claims_max) - 1,
        .origin_mask = power_of_two(c->origins_max) - 1,
        .from_words = words_for(c),
        .free = TABLE_NONE,
        .origin_free = TABLE_NONE,
        .domain_free = TABLE_NONE,
        .log_first = TABLE_NONE,
        .log_last = TABLE_NONE,
        .last_origin = TABLE_NONE,
        .retention_s = c->retention_s,
        .seed = seed,
    };
    (void)lay_out(t, (uintptr_t)mem, c);
}

static uint32_t *bucket_of(const struct table *t, struct prefix p, uint64_t key)
{
    uint64_t h = key, shape = (uint64_t)p.family << 8 | p.len;
    if (p.family == FAMILY_IPV6) {
        h = origin_mix(h ^ u128_lo(p.addr));
        h = origin_mix(h ^ u128_hi(p.addr));
        h = origin_mix(h ^ shape);
    } else {
        h = origin_mix(h ^ (u128_lo(p.addr) | shape << 32));
    }
    return &t->bucket[h & t->bucket_mask];
}

static bool is_at(const struct table *t, uint32_t at, struct prefix p)
{
    const struct entry *e = &t->entry[at];
    return e->addr == p.addr && e->len == p.len && e->family == p.family;
}

static uint32_t skip_to(const struct table *t, uint32_t at, struct prefix p, u128 domain)
{
    while (at != TABLE_NONE && !(is_at(t, at, p) && table_domain(t, at) == domain))
        at = t->entry[at].next;
    return at;
}

static uint32_t skip_to_index(const struct table *t, uint32_t at, struct prefix p, uint32_t domain)
{
    while (at != TABLE_NONE &&
           !(is_at(t, at, p) && t->origin[t->entry[at].origin].domain == domain))
        at = t->entry[at].next;
    return at;
}

struct asked table_ask(const struct table *t, u128 domain)
{
    return (struct asked){origin_find_domain(t, domain), origin_key(t, domain)};
}

uint32_t table_first_asked(const struct table *t, struct prefix p, const struct asked *who)
{
    return skip_to_index(t, *bucket_of(t, p, who->key) - 1, p, who->domain);
}

uint32_t table_next_asked(const struct table *t, uint32_t at, const struct asked *who)
{
    return skip_to_index(t, t->entry[at].next, table_prefix(t, at), who->domain);
}

uint32_t table_first(const struct table *t, struct prefix p, u128 domain)
{
    return skip_to(t, *bucket_of(t, p, origin_key(t, domain)) - 1, p, domain);
}

uint32_t table_next(const struct table *t, uint32_t at)
{
    return skip_to(t, t->entry[at].next, table_prefix(t, at), table_domain(t, at));
}

struct claim table_claim(const struct table *t, uint32_t at)
{
    const struct entry *e = &t->entry[at];
    const struct origin *o = &t->origin[e->origin];
    return (struct claim){
        .prefix = {e->addr, e->family, e->len},
        .domain = t->domain[o->domain].id,
        .node = o->node,
        .timestamp_s = e->timestamp_s,
        .lifetime_s = e->lifetime_s,
        .holdtime_s = e->holdtime_s,
        .type = e->type & 7,
        .role = e->role,
        .deprecated = e->type >> 7,
    };
}

static uint8_t packed_type(const struct claim *c)
{
    return (uint8_t)((unsigned)c->type | (c->deprecated ? 0x80u : 0));
}

/* 11.1: equality of the 11 fields, of which prefix and domain are equal already. */
static bool same_update(const struct table *t, uint32_t at, const struct claim *c)
{
    const struct entry *e = &t->entry[at];
    const struct origin *o = &t->origin[e->origin];
    return e->timestamp_s == c->timestamp_s && e->type == packed_type(c) && e->role == c->role &&
           e->lifetime_s == c->lifetime_s && e->holdtime_s == c->holdtime_s &&
           o->node == c->node;
}

uint32_t table_find(const struct table *t, const struct claim *c)
{
    uint32_t at = table_first(t, c->prefix, c->domain);
    while (at != TABLE_NONE && !same_update(t, at, c))
        at = table_next(t, at);
    return at;
}

static void count_length(struct table *t, struct prefix p, bool in)
{
    unsigned f = p.family == FAMILY_IPV6;
    uint32_t *n = &t->lengths[f][p.len];
    if (prefix_is_hint(p))
        return;
    *n = in ? *n + 1 : *n - 1;
    if (*n)
        t->length_bits[f][p.len / 64] |= UINT64_C(1) << p.len % 64;
    else
        t->length_bits[f][p.len / 64] &= ~(UINT64_C(1) << p.len % 64);
}

static void log_append(struct table *t, uint32_t at)
{
    struct entry *e = &t->entry[at];
    e->log_prev = t->log_last;
    e->log_next = TABLE_NONE;
    if (t->log_last != TABLE_NONE)
        t->entry[t->log_last].log_next = at;
    else
        t->log_first = at;
    t->log_last = at;
}

static void log_remove(struct table *t, uint32_t at)
{
    struct entry *e = &t->entry[at];
    if (e->log_prev != TABLE_NONE)
        t->entry[e->log_prev].log_next = e->log_next;
    else
        t->log_first = e->log_next;
    if (e->log_next != TABLE_NONE)
        t->entry[e->log_next].log_prev = e->log_prev;
    else
        t->log_last = e->log_prev;
}

static uint32_t take_entry(struct table *t)
{
    uint32_t at = t->free;
    if (at != TABLE_NONE)
        t->free = t->entry[at].next;
    else if (t->used < t->entries_max)
        at = t->used++;
    return at;
}

/* How many entries with this prefix its domain has: bounded, so that a chain stays short. */
static bool chain_full(const struct table *t, const struct claim *c, uint32_t *duplicate)
{
    unsigned same = 0;
    uint32_t at = table_first(t, c->prefix, c->domain);
    for (*duplicate = TABLE_NONE; at != TABLE_NONE; at = table_next(t, at)) {
        if (same_update(t, at, c)) {
            *duplicate = at;
            return false;
        }
        same++;
    }
    return same >= TABLE_CHAIN_MAX;
}

enum table_result table_insert(struct table *t, const struct claim *c, uint16_t space,
                               uint16_t flags, uint32_t *at)
{
    struct entry *e;
    uint32_t origin, places, *bucket;
    bool full = chain_full(t, c, at);
    if (*at != TABLE_NONE)
        return TABLE_DUPLICATE;
    places = flags & ENTRY_LOCAL ? t->entries_max : t->entries_max - t->entries_max / 8;
    if (full || t->count >= places)
        return TABLE_FULL;
    origin = origin_take(t, c->domain, c->node, flags & ENTRY_LOCAL);
    if (origin == TABLE_NONE)
        return TABLE_FULL;
    *at = take_entry(t);
    CHECK(*at != TABLE_NONE);
    e = &t->entry[*at];
    bucket = bucket_of(t, c->prefix, origin_key(t, c->domain));
    *e = (struct entry){
        .addr = c->prefix.addr,
        .timestamp_s = c->timestamp_s,
        .lifetime_s = c->lifetime_s,
        .holdtime_s = c->holdtime_s,
        .origin = origin,
        .next = *bucket - 1,
        .len = c->prefix.len,
        .family = c->prefix.family,
        .type = packed_type(c),
        .role = (uint8_t)c->role,
        .flags = flags,
        .space = space,
    };
    *bucket = *at + 1;
    memset(&t->from[(size_t)*at * t->from_words], 0, t->from_words * sizeof *t->from);
    log_append(t, *at);
    origin_link(t, *at);
    count_length(t, c->prefix, true);
    t->kinds[c->role][c->type]++;
    t->live_kinds[c->role][c->type]++;
    t->count++;
    table_heap_push(t, *at);
    return TABLE_NEW;
}

void table_remove(struct table *t, uint32_t at)
{
    struct entry *e = &t->entry[at];
    uint32_t *bucket = bucket_of(t, table_prefix(t, at), origin_key(t, table_domain(t, at)));
    uint32_t before = *bucket - 1;
    if (before == at) {
        *bucket = e->next + 1;
    } else {
        while (t->entry[before].next != at)
            before = t->entry[before].next;
        t->entry[before].next = e->next;
    }
    log_remove(t, at);
    count_length(t, table_prefix(t, at), false);
    t->kinds[e->role][e->type & 7]--;
    origin_unlink(t, at);
    e->next = t->free;
    t->free = at;
    t->count--;
}

void table_from_set(struct table *t, uint32_t at, unsigned peer)
{
    CHECK(peer / 64 < t->from_words);
    t->from[(size_t)at * t->from_words + peer / 64] |= UINT64_C(1) << peer % 64;
}

bool table_from(const struct table *t, uint32_t at, unsigned peer)
{
    return t->from[(size_t)at * t->from_words + peer / 64] >> peer % 64 & 1;
}

void table_from_clear(struct table *t, unsigned peer)
{
    size_t i, n = t->used;
    for (i = 0; i < n; i++)
        t->from[i * t->from_words + peer / 64] &= ~(UINT64_C(1) << peer % 64);
}

/* ---- covering prefixes ---- */

struct cover table_cover_asked(const struct table *t, struct prefix p, struct asked who)
{
    struct cover c = {.t = t, .who = who, .p = p, .at = p, .entry = TABLE_NONE};
    if (who.domain != TABLE_NONE && !prefix_is_hint(p)) {
        c.entry = table_first_asked(t, p, &c.who);
        c.left = TABLE_COVER_MAX;
    }
    return c;
}

struct cover table_cover(const struct table *t, struct prefix p, u128 domain)
{
    return table_cover_asked(t, p, table_ask(t, domain));
}

struct cover table_cover_of(const struct table *t, struct prefix p, uint32_t at)
{
    uint32_t domain = t->origin[t->entry[at].origin].domain;
    return table_cover_asked(t, p, (struct asked){domain, origin_key(t, t->domain[domain].id)});
}

/* The next shorter length at which there are entries; -1 if none. */
static int shorter_length(const struct table *t, uint8_t family, int len)
{
    const uint64_t *bits = t->length_bits[family == FAMILY_IPV6];
    while (--len >= 0) {
        uint64_t word = bits[len / 64] << (63 - len % 64);
        if (word)
            return len - __builtin_clzll(word);
        len = len / 64 * 64;
    }
    return -1;
}

uint32_t table_cover_next(struct cover *c)
{
    uint32_t found;
    int len = c->at.len;
    if (c->left == 0)
        return TABLE_NONE;
    while (c->entry == TABLE_NONE) {
        len = shorter_length(c->t, c->p.family, len);
        if (len < 0)
            return TABLE_NONE;
        c->at = prefix_shorten(c->p, (uint8_t)len);
        c->entry = table_first_asked(c->t, c->at, &c->who);
    }
    c->left--;
    found = c->entry;
    c->entry = table_next_asked(c->t, found, &c->who);
    return found;
}

uint32_t table_find_pending(const struct table *t, u128 domain, struct prefix p,
                            int64_t timestamp_s)
{
    uint32_t at = table_first(t, p, domain);
    for (; at != TABLE_NONE; at = table_next(t, at)) {
        const struct entry *e = &t->entry[at];
        if (e->timestamp_s == timestamp_s && claim_is_pending(e->type & 7))
            return at;
    }
    return TABLE_NONE;
}
