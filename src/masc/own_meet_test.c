/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own_meet and clash: the conditions under which a foreign claim does not count against ours, or
 * against one of ours only (5.1 a, 11.2.2, 12.4, A-73, A-83, A-87). That it counts otherwise is in
 * own_test.c and clash_test.c.
 */
#include "tests/speaker.h"

#include "tests/tap.h"

#define WAIT ((int64_t)MASC_WAITING_PERIOD_S)
#define DELAY ((int64_t)MASC_INITIATE_CLAIM_DELAY_S)

/* An old PREFIX_IN_USE that arrives after the WITHDRAW of its range holds nothing: our claim
 * stands. One that is newer than the WITHDRAW wins. */
TEST(withdrawn_prefixes_beat_no_claim, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, w;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    a.timestamp_s -= 1000;
    speaker_feed(s, SIBLING, &a);
    w = speaker_attr(s, SIBLING, MASC_WITHDRAW, "228.1.0.0/16");
    speaker_feed(s, SIBLING, &w);
    EXPECT(speaker_claim(s, "228.1.4.0/24"));
    speaker_wait(s, DELAY);
    EXPECT_UEQ(speaker_told(s, "claim", "228.1.4.0/24"), 1);
    a.prefix = speaker_prefix("228.1.4.0/24");
    a.timestamp_s += 500; /* before the WITHDRAW */
    EXPECT_EQ(speaker_error(s, SIBLING, &a), 0);
    EXPECT(speaker_entry(s, &a, MASC_SIBLING) != TABLE_NONE);
    EXPECT_UEQ(speaker_told(s, "lost", NULL), 0);
    EXPECT(speaker_own(s, "228.1.4.0/24") != NULL);
    a.timestamp_s += 1000; /* after it */
    speaker_feed(s, SIBLING, &a);
    EXPECT_UEQ(speaker_told(s, "lost", "228.1.4.0/24"), 1);
    speaker_free(s);
}

/* 5.1 (a), A-87: an expansion, too, when another node of the domain makes it. */
TEST(an_expansion_that_another_node_makes, "")
{
    unsigned same;

    for (same = 0; same < 2; same++) {
        struct speaker *s = speaker_child();
        struct masc_attr a;

        s->cfg.demand[s->cfg.demands++] = (struct masc_demand){
            .family = FAMILY_IPV4, .addresses = 480};
        speaker_start(s);
        a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.2.0/24");
        speaker_feed(s, INTERNAL, &a);
        speaker_wait_ms(s, 500);
        REQUIRE(speaker_own_in(s, MASC_OWN_DELAYED) != NULL);
        EXPECT_EQ(speaker_own_in(s, MASC_OWN_DELAYED)->purpose, MASC_FOR_EXPANSION);
        a = speaker_attr(s, INTERNAL, MASC_CLAIM_TO_EXPAND, same ? "228.1.2.0/23" : "228.7.0.0/23");
        a.lifetime_s += DELAY;
        speaker_feed(s, INTERNAL, &a);
        EXPECT_UEQ(speaker_told(s, "dropped", "228.1.2.0/23"), same);
        speaker_free(s);
    }
}

/* what another node claims must last as long as what we would claim. */
TEST(an_internal_claim_ends_too_soon, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = 200};
    speaker_start(s);
    speaker_wait_ms(s, 500);
    EXPECT(speaker_own_in(s, MASC_OWN_DELAYED) != NULL);
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.32.0.0/24");
    a.lifetime_s = 10 * 86400;
    speaker_feed(s, INTERNAL, &a);
    EXPECT_UEQ(speaker_told(s, "dropped", NULL), 0);
    EXPECT(speaker_own_in(s, MASC_OWN_DELAYED) != NULL);
    speaker_free(s);
}

/* of our own prefixes around the overlap the newest is compared, and the older ones are not:
 * a rival of an age between the two wins. */
TEST(the_newest_of_our_prefixes_is_compared, "")
{
    struct speaker *s = speaker_child();
    struct masc_clash_view v = {0};
    struct masc_attr a;
    uint64_t cursor = 0;

    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    a.timestamp_s -= 300;
    speaker_feed(s, INTERNAL, &a);
    a.prefix = speaker_prefix("228.1.4.0/24");
    a.timestamp_s += 200;
    speaker_feed(s, INTERNAL, &a);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.4.0/24");
    a.timestamp_s -= 200;
    speaker_feed(s, SIBLING, &a);
    EXPECT(masc_clash_next(s->m, s->now, &cursor, &v));
    EXPECT(v.lost && prefix_equal(v.ours, speaker_prefix("228.1.4.0/24")));
    EXPECT(!masc_clash_next(s->m, s->now, &cursor, &v));
    speaker_free(s);
}

/* What is disputed is not renewed; a prefix beside it is. */
TEST(a_clash_impairs_its_own_prefix_only, "")
{
    struct speaker *s = speaker_child();
    struct masc_claim_wish disputed = {.prefix = speaker_prefix("228.1.0.0/16")};
    struct masc_claim_wish beside = {.prefix = speaker_prefix("228.3.0.0/16")};
    struct masc_attr a;

    s->cfg.clash = MASC_CLASH_MANUAL;
    speaker_start(s);
    EXPECT(speaker_wish(s, &disputed) && speaker_wish(s, &beside));
    speaker_wait_ms(s, WAIT * 1000 + 100);
    while (!own_in_use(speaker_own(s, "228.1.0.0/16")) ||
           !own_in_use(speaker_own(s, "228.3.0.0/16")))
        speaker_wait_ms(s, 1000);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.4.0/24");
    a.timestamp_s -= 10 * 86400;
    a.lifetime_s = a.holdtime_s = 90 * 86400;
    speaker_feed(s, SIBLING, &a);
    EXPECT_UEQ(speaker_told(s, "clash", NULL), 1);
    speaker_wait(s, 10 * WAIT);
    REQUIRE(speaker_own(s, "228.3.0.0/16") && speaker_own(s, "228.1.0.0/16"));
    EXPECT(speaker_own(s, "228.3.0.0/16")->timestamp_s > s->now.wall.s - 3 * WAIT);
    EXPECT(speaker_own(s, "228.1.0.0/16")->timestamp_s < s->now.wall.s - 10 * WAIT);
    speaker_free(s);
}

/* ---- between sending and allocating ---- */

static size_t claims_heard(const struct speaker *s, unsigned peer)
{
    size_t claims = 0;

    for (size_t i = 0; i < speaker_count(s, peer); i++)
        claims += speaker_nth(s, peer, i)->attr.type == MASC_NEW_CLAIM;
    return claims;
}

/* 11.1: claimed, given up and claimed again within one second would be the same UPDATE twice, and
 * nobody would hear of the second claim: it is sent a second later. */
TEST(claimed_twice_in_a_second, "")
{
    struct speaker *s = speaker_child();
    int64_t first;

    s->cfg.claim_delay_s = 0;
    speaker_start(s);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    speaker_wait_ms(s, 100);
    EXPECT_UEQ(claims_heard(s, PARENT), 1);
    first = speaker_own(s, "228.1.0.0/16")->timestamp_s;
    EXPECT(speaker_release(s, "228.1.0.0/16"));
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.0.0/16") != NULL);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    speaker_wait_ms(s, 100);
    EXPECT_EQ(s->now.wall.s, first);
    EXPECT_UEQ(claims_heard(s, PARENT), 1);
    speaker_wait_ms(s, 2000);
    EXPECT_UEQ(claims_heard(s, PARENT), 2);
    EXPECT(speaker_own(s, "228.1.0.0/16") &&
           speaker_own(s, "228.1.0.0/16")->timestamp_s > first);
    speaker_free(s);
}

/* 11.7.4: the parent took the space back while the claim waited. */
TEST(unmanaged_when_the_wait_is_over, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr w;

    speaker_start(s);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    speaker_wait(s, DELAY);
    EXPECT_UEQ(speaker_told(s, "claim", "228.1.0.0/16"), 1);
    w = speaker_attr(s, PARENT, MASC_WITHDRAW, "228.0.0.0/8");
    w.lifetime_s = w.holdtime_s = 180 * 86400;
    EXPECT_EQ(speaker_error(s, PARENT, &w), 0);
    speaker_wait(s, WAIT + DELAY);
    EXPECT_UEQ(speaker_told(s, "in-use", NULL), 0);
    EXPECT_UEQ(speaker_told(s, "dropped", "228.1.0.0/16"), 1);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 0);
    EXPECT(speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.1.0.0/16") == NULL);
    speaker_free(s);
}

/* while the claim waited unheard, a later one won nothing; when it starts anew, that one was
 * first. */
TEST(taken_while_nobody_heard, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    unsigned i;

    speaker_start(s);
    for (i = 0; i < s->cfg.peers; i++)
        s->choked[i] = true;
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    speaker_wait(s, DELAY);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.1.2.0/24");
    speaker_feed(s, SIBLING, &a);
    EXPECT_UEQ(speaker_told(s, "won", "228.1.0.0/16"), 1);
    for (i = 0; i < s->cfg.peers; i++)
        speaker_down(s, i);
    EXPECT_UEQ(speaker_told(s, "restarted", "228.1.0.0/16"), 1);
    for (i = 0; i < s->cfg.peers; i++)
        s->choked[i] = false;
    speaker_forget(s);
    speaker_up(s, PARENT);
    speaker_wait(s, 2);
    EXPECT_UEQ(speaker_told(s, "dropped", "228.1.0.0/16"), 1);
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.1.0.0/16") == NULL);
    speaker_free(s);
}

/* during the delay of a renewal a claim inside the prefix is no reason to give it up; a
 * claim for new space is given up. */
TEST(a_renewal_is_not_given_up_during_its_delay, "")
{
    struct speaker *s = speaker_child();
    struct masc_claim_wish wish = {.prefix = speaker_prefix("228.1.0.0/16")};
    struct masc_attr a;
    struct own *o;

    speaker_start(s);
    EXPECT(speaker_wish(s, &wish));
    while (!speaker_own_in(s, MASC_OWN_IN_USE))
        speaker_wait(s, 60);
    speaker_wait(s, 30);
    o = speaker_own_in(s, MASC_OWN_DELAYED);
    REQUIRE(o != NULL);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.1.2.0/24");
    EXPECT_EQ(speaker_error(s, SIBLING, &a), 0);
    EXPECT_UEQ(speaker_told(s, "dropped", NULL), 0);
    EXPECT(o == speaker_own_in(s, MASC_OWN_DELAYED));
    speaker_wait(s, DELAY);
    EXPECT(speaker_heard(s, SIBLING, MASC_CLAIM_TO_EXPAND, "228.1.0.0/16") != NULL);
    speaker_free(s);
}

/* 11.4.3: a child's claim that was denied is no reason to give up one for our own hosts; nor if
 * there is no place to remember that it was denied. */
static void deny_beside_ours(struct speaker *s)
{
    struct masc_attr a;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.255.0/24");
    speaker_feed(s, CHILD, &a);
    EXPECT(speaker_claim(s, "228.1.16.0/20"));
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.17.0/24");
    a.lifetime_s = 100 * 86400; /* it would outlive us */
    speaker_feed(s, CHILD, &a);
    EXPECT_UEQ(speaker_told(s, "denied", "228.1.17.0/24"), 1);
    EXPECT_UEQ(speaker_told(s, "dropped", NULL), 0);
    EXPECT(speaker_own(s, "228.1.16.0/20") != NULL);
    a.lifetime_s = 5 * 86400;
    a.timestamp_s++;
    speaker_feed(s, CHILD, &a); /* this one is not denied */
    EXPECT_UEQ(speaker_told(s, "dropped", "228.1.16.0/20"), 1);
    speaker_free(s);
}

TEST(a_denied_claim_takes_nothing, "")
{
    struct speaker *s = speaker_child();

    deny_beside_ours(s);
    s = speaker_child();
    s->cfg.per_origin_max = 1;
    deny_beside_ours(s);
}
