/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From what a domain decides which prefix to claim, and when (5.1, 12.3, 17.1): each thing that
 * the decision rests on is changed alone. want_test.c has the decisions themselves.
 */
#include "tests/speaker.h"

#include "tests/tap.h"

#define WAIT ((int64_t)MASC_WAITING_PERIOD_S)
#define DELAY ((int64_t)MASC_INITIATE_CLAIM_DELAY_S)

static void wants(struct speaker *s, uint64_t addresses)
{
    s->cfg.demand[0] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = addresses};
    s->cfg.demands = 1;
}

/* The operator configures it while it runs. */
static void wants_now(struct speaker *s, uint64_t addresses)
{
    wants(s, addresses);
    masc_configure(s->m, &s->cfg, s->now, speaker_begin(s));
    speaker_end(s);
}

static void manage(struct speaker *s, const char *prefix)
{
    struct masc_attr a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, prefix);

    a.lifetime_s = a.holdtime_s = 180 * 86400;
    speaker_feed(s, PARENT, &a);
}

static void in_use(struct speaker *s, unsigned peer, struct prefix p)
{
    struct masc_attr a = speaker_attr(s, peer, MASC_PREFIX_IN_USE, "228.0.0.0/24");

    a.prefix = p;
    a.lifetime_s = a.holdtime_s = 170 * 86400;
    speaker_feed(s, peer, &a);
}

/* ---- 5.1: what is looked at ---- */

enum change { NOTHING, PARENTS_SET, SIBLINGS_PREFIX, SIBLINGS_CLAIM, OWN_SET, CHILDRENS, HOSTS };

/* What is claimed for 200 addresses out of the parent's 228.0.0.0/8, but for the change; family 0:
 * nothing. */
static struct prefix claimed(uint64_t seed, enum change change)
{
    struct speaker *s = speaker_child();
    struct prefix p = {0};
    struct masc_attr a;

    s->seed = seed;
    speaker_init(s);
    speaker_ready(s);
    for (unsigned i = 0; i < s->cfg.peers; i++)
        speaker_up(s, i);
    manage(s, change == PARENTS_SET ? "230.0.0.0/8" : "228.0.0.0/8");
    if (change == SIBLINGS_PREFIX)
        in_use(s, SIBLING, speaker_prefix("228.0.0.0/9"));
    a = speaker_attr(s, SIBLING2, MASC_NEW_CLAIM, "228.0.0.0/9");
    if (change == SIBLINGS_CLAIM)
        speaker_feed(s, SIBLING2, &a);
    if (change == OWN_SET)
        in_use(s, INTERNAL, speaker_prefix("228.1.0.0/24"));
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "0/20");
    if (change == CHILDRENS)
        speaker_feed(s, CHILD, &a);
    wants(s, change == HOSTS ? 5000 : 200);
    speaker_wait(s, 2 * DELAY);
    if (speaker_own_in(s, MASC_OWN_WAITING))
        p = speaker_own_in(s, MASC_OWN_WAITING)->prefix;
    speaker_free(s);
    return p;
}

TEST(size_and_place_are_decided_from_all_of_it, "M-5.1-01")
{
    struct prefix low = speaker_prefix("228.0.0.0/9"), high = speaker_prefix("228.128.0.0/9");

    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct prefix p = claimed(seed, NOTHING);
        EXPECT_UEQ(p.len, 24);
        EXPECT(prefix_covers(low, p));
        EXPECT(prefix_covers(speaker_prefix("230.0.0.0/8"), claimed(seed, PARENTS_SET)));
        EXPECT(prefix_covers(high, claimed(seed, SIBLINGS_PREFIX)));
        EXPECT(prefix_covers(high, claimed(seed, SIBLINGS_CLAIM)));
        EXPECT_EQ(claimed(seed, OWN_SET).family, 0); /* enough is there */
        EXPECT(claimed(seed, CHILDRENS).len <= 20);
        EXPECT(claimed(seed, HOSTS).len < 22);
    }
}

/* ---- 12.3, A-112: a claim that ended, before its PREFIX_IN_USE is there ---- */

TEST(not_what_is_about_to_be_in_use, "M-12.3-07")
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct speaker *s = speaker_child();
        struct masc_attr a;
        s->seed = seed;
        speaker_start(s);
        a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.0.0.0/9");
        a.holdtime_s = 60;
        speaker_feed(s, SIBLING, &a);
        speaker_wait(s, 61);
        EXPECT(!table_live(&s->m->table, speaker_entry(s, &a, MASC_SIBLING), s->now.wall.s));
        wants_now(s, 200);
        speaker_wait(s, 2 * DELAY);
        REQUIRE(speaker_own_in(s, MASC_OWN_WAITING) != NULL);
        EXPECT(prefix_covers(speaker_prefix("228.128.0.0/9"),
                             speaker_own_in(s, MASC_OWN_WAITING)->prefix));
        speaker_free(s);
    }
}

/* ---- 17.1.2: demand is watched, and predicted ---- */

TEST(needs_are_predicted, "M-17.1.2-01")
{
    struct speaker *s = speaker_child();
    uint64_t want;

    wants(s, 1000);
    speaker_start(s);
    speaker_wait(s, 2 * WAIT);
    EXPECT_UEQ(masc_status(s->m, s->now).needed, 1000); /* a line without a slope */
    for (want = 1000; want < 2200; want += 100) { /* 1200 more in a waiting period */
        wants_now(s, want);
        speaker_wait(s, WAIT / 12);
    }
    /* as much again is expected at its end, and what a claim delay adds */
    EXPECT(masc_status(s->m, s->now).needed >= want + 900);
    EXPECT(masc_status(s->m, s->now).needed <= want + 1400);
    wants_now(s, 9000);
    speaker_wait(s, 120);
    EXPECT(masc_status(s->m, s->now).needed >= 9000);
    speaker_free(s);
}

/* ---- 17.1.4: older prefixes that cannot grow ---- */

static struct prefix buddy(struct prefix p)
{
    p.addr ^= (u128)1 << (family_bits(p.family) - p.len);
    return p;
}

static bool has_own_inside(const struct speaker *s, const struct own *o)
{
    for (unsigned i = 0; i < s->m->own_max; i++)
        if (&s->m->own[i] != o && s->m->own[i].present &&
            prefix_covers(o->prefix, s->m->own[i].prefix))
            return true;
    return false;
}

/* A deprecated own prefix of which no half is kept (17.1.5); family 0: none. */
static struct prefix replaced(const struct speaker *s)
{
    for (unsigned i = 0; i < s->m->own_max; i++) {
        const struct own *o = &s->m->own[i];
        if (own_in_use(o) && o->deprecated && !has_own_inside(s, o))
            return o->prefix;
    }
    return (struct prefix){0};
}

/* Siblings take the place beside each prefix, so that it cannot be doubled. */
static void crowd(struct speaker *s)
{
    for (unsigned i = 0; i < s->m->own_max; i++)
        if (own_in_use(&s->m->own[i]))
            in_use(s, SIBLING, buddy(s->m->own[i].prefix));
}

TEST(replaced_prefixes_run_out, "M-17.1.4-06")
{
    struct speaker *s = speaker_child();
    struct prefix old = {0};
    char text[PREFIX_TEXT_MAX];
    uint64_t want;
    int64_t end;

    wants(s, 200);
    speaker_start(s);
    for (want = 200; want < 20000 && !old.family; want = want * 3 / 2) {
        wants(s, want);
        speaker_wait(s, WAIT + 2 * DELAY);
        crowd(s);
        old = replaced(s);
    }
    REQUIRE(old.family != 0);
    end = own_end(speaker_own(s, prefix_format(old, text)));
    speaker_wait(s, WAIT + DELAY); /* a renewal under way may end */
    EXPECT(speaker_own(s, text) == NULL || own_end(speaker_own(s, text)) == end);
    speaker_forget(s);
    while (s->now.wall.s < end - 100) {
        EXPECT(own_in_use(speaker_own(s, text)));
        speaker_wait(s, 3600 < end - 100 - s->now.wall.s ? 3600 : end - 100 - s->now.wall.s);
    }
    for (size_t i = 0; i < s->heard_n; i++)
        EXPECT(s->heard[i].code || !claim_is_pending(s->heard[i].attr.type) ||
               !prefix_equal(s->heard[i].attr.prefix, old));
    EXPECT(!speaker_heard(s, PARENT, MASC_WITHDRAW, text));
    speaker_wait(s, 200);
    EXPECT(speaker_own(s, text) == NULL);
    EXPECT_UEQ(speaker_told(s, "expired", text), 1);
    speaker_free(s);
}

/* ---- 13: what is in progress is not stored ---- */

TEST(claims_in_progress_are_not_stored, "M-13-03")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    speaker_wait(s, WAIT - 10);
    EXPECT_EQ(speaker_own_in(s, MASC_OWN_WAITING) != NULL, 1);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 0);
    EXPECT_UEQ(s->stores, 0);
    speaker_reboot(s);
    EXPECT_UEQ(speaker_owns(s), 0);
    speaker_free(s);
}
