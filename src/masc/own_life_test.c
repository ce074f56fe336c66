/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What becomes of prefixes in use: renewal (5.2), release and end (5.4, 4.2), restart from the
 * store and from neighbours (13, A-97), renewal by another node of the domain.
 */
#include "tests/speaker.h"

#include "tests/tap.h"

#define WAIT ((int64_t)MASC_WAITING_PERIOD_S)
#define DELAY ((int64_t)MASC_INITIATE_CLAIM_DELAY_S)

/* A prefix that is renewed, claimed by the operator and in use; its first renewal is planned. */
static struct speaker *renewing(void)
{
    struct speaker *s = speaker_child();
    struct masc_claim_wish wish = {.prefix = speaker_prefix("228.1.0.0/16")};

    s->cfg.lifetime_s = 10 * 86400;
    speaker_start(s);
    EXPECT(speaker_wish(s, &wish));
    while (!speaker_own_in(s, MASC_OWN_IN_USE))
        speaker_wait(s, 60);
    return s;
}

static struct own *pending(const struct speaker *s)
{
    struct own *o = speaker_own_in(s, MASC_OWN_WAITING);

    return o ? o : speaker_own_in(s, MASC_OWN_DELAYED);
}

static void wait_until_sent(struct speaker *s)
{
    while (!speaker_own_in(s, MASC_OWN_WAITING))
        speaker_wait(s, 60);
}

/* ---- 5.2 ---- */

TEST(renewal_is_an_equal_claim_to_expand, "M-5.2-01 M-5.2-02")
{
    struct speaker *s = renewing();
    const struct masc_attr *a;
    struct own *o;

    speaker_wait(s, 30);
    o = pending(s);
    EXPECT(o && o->state == MASC_OWN_DELAYED); /* (a): after a random delay */
    EXPECT(o && o->due.ms - o->began.ms < DELAY * 1000);
    EXPECT(speaker_heard(s, PARENT, MASC_CLAIM_TO_EXPAND, "228.1.0.0/16") == NULL);
    speaker_wait(s, DELAY);
    a = speaker_heard(s, PARENT, MASC_CLAIM_TO_EXPAND, "228.1.0.0/16");
    EXPECT(a && a->holdtime_s == WAIT && a->domain == SPEAKER_DOMAIN);
    EXPECT(speaker_heard(s, SIBLING, MASC_CLAIM_TO_EXPAND, "228.1.0.0/16") != NULL);
    EXPECT(o->state == MASC_OWN_WAITING && o->due.ms - o->began.ms == WAIT * 1000); /* (b) */
    speaker_free(s);
}

TEST(renewed_with_the_new_life, "M-5.2-03 M-17.1.6-01 M-17.1.6-02 M-4.2-01")
{
    struct speaker *s = renewing();
    struct own *old = speaker_own(s, "228.1.0.0/16");
    int64_t first_end = own_end(old), first = old->timestamp_s;
    const struct masc_attr *a;

    wait_until_sent(s);
    speaker_forget(s);
    speaker_wait(s, WAIT);
    EXPECT_UEQ(speaker_told(s, "renewed", "228.1.0.0/16"), 1);
    EXPECT(own_end(speaker_own(s, "228.1.0.0/16")) >= first_end + WAIT);
    a = speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    EXPECT(a && a->timestamp_s >= first + WAIT);
    EXPECT(speaker_heard(s, CHILD, MASC_PREFIX_MANAGED, "228.1.0.0/16") != NULL);
    EXPECT_UEQ(speaker_outputs(s, "maas", "add") + speaker_outputs(s, "maas", "remove"), 0);
    EXPECT_UEQ(speaker_outputs(s, "g-rib", "add") + speaker_outputs(s, "g-rib", "remove"), 0);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 1);
    /* month after month, once per wait */
    speaker_forget(s);
    speaker_wait(s, 20 * WAIT);
    EXPECT(own_in_use(speaker_own(s, "228.1.0.0/16")));
    EXPECT(speaker_told(s, "renewed", "228.1.0.0/16") >= 18);
    EXPECT_UEQ(speaker_told(s, "expired", NULL), 0);
    EXPECT_UEQ(speaker_outputs(s, "maas", "remove"), 0);
    speaker_free(s);
}

TEST(a_lost_renewal_leaves_the_prefix, "M-5.2-04")
{
    struct speaker *s = renewing();
    struct own *o = speaker_own(s, "228.1.0.0/16");
    int64_t end = own_end(o);
    struct masc_attr a;

    wait_until_sent(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.4.0/24"); /* younger than our prefix */
    speaker_forget(s);
    speaker_feed(s, SIBLING, &a);
    EXPECT_UEQ(speaker_told(s, "lost", "228.1.0.0/16"), 1);
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.0.0/16") == NULL); /* expires */
    EXPECT(own_in_use(o) && own_end(o) == end);
    EXPECT_UEQ(speaker_outputs(s, "maas", "remove") + speaker_outputs(s, "g-rib", "remove"), 0);
    speaker_free(s);
}

TEST(a_denied_renewal_leaves_the_prefix, "M-5.2-04 M-4.2-02")
{
    struct speaker *s = renewing();
    struct own *o = speaker_own(s, "228.1.0.0/16");
    int64_t end = own_end(o);
    struct masc_attr d;

    wait_until_sent(s);
    d = *speaker_heard(s, PARENT, MASC_CLAIM_TO_EXPAND, "228.1.0.0/16");
    d.type = MASC_CLAIM_DENIED;
    d.lifetime_s = (uint32_t)(end - d.timestamp_s);
    speaker_forget(s);
    speaker_feed(s, PARENT, &d);
    EXPECT_UEQ(speaker_told(s, "denied", "228.1.0.0/16"), 1);
    EXPECT(own_in_use(o) && own_end(o) == end);
    speaker_wait(s, 3 * WAIT); /* when the denial is forgotten it is tried again */
    EXPECT(speaker_told(s, "renewed", "228.1.0.0/16") + speaker_told(s, "claim", NULL) > 0);
    speaker_free(s);
}

/* 3.2: at most one renewal of a prefix at a time (I-41). */
TEST(one_renewal_at_a_time, "")
{
    struct speaker *s = renewing();
    unsigned i;

    for (i = 0; i < 200; i++) {
        speaker_wait(s, 3600);
        EXPECT(speaker_owns(s) <= 2);
    }
    speaker_free(s);
}

/* ---- the end ---- */

TEST(used_until_its_end_and_no_longer, "M-5.4-01 M-4.2-03 M-4.2-04 M-12.3-04")
{
    struct speaker *s = speaker_child();
    struct own *o;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    o = speaker_own(s, "228.1.0.0/16");
    speaker_forget(s);
    speaker_wait(s, own_end(o) - s->now.wall.s - 1);
    EXPECT(own_in_use(o));
    EXPECT_UEQ(s->told_n, 0);
    speaker_wait(s, 1);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), -1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), -1);
    EXPECT_UEQ(speaker_told(s, "expired", "228.1.0.0/16"), 1);
    EXPECT_UEQ(s->heard_n, 0); /* everybody knows */
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 0);
    speaker_free(s);
}

TEST(a_clock_set_forward_ends_it, "")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    speaker_wall(s, SPEAKER_LIFE);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0); /* added, and removed */
    speaker_wall(s, -SPEAKER_LIFE); /* monotone: it does not come back */
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    speaker_free(s);
}

/* ---- 5.4: release ---- */

TEST(released, "M-5.4-02")
{
    struct speaker *s = speaker_child();
    const struct masc_attr *w;
    int64_t end;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    end = own_end(speaker_own(s, "228.1.0.0/16"));
    speaker_forget(s);
    s->hold_stores = true;
    EXPECT(speaker_release(s, "228.1.0.0/16"));
    EXPECT_UEQ(s->heard_n, 0); /* the store forgets it first */
    EXPECT(!speaker_release(s, "228.1.0.0/16"));
    EXPECT(speaker_stored(s, STORED_OK));
    EXPECT(speaker_heard(s, SIBLING, MASC_WITHDRAW, "228.1.0.0/16") != NULL);
    EXPECT(speaker_heard(s, INTERNAL, MASC_WITHDRAW, "228.1.0.0/16") != NULL);
    EXPECT(speaker_heard(s, CHILD, MASC_WITHDRAW, "228.1.0.0/16") != NULL);
    EXPECT(speaker_heard(s, PARENT2, MASC_WITHDRAW, "228.1.0.0/16") == NULL);
    w = speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.0.0/16");
    EXPECT(w && w->timestamp_s == (uint32_t)s->now.wall.s &&
           w->timestamp_s + w->lifetime_s == (uint32_t)end && w->holdtime_s == w->lifetime_s);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), -1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), -1);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    speaker_free(s);
}

TEST(released_while_it_is_being_renewed, "")
{
    struct speaker *s = renewing();

    wait_until_sent(s);
    EXPECT(speaker_release(s, "228.1.0.0/16"));
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    speaker_forget(s);
    speaker_wait(s, 2 * WAIT);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    EXPECT_UEQ(speaker_told(s, "renewed", NULL) + speaker_told(s, "in-use", NULL), 0);
    speaker_free(s);
}

TEST(what_a_child_holds_is_not_released, "M-5.4-03")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    speaker_hold(s, "228.0.0.0/12");
    a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.2.0/24");
    speaker_feed(s, CHILD, &a);
    EXPECT(!speaker_release(s, "228.0.0.0/12"));
    EXPECT(own_in_use(speaker_own(s, "228.0.0.0/12")));
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.0.0.0/12") == NULL);
    speaker_free(s);
}

TEST(kept_when_the_store_cannot_forget_it, "")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    speaker_forget(s);
    s->store_says = STORED_FAILED;
    EXPECT(speaker_release(s, "228.1.0.0/16"));
    EXPECT(own_in_use(speaker_own(s, "228.1.0.0/16")));
    EXPECT_UEQ(speaker_told(s, "kept", "228.1.0.0/16"), 1);
    EXPECT_UEQ(s->heard_n, 0);
    s->store_says = STORED_OK;
    EXPECT(speaker_release(s, "228.1.0.0/16"));
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    speaker_free(s);
}

TEST(claimed_again_after_its_release, "")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    EXPECT(speaker_release(s, "228.1.0.0/16"));
    speaker_wait(s, 10);
    speaker_hold(s, "228.1.0.0/16");
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 1); /* the WITHDRAW hides it no more */
    speaker_forget(s);
    speaker_down(s, SIBLING);
    speaker_up(s, SIBLING);
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16") != NULL);
    EXPECT(speaker_heard(s, SIBLING, MASC_WITHDRAW, "228.1.0.0/16") == NULL); /* obsolete */
    speaker_free(s);
}

/* ---- restart (13, A-97) ---- */

TEST(in_use_at_once_after_a_restart, "")
{
    struct speaker *s = speaker_child();
    int64_t timestamp;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    timestamp = speaker_own(s, "228.1.0.0/16")->timestamp_s;
    speaker_wait(s, 86400);
    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = 200};
    speaker_forget(s);
    speaker_reboot(s);
    EXPECT(own_in_use(speaker_own(s, "228.1.0.0/16")));
    EXPECT_EQ(speaker_own(s, "228.1.0.0/16")->timestamp_s, timestamp);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), 1);
    speaker_free(s);
}

/* Whether the parent's PREFIX_MANAGED is known again or not: what was stored tells its space. */
TEST(announced_to_the_parent_after_a_restart, "")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    speaker_reboot(s);
    speaker_forget(s);
    speaker_up(s, PARENT);
    speaker_up(s, SIBLING);
    EXPECT(speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.1.0.0/16") != NULL);
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16") != NULL);
    speaker_free(s);
}

TEST(what_ended_while_it_was_down, "")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    s->wall_ms += (int64_t)SPEAKER_LIFE * 1000;
    s->now.wall.s = s->wall_ms / 1000;
    speaker_forget(s);
    speaker_reboot(s);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    EXPECT_UEQ(s->told_n, 0);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 0);
    speaker_free(s);
}

TEST(learnt_back_from_the_parent, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    a.node = s->cfg.node; /* ours, and nothing was stored */
    a.role = MASC_CHILD;
    a.timestamp_s -= 2 * 86400;
    speaker_feed(s, PARENT, &a);
    EXPECT(own_in_use(speaker_own(s, "228.1.0.0/16")));
    EXPECT(speaker_own(s, "228.1.0.0/16")->mine);
    EXPECT_UEQ(speaker_told(s, "learnt", "228.1.0.0/16"), 1);
    EXPECT_UEQ(speaker_kept(s, "228.1.0.0/16"), 1);
    speaker_free(s);
}

/* A copy of what was released is not brought to life by who did not hear of it. */
TEST(a_released_prefix_stays_released, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr held;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    held = *speaker_heard(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    EXPECT(speaker_release(s, "228.1.0.0/16"));
    held.lifetime_s--; /* not even as another UPDATE */
    held.holdtime_s--;
    speaker_feed(s, INTERNAL, &held);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    speaker_free(s);
}

/* Our claim from before a restart comes back: the rest of its wait, no more and no less. */
TEST(a_claim_is_resumed, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    struct own *o;

    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.1.0.0/16");
    a.node = s->cfg.node;
    a.timestamp_s -= 100000;
    speaker_feed(s, INTERNAL, &a);
    o = speaker_own(s, "228.1.0.0/16");
    EXPECT(o && o->state == MASC_OWN_WAITING && o->mine);
    speaker_wait(s, WAIT - 100001);
    EXPECT(own_is_pending(o));
    speaker_wait(s, 2);
    EXPECT(own_in_use(o));
    EXPECT(speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.1.0.0/16") != NULL);
    speaker_free(s);
}

/* ---- other nodes of the domain (A-88) ---- */

TEST(another_nodes_claim_is_not_completed, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.1.0.0/16");
    speaker_feed(s, INTERNAL, &a);
    speaker_down(s, INTERNAL);
    speaker_wait(s, WAIT + DELAY);
    EXPECT_UEQ(speaker_told(s, "in-use", NULL), 0);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL || !own_in_use(speaker_own(s, "228.1.0.0/16")));
    speaker_free(s);
}

TEST(another_nodes_prefix_is_renewed_late, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    const struct masc_attr *renewal;

    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = 60000};
    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    speaker_feed(s, INTERNAL, &a);
    speaker_down(s, INTERNAL); /* and is silent from now on */
    speaker_wait(s, SPEAKER_LIFE - 2 * WAIT - 3600);
    EXPECT(speaker_heard(s, PARENT, MASC_CLAIM_TO_EXPAND, "228.1.0.0/16") == NULL);
    speaker_wait(s, 3600 + WAIT / 12 + 60); /* at the next look */
    renewal = speaker_heard(s, PARENT, MASC_CLAIM_TO_EXPAND, "228.1.0.0/16");
    EXPECT(renewal && renewal->node == s->cfg.node);
    speaker_wait(s, 2 * WAIT);
    EXPECT(own_in_use(speaker_own(s, "228.1.0.0/16")));
    EXPECT(speaker_own(s, "228.1.0.0/16")->mine);
    EXPECT_UEQ(speaker_outputs(s, "maas", "remove"), 0);
    speaker_free(s);
}

/* It tells that it lets it run out: children hear it, seniority stays. */
TEST(another_node_deprecates, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, d;
    struct own *o;

    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    speaker_feed(s, INTERNAL, &a);
    speaker_wait(s, 100);
    d = speaker_attr(s, INTERNAL, MASC_PREFIX_MANAGED, "228.1.0.0/16");
    d.deprecated = true;
    d.lifetime_s = d.holdtime_s = SPEAKER_LIFE - 100;
    speaker_forget(s);
    speaker_feed(s, INTERNAL, &d);
    o = speaker_own(s, "228.1.0.0/16");
    EXPECT(own_in_use(o) && o->deprecated && !o->keep);
    EXPECT_EQ(o->timestamp_s, a.timestamp_s);
    EXPECT(speaker_heard(s, CHILD, MASC_PREFIX_MANAGED, "228.1.0.0/16")->deprecated);
    EXPECT_UEQ(speaker_count(s, PARENT), 0);
    speaker_down(s, SIBLING);
    speaker_up(s, SIBLING); /* and its PREFIX_IN_USE is still known to those who hear no other */
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16") != NULL);
    speaker_free(s);
}

/* ---- many at one time ---- */

TEST(several_prefixes_live_their_own_lives, "M-1-02")
{
    struct speaker *s = speaker_child();
    struct masc_claim_wish wish = {.prefix = {0}};
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "ff1e::/16");
    a.lifetime_s = a.holdtime_s = 100 * 86400;
    speaker_feed(s, PARENT, &a);
    wish.prefix = speaker_prefix("228.1.0.0/16");
    wish.lifetime_s = 5 * 86400;
    EXPECT(speaker_wish(s, &wish));
    wish.prefix = speaker_prefix("228.2.0.0/24");
    wish.lifetime_s = 8 * 86400;
    EXPECT(speaker_wish(s, &wish));
    wish.prefix = speaker_prefix("ff1e:1::/32");
    wish.lifetime_s = 11 * 86400;
    EXPECT(speaker_wish(s, &wish));
    speaker_wait(s, WAIT + DELAY);
    EXPECT(own_in_use(speaker_own(s, "228.1.0.0/16")));
    EXPECT(own_in_use(speaker_own(s, "228.2.0.0/24")));
    EXPECT(own_in_use(speaker_own(s, "ff1e:1::/32")));
    EXPECT(speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "ff1e:1::/32") != NULL);
    speaker_wait(s, 4 * 86400);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    EXPECT(own_in_use(speaker_own(s, "228.2.0.0/24")));
    speaker_wait(s, 3 * 86400);
    EXPECT(speaker_own(s, "228.2.0.0/24") == NULL);
    EXPECT(own_in_use(speaker_own(s, "ff1e:1::/32")));
    speaker_wait(s, 3 * 86400);
    EXPECT_UEQ(speaker_owns(s), 0);
    speaker_free(s);
}

TEST(no_demand_no_claim, "M-2-01 M-1-04 M-4-11")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    speaker_wait(s, 20 * 86400);
    EXPECT_UEQ(speaker_owns(s), 0);
    EXPECT_UEQ(s->heard_n, 0);
    EXPECT(masc_status(s->m, s->now).ready);
    speaker_free(s);
}
