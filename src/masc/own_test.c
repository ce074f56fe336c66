/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of own claims: random delay, Claim-Timer, collisions, allocation (5.1), and what the
 * store has to say. own_life_test.c goes on from there: renewal, release, end, restart.
 */
#include "tests/speaker.h"

#include <stdlib.h>

#include "tests/tap.h"

#define WAIT ((int64_t)MASC_WAITING_PERIOD_S)
#define DELAY ((int64_t)MASC_INITIATE_CLAIM_DELAY_S)

/* Claimed and sent: the Claim-Timer runs. */
static struct own *sent(struct speaker *s, const char *prefix)
{
    EXPECT(speaker_claim(s, prefix));
    speaker_wait(s, DELAY);
    return speaker_own(s, prefix);
}

/* Milliseconds from planning until the claim is heard by the parent. */
static int64_t delay_of(struct speaker *s, const char *prefix)
{
    int64_t start = s->now.mono.ms;

    EXPECT(speaker_claim(s, prefix));
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, prefix) == NULL);
    while (!speaker_heard(s, PARENT, MASC_NEW_CLAIM, prefix) &&
           s->now.mono.ms - start <= 2 * DELAY * 1000)
        speaker_wait_ms(s, masc_deadline(s->m).ms - s->now.mono.ms);
    return s->now.mono.ms - start;
}

/* ---- (a) ---- */

TEST(random_delay, "M-5.1a-01 M-5.1a-02 M-6-03")
{
    int64_t least = INT64_MAX, most = 0;
    unsigned i, same = 0;

    for (i = 0; i < 60; i++) {
        struct speaker *s = speaker_child();
        int64_t first, second;
        s->seed = 1000 + i;
        speaker_start(s);
        first = delay_of(s, "228.1.0.0/16");
        second = delay_of(s, "228.2.0.0/16");
        same += first == second;
        EXPECT(first > 0 && first < DELAY * 1000);
        least = first < least ? first : least;
        most = first > most ? first : most;
        speaker_free(s);
    }
    EXPECT(least < 60000 && most > 540000); /* all over the interval */
    EXPECT(same < 3);
}

TEST(nothing_is_sent_during_the_delay, "")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    EXPECT_EQ(speaker_own(s, "228.1.0.0/16")->state, MASC_OWN_DELAYED);
    EXPECT_UEQ(speaker_told(s, "delay", "228.1.0.0/16"), 1);
    EXPECT_UEQ(s->heard_n, 0);
    EXPECT_UEQ(s->stores, 0);
    speaker_free(s);
}

/* seniority begins when it is sent, not when it was planned. */
TEST(timestamp_is_that_of_sending, "M-5.1b-04")
{
    struct speaker *s = speaker_child();
    int64_t planned = s->now.wall.s;
    const struct masc_attr *a;
    int64_t ms;

    speaker_start(s);
    ms = delay_of(s, "228.1.0.0/16");
    a = speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.1.0.0/16");
    EXPECT_EQ(a->timestamp_s, planned + ms / 1000);
    EXPECT_EQ(a->holdtime_s, WAIT);
    EXPECT_EQ(a->lifetime_s, SPEAKER_LIFE - DELAY + DELAY);
    EXPECT_EQ(speaker_own(s, "228.1.0.0/16")->due.ms, s->now.mono.ms + WAIT * 1000);
    speaker_free(s);
}

TEST(an_internal_claim_serves_instead, "M-5.1a-03")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = 200};
    speaker_start(s);
    speaker_wait_ms(s, 500);
    EXPECT(speaker_own_in(s, MASC_OWN_DELAYED) != NULL);
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.32.0.0/24");
    a.lifetime_s += 1000;
    speaker_feed(s, INTERNAL, &a);
    EXPECT_UEQ(speaker_told(s, "dropped", NULL), 1);
    speaker_wait(s, 2 * DELAY);
    EXPECT_UEQ(speaker_told(s, "claim", NULL), 0);
    speaker_free(s);
}

TEST(an_internal_claim_is_too_small, "M-5.1a-04")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = 1000};
    speaker_start(s);
    speaker_wait_ms(s, 500);
    EXPECT(speaker_own_in(s, MASC_OWN_DELAYED) != NULL);
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.32.0.0/26");
    a.lifetime_s += 1000;
    speaker_feed(s, INTERNAL, &a);
    EXPECT_UEQ(speaker_told(s, "dropped", NULL), 0);
    speaker_wait(s, DELAY);
    EXPECT(speaker_told(s, "claim", NULL) > 0);
    speaker_free(s);
}

/* Taken by another during the delay: nothing was sent, another place is taken. */
TEST(taken_during_the_delay, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.1.2.0/24");
    speaker_feed(s, SIBLING, &a);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    EXPECT_UEQ(speaker_owns(s), 1);
    speaker_wait(s, DELAY);
    EXPECT_UEQ(speaker_told(s, "claim", NULL), 1);
    EXPECT(speaker_heard(s, SIBLING, MASC_WITHDRAW, "228.1.0.0/16") == NULL);
    speaker_free(s);
}

/* ---- 5.1: only with a session to the parent ---- */

TEST(no_claim_without_the_parent, "M-5.1-02 M-5.1-03")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    speaker_down(s, PARENT);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    speaker_wait(s, 3 * DELAY);
    EXPECT_UEQ(speaker_told(s, "claim", NULL), 0);
    EXPECT(speaker_heard(s, SIBLING, MASC_NEW_CLAIM, "228.1.0.0/16") == NULL);
    speaker_down(s, SIBLING); /* siblings are not asked for */
    speaker_down(s, SIBLING2);
    speaker_up(s, PARENT);
    speaker_wait(s, 2);
    EXPECT_UEQ(speaker_told(s, "claim", NULL), 1);
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.1.0.0/16") != NULL);
    speaker_free(s);
}

TEST(top_level_needs_a_sibling, "")
{
    struct speaker *s = speaker_tld();

    speaker_start(s);
    speaker_down(s, TLD_SIBLING);
    speaker_down(s, TLD_SIBLING2);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    speaker_wait(s, 3 * DELAY);
    EXPECT_UEQ(speaker_told(s, "claim", NULL), 0);
    s->cfg.sole_tld = true; /* unless it is said to be alone */
    speaker_wait(s, 2);
    EXPECT_UEQ(speaker_told(s, "claim", NULL), 1);
    speaker_free(s);
}

/* ---- (b), (d): the wait, and what follows ---- */

TEST(allocated_after_the_whole_wait, "M-3-02 M-5.1d-01 M-5.1d-02 M-5.1d-03 M-1-03 M-6-02")
{
    struct speaker *s = speaker_child();
    struct own *o;
    struct masc_attr claimed;
    const struct masc_attr *a;
    int64_t left;

    speaker_start(s);
    o = sent(s, "228.1.0.0/16");
    claimed = *speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.1.0.0/16");
    EXPECT_EQ(o->due.ms - o->began.ms, WAIT * 1000);
    EXPECT_EQ(WAIT, 172800);
    left = o->due.ms - s->now.mono.ms;
    speaker_forget(s);
    speaker_wait_ms(s, left - 1);
    EXPECT_EQ(o->state, MASC_OWN_WAITING);
    EXPECT_UEQ(s->heard_n + s->told_n + s->stores, 0); /* nobody is told of it before */
    speaker_wait_ms(s, 1);
    EXPECT_EQ(o->state, MASC_OWN_IN_USE);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), 1);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 1);
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16") &&
           speaker_heard(s, SIBLING2, MASC_PREFIX_IN_USE, "228.1.0.0/16"));
    EXPECT(speaker_heard(s, PARENT2, MASC_PREFIX_IN_USE, "228.1.0.0/16") == NULL);
    a = speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    EXPECT(a && a->timestamp_s == claimed.timestamp_s && a->lifetime_s == claimed.lifetime_s &&
           a->holdtime_s == a->lifetime_s && a->node == s->cfg.node); /* */
    speaker_free(s);
}

TEST(children_and_internal_peers_learn_that_it_is_managed, "M-5.1d-04 M-12.2-01")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    EXPECT_EQ(speaker_role(s, CHILD, MASC_PREFIX_MANAGED, "228.1.0.0/16"), MASC_INTERNAL);
    EXPECT_EQ(speaker_role(s, CHILD2, MASC_PREFIX_MANAGED, "228.1.0.0/16"), MASC_INTERNAL);
    EXPECT_EQ(speaker_role(s, INTERNAL, MASC_PREFIX_MANAGED, "228.1.0.0/16"), MASC_INTERNAL);
    EXPECT_EQ(speaker_role(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.0.0/16"), MASC_INTERNAL);
    EXPECT(speaker_heard(s, CHILD, MASC_PREFIX_IN_USE, "228.1.0.0/16") == NULL);
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_MANAGED, "228.1.0.0/16") == NULL);
    EXPECT(speaker_heard(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16") == NULL);
    speaker_free(s);
}

/* Neither forward nor backward does the wall clock move the Claim-Timer. */
TEST(the_wall_clock_does_not_mature_a_claim, "M-12.3-06")
{
    struct speaker *s = speaker_child();
    struct own *o;

    speaker_start(s);
    o = sent(s, "228.1.0.0/16");
    speaker_wall(s, WAIT + 100);
    speaker_wait(s, 3600);
    EXPECT_EQ(o->state, MASC_OWN_WAITING);
    speaker_wall(s, -2 * WAIT);
    speaker_wait_ms(s, o->due.ms - s->now.mono.ms - 1);
    EXPECT_EQ(o->state, MASC_OWN_WAITING);
    speaker_wait_ms(s, 1);
    EXPECT_EQ(o->state, MASC_OWN_IN_USE);
    speaker_free(s);
}

/* ---- (c): collisions ---- */

TEST(an_earlier_claim_wins, "M-5.1c-01 M-5.1c-02 M-5.1c-03 M-3-01")
{
    struct speaker *s = speaker_child();
    struct masc_attr ours, a;
    const struct masc_attr *w;

    speaker_start(s);
    (void)sent(s, "228.1.0.0/16");
    ours = *speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.1.0.0/16");
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.1.4.0/24");
    a.timestamp_s = ours.timestamp_s - 1;
    speaker_feed(s, SIBLING, &a);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    EXPECT_UEQ(speaker_told(s, "lost", "228.1.0.0/16"), 1);
    EXPECT_UEQ(s->m->count.lost, 1);
    w = speaker_heard(s, SIBLING2, MASC_WITHDRAW, "228.1.0.0/16"); /* */
    EXPECT(w && w->timestamp_s == ours.timestamp_s && w->lifetime_s == ours.lifetime_s &&
           w->holdtime_s == ours.holdtime_s && w->node == ours.node);
    EXPECT(speaker_heard(s, CHILD, MASC_WITHDRAW, "228.1.0.0/16") == NULL); /* */
    speaker_wait(s, DELAY); /* another place, by (a) and (b) */
    EXPECT_UEQ(speaker_told(s, "claim", NULL), 2);
    EXPECT(speaker_own_in(s, MASC_OWN_WAITING) != NULL);
    EXPECT(!prefix_overlaps(speaker_own_in(s, MASC_OWN_WAITING)->prefix, a.prefix));
    speaker_wait(s, WAIT);
    EXPECT_UEQ(speaker_told(s, "in-use", "228.1.0.0/16"), 0);
    EXPECT_UEQ(speaker_told(s, "in-use", NULL), 1);
    speaker_free(s);
}

TEST(a_later_claim_changes_nothing, "M-5.1c-05")
{
    struct speaker *s = speaker_child();
    struct own *o;
    struct masc_attr a;
    mono_t due;

    speaker_start(s);
    o = sent(s, "228.1.0.0/16");
    due = o->due;
    speaker_wait(s, 10);
    speaker_forget(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.0.0.0/12");
    speaker_feed(s, SIBLING, &a);
    EXPECT_EQ(o->state, MASC_OWN_WAITING);
    EXPECT_EQ(o->due.ms, due.ms);
    EXPECT_UEQ(speaker_count(s, SIBLING), 0); /* nothing is said */
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.0.0.0/12") != NULL); /* relayed */
    EXPECT_UEQ(speaker_told(s, "won", "228.1.0.0/16"), 1);
    speaker_free(s);
}

TEST(the_lower_node_wins_a_tie, "")
{
    struct speaker *s = speaker_child();
    struct own *o;
    struct masc_attr a;

    speaker_start(s);
    o = sent(s, "228.1.0.0/16");
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.1.0.0/16");
    a.timestamp_s = (uint32_t)o->timestamp_s;
    a.node = s->cfg.node + 1;
    speaker_feed(s, SIBLING, &a);
    EXPECT(own_is_pending(o) && speaker_own(s, "228.1.0.0/16") == o);
    a.node = s->cfg.node - 1;
    a.lifetime_s--;
    speaker_feed(s, SIBLING, &a);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    speaker_free(s);
}

TEST(disjoint_claims_do_not_meet, "M-5.1.1-09")
{
    struct speaker *s = speaker_child();
    struct own *o;
    struct masc_attr a;

    s->cfg.lifetime_max_s = 0;
    speaker_start(s);
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "ff1e::/16");
    speaker_feed(s, PARENT, &a);
    o = sent(s, "228.1.0.0/16");
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.2.0.0/16");
    a.timestamp_s -= 100000;
    speaker_feed(s, SIBLING, &a);
    a.prefix = speaker_prefix("ff1e:100::/24"); /* the same bits in another family */
    speaker_feed(s, SIBLING, &a);
    EXPECT(own_is_pending(o));
    EXPECT_UEQ(speaker_told(s, "won", NULL) + speaker_told(s, "lost", NULL), 0);
    speaker_free(s);
}

/* whatever the timestamps. */
TEST(in_use_beats_pending, "M-11.2.2-02")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    EXPECT(speaker_claim(s, "228.2.0.0/16"));
    speaker_wait(s, DELAY);
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.3.0.0/16");
    speaker_feed(s, INTERNAL, &a); /* a node of ours claims, too */
    speaker_wait(s, 100);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.0.0.0/14");
    speaker_feed(s, SIBLING, &a);
    EXPECT_UEQ(speaker_told(s, "lost", "228.1.0.0/16"), 1);
    EXPECT_UEQ(speaker_told(s, "lost", "228.2.0.0/16"), 1);
    EXPECT_UEQ(speaker_told(s, "lost", "228.3.0.0/16"), 1);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL && speaker_own(s, "228.2.0.0/16") == NULL &&
           speaker_own(s, "228.3.0.0/16") == NULL);
    EXPECT(speaker_heard(s, SIBLING, MASC_WITHDRAW, "228.1.0.0/16") != NULL);
    /* what the other node claimed, it withdraws itself */
    EXPECT(speaker_heard(s, SIBLING, MASC_WITHDRAW, "228.3.0.0/16") == NULL);
    speaker_free(s);
}

TEST(an_expansion_beats_a_new_claim, "M-11.4.2-03")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.0.0.0/16");
    speaker_feed(s, SIBLING, &a);
    (void)sent(s, "228.1.0.0/16");
    speaker_wait(s, 100);
    a = speaker_attr(s, SIBLING, MASC_CLAIM_TO_EXPAND, "228.0.0.0/15"); /* later, and wins */
    speaker_feed(s, SIBLING, &a);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    EXPECT_UEQ(speaker_told(s, "lost", "228.1.0.0/16"), 1);
    speaker_free(s);
}

TEST(an_expansion_that_loses, "M-11.4.2-04")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.0.0.0/16");
    speaker_feed(s, SIBLING, &a);
    speaker_hold(s, "228.1.0.0/16");
    a = speaker_attr(s, SIBLING, MASC_CLAIM_TO_EXPAND, "228.0.0.0/15");
    a.timestamp_s -= 2 * 86400 - 100; /* older than ours, but ours is in use */
    speaker_forget(s);
    speaker_feed(s, SIBLING, &a);
    EXPECT(own_in_use(speaker_own(s, "228.1.0.0/16")));
    EXPECT_UEQ(speaker_told(s, "clash", NULL), 0);
    EXPECT(speaker_heard(s, SIBLING2, MASC_CLAIM_TO_EXPAND, "228.0.0.0/15") != NULL);
    speaker_free(s);
}

TEST(lost_to_a_node_of_our_domain, "M-5.1c-04")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    (void)sent(s, "228.1.0.0/16");
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.1.0.0/16");
    a.timestamp_s -= 2000;
    speaker_feed(s, INTERNAL, &a);
    EXPECT_UEQ(speaker_told(s, "lost", "228.1.0.0/16"), 1);
    EXPECT(!speaker_own(s, "228.1.0.0/16")->mine); /* that of the other node */
    speaker_wait(s, 2 * DELAY);
    EXPECT_UEQ(speaker_told(s, "claim", NULL), 1); /* no other in its place */
    speaker_free(s);
}

/* A claim that was cancelled, denied or superseded does not defend its range. */
TEST(dead_claims_win_nothing, "M-7.3-32")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, w;
    struct own *o;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.1.0.0/16");
    a.timestamp_s -= 5000;
    a.lifetime_s = 4000; /* its life is over, its hold is not */
    speaker_feed(s, SIBLING, &a);
    w = a;
    a.lifetime_s = SPEAKER_LIFE;
    w = a;
    w.type = MASC_WITHDRAW;
    a.timestamp_s++;
    w.timestamp_s++;
    speaker_feed(s, SIBLING, &a);
    speaker_feed(s, SIBLING, &w);
    EXPECT(speaker_claim(s, "228.1.0.0/16") || *s->why);
    o = speaker_own(s, "228.1.0.0/16");
    EXPECT(o == NULL || own_is_pending(o));
    speaker_free(s);
}

/* ---- the store ---- */

TEST(stored_before_it_is_promised, "")
{
    struct speaker *s = speaker_child();
    struct own *o;

    speaker_start(s);
    s->hold_stores = true;
    o = sent(s, "228.1.0.0/16");
    speaker_forget(s);
    speaker_wait(s, WAIT);
    EXPECT_EQ(o->state, MASC_OWN_STORING);
    EXPECT_UEQ(s->stores, 1);
    EXPECT(prefix_equal(s->store[0].row.v[0].prefix, o->prefix));
    EXPECT(!s->store[0].remove);
    EXPECT_UEQ(s->heard_n, 0);
    EXPECT_UEQ(speaker_outputs(s, "maas", "add") + speaker_outputs(s, "g-rib", "add"), 0);
    EXPECT(speaker_stored(s, STORED_OK));
    EXPECT_EQ(o->state, MASC_OWN_IN_USE);
    EXPECT(speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.1.0.0/16") != NULL);
    speaker_free(s);
}

TEST(a_store_that_fails_is_tried_again, "")
{
    struct speaker *s = speaker_child();
    struct own *o;

    speaker_start(s);
    s->store_says = STORED_FAILED;
    o = sent(s, "228.1.0.0/16");
    speaker_wait(s, WAIT);
    EXPECT_EQ(o->state, MASC_OWN_WAITING);
    EXPECT(speaker_told(s, "unstored", "228.1.0.0/16") > 0);
    EXPECT(masc_status(s->m, s->now).store_failing);
    EXPECT(speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.1.0.0/16") == NULL);
    s->store_says = STORED_OK;
    speaker_wait(s, 10);
    EXPECT_EQ(o->state, MASC_OWN_IN_USE);
    EXPECT(!masc_status(s->m, s->now).store_failing);
    EXPECT(speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.1.0.0/16") != NULL);
    speaker_free(s);
}

TEST(another_node_stored_it_first, "")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    s->store_says = STORED_CONFLICT;
    (void)sent(s, "228.1.0.0/16");
    speaker_wait(s, WAIT);
    EXPECT_UEQ(speaker_told(s, "lost", "228.1.0.0/16"), 1);
    EXPECT_UEQ(speaker_told(s, "in-use", NULL), 0);
    EXPECT(speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.1.0.0/16") == NULL);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 0);
    speaker_free(s);
}

/* A collision that is lost while the store is at work: the answer comes too late to count. */
TEST(lost_while_it_is_being_stored, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    s->hold_stores = true;
    (void)sent(s, "228.1.0.0/16");
    speaker_wait(s, WAIT);
    EXPECT(speaker_own_in(s, MASC_OWN_STORING) != NULL);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/24");
    speaker_feed(s, SIBLING, &a);
    EXPECT_UEQ(speaker_told(s, "lost", "228.1.0.0/16"), 1);
    while (speaker_stored(s, STORED_OK))
        continue;
    EXPECT_UEQ(speaker_told(s, "in-use", NULL), 0);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 0);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    speaker_free(s);
}

/* ---- A-76 ---- */

TEST(the_timer_outlasts_the_session, "")
{
    struct speaker *s = speaker_child();
    struct own *o;

    speaker_start(s);
    o = sent(s, "228.1.0.0/16");
    for (unsigned i = 0; i < s->cfg.peers; i++)
        speaker_down(s, i);
    speaker_wait(s, WAIT);
    EXPECT_EQ(o->state, MASC_OWN_IN_USE);
    speaker_free(s);
}

/* The kernel had not taken the claim when the last session ended. */
TEST(a_claim_that_nobody_heard_starts_again, "")
{
    struct speaker *s = speaker_child();
    struct own *o;
    int64_t first;
    unsigned i;

    speaker_start(s);
    for (i = 0; i < s->cfg.peers; i++)
        s->choked[i] = true;
    o = sent(s, "228.1.0.0/16");
    first = o->timestamp_s;
    EXPECT_EQ(o->state, MASC_OWN_WAITING);
    for (i = 0; i < s->cfg.peers; i++)
        speaker_down(s, i);
    EXPECT_EQ(o->state, MASC_OWN_DELAYED);
    EXPECT_UEQ(speaker_told(s, "restarted", "228.1.0.0/16"), 1);
    speaker_wait(s, WAIT); /* nobody to send it to */
    EXPECT_EQ(o->state, MASC_OWN_DELAYED);
    for (i = 0; i < s->cfg.peers; i++)
        s->choked[i] = false;
    speaker_forget(s);
    speaker_up(s, PARENT);
    speaker_wait(s, 2);
    EXPECT_EQ(o->state, MASC_OWN_WAITING);
    EXPECT(o->timestamp_s > first);
    EXPECT_UEQ(speaker_count(s, PARENT), 2); /* its PREFIX_MANAGED, and only the new claim */
    EXPECT_EQ(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.1.0.0/16")->timestamp_s,
              o->timestamp_s);
    EXPECT(o->due.ms > s->now.mono.ms + (WAIT - 3) * 1000);
    speaker_free(s);
}

TEST(one_that_heard_it_is_enough, "")
{
    struct speaker *s = speaker_child();
    struct own *o;
    unsigned i;

    speaker_start(s);
    for (i = 0; i < s->cfg.peers; i++)
        s->choked[i] = true;
    o = sent(s, "228.1.0.0/16");
    speaker_take(s, SIBLING, 1000000);
    for (i = 0; i < s->cfg.peers; i++)
        speaker_down(s, i);
    EXPECT_EQ(o->state, MASC_OWN_WAITING);
    EXPECT_UEQ(speaker_told(s, "restarted", NULL), 0);
    speaker_free(s);
}

/* ---- errors about our own claim ---- */

static void notify(struct speaker *s, unsigned peer, uint8_t subcode, const struct masc_attr *a)
{
    uint8_t body[200], at[300];
    struct wr w = wr_init(body, sizeof(body)), n = wr_init(at, sizeof(at));
    struct masc_fault f;

    masc_attr_encode(&w, a);
    f = masc_fault_of(MASC_E_UPDATE, subcode, body, w.len);
    masc_notification_encode(&n, &f);
    speaker_octets(s, peer, at, n.len);
}

TEST(the_parent_complains_of_our_claim, "M-8.3-35")
{
    static const uint8_t code[] = {17, 18, 19, 20, 21, 22, 24, 28, 29};
    struct speaker *s = speaker_child();
    unsigned i;

    speaker_start(s);
    for (i = 0; i < sizeof(code); i++) {
        struct masc_attr ours;
        EXPECT(speaker_claim(s, "228.1.0.0/16"));
        speaker_wait(s, DELAY);
        ours = *speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.1.0.0/16");
        notify(s, SIBLING, code[i], &ours); /* a sibling's word does not count */
        EXPECT(speaker_own(s, "228.1.0.0/16") != NULL);
        notify(s, PARENT, code[i], &ours);
        EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
        EXPECT_UEQ(speaker_told(s, "refused", "228.1.0.0/16"), 1);
        EXPECT(masc_peer_established(masc_sessions(s->m), PARENT));
        while (speaker_own_in(s, MASC_OWN_DELAYED)) /* the one in its place is not of interest */
            EXPECT(speaker_release(s, prefix_format(speaker_own_in(s, MASC_OWN_DELAYED)->prefix,
                                                    (char[PREFIX_TEXT_MAX]){0})));
        speaker_forget(s);
    }
    speaker_free(s);
}

TEST(complaints_do_not_touch_what_is_allocated, "M-8.3-35")
{
    struct speaker *s = speaker_child();
    struct masc_attr ours;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    ours = *speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    notify(s, PARENT, MASC_UPDATE_LIFETIME_LONG, &ours);
    ours.type = MASC_NEW_CLAIM;
    notify(s, PARENT, MASC_UPDATE_SIZE_LARGE, &ours);
    EXPECT(own_in_use(speaker_own(s, "228.1.0.0/16")));
    speaker_free(s);
}
