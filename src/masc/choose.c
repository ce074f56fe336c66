/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * choose: free space and places in it (RFC 2909 17.1.1, 17.1.4; readings ).
 *
 * Taken ranges are a sorted set of disjoint prefixes, so a question about one prefix is a binary
 * search: of all ranges only the last one that starts at or before it and the first one that starts
 * after it can overlap it. Questions about the whole space walk its *free blocks*: in each gap
 * between taken ranges the aligned blocks that have no larger free aligned block around them.
 * Cutting a gap from its left end into the largest aligned pieces gives exactly those.
 *
 * Ends of ranges are inclusive: the end of the IPv6 space has no successor. A block is counted in
 * bits of host part, not in addresses, for the same reason.
 */
#include "masc/choose.h"

#include "base/check.h"

static unsigned host_bits(struct prefix p)
{
    return family_bits(p.family) - p.len;
}

static u128 host_mask(unsigned bits)
{
    return bits >= 128 ? ~(u128)0 : ((u128)1 << bits) - 1;
}

static u128 last_of(struct prefix p)
{
    return p.addr | host_mask(host_bits(p));
}

/* ---- sorting ---- */

/* prefix_compare() < 0, where every instruction counts. */
static inline bool is_before(const struct prefix *a, const struct prefix *b)
{
    if (a->family != b->family)
        return a->family < b->family;
    return a->addr != b->addr ? a->addr < b->addr : a->len < b->len;
}

static inline void swap(struct prefix *a, struct prefix *b)
{
    struct prefix was = *a;

    *a = *b;
    *b = was;
}

static void sift_down(struct prefix *p, size_t root, size_t n)
{
    struct prefix moved = p[root];

    while (root < n / 2) {
        size_t child = 2 * root + 1;

        if (child + 1 < n && is_before(&p[child], &p[child + 1]))
            child++;
        if (!is_before(&moved, &p[child]))
            break;
        p[root] = p[child];
        root = child;
    }
    p[root] = moved;
}

static void sort_heap(struct prefix *p, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift_down(p, i, n);
    for (size_t end = n; end-- > 1;) {
        swap(&p[0], &p[end]);
        sift_down(p, 0, end);
    }
}

static void sort_few(struct prefix *p, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct prefix moved = p[i];
        size_t at = i;

        for (; at > 0 && is_before(&moved, &p[at - 1]); at--)
            p[at] = p[at - 1];
        p[at] = moved;
    }
}

/* Parts p[0..n) so that nothing in front of the returned place belongs behind it. Neither side is
 * empty: the median of three is not at an end. n >= 3. */
static size_t part(struct prefix *p, size_t n)
{
    size_t low = 0, high = n - 1;
    struct prefix middle;

    if (is_before(&p[n / 2], &p[0]))
        swap(&p[n / 2], &p[0]);
    if (is_before(&p[n - 1], &p[n / 2])) {
        swap(&p[n - 1], &p[n / 2]);
        if (is_before(&p[n / 2], &p[0]))
            swap(&p[n / 2], &p[0]);
    }
    middle = p[n / 2];
    for (;;) {
        while (is_before(&p[low], &middle))
            low++;
        while (is_before(&middle, &p[high]))
            high--;
        if (low >= high)
            return high + 1;
        swap(&p[low++], &p[high--]);
    }
}

static bool is_sorted(const struct prefix *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (is_before(&p[i], &p[i - 1]))
            return false;
    return true;
}

/* Quicksort, the larger side put off, so that `later` never holds more than one range for each bit
 * of n. What does not get smaller fast enough goes to heapsort: so there is no recursion, no memory
 * and no bad case that a peer could send. */
static void sort(struct prefix *p, size_t n)
{
    enum { FEW = 12 };
    struct {
        struct prefix *p;
        size_t n;
    } later[64];
    size_t waiting = 0, work = 0, most = n;

    for (size_t left = n; left > 1; left /= 2)
        most += 2 * n;
    if (is_sorted(p, n))
        return;
    for (;;) {
        if (n > FEW && work <= most) {
            size_t at = part(p, n);
            bool front = at <= n - at; /* the smaller one is sorted next */

            work += n;
            later[waiting].p = front ? p + at : p;
            later[waiting++].n = front ? n - at : at;
            p = front ? p : p + at;
            n = front ? at : n - at;
            continue;
        }
        if (n > FEW)
            sort_heap(p, n);
        else
            sort_few(p, n);
        if (waiting == 0)
            return;
        p = later[--waiting].p;
        n = later[waiting].n;
    }
}

static bool are_buddies(struct prefix a, struct prefix b)
{
    return a.len > 0 && a.len == b.len && prefix_equal(prefix_buddy(a), b);
}

size_t masc_space_normalise(struct prefix *p, size_t n)
{
    size_t kept = 0; /* p[0..kept) is the result so far, used as a stack */
    u128 last = 0;   /* of its last one, which does not start behind p[i] */

    sort(p, n);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && p[i].family == p[kept - 1].family && p[i].addr <= last)
            continue;
        p[kept++] = p[i];
        while (kept > 1 && are_buddies(p[kept - 2], p[kept - 1])) {
            kept--;
            p[kept - 1] = prefix_shorten(p[kept - 1], (uint8_t)(p[kept - 1].len - 1));
        }
        last = last_of(p[kept - 1]);
    }
    return kept;
}

/* ---- one prefix ---- */

/* How many of the sorted `set` start at or before `addr`. */
static size_t count_up_to(const struct prefix *set, size_t n, u128 addr)
{
    size_t low = 0;

    while (low < n) {
        size_t middle = low + (n - low) / 2;

        if (set[middle].addr <= addr)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

static bool set_overlaps(const struct prefix *set, size_t n, struct prefix p)
{
    size_t after = count_up_to(set, n, p.addr);

    return (after > 0 && prefix_overlaps(set[after - 1], p)) ||
           (after < n && prefix_overlaps(set[after], p));
}

/* All of `p` lies in a set that has been normalised, so in one member of it. */
static bool set_covers(const struct prefix *set, size_t n, struct prefix p)
{
    size_t after = count_up_to(set, n, p.addr);

    return after > 0 && prefix_covers(set[after - 1], p);
}

bool masc_space_is_free(const struct masc_space *s, struct prefix p)
{
    return prefix_covers(s->managed, p) && !set_overlaps(s->taken, s->taken_n, p);
}

bool masc_space_block(const struct masc_space *s, struct prefix p, struct prefix *block)
{
    if (!masc_space_is_free(s, p))
        return false;
    while (p.len > s->managed.len) {
        struct prefix twice = prefix_shorten(p, (uint8_t)(p.len - 1));

        if (!masc_space_is_free(s, twice))
            break;
        p = twice;
    }
    *block = p;
    return true;
}

/* ---- all free blocks ---- */

struct walk {
    const struct masc_space *space;
    const struct prefix *avoid; /* taken as well; may be NULL */
    size_t next;                /* the first taken range not yet passed */
    u128 at;                    /* everything below is done */
    bool ended;
};

static struct walk walk_init(const struct masc_space *s, const struct prefix *avoid)
{
    if (avoid != NULL && !prefix_overlaps(s->managed, *avoid))
        avoid = NULL;
    return (struct walk){.space = s, .avoid = avoid, .at = s->managed.addr};
}

static void walk_pass(struct walk *w, u128 last)
{
    if (last >= last_of(w->space->managed))
        w->ended = true;
    else if (last >= w->at)
        w->at = last + 1;
}

/* Moves to the next gap, from w->at to *last; false at the end of the space. */
static bool walk_gap(struct walk *w, u128 *last)
{
    const struct masc_space *s = w->space;

    for (;;) {
        if (w->ended)
            return false;
        if (w->next < s->taken_n && s->taken[w->next].addr <= w->at)
            walk_pass(w, last_of(s->taken[w->next++]));
        else if (w->avoid != NULL && w->avoid->addr <= w->at && last_of(*w->avoid) >= w->at)
            walk_pass(w, last_of(*w->avoid));
        else
            break;
    }
    *last = last_of(s->managed);
    if (w->next < s->taken_n)
        *last = s->taken[w->next].addr - 1;
    if (w->avoid != NULL && w->avoid->addr > w->at && w->avoid->addr - 1 < *last)
        *last = w->avoid->addr - 1;
    return true;
}

static unsigned trailing_zeros(u128 x)
{
    if (u128_lo(x) != 0)
        return (unsigned)__builtin_ctzll(u128_lo(x));
    return u128_hi(x) != 0 ? 64 + (unsigned)__builtin_ctzll(u128_hi(x)) : 128;
}

/* The next free block of at least `bits` host bits, in order of address. */
static bool walk_block(struct walk *w, unsigned bits, struct prefix *block)
{
    const struct prefix *managed = &w->space->managed;
    u128 last;

    while (walk_gap(w, &last)) {
        unsigned host = trailing_zeros(w->at);

        if (last - w->at < host_mask(bits)) { /* nothing here is large enough */
            walk_pass(w, last);
            continue;
        }
        if (host > host_bits(*managed))
            host = host_bits(*managed);
        while (host_mask(host) > last - w->at)
            host--;
        *block =
            (struct prefix){w->at, managed->family, (uint8_t)(family_bits(managed->family) - host)};
        walk_pass(w, last_of(*block));
        if (host >= bits)
            return true;
    }
    return false;
}

uint64_t masc_space_free(const struct masc_space *s)
{
    struct walk w = walk_init(s, NULL);
    uint64_t sum = 0;
    u128 last;

    while (walk_gap(&w, &last)) {
        if (last - w.at >= UINT64_MAX - sum)
            return UINT64_MAX;
        sum += (uint64_t)(last - w.at) + 1;
        walk_pass(&w, last);
    }
    return sum;
}

/* ---- choosing ---- */

bool masc_choose_new(const struct masc_space *s, uint8_t len, const struct prefix *avoid,
                     struct prng *rng, struct prefix *chosen)
{
    struct walk w = walk_init(s, avoid);
    struct prefix block;
    uint64_t equal = 0, pick;
    unsigned bits;

    CHECK(len <= family_bits(s->managed.family));
    bits = family_bits(s->managed.family) - len;
    while (walk_block(&w, bits, &block)) {
        equal = host_bits(block) > bits ? 1 : equal + 1;
        bits = host_bits(block);
    }
    if (equal == 0)
        return false;
    /* 17.1.1, A-100: random among the most expandable, at the start of the block. */
    pick = equal > 1 ? prng_below(rng, equal) : 0;
    w = walk_init(s, avoid);
    do
        CHECK(walk_block(&w, bits, &block));
    while (pick-- > 0);
    *chosen = (struct prefix){block.addr, block.family, len};
    return true;
}

bool masc_choose_first(const struct masc_space *s, uint8_t len, struct prefix *chosen)
{
    struct walk w = walk_init(s, NULL);
    struct prefix block;

    CHECK(len <= family_bits(s->managed.family));
    if (!walk_block(&w, family_bits(s->managed.family) - len, &block))
        return false;
    *chosen = (struct prefix){block.addr, block.family, len};
    return true;
}

bool masc_choose_neighbour(const struct masc_space *s, struct prefix own, uint8_t len,
                           struct prefix *chosen)
{
    struct prefix start;

    if (own.len == 0 || len < own.len)
        return false;
    /* 17.1.4, A-100: 224.1.0.0/24 for 224.0.0.0/16. */
    start = (struct prefix){prefix_buddy(own).addr, own.family, len};
    if (!masc_space_is_free(s, start))
        return false;
    *chosen = start;
    return true;
}

bool masc_choose_double(const struct masc_space *s, struct prefix own, struct prefix *chosen)
{
    struct prefix twice;
    size_t i;

    if (own.len <= s->managed.len || !prefix_covers(s->managed, own))
        return false;
    twice = prefix_shorten(own, (uint8_t)(own.len - 1));
    i = count_up_to(s->taken, s->taken_n, twice.addr);
    i -= i > 0 ? 1 : 0; /* the last one that starts at or before it may reach into it */
    for (; i < s->taken_n && s->taken[i].addr <= last_of(twice); i++) {
        struct prefix common;

        if (!prefix_overlaps(s->taken[i], twice))
            continue;
        common = prefix_common(s->taken[i], twice);
        /* a domain may expand over a prefix of its own */
        if (!prefix_covers(own, common) && !set_covers(s->ours, s->ours_n, common))
            return false;
    }
    *chosen = twice;
    return true;
}
