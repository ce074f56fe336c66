/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long something said counts: refusals until the Holdtime (A-55, 8.3), WITHDRAWs over what is
 * renewed under them, a prefix until it is due for renewal.
 */
#include "masc/want.h"
#include "tests/speaker.h"

#include "tests/tap.h"

#define WAIT ((int64_t)MASC_WAITING_PERIOD_S)

/* Ranges in the way of a claim of ours on all of `prefix`. */
static size_t taken(struct speaker *s, const char *prefix)
{
    return want_picture(s->m, speaker_prefix(prefix), false).taken_n;
}

/* what the parent denied a sibling is avoided until the Holdtime, and not as long as a claim
 * that just ended, which may come back by a clock that is wrong. */
TEST(denied_ranges_are_avoided_until_the_holdtime, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, ended, d;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.1.0.0/16");
    ended = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.3.0.0/16");
    speaker_feed_all(s, SIBLING, (struct masc_attr[]){a, ended}, 2);
    d = a;
    d.type = MASC_CLAIM_DENIED;
    EXPECT_EQ(speaker_error(s, PARENT, &d), 0);
    speaker_wait(s, WAIT - 1);
    EXPECT_UEQ(taken(s, "228.1.0.0/16"), 1);
    EXPECT_UEQ(taken(s, "228.3.0.0/16"), 1);
    speaker_wait(s, 2);
    EXPECT(speaker_entry(s, &a, MASC_SIBLING) != TABLE_NONE); /* both are retained */
    EXPECT(speaker_entry(s, &d, MASC_PARENT) != TABLE_NONE ||
           speaker_entry(s, &d, MASC_SIBLING) != TABLE_NONE);
    EXPECT_UEQ(taken(s, "228.1.0.0/16"), 0);
    EXPECT_UEQ(taken(s, "228.3.0.0/16"), 1);
    speaker_free(s);
}

/* 8.3: a denial that has ended is forgotten, even while it is retained: the next claim that is too
 * long is denied again, and no error. */
TEST(a_refusal_is_remembered_until_the_holdtime, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr first, a;

    speaker_start(s);
    speaker_hold(s, "228.0.0.0/12");
    s->cfg.lifetime_max_s = 10 * 86400;
    first = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16");
    first.lifetime_s = 10 * 86400 + 1;
    EXPECT_EQ(speaker_error(s, CHILD, &first), 0);
    speaker_wait(s, WAIT - 1);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.2.0.0/16");
    a.lifetime_s = 10 * 86400 + 1;
    EXPECT_EQ(speaker_error(s, CHILD, &a), MASC_UPDATE_LIFETIME_LONG);
    speaker_wait(s, 2);
    EXPECT(speaker_entry(s, &first, MASC_CHILD) != TABLE_NONE);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.2.0.0/16");
    a.lifetime_s = 10 * 86400 + 1;
    EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.2.0.0/16") != NULL);
    speaker_free(s);
}

static bool holds(const struct speaker *s, const struct masc_attr *a)
{
    uint32_t at = speaker_entry(s, a, MASC_SIBLING);

    return at != TABLE_NONE && table_effective(&s->m->table, at, a->prefix, s->now.wall.s);
}

/* 11.7.3, A-82: a release does not hide what is claimed after it, and is not replayed any more. */
static void released_and_claimed(struct speaker *s)
{
    struct masc_attr old, new, w;

    new = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    old = w = new;
    old.timestamp_s -= 1000;
    w.type = MASC_WITHDRAW;
    w.timestamp_s -= 500;
    speaker_feed_all(s, SIBLING, (struct masc_attr[]){old, w}, 2);
    EXPECT(!holds(s, &old));
    speaker_feed(s, SIBLING, &new);
    EXPECT(holds(s, &new));
    old.role = new.role = w.role = MASC_SIBLING;
    speaker_feed_all(s, SIBLING2, (struct masc_attr[]){old, new, w}, 3); /* as in a replay */
    EXPECT(holds(s, &new));
    EXPECT_UEQ(taken(s, "228.1.0.0/16"), 1);
    speaker_down(s, PARENT);
    speaker_forget(s);
    speaker_up(s, PARENT);
    EXPECT(speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.1.0.0/16") != NULL);
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.0.0/16") == NULL);
}

/* 11.7.3, 12.4: a WITHDRAW by a clash hides the range until its own end, whatever the loser renews
 * meanwhile. */
static void lost_and_renewed(struct speaker *s)
{
    struct masc_attr held = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.3.0.0/16"), w = held;

    w.type = MASC_WITHDRAW;
    w.timestamp_s--; /* the winner's */
    w.lifetime_s = w.holdtime_s = 5 * 86400;
    speaker_feed_all(s, SIBLING, (struct masc_attr[]){held, w}, 2);
    EXPECT(!holds(s, &held));
    speaker_wait(s, 86400);
    held.timestamp_s += 86400;
    speaker_feed(s, SIBLING, &held);
    EXPECT(speaker_entry(s, &held, MASC_SIBLING) != TABLE_NONE);
    EXPECT(!holds(s, &held));
    speaker_wait(s, w.timestamp_s + 5 * 86400 - s->now.wall.s - 1);
    EXPECT(!holds(s, &held));
    speaker_wait(s, 1);
    EXPECT(holds(s, &held));
}

TEST(withdraws_and_what_comes_after, "M-11.7.3-08")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    released_and_claimed(s);
    lost_and_renewed(s);
    speaker_free(s);
}

/* once per waiting period. One of ours that was heard of again, and is not that old, waits
 * until it is. */
TEST(not_renewed_before_a_waiting_period, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = 60000};
    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    a.node = s->cfg.node; /* from before a restart */
    speaker_feed(s, INTERNAL, &a);
    EXPECT(speaker_own(s, "228.1.0.0/16") && speaker_own(s, "228.1.0.0/16")->mine);
    speaker_forget(s);
    speaker_wait(s, WAIT - 10);
    EXPECT(speaker_heard(s, PARENT, MASC_CLAIM_TO_EXPAND, "228.1.0.0/16") == NULL);
    EXPECT_UEQ(speaker_told(s, "delay", "228.1.0.0/16"), 0);
    speaker_wait(s, MASC_INITIATE_CLAIM_DELAY_S + 600);
    EXPECT(speaker_heard(s, PARENT, MASC_CLAIM_TO_EXPAND, "228.1.0.0/16") != NULL);
    speaker_free(s);
}
