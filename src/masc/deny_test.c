/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a parent refuses a child's claim (11.4.3, 8.3, Appendix B): CLAIM_DENIED the first time, the
 * longest life allowed in it, 3/18 and 3/22 for a child that does not heed it.
 */
#include "tests/speaker.h"

#include "tests/tap.h"

/* We hold 228.0.0.0/12 for 30 days from about two days ago. */
static struct speaker *parent(void)
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    speaker_hold(s, "228.0.0.0/12");
    speaker_forget(s);
    return s;
}

static int64_t managed_end(const struct speaker *s)
{
    return own_end(speaker_own(s, "228.0.0.0/12"));
}

TEST(a_good_claim_is_not_denied, "")
{
    struct speaker *s = parent();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16");

    a.lifetime_s = (uint32_t)(managed_end(s) - a.timestamp_s); /* to the very end of ours */
    speaker_feed(s, CHILD, &a);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16"));
    EXPECT(speaker_heard(s, CHILD2, MASC_NEW_CLAIM, "228.1.0.0/16"));
    EXPECT_UEQ(s->heard_n, 2);
    speaker_free(s);
}

TEST(a_claim_that_outlives_us, "M-11.4.3-04 M-11.4.3-07")
{
    struct speaker *s = parent();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16");
    const struct masc_attr *d;

    a.timestamp_s -= 1000; /* ends count, not lengths */
    a.lifetime_s = (uint32_t)(managed_end(s) - a.timestamp_s) + 1;
    speaker_feed(s, CHILD, &a);
    d = speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16");
    EXPECT(d && d->role == MASC_INTERNAL && d->domain == a.domain && d->node == a.node &&
           d->timestamp_s == a.timestamp_s && d->holdtime_s == a.holdtime_s);
    EXPECT(d && d->lifetime_s == a.lifetime_s - 1);
    EXPECT(speaker_heard(s, INTERNAL, MASC_CLAIM_DENIED, "228.1.0.0/16"));
    EXPECT(speaker_heard(s, INTERNAL, MASC_NEW_CLAIM, "228.1.0.0/16"));
    EXPECT(!speaker_heard(s, CHILD2, MASC_CLAIM_DENIED, "228.1.0.0/16"));
    EXPECT(!speaker_heard(s, CHILD2, MASC_NEW_CLAIM, "228.1.0.0/16")); /* I-24 */
    EXPECT(!table_live(&s->m->table, speaker_entry(s, &a, MASC_CHILD), s->now.wall.s));
    speaker_free(s);
}

TEST(a_renewal_that_outlives_us, "M-11.4.3-04")
{
    struct speaker *s = parent();
    struct masc_attr held = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    struct masc_attr a = speaker_attr(s, CHILD, MASC_CLAIM_TO_EXPAND, "228.1.0.0/16");

    speaker_feed(s, CHILD, &held);
    a.lifetime_s = 60 * 86400;
    speaker_feed(s, CHILD, &a);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16"));
    EXPECT(table_effective(&s->m->table, speaker_entry(s, &held, MASC_CHILD), held.prefix,
                           s->now.wall.s)); /* what it holds stays */
    speaker_free(s);
}

/* A PREFIX_IN_USE is never denied: no rule to refuse it. */
TEST(what_is_in_use_is_not_denied, "")
{
    struct speaker *s = parent();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.0.0/16");

    a.lifetime_s = a.holdtime_s = 60 * 86400;
    EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16"));
    EXPECT(speaker_entry(s, &a, MASC_CHILD) != TABLE_NONE);
    speaker_free(s);
}

/* 8.3: first a CLAIM_DENIED, then 3/18 while that is remembered. */
TEST(too_long_twice, "M-8.3-21 M-11.4.3-05")
{
    struct speaker *s = parent();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16");

    s->cfg.lifetime_max_s = 10 * 86400;
    a.lifetime_s = 10 * 86400 + 1;
    EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16") &&
           speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16")->lifetime_s == 10 * 86400);
    speaker_wait(s, 100);
    a.timestamp_s += 100;
    EXPECT_EQ(speaker_error(s, CHILD, &a), MASC_UPDATE_LIFETIME_LONG);
    EXPECT_UEQ(speaker_entry(s, &a, MASC_CHILD), TABLE_NONE);
    a.lifetime_s--; /* heeded */
    EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
    EXPECT(speaker_entry(s, &a, MASC_CHILD) != TABLE_NONE);
    a = speaker_attr(s, CHILD2, MASC_NEW_CLAIM, "228.2.0.0/16"); /* another child was not told */
    a.lifetime_s = 10 * 86400 + 1;
    EXPECT_EQ(speaker_error(s, CHILD2, &a), 0);
    EXPECT(speaker_heard(s, CHILD2, MASC_CLAIM_DENIED, "228.2.0.0/16"));
    speaker_free(s);
}

TEST(too_large_twice, "M-8.3-26 M-11.4.3-05")
{
    struct speaker *s = parent();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.2.0.0/15");

    s->cfg.size_max = 65536;
    EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.2.0.0/15") &&
           speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.2.0.0/15")->lifetime_s >= a.lifetime_s);
    a.timestamp_s++;
    EXPECT_EQ(speaker_error(s, CHILD, &a), MASC_UPDATE_SIZE_LARGE);
    a.prefix = speaker_prefix("228.2.0.0/16");
    EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.2.0.0/16"));
    speaker_free(s);
}

/* What was said of the one rule was not said of the other. */
TEST(each_rule_is_told, "")
{
    struct speaker *s = parent();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/24");

    s->cfg.size_max = 65536;
    s->cfg.lifetime_max_s = 10 * 86400;
    a.lifetime_s = 10 * 86400 + 1;
    EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
    a.timestamp_s++;
    EXPECT_EQ(speaker_error(s, CHILD, &a), MASC_UPDATE_LIFETIME_LONG);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.2.0.0/15");
    a.lifetime_s = 86400 * 5;
    EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.2.0.0/15"));
    a.timestamp_s++;
    EXPECT_EQ(speaker_error(s, CHILD, &a), MASC_UPDATE_SIZE_LARGE);
    speaker_free(s);
}

/* ---- thresholds (Appendix B): claimed and allocated by one child, overlaps once ---- */

TEST(soft_threshold_warns_at_equality, "M-18-04")
{
    struct speaker *s = parent();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.0.0/25");

    s->cfg.soft_threshold = 512;
    speaker_feed(s, CHILD, &a);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.1.0/25");
    speaker_feed(s, CHILD, &a);
    EXPECT_UEQ(speaker_told(s, "threshold", NULL), 0); /* 256 */
    a.prefix = speaker_prefix("228.1.2.0/24"); /* 512 */
    speaker_feed(s, CHILD, &a);
    EXPECT_UEQ(speaker_told(s, "threshold", "228.1.2.0/24"), 1);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.2.0/24"));
    speaker_free(s);
}

TEST(thresholds_of_a_customer, "M-18-06")
{
    struct speaker *s = parent();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/23");
    struct masc_attr b = speaker_attr(s, CHILD2, MASC_NEW_CLAIM, "228.3.0.0/23");

    s->cfg.soft_threshold = 256;
    s->cfg.hard_threshold = 256;
    s->cfg.peer[CHILD].soft_threshold = 1024;
    s->cfg.peer[CHILD].hard_threshold = 1024;
    speaker_feed(s, CHILD, &a);
    speaker_feed(s, CHILD2, &b);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/23"));
    EXPECT(speaker_heard(s, CHILD2, MASC_CLAIM_DENIED, "228.3.0.0/23") != NULL);
    EXPECT_UEQ(speaker_told(s, "threshold", "228.1.0.0/23"), 0);
    a.prefix = speaker_prefix("228.1.4.0/23"); /* 1024 */
    speaker_feed(s, CHILD, &a);
    EXPECT_UEQ(speaker_told(s, "threshold", "228.1.4.0/23"), 1);
    a.prefix = speaker_prefix("228.1.8.0/24"); /* 1280 */
    speaker_feed(s, CHILD, &a);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.8.0/24") != NULL);
    speaker_free(s);
}

TEST(hard_threshold_denies, "M-18-05")
{
    struct speaker *s = parent();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.0.0/24");

    s->cfg.hard_threshold = 512;
    speaker_feed(s, CHILD, &a);
    a = speaker_attr(s, CHILD2, MASC_PREFIX_IN_USE, "228.9.0.0/16"); /* another's do not count */
    speaker_feed(s, CHILD2, &a);
    a = speaker_attr(s, CHILD, MASC_CLAIM_TO_EXPAND, "228.1.0.0/23"); /* covers what it has: 512 */
    speaker_feed(s, CHILD, &a);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/23"));
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.3.0.0/28");
    speaker_feed(s, CHILD, &a);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.3.0.0/28"));
    speaker_free(s);
}

TEST(what_was_denied_or_ended_does_not_count, "")
{
    struct speaker *s = parent();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16"), w;

    s->cfg.hard_threshold = 512;
    speaker_feed(s, CHILD, &a); /* denied */
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.2.0.0/23");
    a.prefix = speaker_prefix("228.2.0.0/23");
    speaker_feed(s, CHILD, &a);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.2.0.0/23"));
    w = a;
    w.type = MASC_WITHDRAW;
    speaker_feed(s, CHILD, &w);
    a.prefix = speaker_prefix("228.4.0.0/23");
    speaker_feed(s, CHILD, &a);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.4.0.0/23"));
    speaker_free(s);
}

/* ---- thresholds: what they cost, and what they know between two walks (deny.c) ---- */

/* A child that holds `n` single addresses from 228.1.0.0 on. */
static struct masc_attr crowd(struct speaker *s, uint32_t n)
{
    struct masc_attr a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.0.0/32");

    for (uint32_t i = 0; i < n; i++, a.prefix.addr++)
        speaker_feed(s, CHILD, &a);
    return speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.2.0.0/32");
}

static struct speaker *crowded_parent(uint32_t claims)
{
    struct speaker *s = speaker_child();

    s->cfg.claims_max = s->cfg.per_origin_max = claims;
    speaker_start(s);
    speaker_hold(s, "228.0.0.0/12");
    speaker_forget(s);
    return s;
}

/* Entries passed over for a burst of `n` claims of a child that has `has`, each above the hard
 * threshold. */
static uint64_t cost(uint32_t has, uint32_t n)
{
    struct speaker *s = crowded_parent(16384);
    struct masc_attr a = crowd(s, has);
    struct counters before = s->m->count;
    uint64_t looked_at;

    s->cfg.hard_threshold = 1;
    s->m->want_due = s->m->want_next = MONO_NEVER; /* decisions about own claims cost, too */
    looked_at = s->m->looked_at;
    for (uint32_t i = 0; i < n; i++, a.timestamp_s--)
        speaker_feed(s, CHILD, &a);
    EXPECT_UEQ(s->m->count.received - before.received, n);
    EXPECT_UEQ(speaker_told(s, "denied", "228.2.0.0/32"), n);
    looked_at = s->m->looked_at - looked_at;
    speaker_free(s);
    return looked_at;
}

TEST(a_claim_does_not_cost_what_a_child_has, "")
{
    uint64_t few = cost(2000, 400), many = cost(8000, 400);

    EXPECT(few > 2000);
    EXPECT(few <= 400 * 128 + 3000);
    EXPECT(many <= 400 * 128 + 9000);
}

TEST(told_once_is_found_at_once, "")
{
    struct speaker *s = crowded_parent(16384);
    struct masc_attr a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.2.0.0/32");
    uint64_t looked_at;

    s->cfg.lifetime_max_s = 5 * 86400;
    EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
    (void)crowd(s, 3000);
    s->m->want_due = s->m->want_next = MONO_NEVER;
    looked_at = s->m->looked_at;
    for (unsigned i = 0; i < 20; i++) {
        a.timestamp_s--;
        EXPECT_EQ(speaker_error(s, CHILD, &a), MASC_UPDATE_LIFETIME_LONG);
    }
    EXPECT(s->m->looked_at - looked_at <= 3100);
    speaker_free(s);
}

/* In a burst: what was claimed and held since the last walk counts, and a renewal adds nothing. */
TEST(a_burst_at_the_hard_threshold, "")
{
    struct speaker *s = crowded_parent(16384);
    struct masc_attr a = crowd(s, 2000), held = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE,
                                                             "228.8.0.0/30");

    s->cfg.hard_threshold = 2010;
    speaker_feed(s, CHILD, &a); /* a walk: 2001 */
    a.prefix = speaker_prefix("228.2.0.4/30");
    speaker_feed(s, CHILD, &a); /* 2005 */
    speaker_feed(s, CHILD, &held); /* 2009 */
    a = speaker_attr(s, CHILD, MASC_CLAIM_TO_EXPAND, "228.8.0.0/30");
    speaker_feed(s, CHILD, &a); /* has it */
    EXPECT_UEQ(speaker_told(s, "denied", NULL), 0);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.2.1.0/31");
    speaker_feed(s, CHILD, &a);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.2.1.0/31"));
    speaker_free(s);
}

/* An honest child does not claim in bursts: all it has is looked at, overlaps once. */
TEST(a_large_child_expands_to_the_hard_threshold, "")
{
    struct speaker *s = crowded_parent(16384);
    struct masc_attr a = crowd(s, 2048);

    s->cfg.hard_threshold = 4096;
    a.prefix = speaker_prefix("228.2.0.0/22");
    speaker_feed(s, CHILD, &a); /* 3072 */
    speaker_wait(s, 1);
    a = speaker_attr(s, CHILD, MASC_CLAIM_TO_EXPAND, "228.1.0.0/20");
    speaker_feed(s, CHILD, &a); /* 5120 */
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/20"));
    speaker_wait(s, 1);
    a.timestamp_s++;
    a.prefix = speaker_prefix("228.1.0.0/21"); /* covers what it has: 3072 */
    speaker_feed(s, CHILD, &a);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/21"));
    speaker_wait(s, 1);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.2.0.0/21"); /* the rest: 4096 */
    speaker_feed(s, CHILD, &a);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.2.0.0/21"));
    a.prefix = speaker_prefix("228.4.0.0/32");
    speaker_feed(s, CHILD, &a);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.4.0.0/32"));
    speaker_free(s);
}

/* What is kept of a domain goes with it: it starts again from nothing. */
TEST(a_child_that_was_forgotten, "")
{
    struct speaker *s = crowded_parent(16384);
    struct masc_attr a = crowd(s, 600);

    s->cfg.hard_threshold = 700;
    a.prefix = speaker_prefix("228.2.0.0/26");
    speaker_feed(s, CHILD, &a); /* 664 */
    speaker_wait(s, 18 * 86400); /* all of it ended, and the retention */
    speaker_forget(s);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.3.0.0/23");
    a.lifetime_s = 86400;
    speaker_feed(s, CHILD, &a);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.3.0.0/23"));
    EXPECT(speaker_entry(s, &a, MASC_CHILD) != TABLE_NONE);
    speaker_free(s);
}

/* A denial with a life that is over at once is said all the same, and said again. */
TEST(nothing_is_left_of_our_prefix, "")
{
    struct speaker *s = parent();
    struct masc_attr a;

    speaker_wait(s, managed_end(s) - s->now.wall.s - 5);
    speaker_forget(s);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16");
    speaker_feed(s, CHILD, &a);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16") &&
           speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16")->lifetime_s == 5);
    speaker_wait(s, 4);
    speaker_down(s, CHILD);
    speaker_wait(s, 100);
    speaker_forget(s);
    speaker_up(s, CHILD);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16"));
    speaker_free(s);
}

/* ---- the other side: what a denied child does (A-54) ---- */

static struct masc_attr claim_of_ours(struct speaker *s)
{
    struct masc_claim_wish wish = {.prefix = speaker_prefix("228.64.0.0/16")};

    EXPECT(speaker_wish(s, &wish));
    speaker_wait(s, s->cfg.claim_delay_s);
    return *speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.64.0.0/16");
}

TEST(a_shorter_life_is_heeded, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr d;
    const struct masc_attr *again;

    speaker_start(s);
    d = claim_of_ours(s);
    d.type = MASC_CLAIM_DENIED;
    d.lifetime_s = 20 * 86400;
    speaker_forget(s);
    speaker_feed(s, PARENT, &d);
    speaker_wait(s, s->cfg.claim_delay_s);
    again = speaker_nth(s, PARENT, 0) ? &speaker_nth(s, PARENT, 0)->attr : NULL;
    EXPECT(again && again->type == MASC_NEW_CLAIM && again->timestamp_s > d.timestamp_s);
    EXPECT(again && again->timestamp_s + again->lifetime_s <= d.timestamp_s + d.lifetime_s);
    speaker_free(s);
}

/* What the parent allows is a limit, and nothing to be made use of. */
TEST(a_denial_makes_no_life_longer, "")
{
    struct speaker *s = speaker_child();
    struct masc_claim_wish wish = {.prefix = speaker_prefix("228.80.0.0/16"),
                                   .lifetime_s = 10 * 86400};
    struct masc_attr d;
    const struct masc_attr *a;

    speaker_start(s);
    d = claim_of_ours(s);
    d.type = MASC_CLAIM_DENIED;
    d.lifetime_s = 20 * 86400;
    speaker_feed(s, PARENT, &d);
    EXPECT(speaker_wish(s, &wish));
    speaker_wait(s, s->cfg.claim_delay_s);
    a = speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.80.0.0/16");
    EXPECT(a && a->lifetime_s == 10 * 86400);
    speaker_free(s);
}

TEST(a_smaller_size_is_heeded, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr d;
    const struct own *o;
    uint8_t len;

    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = 1000};
    speaker_start(s);
    speaker_wait(s, s->cfg.claim_delay_s);
    o = speaker_own_in(s, MASC_OWN_WAITING);
    EXPECT(o != NULL);
    d = claim_to_attr(&(struct claim){0});
    for (size_t i = 0; i < speaker_count(s, PARENT); i++)
        d = speaker_nth(s, PARENT, i)->attr;
    len = d.prefix.len;
    d.type = MASC_CLAIM_DENIED;
    speaker_feed(s, PARENT, &d); /* with the whole life: so it was the size */
    speaker_forget(s);
    speaker_wait(s, s->cfg.claim_delay_s);
    o = speaker_own_in(s, MASC_OWN_WAITING);
    EXPECT(o && o->prefix.len > len);
    speaker_free(s);
}
