/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store fails, for a while: what is in use is written in the end, what ended is forgotten in
 * the end, and after a crash the node knows what the domain holds, no more and no less.
 */
#include <stdio.h>

#include "masc/own.h"
#include "tests/speaker.h"
#include "tests/tap.h"

enum { RETRY = 5 };

/* A prefix of our domain that another node of it said it holds. */
static struct masc_attr learnt(struct speaker *s, const char *prefix)
{
    struct masc_attr a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, prefix);
    speaker_feed(s, INTERNAL, &a);
    return a;
}

static struct masc_attr withdrawal(const struct speaker *s, const struct masc_attr *a)
{
    struct masc_attr w = *a;
    w.type = MASC_WITHDRAW;
    w.timestamp_s = (uint32_t)s->now.wall.s;
    w.lifetime_s = w.holdtime_s = a->timestamp_s + a->lifetime_s - w.timestamp_s;
    return w;
}

/* What an operator is shown of the only prefix. */
static bool shown_unstored(const struct speaker *s)
{
    struct masc_own_view v;
    uint64_t cursor = 0;
    return masc_own_next(s->m, s->now, &cursor, &v) && v.unstored;
}

static bool holds(const struct speaker *s, const char *prefix)
{
    const struct own *o = speaker_own(s, prefix);
    return o && own_in_use(o);
}

/* The store forgets, but takes nothing new. */
static void only_forgets(struct speaker *s)
{
    s->hold_stores = true;
    for (size_t i = 0; i < s->stores; i++)
        if (!s->store[i].answered)
            (void)speaker_stored(s, s->store[i].remove ? STORED_OK : STORED_FAILED);
    s->hold_stores = false;
}

static struct speaker *started(void)
{
    struct speaker *s = speaker_child();
    speaker_start(s);
    return s;
}

/* ---- what is in use ---- */

TEST(learnt_and_written_until_it_is_stored, "")
{
    struct speaker *s = started();

    s->store_says = STORED_FAILED;
    (void)learnt(s, "228.1.0.0/16");
    EXPECT(holds(s, "228.1.0.0/16"));
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16") != NULL); /* 11.2.4 */
    speaker_wait(s, 600);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 0);
    EXPECT(shown_unstored(s));
    EXPECT_UEQ(speaker_told(s, "unstored", "228.1.0.0/16"), 1); /* said once */
    s->store_says = STORED_OK;
    speaker_wait(s, RETRY);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 1);
    EXPECT_UEQ(speaker_told(s, "stored", "228.1.0.0/16"), 1);
    EXPECT(!shown_unstored(s));
    speaker_reboot(s);
    EXPECT(holds(s, "228.1.0.0/16"));
    speaker_free(s);
}

TEST(written_again_without_haste, "")
{
    struct speaker *s = started();
    unsigned steps;

    s->store_says = STORED_FAILED;
    (void)learnt(s, "228.1.0.0/16");
    steps = s->steps;
    speaker_wait(s, 100 * RETRY);
    EXPECT(s->steps - steps > 150); /* a TIME and its answer for each try */
    EXPECT(s->steps - steps < 500);
    s->hold_stores = true;
    steps = s->steps;
    speaker_wait(s, 100 * RETRY);
    EXPECT(s->steps - steps < 100); /* one is under way: nothing is due */
    while (speaker_stored(s, STORED_OK))
        continue;
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 1);
    speaker_free(s);
}

TEST(many_are_written_a_few_at_a_time, "")
{
    struct speaker *s = speaker_child();
    char text[32];

    s->cfg.own_max = 200;
    speaker_start(s);
    s->store_says = STORED_FAILED;
    for (int i = 0; i < 150; i++) {
        snprintf(text, sizeof text, "228.1.%d.0/24", i);
        (void)learnt(s, text);
    }
    speaker_wait(s, 3 * RETRY);
    s->store_says = STORED_OK;
    speaker_wait(s, RETRY);
    for (int i = 0; i < 150; i++) {
        snprintf(text, sizeof text, "228.1.%d.0/24", i);
        EXPECT_UEQ(speaker_kept(s, text), 1);
    }
    speaker_free(s);
}

/* The greater one takes the place of the smaller one in the store, too, but not before it is in. */
TEST(what_it_covers_goes_when_it_is_stored, "")
{
    struct speaker *s = started();

    (void)learnt(s, "228.1.0.0/24");
    speaker_wait(s, 10);
    s->hold_stores = true;
    (void)learnt(s, "228.1.0.0/16");
    only_forgets(s);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/24"), 1);
    s->store_says = STORED_FAILED;
    speaker_wait(s, 60);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/24"), 1);
    s->store_says = STORED_OK;
    speaker_wait(s, RETRY);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/24"), 0);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 1);
    EXPECT_UEQ(speaker_owns(s), 1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), 1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/24"), 0);
    speaker_free(s);
}

/* after a crash it must not be renewed. */
TEST(another_node_deprecates_for_good, "")
{
    struct speaker *s = started();
    const struct own *o;
    struct masc_attr d;

    (void)learnt(s, "228.1.0.0/16");
    speaker_wait(s, 100);
    d = speaker_attr(s, INTERNAL, MASC_PREFIX_MANAGED, "228.1.0.0/16");
    d.deprecated = true;
    d.lifetime_s = d.holdtime_s = SPEAKER_LIFE - 100;
    s->store_says = STORED_FAILED;
    speaker_feed(s, INTERNAL, &d);
    speaker_wait(s, 60);
    s->store_says = STORED_OK;
    speaker_wait(s, RETRY);
    speaker_reboot(s);
    o = speaker_own(s, "228.1.0.0/16");
    EXPECT(o && own_in_use(o) && o->deprecated && !o->keep);
    speaker_free(s);
}

/* ---- what ended ---- */

TEST(withdrawn_by_another_node_and_forgotten_in_the_end, "")
{
    struct speaker *s = started();
    struct masc_attr a = learnt(s, "228.1.0.0/16"), w;

    speaker_wait(s, 10);
    w = withdrawal(s, &a);
    s->store_says = STORED_FAILED;
    speaker_feed(s, INTERNAL, &w);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    EXPECT_UEQ(speaker_owns(s), 0);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), 0);
    speaker_wait(s, 600);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 1);
    EXPECT_UEQ(speaker_told(s, "unstored", "228.1.0.0/16"), 1);
    s->store_says = STORED_OK;
    speaker_wait(s, RETRY);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 0);
    speaker_reboot(s);
    EXPECT_UEQ(speaker_owns(s), 0);
    speaker_free(s);
}

TEST(expired_and_forgotten_in_the_end, "")
{
    struct speaker *s = started();

    speaker_hold(s, "228.1.0.0/16");
    s->store_says = STORED_FAILED;
    speaker_wait(s, SPEAKER_LIFE);
    EXPECT_UEQ(speaker_told(s, "expired", "228.1.0.0/16"), 1);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 1);
    s->store_says = STORED_OK;
    speaker_wait(s, RETRY);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 0);
    speaker_free(s);
}

/* The WITHDRAW of the greater one takes the smaller one with it. */
TEST(released_with_what_lies_in_it, "")
{
    struct speaker *s = started();

    (void)learnt(s, "228.1.0.0/16");
    speaker_wait(s, 10);
    (void)learnt(s, "228.1.2.0/24"); /* newer: it stays beside it */
    EXPECT_UEQ(speaker_owns(s), 2);
    s->hold_stores = true;
    EXPECT(speaker_release(s, "228.1.0.0/16"));
    EXPECT(speaker_stored(s, STORED_OK));
    EXPECT_UEQ(speaker_owns(s), 0);
    while (speaker_stored(s, STORED_FAILED))
        continue;
    EXPECT_UEQ(speaker_kept(s, "228.1.2.0/24"), 1);
    s->hold_stores = false;
    speaker_wait(s, RETRY);
    EXPECT_UEQ(speaker_kept(s, "228.1.2.0/24"), 0);
    speaker_free(s);
}

/* ---- one after the other ---- */

/* The removal of an earlier try must not reach what was stored since. */
TEST(held_again_while_it_is_being_forgotten, "")
{
    struct speaker *s = started();
    struct masc_attr a = learnt(s, "228.1.0.0/16");

    s->store_says = STORED_FAILED;
    own_forget(s->m, speaker_own(s, "228.1.0.0/16"), speaker_begin(s));
    speaker_end(s);
    s->store_says = STORED_OK; /* the removal has failed, and is to be tried again later */
    a.lifetime_s++;            /* told once more, as another UPDATE */
    a.holdtime_s++;
    speaker_feed(s, INTERNAL, &a);
    EXPECT(holds(s, "228.1.0.0/16"));
    speaker_wait(s, 10 * RETRY);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 1);
    speaker_free(s);
}

/* Deprecated while the store is at work on its release: it is not written after that. */
TEST(not_written_while_it_is_being_released, "")
{
    struct speaker *s = started();

    (void)learnt(s, "228.1.0.0/16");
    s->hold_stores = true;
    EXPECT(speaker_release(s, "228.1.0.0/16"));
    own_keep(s->m, speaker_own(s, "228.1.0.0/16"));
    speaker_wait(s, 60);
    while (speaker_stored(s, STORED_OK))
        continue;
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 0);
    EXPECT_UEQ(speaker_owns(s), 0);
    speaker_free(s);
}

/* Neither was written: it is kept, and so it is to be stored. */
TEST(kept_and_still_to_be_stored, "")
{
    struct speaker *s = started();

    s->hold_stores = true;
    (void)learnt(s, "228.1.0.0/16");
    EXPECT(speaker_release(s, "228.1.0.0/16"));
    while (speaker_stored(s, STORED_FAILED))
        continue;
    EXPECT_UEQ(speaker_told(s, "kept", "228.1.0.0/16"), 1);
    s->hold_stores = false;
    speaker_wait(s, RETRY);
    EXPECT(holds(s, "228.1.0.0/16"));
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 1);
    speaker_free(s);
}

/* A tombstone holds its place: there are never more writes than places. */
TEST(a_tombstone_holds_its_place, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, w;

    s->cfg.own_max = 1;
    speaker_start(s);
    a = learnt(s, "228.1.0.0/16");
    speaker_wait(s, 10);
    w = withdrawal(s, &a);
    s->store_says = STORED_FAILED;
    speaker_feed(s, INTERNAL, &w);
    EXPECT(!speaker_claim(s, "228.2.0.0/16"));
    s->store_says = STORED_OK;
    speaker_wait(s, RETRY);
    EXPECT(speaker_claim(s, "228.2.0.0/16"));
    speaker_free(s);
}

TEST(the_last_place_may_be_a_tombstone, "")
{
    struct speaker *s = started();
    struct masc_attr a = learnt(s, "228.1.0.0/16"), b = learnt(s, "228.2.0.0/16"), w;

    speaker_wait(s, 10);
    s->hold_stores = true;
    w = withdrawal(s, &a);
    speaker_feed(s, INTERNAL, &w);
    w = withdrawal(s, &b);
    speaker_feed(s, INTERNAL, &w);
    EXPECT(speaker_stored(s, STORED_OK));
    EXPECT(speaker_stored(s, STORED_FAILED));
    s->hold_stores = false;
    EXPECT_UEQ(speaker_kept(s, "228.2.0.0/16"), 1);
    speaker_wait(s, RETRY);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16") + speaker_kept(s, "228.2.0.0/16"), 0);
    speaker_free(s);
}

/* ---- 5.1 (d), 7.3, 12.3: a promise is made in time, and by this node alone ---- */

/* When the store fails for so long that nobody remembers the claim, it is no claim any more. */
TEST(stored_too_late, "")
{
    struct speaker *s = started();
    int64_t wait = s->cfg.waiting_period_s;

    s->store_says = STORED_FAILED;
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    speaker_wait(s, wait + s->cfg.retention_s);
    EXPECT_UEQ(speaker_told(s, "dropped", NULL), 0);
    EXPECT(speaker_own(s, "228.1.0.0/16") != NULL);
    speaker_wait(s, s->cfg.claim_delay_s + 2 * RETRY);
    EXPECT_UEQ(speaker_told(s, "dropped", "228.1.0.0/16"), 1);
    s->store_says = STORED_OK;
    speaker_wait(s, 10 * RETRY);
    EXPECT(!holds(s, "228.1.0.0/16"));
    speaker_free(s);
}

/* A neighbour that reports a PREFIX_IN_USE for our pending claim cannot make the promise for us. */
TEST(an_echo_is_no_promise, "")
{
    struct speaker *s = started();
    struct masc_attr a;
    struct own *o;

    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    speaker_wait(s, s->cfg.claim_delay_s);
    o = speaker_own_in(s, MASC_OWN_WAITING);
    REQUIRE(o != NULL);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    a.node = s->cfg.node;
    a.timestamp_s = (uint32_t)o->timestamp_s;
    speaker_feed(s, INTERNAL, &a);
    EXPECT(o == speaker_own_in(s, MASC_OWN_WAITING));
    EXPECT(!holds(s, "228.1.0.0/16"));
    EXPECT_UEQ(s->stores, 0);
    EXPECT_UEQ(speaker_outputs(s, "maas", "add"), 0);
    speaker_free(s);
}

/* ---- A-90, 17.1.5: what will not be renewed ---- */

TEST(half_of_it_is_renewed, "")
{
    struct speaker *s = started();
    const struct masc_attr *told;
    struct own *whole, half;

    speaker_hold(s, "228.1.0.0/16");
    whole = speaker_own(s, "228.1.0.0/16");
    EXPECT(!whole->deprecated);
    half = (struct own){.prefix = speaker_prefix("228.1.128.0/17"), .purpose = MASC_FOR_RENEWAL,
                        .scope = whole->scope, .space = whole->space,
                        .lifetime_s = whole->lifetime_s};
    speaker_forget(s);
    EXPECT(own_plan(s->m, &half, speaker_begin(s)) != NULL);
    speaker_end(s);
    speaker_wait(s, s->cfg.claim_delay_s + s->cfg.waiting_period_s);
    EXPECT(holds(s, "228.1.128.0/17") && holds(s, "228.1.0.0/16"));
    EXPECT(whole->deprecated && !speaker_own(s, "228.1.128.0/17")->deprecated);
    told = speaker_heard(s, CHILD, MASC_PREFIX_MANAGED, "228.1.0.0/16");
    EXPECT(told && told->deprecated);
    speaker_free(s);
}
