/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 12.4: two domains hold the same range. Who withdraws, what the WITHDRAW says, what address
 * servers and routing are told, when the range comes back; automatic and manual resolving.
 */
#include "tests/speaker.h"

#include "base/text.h"
#include "tests/tap.h"

#define WAIT ((int64_t)MASC_WAITING_PERIOD_S)

/* We hold `prefix`, claimed about two days ago. */
static struct speaker *holding(const char *prefix)
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    speaker_hold(s, prefix);
    speaker_forget(s);
    return s;
}

/* SIBLING's PREFIX_IN_USE that is `older_s` older than our prefix (or younger). */
static struct masc_attr rival(const struct speaker *s, const char *ours, const char *theirs,
                              int64_t older_s)
{
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, theirs);

    a.timestamp_s = (uint32_t)(speaker_own(s, ours)->timestamp_s - older_s);
    return a;
}

static struct masc_clash_view only_clash(const struct speaker *s)
{
    struct masc_clash_view v = {0}, other;
    uint64_t cursor = 0;

    EXPECT(masc_clash_next(s->m, s->now, &cursor, &v));
    EXPECT(!masc_clash_next(s->m, s->now, &cursor, &other));
    return v;
}

static bool no_clash(const struct speaker *s)
{
    struct masc_clash_view v;
    uint64_t cursor = 0;

    return !masc_clash_next(s->m, s->now, &cursor, &v);
}

TEST(the_winner_does_nothing, "M-12.4-08 M-11.2.2-04")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.4.0/24", -1);

    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, 5);
    EXPECT(!speaker_heard(s, SIBLING, MASC_WITHDRAW, "228.1.4.0/24"));
    EXPECT(!speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.4.0/24"));
    EXPECT_UEQ(speaker_outputs(s, "maas", "remove") + speaker_outputs(s, "g-rib", "remove"), 0);
    EXPECT_UEQ(speaker_told(s, "clash", "228.1.4.0/24"), 1); /* the administrator hears of it */
    EXPECT(!only_clash(s).lost);
    speaker_free(s);
}

TEST(the_loser_withdraws,
     "M-12.4-01 M-12.4-07 M-12.4-09 M-12.4-12 M-11.2.2-03 M-12.4-04 M-12.4-05 M-12.4-16")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.0.0/16", 1);
    const struct masc_attr *w;

    speaker_feed(s, SIBLING, &a);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), -1); /* at once */
    EXPECT_UEQ(speaker_told(s, "clash", "228.1.0.0/16"), 1);  /* the administrator, too */
    speaker_wait(s, 2);
    w = speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.0.0/16");
    EXPECT(w && w->timestamp_s == a.timestamp_s && w->lifetime_s == a.lifetime_s &&
           w->holdtime_s == a.holdtime_s);
    EXPECT(w && w->domain == SPEAKER_DOMAIN && w->node == s->cfg.node && w->role == MASC_INTERNAL);
    EXPECT(speaker_heard(s, SIBLING, MASC_WITHDRAW, "228.1.0.0/16") &&
           speaker_heard(s, SIBLING2, MASC_WITHDRAW, "228.1.0.0/16") &&
           speaker_heard(s, INTERNAL, MASC_WITHDRAW, "228.1.0.0/16") &&
           speaker_heard(s, CHILD, MASC_WITHDRAW, "228.1.0.0/16"));
    EXPECT(!speaker_heard(s, PARENT2, MASC_WITHDRAW, "228.1.0.0/16"));
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), -1); /* equal: no proper part */
    EXPECT(only_clash(s).lost && !only_clash(s).waiting);
    EXPECT_UEQ(s->m->count.clashes, 1);
    speaker_free(s);
}

TEST(the_lower_node_wins, "")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.0.0/16", 0);

    EXPECT(a.node < s->cfg.node);
    speaker_feed(s, SIBLING, &a);
    EXPECT(only_clash(s).lost);
    speaker_free(s);
}

/* A part is lost: a hole, which stays routed as it comes back before our prefix ends. */
TEST(a_part_is_lost_for_a_time, "M-11.7.3-05 M-12.4-13 M-12.4-14 M-12.4-04")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.4.0/24", 100);

    a.lifetime_s = a.holdtime_s = 10 * 86400;
    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, 2);
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.4.0/24"));
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), -1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.4.0/24"), 0);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    EXPECT(own_covering(s->m, speaker_prefix("228.1.4.0/25")) == NULL);
    EXPECT(own_covering(s->m, speaker_prefix("228.1.5.0/25")) != NULL);
    speaker_wait(s, 10 * 86400);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), 0); /* it is back (I-17) */
    EXPECT_UEQ(speaker_outputs(s, "maas", "add"), 1);
    EXPECT(own_covering(s->m, speaker_prefix("228.1.4.0/25")) != NULL);
    EXPECT(no_clash(s));
    EXPECT_UEQ(speaker_told(s, "clash-over", NULL), 1);
    speaker_free(s);
}

TEST(a_part_is_lost_for_longer_than_we_have_it, "M-11.7.3-05")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.4.0/24", 100);

    a.lifetime_s = a.holdtime_s = 60 * 86400;
    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, 2);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), -1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.4.0/24"), -1);
    speaker_free(s);
}

/* The whole prefix is lost, and comes back in one. */
TEST(all_of_it_comes_back, "M-12.4-13 M-12.4-14")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.0.0/16", 100);

    a.lifetime_s = a.holdtime_s = 10 * 86400;
    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, 2);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), -1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), -1);
    speaker_wait(s, 10 * 86400);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), 0);
    EXPECT_UEQ(speaker_outputs(s, "maas", "add"), 1);
    EXPECT_UEQ(speaker_outputs(s, "g-rib", "add"), 1);
    speaker_wait(s, own_end(speaker_own(s, "228.1.0.0/16")) - s->now.wall.s);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), -1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), -1);
    speaker_free(s);
}

/* the winner's prefix is larger: ours is withdrawn, each one by itself. */
TEST(the_winner_is_larger, "M-12.4-07")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a;

    speaker_hold(s, "228.2.0.0/16");
    speaker_forget(s);
    a = rival(s, "228.1.0.0/16", "228.0.0.0/14", 100);
    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, 2);
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.0.0/16"));
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.2.0.0/16"));
    EXPECT(!speaker_heard(s, PARENT, MASC_WITHDRAW, "228.0.0.0/14"));
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), -1);
    EXPECT_EQ(speaker_output(s, "maas", "228.2.0.0/16"), -1);
    speaker_free(s);
}

/* Of our prefixes each is compared: one wins, one loses. */
TEST(each_prefix_is_compared, "M-12.4-07")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a;

    speaker_hold(s, "228.2.0.0/16");
    speaker_forget(s);
    a = rival(s, "228.2.0.0/16", "228.0.0.0/14", 100); /* between the two */
    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, 2);
    EXPECT(!speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.0.0/16"));
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.2.0.0/16"));
    speaker_free(s);
}

/* on healing, the other side's WITHDRAW follows its PREFIX_IN_USE: no need for ours. */
TEST(the_other_withdrew_already, "")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.0.0/16", 100), w = a;

    w.type = MASC_WITHDRAW;
    w.timestamp_s = (uint32_t)s->now.wall.s;
    speaker_feed(s, SIBLING, &a);
    speaker_wait_ms(s, 500);
    speaker_feed(s, SIBLING, &w);
    speaker_wait(s, 5);
    EXPECT(!speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.0.0/16") ||
           speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.0.0/16")->domain != SPEAKER_DOMAIN);
    EXPECT(no_clash(s));
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    speaker_free(s);
}

/* both sides count a prefix from its last renewal; never do both withdraw (I-11). */
TEST(seniority_is_that_of_the_last_renewal, "")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr old = rival(s, "228.1.0.0/16", "228.1.0.0/16", 100);
    struct masc_attr new = rival(s, "228.1.0.0/16", "228.1.0.0/16", -100);

    speaker_feed_all(s, SIBLING, (struct masc_attr[]){new, old}, 2); /* the old one is outdated */
    speaker_wait(s, 5);
    EXPECT(!speaker_heard(s, INTERNAL, MASC_WITHDRAW, "228.1.0.0/16"));
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    speaker_free(s);
}

/* The other side re-claimed half of what it holds: on that half it is the younger one. */
TEST(seniority_is_by_part, "")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr whole = rival(s, "228.1.0.0/16", "228.0.0.0/15", 100);
    struct masc_attr half = rival(s, "228.1.0.0/16", "228.1.0.0/16", -100);

    speaker_feed_all(s, SIBLING, (struct masc_attr[]){half, whole}, 2);
    speaker_wait(s, 5);
    EXPECT(!speaker_heard(s, INTERNAL, MASC_WITHDRAW, "228.1.0.0/16"));
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    speaker_free(s);
}

/* In whichever order its two prefixes arrive. */
TEST(seniority_is_by_part_whatever_the_order, "")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr whole = rival(s, "228.1.0.0/16", "228.0.0.0/15", 100);
    struct masc_attr half = rival(s, "228.1.0.0/16", "228.1.0.0/16", -100);

    speaker_feed_all(s, SIBLING, (struct masc_attr[]){whole, half}, 2);
    speaker_wait(s, 5);
    EXPECT(!speaker_heard(s, INTERNAL, MASC_WITHDRAW, "228.1.0.0/16"));
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    speaker_free(s);
}

/* While it lasts, and after it is withdrawn, children get nothing there. */
TEST(no_child_claims_a_lost_range, "")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.4.0/24", 100), c;

    speaker_feed(s, SIBLING, &a);
    c = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.4.0/26");
    speaker_feed(s, CHILD, &c);
    EXPECT(speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.4.0/26"));
    speaker_wait(s, 2);
    c.prefix = speaker_prefix("228.1.4.64/26");
    EXPECT_EQ(speaker_error(s, CHILD, &c), MASC_UPDATE_NO_PARENT_PREFIX);
    c.prefix = speaker_prefix("228.1.5.64/26");
    EXPECT_EQ(speaker_error(s, CHILD, &c), 0);
    speaker_free(s);
}

/* The rival's prefix ends or is given back before we withdrew anything: over. */
TEST(the_rival_gives_it_back, "")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.4.0/24", 100), w;

    s->cfg.clash = MASC_CLASH_MANUAL;
    speaker_feed(s, SIBLING, &a);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), -1);
    speaker_wait(s, 100);
    w = speaker_attr(s, SIBLING, MASC_WITHDRAW, "228.1.4.0/24");
    speaker_feed(s, SIBLING, &w);
    EXPECT(no_clash(s));
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), 0);
    speaker_free(s);
}

/* Several holes at one moment, and they come back one by one. */
TEST(several_holes, "")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a[3];

    a[0] = rival(s, "228.1.0.0/16", "228.1.4.0/24", 100);
    a[1] = rival(s, "228.1.0.0/16", "228.1.8.0/24", 100);
    a[2] = rival(s, "228.1.0.0/16", "228.1.9.0/24", 100);
    a[0].holdtime_s = a[0].lifetime_s = 5 * 86400;
    a[1].holdtime_s = a[1].lifetime_s = 7 * 86400;
    a[2].holdtime_s = a[2].lifetime_s = 9 * 86400;
    speaker_feed_all(s, SIBLING, a, 3);
    EXPECT_UEQ(speaker_outputs(s, "maas", "remove"), 3);
    speaker_wait(s, 2);
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.4.0/24") &&
           speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.8.0/24") &&
           speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.9.0/24"));
    EXPECT_UEQ(speaker_outputs(s, "maas", "remove"), 3); /* once each */
    speaker_wait(s, 3 * 86400);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), 0);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.8.0/24"), -1);
    speaker_wait(s, 2 * 86400);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.8.0/24"), 0);
    speaker_wait(s, 2 * 86400);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.9.0/24"), 0);
    EXPECT_UEQ(speaker_outputs(s, "maas", "add"), 3);
    speaker_free(s);
}

/* The prefix ends while part of it is lost: nothing more is said of that part. */
TEST(the_prefix_ends_with_a_hole, "")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.4.0/24", 100);

    a.lifetime_s = a.holdtime_s = 60 * 86400;
    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, 40 * 86400);
    EXPECT(speaker_own(s, "228.1.0.0/16") == NULL);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), -1);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), -1);
    speaker_wait(s, 40 * 86400);
    EXPECT_UEQ(speaker_outputs(s, "maas", "add") + speaker_outputs(s, "g-rib", "add"), 0);
    speaker_free(s);
}

/* ---- manual (A-93) ---- */

static bool resolve(struct speaker *s, const char *range, bool withdraw)
{
    struct wr w = wr_init(s->why, sizeof(s->why));
    struct masc_order order = {s->now, speaker_begin(s), &w};
    bool good = masc_resolve(s->m, speaker_prefix(range), withdraw, &order);

    (void)wr_nul(&w);
    speaker_end(s);
    return good;
}

TEST(manual_waits_for_the_operator, "M-12.4-15 M-12.4-04 M-12.4-05 M-12.4-16")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.4.0/24", 100);

    s->cfg.clash = MASC_CLASH_MANUAL;
    speaker_feed(s, SIBLING, &a);
    EXPECT_UEQ(speaker_told(s, "clash", NULL), 1);
    speaker_wait(s, 86400);
    EXPECT(!speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.4.0/24"));
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), -1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.4.0/24"), 0); /* unchanged */
    EXPECT(only_clash(s).lost && only_clash(s).waiting);
    EXPECT(!resolve(s, "228.1.8.0/24", true)); /* there is none */
    EXPECT(*s->why);
    EXPECT(resolve(s, "228.1.0.0/16", true));
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.4.0/24"));
    EXPECT(!only_clash(s).waiting);
    EXPECT(!resolve(s, "228.1.0.0/16", true)); /* done */
    speaker_free(s);
}

TEST(ignored_by_the_operator, "M-12.4-15")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = rival(s, "228.1.0.0/16", "228.1.4.0/24", 100);

    s->cfg.clash = MASC_CLASH_MANUAL;
    speaker_feed(s, SIBLING, &a);
    EXPECT(resolve(s, "228.1.4.0/24", false));
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), 0); /* used all the same */
    EXPECT(!only_clash(s).waiting);
    speaker_wait(s, 86400);
    EXPECT(!speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.4.0/24"));
    speaker_wait(s, 30 * 86400);
    EXPECT(no_clash(s));
    speaker_free(s);
}

/* ---- with children, where we are one ourselves (A-65) ---- */

static struct own *local_range(const struct speaker *s)
{
    for (unsigned i = 0; i < s->m->own_max; i++)
        if (own_in_use(&s->m->own[i]) && own_role(&s->m->own[i]) == MASC_CHILD)
            return &s->m->own[i];
    return NULL;
}

TEST(childs_prefix_in_our_hosts_range, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    struct own *o;

    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = 200};
    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    speaker_wait(s, 86400);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.128.0/24");
    a.lifetime_s = 5 * 86400;
    speaker_feed(s, CHILD, &a); /* now we have a child: our hosts' range is claimed at once */
    speaker_wait(s, 5);
    o = local_range(s);
    EXPECT(o != NULL);
    if (!o) {
        speaker_free(s);
        return;
    }
    a.prefix = o->prefix;
    a.timestamp_s = 5 + (uint32_t)o->timestamp_s; /* in time before many a claim, but a claim */
    speaker_forget(s);
    speaker_feed(s, CHILD, &a);
    EXPECT(local_range(s) == o);
    EXPECT_UEQ(speaker_told(s, "clash", NULL), 0);
    a.type = MASC_PREFIX_IN_USE; /* an older prefix of a child's */
    a.timestamp_s = (uint32_t)o->timestamp_s - 100;
    a.lifetime_s = a.holdtime_s = 5 * 86400;
    speaker_feed(s, CHILD, &a);
    EXPECT_UEQ(speaker_told(s, "clash", NULL), 1);
    EXPECT(only_clash(s).lost);
    speaker_free(s);
}

/* With a parent's, or where we are only the parent, there is no clash. */
TEST(children_and_parents_do_not_clash_with_us, "")
{
    struct speaker *s = holding("228.1.0.0/16");
    struct masc_attr a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.4.0/24");

    a.timestamp_s -= 500000;
    speaker_feed(s, CHILD, &a);
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "228.0.0.0/10");
    speaker_feed(s, PARENT, &a);
    EXPECT(no_clash(s));
    speaker_free(s);
}
