/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * choose_test: free space and places in it, against an oracle that marks 1024 addresses one by one
 * and knows nothing of prefixes but first and last address.
 */
#include "masc/choose.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define BITS   10
#define CELLS  (1u << BITS)
#define SPACES 2000

static struct prefix pfx(const char *text)
{
    struct prefix p = {0};

    EXPECT(prefix_parse(&p, text));
    return p;
}

/* ---- the oracle ---- */

struct world {
    struct prefix managed;
    bool taken[CELLS], ours[CELLS];
    struct prefix list[CELLS], own[CELLS];
    struct masc_space space;
};

/* The prefix of 2^bits cells that starts at `cell`. */
static struct prefix at_cell(const struct world *w, unsigned cell, unsigned bits)
{
    return (struct prefix){w->managed.addr + cell, w->managed.family,
                           (uint8_t)(family_bits(w->managed.family) - bits)};
}

static unsigned cell_of(const struct world *w, struct prefix p)
{
    return (unsigned)(p.addr - w->managed.addr);
}

static bool cells_free(const struct world *w, unsigned cell, unsigned bits)
{
    for (unsigned i = 0; i < 1u << bits; i++) {
        if (w->taken[cell + i])
            return false;
    }
    return true;
}

static unsigned block_bits(const struct world *w, unsigned cell, unsigned bits)
{
    while (bits < BITS && cells_free(w, cell >> (bits + 1) << (bits + 1), bits + 1))
        bits++;
    return bits;
}

static size_t list_cells(const struct world *w, const bool *cells, struct prefix *list)
{
    size_t n = 0;

    for (unsigned i = 0; i < CELLS; i++) {
        if (cells[i])
            list[n++] = at_cell(w, i, 0);
    }
    return n;
}

/* Up to 40 random ranges, a third of them ours; the lists are given in random pieces and order. */
static void make_world(struct world *w, struct prng *rng, struct prefix managed)
{
    unsigned ranges = (unsigned)prng_below(rng, 40);
    size_t n = 0, own = 0;

    memset(w, 0, sizeof(*w));
    w->managed = managed;
    for (unsigned i = 0; i < ranges; i++) {
        unsigned bits = (unsigned)prng_below(rng, 8);
        unsigned cell = (unsigned)prng_below(rng, CELLS) >> bits << bits;
        bool ours = prng_below(rng, 3) == 0;

        if (ours && !cells_free(w, cell, bits))
            continue;
        w->list[n++] = at_cell(w, cell, bits);
        if (ours)
            w->own[own++] = at_cell(w, cell, bits);
        for (unsigned k = 0; k < 1u << bits; k++) {
            w->taken[cell + k] = true;
            w->ours[cell + k] = ours || w->ours[cell + k];
        }
    }
    w->space = (struct masc_space){
        .managed = managed,
        .taken = w->list,
        .taken_n = masc_space_normalise(w->list, n),
        .ours = w->own,
        .ours_n = masc_space_normalise(w->own, own),
    };
}

/* Three places where arithmetic could go wrong: the middle, and the ends of both families. */
static const char *const places[] = {
    "239.1.4.0/22", "255.255.252.0/22", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fc00/118",
    "ff1e::/118",   "0.0.0.0/22",
};
#define PLACES (sizeof(places) / sizeof(places[0]))

static unsigned count_wrong(bool (*right)(const struct world *, struct prng *))
{
    static struct world w;
    struct prng rng = prng_init(29090);
    unsigned wrong = 0;

    for (unsigned i = 0; i < SPACES; i++) {
        make_world(&w, &rng, pfx(places[i % PLACES]));
        wrong += !right(&w, &rng);
    }
    return wrong;
}

/* ---- normalising ---- */

static bool normal_is_right(const struct world *w, struct prng *rng)
{
    static struct prefix cells[CELLS];
    bool seen[CELLS] = {false};
    size_t n = list_cells(w, w->taken, cells);

    for (size_t i = n; i-- > 1;) { /* shuffled */
        size_t k = (size_t)prng_below(rng, i + 1);
        struct prefix other = cells[k];

        cells[k] = cells[i];
        cells[i] = other;
    }
    n = masc_space_normalise(cells, n);
    if (n != w->space.taken_n)
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned bits = family_bits(cells[i].family) - cells[i].len;

        if (!prefix_equal(cells[i], w->space.taken[i]))
            return false;
        for (unsigned k = 0; k < 1u << bits; k++) {
            if (seen[cell_of(w, cells[i]) + k])
                return false;
            seen[cell_of(w, cells[i]) + k] = true;
        }
        if (i > 0 && (prefix_compare(cells[i - 1], cells[i]) >= 0 ||
                      (cells[i].len > 0 && prefix_equal(prefix_buddy(cells[i]), cells[i - 1]))))
            return false;
    }
    return memcmp(seen, w->taken, sizeof(seen)) == 0;
}

TEST(normalise_matches_oracle, "")
{
    EXPECT_EQ(count_wrong(normal_is_right), 0);
}

TEST(normalise_families_and_ends, "")
{
    struct prefix p[] = {pfx("ff00::/9"),      pfx("239.0.0.0/9"),  pfx("ff80::/9"),
                         pfx("239.128.0.0/9"), pfx("239.1.0.0/16"), pfx("238.0.0.0/8"),
                         pfx("ff80::/9")};
    struct prefix all[] = {pfx("8000::/1"), pfx("::/1")};

    REQUIRE(masc_space_normalise(p, 7) == 2);
    EXPECT(prefix_equal(p[0], pfx("238.0.0.0/7")));
    EXPECT(prefix_equal(p[1], pfx("ff00::/8")));
    REQUIRE(masc_space_normalise(all, 2) == 1);
    EXPECT(prefix_equal(all[0], pfx("::/0")));
    EXPECT_EQ(masc_space_normalise(all, 0), 0);
}

/* Orders that are hard for one way to sort or another; no two of the prefixes join. */
TEST(normalise_any_order, "")
{
    enum { ORDERS = 7, MOST = 3000 };
    static struct prefix p[MOST];
    struct prng g = prng_init(3);

    for (unsigned order = 0; order < ORDERS; order++)
        for (uint32_t n = 1; n <= MOST; n += n < 40 ? 1 : 997) {
            for (uint32_t i = 0; i < n; i++) {
                uint32_t mirror = i < n / 2 ? 2 * i : 2 * (n - 1 - i) + 1;
                uint32_t key[ORDERS] = {i,     n - 1 - i,     mirror < n ? mirror : 0, i / 7 * 7,
                                        i % 5, (uint32_t)prng_below(&g, n), i ^ 1};
                p[i] = (struct prefix){key[order] * 4 + 1, FAMILY_IPV4, 32};
            }
            size_t kept = masc_space_normalise(p, n);
            EXPECT(kept > 0 && kept <= n);
            for (size_t i = 1; i < kept; i++)
                EXPECT(p[i - 1].addr < p[i].addr);
            if (order < 2)
                EXPECT_UEQ(kept, n);
        }
}

TEST(normalise_a_million, "")
{
    size_t n = 1000000;
    struct prefix *p = malloc(n * sizeof(*p));
    struct prng rng = prng_init(1);

    REQUIRE(p != NULL);
    for (size_t i = 0; i < n; i++) /* all even addresses, descending: the bad case of many sorts */
        p[i] = (struct prefix){0xE0000000u + 2 * (u128)(n - 1 - i), FAMILY_IPV4, 32};
    EXPECT_UEQ(masc_space_normalise(p, n), n);
    EXPECT(p[0].addr == 0xE0000000u && p[n - 1].addr == 0xE0000000u + 2 * (u128)(n - 1));
    for (size_t i = n; i-- > 1;) {
        size_t k = (size_t)prng_below(&rng, i + 1);
        struct prefix other = p[k];

        p[k] = p[i];
        p[i] = other;
    }
    for (size_t i = 0; i < n; i++)
        p[i].addr = 0xE0000000u + (p[i].addr - 0xE0000000u) / 2;
    EXPECT_EQ(masc_space_normalise(p, n), 7); /* 1000000 = 0b11110100001001000000 */
    free(p);
}

/* ---- questions ---- */

static bool is_free_is_right(const struct world *w, struct prng *rng)
{
    uint64_t sum = 0;

    (void)rng;
    for (unsigned bits = 0; bits <= BITS; bits++) {
        for (unsigned cell = 0; cell < CELLS; cell += 1u << bits) {
            struct prefix p = at_cell(w, cell, bits), block = {0};
            bool free_cells = cells_free(w, cell, bits);

            sum += bits == 0 && free_cells;
            if (masc_space_is_free(&w->space, p) != free_cells)
                return false;
            if (masc_space_block(&w->space, p, &block) != free_cells)
                return false;
            if (free_cells) {
                unsigned wide = block_bits(w, cell, bits);

                if (!prefix_equal(block, at_cell(w, cell >> wide << wide, wide)))
                    return false;
            }
        }
    }
    return masc_space_free(&w->space) == sum;
}

TEST(free_and_block_match_oracle, "M-17.1.1-02")
{
    EXPECT_EQ(count_wrong(is_free_is_right), 0);
}

TEST(outside_managed_is_not_free, "")
{
    struct masc_space s = {.managed = pfx("239.1.0.0/16")};
    struct prefix p;

    EXPECT(masc_space_is_free(&s, pfx("239.1.0.0/16")));
    EXPECT(!masc_space_is_free(&s, pfx("239.0.0.0/15")));
    EXPECT(!masc_space_is_free(&s, pfx("239.2.0.0/24")));
    EXPECT(!masc_space_is_free(&s, pfx("ff1e::/64")));
    EXPECT(!masc_space_block(&s, pfx("239.2.0.0/24"), &p));
    EXPECT(!masc_choose_double(&s, pfx("239.1.0.0/16"), &p));
    EXPECT(!masc_choose_double(&s, pfx("239.2.0.0/24"), &p));
    EXPECT(!masc_choose_neighbour(&s, pfx("239.1.0.0/16"), 24, &p));
}

TEST(free_counts_to_the_ends, "")
{
    struct prefix half = pfx("::/1"), all = pfx("::/0"), most = pfx("ff00::/65");
    struct masc_space s = {.managed = all};

    EXPECT_UEQ(masc_space_free(&s), UINT64_MAX);
    s.taken = &half;
    s.taken_n = 1;
    EXPECT_UEQ(masc_space_free(&s), UINT64_MAX);
    s.taken = &all;
    EXPECT_UEQ(masc_space_free(&s), 0);
    s = (struct masc_space){.managed = pfx("ff00::/64"), .taken = &most, .taken_n = 1};
    EXPECT_UEQ(masc_space_free(&s), (uint64_t)1 << 63);
    s.taken_n = 0;
    EXPECT_UEQ(masc_space_free(&s), UINT64_MAX);
    s.managed = pfx("0.0.0.0/0");
    EXPECT_UEQ(masc_space_free(&s), (uint64_t)1 << 32);
}

/* ---- choosing ---- */

static bool overlaps_cells(const struct prefix *avoid, struct prefix p)
{
    return avoid != NULL && prefix_overlaps(*avoid, p);
}

static bool new_is_right(const struct world *w0, struct prng *rng)
{
    static struct world w;
    struct prefix avoid = at_cell(w0, (unsigned)prng_below(rng, CELLS) >> 3 << 3, 3);
    bool avoiding = prng_below(rng, 2) == 0;
    uint8_t full = (uint8_t)family_bits(w0->managed.family);

    memcpy(&w, w0, sizeof(w));
    for (unsigned k = 0; avoiding && k < 8; k++)
        w.taken[cell_of(&w, avoid) + k] = true;
    for (unsigned bits = 0; bits <= BITS; bits++) {
        struct prefix got;
        unsigned best = 0;
        bool any = false;
        bool found = masc_choose_new(&w0->space, (uint8_t)(full - bits), avoiding ? &avoid : NULL,
                                     rng, &got);

        for (unsigned cell = 0; cell < CELLS; cell += 1u << bits) {
            if (!cells_free(&w, cell, bits))
                continue;
            any = true;
            best = block_bits(&w, cell, bits) > best ? block_bits(&w, cell, bits) : best;
        }
        if (found != any)
            return false;
        if (found &&
            (got.len != full - bits || !cells_free(&w, cell_of(&w, got), bits) ||
             block_bits(&w, cell_of(&w, got), bits) != best ||
             cell_of(&w, got) % (1u << best) != 0 || overlaps_cells(avoiding ? &avoid : NULL, got)))
            return false;
    }
    return true;
}

TEST(new_matches_oracle, "M-17.1.1-02 M-17.1.4-01")
{
    EXPECT_EQ(count_wrong(new_is_right), 0);
}

static bool growth_is_right(const struct world *w, struct prng *rng)
{
    uint8_t full = (uint8_t)family_bits(w->managed.family);

    for (unsigned round = 0; round < 50; round++) {
        unsigned bits = (unsigned)prng_below(rng, BITS);
        unsigned cell = (unsigned)prng_below(rng, CELLS) >> bits << bits;
        unsigned small = (unsigned)prng_below(rng, bits + 1);
        unsigned buddy = cell ^ 1u << bits, twice = cell & buddy;
        struct prefix own = at_cell(w, cell, bits), got;
        bool clear = true;

        for (unsigned i = twice; i < twice + (2u << bits); i++)
            clear &= i >> bits == cell >> bits || !w->taken[i] || w->ours[i];
        /* all that is taken under `own` itself must be ours, or joins would hide it */
        for (unsigned i = cell; i < cell + (1u << bits); i++) {
            if (w->taken[i] && !w->ours[i])
                goto next;
        }
        if (masc_choose_double(&w->space, own, &got) != clear)
            return false;
        if (clear && !prefix_equal(got, at_cell(w, twice, bits + 1)))
            return false;
next:
        if (masc_choose_neighbour(&w->space, own, (uint8_t)(full - small), &got) !=
            cells_free(w, buddy, small))
            return false;
        if (cells_free(w, buddy, small) && !prefix_equal(got, at_cell(w, buddy, small)))
            return false;
        if (masc_choose_neighbour(&w->space, own, (uint8_t)(own.len - 1), &got))
            return false;
    }
    return true;
}

TEST(neighbour_and_double_match_oracle, "M-17.1.1-04")
{
    EXPECT_EQ(count_wrong(growth_is_right), 0);
}

/* Parent xxxx of 17.1.1, as 239.0.0.0/28. */
struct children {
    struct prefix taken[16];
    struct masc_space space;
};

static void take(struct children *c, struct prefix p)
{
    c->taken[c->space.taken_n++] = p;
    c->space.taken_n = masc_space_normalise(c->taken, c->space.taken_n);
}

static unsigned next_child(struct children *c, struct prng *rng)
{
    struct prefix p = {0};

    EXPECT(masc_choose_new(&c->space, 32, NULL, rng, &p));
    take(c, p);
    return (unsigned)(p.addr & 15);
}

TEST(reverse_bit_ordering, "M-17.1.1-03")
{
    unsigned both = 0;

    for (uint64_t seed = 0; seed < 64; seed++) {
        struct prng rng = prng_init(seed);
        struct children c = {.space = {.managed = pfx("239.0.0.0/28")}};
        unsigned first_four, second_four = 0;
        unsigned third, fourth;

        c.space.taken = c.taken;
        EXPECT_EQ(next_child(&c, &rng), 0);
        EXPECT_EQ(next_child(&c, &rng), 8);
        third = next_child(&c, &rng);
        fourth = next_child(&c, &rng);
        both |= third == 4 ? 1 : 2;
        first_four = 1u << third | 1u << fourth;
        EXPECT_EQ(first_four, 1u << 4 | 1u << 12);
        for (unsigned i = 0; i < 4; i++)
            second_four |= 1u << next_child(&c, &rng);
        EXPECT_EQ(second_four, 1u << 2 | 1u << 6 | 1u << 10 | 1u << 14);
    }
    EXPECT_EQ(both, 3); /* 0100 and 1100 come in either order */
}

TEST(doubles_from_the_right, "M-17.1.1-04")
{
    struct children c = {.space = {.managed = pfx("239.0.0.0/28")}};
    struct prefix a = pfx("239.0.0.0/32"), d = pfx("239.0.0.12/32");

    c.space.taken = c.taken;
    take(&c, a);
    take(&c, pfx("239.0.0.8/32"));
    take(&c, pfx("239.0.0.4/32"));
    take(&c, d);
    EXPECT(masc_choose_double(&c.space, a, &a) && prefix_equal(a, pfx("239.0.0.0/31")));
    EXPECT(masc_choose_double(&c.space, a, &a) && prefix_equal(a, pfx("239.0.0.0/30")));
    EXPECT(!masc_choose_double(&c.space, a, &a)); /* child C sits at 0100 */
    EXPECT(masc_choose_double(&c.space, d, &d) && prefix_equal(d, pfx("239.0.0.12/31")));
    EXPECT(masc_choose_double(&c.space, d, &d) && prefix_equal(d, pfx("239.0.0.12/30")));
    EXPECT(!masc_choose_double(&c.space, d, &d));
}

TEST(a_domain_expands_over_its_own, "")
{
    struct prefix own = pfx("224.0.0.0/16"), p;
    struct prefix taken[] = {own, pfx("224.1.0.0/24"), pfx("224.1.2.0/24")};
    struct prefix ours[] = {own, pfx("224.1.0.0/24"), pfx("224.1.2.0/24")};
    struct masc_space s = {.managed = pfx("224.0.0.0/12"), .taken = taken, .ours = ours};

    s.taken_n = masc_space_normalise(taken, 3);
    s.ours_n = masc_space_normalise(ours, 3);
    EXPECT(masc_choose_double(&s, own, &p) && prefix_equal(p, pfx("224.0.0.0/15")));
    s.ours_n = 2; /* the last one is another's */
    EXPECT(!masc_choose_double(&s, own, &p));

    /* ours and another's joined in `taken` */
    taken[0] = own;
    taken[1] = pfx("224.1.0.0/16");
    s.taken_n = masc_space_normalise(taken, 2);
    s.ours_n = 1;
    EXPECT_EQ(s.taken_n, 1);
    EXPECT(!masc_choose_double(&s, own, &p));
}

/* Chi-square with k - 1 degrees of freedom stays below `limit` (p = 0.0001). */
static void expect_uniform(const unsigned *count, unsigned k, unsigned draws, double limit)
{
    double mean = (double)draws / k, sum = 0;

    for (unsigned i = 0; i < k; i++)
        sum += (count[i] - mean) * (count[i] - mean) / mean;
    EXPECT(sum < limit);
}

TEST(equal_places_are_equally_likely, "M-17.1.1-05")
{
    /* free: 01xx, 10xx, 110x */
    struct prefix taken[] = {pfx("239.0.0.0/30"), pfx("239.0.0.14/31")};
    struct masc_space s = {.managed = pfx("239.0.0.0/28"), .taken = taken, .taken_n = 2};
    unsigned count[16] = {0}, two[2];

    for (uint64_t seed = 0; seed < 20000; seed++) {
        struct prng rng = prng_init(seed);
        struct prefix p;

        REQUIRE(masc_choose_new(&s, 32, NULL, &rng, &p));
        count[p.addr & 15]++;
    }
    two[0] = count[4];
    two[1] = count[8];
    EXPECT_EQ(two[0] + two[1], 20000);
    expect_uniform(two, 2, 20000, 15.14);
}

TEST(many_equal_places_are_equally_likely, "M-17.1.1-05")
{
    struct prefix taken[32];
    struct masc_space s = {.managed = pfx("ff1e::/56"), .taken = taken, .taken_n = 32};
    struct prng rng = prng_init(7);
    unsigned count[32] = {0};

    for (unsigned i = 0; i < 32; i++) /* every second /62 */
        taken[i] = (struct prefix){s.managed.addr | (u128)(2 * i + i % 2) << 66, FAMILY_IPV6, 62};
    for (unsigned i = 0; i < 32000; i++) {
        struct prefix p;

        REQUIRE(masc_choose_new(&s, 96, NULL, &rng, &p));
        REQUIRE((p.addr & (((u128)1 << 66) - 1)) == 0);
        count[(unsigned)(p.addr >> 67) & 31]++;
    }
    expect_uniform(count, 32, 32000, 69.1);
}

/* Ours: the lowest place that has room, however much is free elsewhere. */
TEST(first_is_the_lowest, "")
{
    struct prefix taken[] = {pfx("224.0.0.0/26"), pfx("224.0.0.128/25"), pfx("224.0.2.0/24")};
    struct masc_space s = {.managed = pfx("224.0.0.0/20"), .taken = taken, .taken_n = 3};
    struct prefix p;

    REQUIRE(masc_choose_first(&s, 27, &p));
    EXPECT(prefix_equal(p, pfx("224.0.0.64/27")));
    REQUIRE(masc_choose_first(&s, 25, &p));
    EXPECT(prefix_equal(p, pfx("224.0.1.0/25")));
    REQUIRE(masc_choose_first(&s, 23, &p));
    EXPECT(prefix_equal(p, pfx("224.0.4.0/23")));
    EXPECT(!masc_choose_first(&s, 20, &p));
}

TEST(avoid_is_never_returned, "")
{
    struct masc_space s = {.managed = pfx("239.0.0.0/24")};
    struct prefix lost = pfx("239.0.0.0/26"), all = pfx("239.0.0.0/8"), p;
    struct prng rng = prng_init(3);

    REQUIRE(masc_choose_new(&s, 26, &lost, &rng, &p));
    EXPECT(prefix_equal(p, pfx("239.0.0.128/26")));
    EXPECT(!masc_choose_new(&s, 24, &lost, &rng, &p));
    EXPECT(!masc_choose_new(&s, 32, &all, &rng, &p));
    lost = pfx("239.0.1.0/26"); /* elsewhere: no matter */
    REQUIRE(masc_choose_new(&s, 24, &lost, &rng, &p));
    EXPECT(prefix_equal(p, s.managed));
    EXPECT(!masc_choose_new(&s, 23, NULL, &rng, &p));
    EXPECT_PANIC(masc_choose_new(&s, 33, NULL, &rng, &p));
}

TEST(whole_address_space, "")
{
    struct prefix low = pfx("::/1");
    struct masc_space s = {.managed = pfx("::/0")};
    struct prng rng = prng_init(3);
    struct prefix p;

    REQUIRE(masc_choose_new(&s, 0, NULL, &rng, &p));
    EXPECT(prefix_equal(p, s.managed));
    s.taken = &low;
    s.taken_n = 1;
    REQUIRE(masc_choose_new(&s, 8, NULL, &rng, &p));
    EXPECT(prefix_equal(p, pfx("8000::/8")));
    EXPECT(masc_choose_double(&s, low, &p) && prefix_equal(p, s.managed));
    EXPECT(masc_choose_neighbour(&s, low, 1, &p) && prefix_equal(p, pfx("8000::/1")));
    EXPECT(!masc_choose_double(&s, s.managed, &p));
    EXPECT(!masc_choose_neighbour(&s, s.managed, 1, &p));
}
