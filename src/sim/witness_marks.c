/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * marks: one hash table from 64-bit keys to numbers.
 *
 * Addresses are open; what stood behind a mark that is dropped is put in anew, so that no place is
 * ever a grave. Keys are mixed from a word for the question and from values that are often small;
 * the mixing is that of a generator, because sums of small numbers meet often.
 */
#include <stdlib.h>

#include "sim/witness_impl.h"

enum { FIRST = 1024 };

/* The finisher of splitmix64: small numbers, like those of nodes and streams, are spread well. */
uint64_t mark_mix(uint64_t h, uint64_t v)
{
    h = (h ^ UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xd6e8feb86659fd93) + v;
    h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
    return h ^ h >> 31;
}

static uint64_t mix_id(uint64_t h, u128 id)
{
    return mark_mix(mark_mix(h, u128_lo(id)), u128_hi(id));
}

uint64_t mark_prefix(uint64_t h, struct prefix p)
{
    return mark_mix(mix_id(h, p.addr), (uint64_t)p.family << 8 | p.len);
}

uint64_t mark_attr(uint64_t h, const struct masc_attr *a)
{
    h = mark_mix(h, (uint64_t)a->type << 1 | a->deprecated);
    h = mark_mix(mark_mix(mark_mix(h, a->timestamp_s), a->lifetime_s), a->holdtime_s);
    return mark_prefix(mix_id(mix_id(h, a->domain), a->node), a->prefix);
}

static size_t place_of(const struct marks *m, uint64_t key)
{
    size_t i = key & (m->max - 1);
    while (m->key[i] && m->key[i] != key)
        i = (i + 1) & (m->max - 1);
    return i;
}

int64_t *mark_find(const struct marks *m, uint64_t key)
{
    size_t i;
    if (!m->max)
        return NULL;
    i = place_of(m, key ? key : 1);
    return m->key[i] ? &m->value[i] : NULL;
}

static void grow(struct marks *m)
{
    struct marks old = *m;
    size_t i;
    m->max = old.max ? 2 * old.max : FIRST;
    m->key = calloc(m->max, sizeof *m->key);
    m->value = malloc(m->max * sizeof *m->value);
    if (!m->key || !m->value)
        abort();
    for (i = 0; i < old.max; i++)
        if (old.key[i]) {
            size_t at = place_of(m, old.key[i]);
            m->key[at] = old.key[i];
            m->value[at] = old.value[i];
        }
    free(old.key);
    free(old.value);
}

void mark_put(struct marks *m, uint64_t key, int64_t value)
{
    size_t i;
    key = key ? key : 1;
    if (2 * (m->n + 1) > m->max)
        grow(m);
    i = place_of(m, key);
    m->n += m->key[i] == 0;
    m->key[i] = key;
    m->value[i] = value;
}

void mark_drop(struct marks *m, uint64_t key)
{
    size_t i;
    if (!m->max)
        return;
    i = place_of(m, key ? key : 1);
    if (!m->key[i])
        return;
    m->key[i] = 0;
    m->n--;
    for (i = (i + 1) & (m->max - 1); m->key[i]; i = (i + 1) & (m->max - 1)) {
        uint64_t moved = m->key[i];
        int64_t value = m->value[i];
        m->key[i] = 0;
        m->n--;
        mark_put(m, moved, value);
    }
}

void mark_free(struct marks *m)
{
    free(m->key);
    free(m->value);
    *m = (struct marks){0};
}
