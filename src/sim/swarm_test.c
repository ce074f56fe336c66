/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The swarm: some hundred small seeds, and that the swarm itself can see, repeat and shrink what is
 * wrong. MASCOT_SEEDS sets how many seeds.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/swarm.h"
#include "tests/tap.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SLOW 1
#endif
#endif
#if defined(SLOW) || defined(__SANITIZE_ADDRESS__)
enum { SEEDS = 60 };
#else
enum { SEEDS = 300 };
#endif

enum { NODES = 6, TWICE = 8, SHRINK_PLAYS = 200 };

static uint64_t seeds(void)
{
    const char *many = getenv("MASCOT_SEEDS");
    return many ? strtoull(many, NULL, 10) : SEEDS;
}

static struct swarm_verdict play_seed(uint64_t seed, const struct swarm_how *how)
{
    struct plot p = plot_make(seed, NODES);
    struct swarm_verdict v = swarm_play_apart(&p, how);
    unsigned i;
    for (i = 0; i < v.lines; i++)
        tap_diag("seed %llu: %s", (unsigned long long)seed, v.line[i]);
    if (v.violations)
        tap_diag("to see it: mascot-sim swarm --seed %llu --nodes-max %u --trace",
                 (unsigned long long)seed, (unsigned)NODES);
    return v;
}

/* Seeds that show what is not mended yet (docs/TESTING.md, Open seeds). One that has become clean
 * is to be taken out: then its fault is gone, or another seed has to show it. */
static const uint64_t open_seeds[] = {43, 61, 62, 100, 212, 228};

static bool is_open(uint64_t seed)
{
    size_t i;
    for (i = 0; i < sizeof open_seeds / sizeof open_seeds[0]; i++)
        if (open_seeds[i] == seed)
            return true;
    return false;
}

TEST(seeds_are_clean, "M-12.4-02 M-12.4-03")
{
    struct swarm_how how = {0};
    uint64_t seed;
    for (seed = 1; seed <= seeds(); seed++) {
        struct swarm_verdict v = play_seed(seed, &how);
        EXPECT_EQ(v.violations > 0, is_open(seed));
        EXPECT(v.steps > 0);
    }
}

/* I-47 */
TEST(a_seed_is_the_same_again, "")
{
    struct swarm_how how = {.twice = true};
    struct swarm_verdict v = {0}, before = {0};
    uint64_t seed;
    for (seed = 1; seed <= TWICE; seed++) {
        v = play_seed(seed, &how);
        EXPECT_EQ(v.violations, 0);
        EXPECT(v.hash != before.hash);
        before = v;
    }
}

TEST(a_plot_is_the_same_again, "")
{
    static struct plot a, b;
    uint64_t seed;
    for (seed = 1; seed <= 200; seed++) {
        a = plot_make(seed, 10);
        b = plot_make(seed, 10);
        EXPECT(a.deeds == b.deeds && a.links == b.links && a.nodes == b.nodes);
        EXPECT(memcmp(a.deed, b.deed, sizeof a.deed) == 0);
        EXPECT(a.nodes >= 2 && a.nodes <= 12 && a.links >= 1);
    }
}

/* All that a seed may choose is chosen by some. */
TEST(plots_have_everything, "")
{
    static struct plot p;
    unsigned deeds[DEED_KINDS] = {0}, liars[LIAR_KINDS] = {0}, features = 0, i;
    uint64_t seed;
    for (seed = 1; seed <= 600; seed++) {
        p = plot_make(seed, 10);
        features |= p.features;
        for (i = 1; i <= p.deeds; i++)
            deeds[p.deed[i].kind]++;
        for (i = 1; i <= p.nodes; i++)
            if (p.node[i].lies)
                liars[p.node[i].liar]++;
    }
    for (i = 0; i < DEED_KINDS; i++)
        EXPECT(deeds[i] > 0);
    for (i = 0; i < LIAR_KINDS; i++)
        EXPECT(liars[i] > 0);
    EXPECT_EQ(features, 2 * HAS_MANUAL - 1);
}

/* ---- what is planted is found, and made small ---- */

/* "Violated" if the world ever has a third life of a node: by two crashes of the same one. */
static const char *third_life(const struct plot *p, struct world *w)
{
    unsigned n;
    (void)p;
    for (n = 1; n <= world_nodes(w); n++)
        if (world_host(w, n)->life >= 3)
            return "I-99";
    return NULL;
}

static unsigned deeds_left(const struct plot *p)
{
    unsigned i, n = 0;
    for (i = 1; i <= p->deeds; i++)
        n += plot_deed_happens(p, i);
    return n;
}

/* A seed with crashes and without liars, so that nothing else is wrong. */
static uint64_t seed_of_crashes(void)
{
    const struct swarm_how how = {.judge = third_life};
    static struct plot p;
    uint64_t seed;
    for (seed = 1; seed < 200; seed++) {
        p = plot_make(seed, NODES);
        if (plot_has(&p, HAS_CRASHES) && !plot_has(&p, HAS_LIAR) && p.deeds > 12 &&
            strcmp(swarm_play_apart(&p, &how).invariant, "I-99") == 0)
            return seed;
    }
    return 0;
}

TEST(a_planted_violation_is_shrunk, "")
{
    const struct swarm_how how = {.judge = third_life};
    uint64_t seed = seed_of_crashes();
    static struct plot p;
    unsigned before, plays;
    REQUIRE(seed != 0);
    p = plot_make(seed, NODES);
    before = deeds_left(&p);
    plays = swarm_shrink(&p, &how, "I-99", SHRINK_PLAYS);
    EXPECT(plays > 0 && plays <= SHRINK_PLAYS);
    EXPECT(deeds_left(&p) <= 2 && deeds_left(&p) < before);
    EXPECT_STR(swarm_play_apart(&p, &how).invariant, "I-99");
}

static const char *dies(const struct plot *p, struct world *w)
{
    (void)p;
    (void)w;
    abort();
}

TEST(death_is_a_verdict, "")
{
    const struct swarm_how how = {.judge = dies};
    struct plot p = plot_make(1, NODES);
    struct swarm_verdict v = swarm_play_apart(&p, &how);
    EXPECT_STR(v.invariant, "panic");
    EXPECT_EQ(v.violations, 1);
}

/* ---- liars ---- */

/* A calm world with that liar as a child. */
static struct plot plot_with(enum liar_kind kind)
{
    struct plot p = {.seed = 0};
    uint64_t seed;
    unsigned n;
    for (seed = 1; seed < 3000; seed++) {
        p = plot_make(seed, NODES);
        n = p.nodes;
        if (p.node[n].lies && p.node[n].liar == kind && !p.domain[p.node[n].domain].top)
            return p;
    }
    return p;
}

static void play_with(enum liar_kind kind)
{
    const struct swarm_how how = {0};
    struct plot p = plot_with(kind);
    struct swarm_verdict v;
    unsigned i;
    REQUIRE(p.seed != 0 && p.node[p.nodes].lies);
    v = swarm_play_apart(&p, &how);
    for (i = 0; i < v.lines; i++)
        tap_diag("liar %s, seed %llu: %s", plot_liar_name(kind), (unsigned long long)p.seed,
                 v.line[i]);
    EXPECT_EQ(v.violations, 0);
    EXPECT(v.steps > 1000);
}

TEST(liars_break_nobody, "")
{
    unsigned kind;
    for (kind = 0; kind < LIAR_KINDS; kind++)
        play_with((enum liar_kind)kind);
}
