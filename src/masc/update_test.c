/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which UPDATEs are acceptable (8.3, 11.1): origin identifiers, the table of roles with its
 * exceptions, expiry, duplicates, local policy; one bad attribute among good ones; what is tried
 * again. Each refusal must leave no trace: nothing cached, nothing relayed.
 */
#include "tests/speaker.h"

#include <string.h>

#include "tests/tap.h"

static size_t heard_by_all(const struct speaker *s)
{
    size_t n = 0;

    for (unsigned i = 0; i < s->cfg.peers; i++)
        n += speaker_count(s, i);
    return n;
}

/* The UPDATE draws this error (0: none), and nothing else happens. */
static bool refused(struct speaker *s, unsigned peer, const struct masc_attr *a, uint8_t error)
{
    uint32_t before = s->m->table.count;
    uint8_t drew;

    speaker_forget(s);
    drew = speaker_error(s, peer, a);
    if (drew != error)
        tap_diag("drew 3/%u instead of 3/%u", drew, error);
    return drew == error && s->m->table.count == before && heard_by_all(s) == 0 &&
           speaker_notes(s, peer) == (error ? 1 : 0);
}

/* It is accepted in this role. */
static bool accepted(struct speaker *s, unsigned peer, const struct masc_attr *a,
                     enum masc_role role)
{
    uint8_t drew;

    speaker_forget(s);
    drew = speaker_error(s, peer, a);
    if (drew)
        tap_diag("drew 3/%u", drew);
    return drew == 0 && speaker_entry(s, a, role) != TABLE_NONE;
}

static void give_space(struct speaker *s)
{
    speaker_hold(s, "228.0.0.0/12");
    speaker_forget(s);
}

/* ---- 3/15, 3/16 (A-64) ---- */

TEST(origin_domain, "M-8.3-17")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    a.domain = 0;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_ORIGIN_DOMAIN));
    a.domain = 65077; /* not the sender's, though it says "mine" */
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_ORIGIN_DOMAIN));
    a.role = MASC_SIBLING; /* as a third party's it is good */
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");
    a.domain = 65077;
    EXPECT(refused(s, PARENT, &a, MASC_UPDATE_ORIGIN_DOMAIN));
    speaker_free(s);
}

TEST(origin_node, "M-8.3-18")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    a.node = 0;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_ORIGIN_NODE));
    a.node = s->cfg.node; /* our own number under another domain */
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_ORIGIN_NODE));
    a.node = s->cfg.node + 1;
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    speaker_free(s);
}

/* ---- 11.1 Table 1 and exceptions, as the UPDATE shows in the cache and is passed on ---- */

TEST(roles_by_table_1,
     "M-11.1-01 M-11.1-02 M-11.1-03 M-11.1-04 M-11.1-05 M-11.1-06 M-11.1-09 M-11.1-11 M-11.1-12 "
     "M-11.1-13 M-11.1-15")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    give_space(s);
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.32.0.0/16");
    EXPECT(accepted(s, INTERNAL, &a, MASC_INTERNAL));
    EXPECT_EQ(speaker_role(s, PARENT, MASC_NEW_CLAIM, "228.32.0.0/16"), MASC_INTERNAL);
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");
    EXPECT(accepted(s, PARENT, &a, MASC_PARENT));
    EXPECT_EQ(speaker_role(s, SIBLING, MASC_PREFIX_MANAGED, "229.0.0.0/8"), MASC_PARENT);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.33.0.0/16");
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    EXPECT_EQ(speaker_role(s, PARENT, MASC_NEW_CLAIM, "228.33.0.0/16"), MASC_SIBLING);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16");
    EXPECT(accepted(s, CHILD, &a, MASC_CHILD));
    EXPECT_EQ(speaker_role(s, CHILD2, MASC_NEW_CLAIM, "228.1.0.0/16"), MASC_CHILD);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.2.0.0/16");
    a.role = MASC_CHILD; /* an internal peer's child */
    EXPECT(accepted(s, INTERNAL, &a, MASC_CHILD));
    EXPECT_EQ(speaker_role(s, CHILD2, MASC_NEW_CLAIM, "228.2.0.0/16"), MASC_CHILD);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.34.0.0/16");
    a.role = MASC_CHILD; /* another child of our parent */
    EXPECT(accepted(s, PARENT, &a, MASC_SIBLING));
    EXPECT_EQ(speaker_role(s, INTERNAL, MASC_NEW_CLAIM, "228.34.0.0/16"), MASC_SIBLING);
    a.role = MASC_SIBLING;
    a.prefix = speaker_prefix("228.35.0.0/16");
    EXPECT(accepted(s, INTERNAL, &a, MASC_SIBLING));
    EXPECT_EQ(speaker_role(s, SIBLING2, MASC_NEW_CLAIM, "228.35.0.0/16"), MASC_SIBLING);
    a.prefix = speaker_prefix("228.36.0.0/16");
    EXPECT(accepted(s, SIBLING2, &a, MASC_SIBLING));
    EXPECT_EQ(speaker_role(s, SIBLING, MASC_NEW_CLAIM, "228.36.0.0/16"), MASC_SIBLING);
    a = speaker_attr(s, CHILD2, MASC_NEW_CLAIM, "228.3.0.0/16");
    a.role = MASC_SIBLING; /* a child's sibling is a child */
    EXPECT(accepted(s, CHILD, &a, MASC_CHILD));
    EXPECT_EQ(speaker_role(s, CHILD2, MASC_NEW_CLAIM, "228.3.0.0/16"), MASC_CHILD);
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "230.0.0.0/8");
    a.role = MASC_PARENT;
    EXPECT(accepted(s, INTERNAL, &a, MASC_PARENT));
    EXPECT_EQ(speaker_role(s, SIBLING, MASC_PREFIX_MANAGED, "230.0.0.0/8"), MASC_PARENT);
    a.prefix = speaker_prefix("231.0.0.0/8");
    EXPECT(accepted(s, SIBLING, &a, MASC_PARENT));
    EXPECT_EQ(speaker_role(s, SIBLING2, MASC_PREFIX_MANAGED, "231.0.0.0/8"), MASC_PARENT);
    speaker_free(s);
}

TEST(illegal_by_table_1,
     "M-8.3-27 M-11.1-07 M-11.1-08 M-11.1-10 M-11.1-14 M-11.1-16 M-11.1-23")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    give_space(s);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16");
    a.role = MASC_CHILD;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_ORIGIN_ROLE)); /* a nephew */
    EXPECT(refused(s, CHILD, &a, MASC_UPDATE_ORIGIN_ROLE));   /* a grandchild */
    a.role = MASC_SIBLING;
    EXPECT(refused(s, PARENT, &a, MASC_UPDATE_ORIGIN_ROLE)); /* an uncle */
    a = speaker_attr(s, PARENT2, MASC_WITHDRAW, "228.1.0.0/16");
    a.role = MASC_PARENT;
    EXPECT(refused(s, PARENT, &a, MASC_UPDATE_ORIGIN_ROLE)); /* a grandparent */
    EXPECT(refused(s, CHILD, &a, MASC_UPDATE_ORIGIN_ROLE));  /* neither exception */
    a.type = MASC_CLAIM_DENIED;
    a.domain = 65099; /* nobody's child of ours */
    EXPECT(refused(s, CHILD, &a, MASC_UPDATE_ORIGIN_ROLE));
    a.type = MASC_PREFIX_MANAGED;
    a.domain = 65100; /* a child's, but not a CLAIM_DENIED */
    EXPECT(refused(s, CHILD, &a, MASC_UPDATE_ORIGIN_ROLE));
    speaker_free(s);
}

TEST(exception_1_own_from_a_sibling, "M-11.1-17")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.peer[SIBLING].trust_own = true;
    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.40.0.0/16");
    a.role = MASC_SIBLING;
    EXPECT(accepted(s, SIBLING, &a, MASC_INTERNAL));
    EXPECT(speaker_own(s, "228.40.0.0/16") != NULL);
    speaker_free(s);
}

TEST(exception_2_own_from_a_child, "M-11.1-18 M-11.1-19")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.peer[CHILD].trust_own = true;
    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_MANAGED, "228.40.0.0/16");
    a.role = MASC_PARENT;
    EXPECT(accepted(s, CHILD, &a, MASC_INTERNAL));
    EXPECT(speaker_own(s, "228.40.0.0/16") != NULL);
    a.prefix = speaker_prefix("228.41.0.0/16");
    EXPECT(refused(s, CHILD2, &a, 0)); /* one that is not believed */
    EXPECT(speaker_own(s, "228.41.0.0/16") == NULL);
    speaker_free(s);
}

/* Our denial of a child's claim comes back by that child or by another. */
TEST(exception_3_denials_from_children, "M-11.1-20 M-11.1-21")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    give_space(s);
    a = speaker_attr(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16");
    a.role = MASC_PARENT;
    EXPECT(accepted(s, CHILD, &a, MASC_INTERNAL));
    a.prefix = speaker_prefix("228.2.0.0/16");
    EXPECT(accepted(s, CHILD2, &a, MASC_INTERNAL));
    speaker_free(s);
}

/* An internal peer speaks for others only where it denies them. */
TEST(internal_but_foreign, "M-11.1-25")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    give_space(s);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16");
    EXPECT(refused(s, INTERNAL, &a, MASC_UPDATE_ORIGIN_ROLE));
    a.type = MASC_CLAIM_DENIED;
    EXPECT(accepted(s, INTERNAL, &a, MASC_INTERNAL));
    speaker_free(s);
}

/* What we claim for our own hosts stays a child's, whoever brings it. */
TEST(own_child_claims_stay_children, "M-11.1-24")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    give_space(s);
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.1.0.0/16");
    a.role = MASC_CHILD;
    EXPECT(accepted(s, INTERNAL, &a, MASC_CHILD));
    EXPECT_UEQ(speaker_entry(s, &a, MASC_INTERNAL), TABLE_NONE);
    speaker_free(s);
}

/* ---- expiry and duplicates ---- */

TEST(expired_is_dropped_silently, "M-11.1-26")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    a.timestamp_s -= MASC_WAITING_PERIOD_S; /* Timestamp + Holdtime is now */
    EXPECT(refused(s, SIBLING, &a, 0));
    EXPECT_UEQ(s->m->count.expired_on_arrival, 1);
    a.timestamp_s -= 1;
    EXPECT(refused(s, SIBLING, &a, 0));
    a.timestamp_s += 2;
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.17.0.0/16");
    a.timestamp_s -= 16;
    a.holdtime_s = 0xFFFFFFFF; /* a sum in 32 bits would be over */
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_HOLDTIME_LONG));
    speaker_free(s);
}

TEST(duplicates_are_dropped_silently, "M-11.1-27 M-7.3-31")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.16.0.0/16");
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    EXPECT(refused(s, SIBLING, &a, 0));
    EXPECT(refused(s, SIBLING2, (a.role = MASC_SIBLING, &a), 0)); /* the same by another way */
    EXPECT_UEQ(s->m->count.duplicates, 2);
    speaker_wait(s, SPEAKER_LIFE - 60); /* no refresh is needed: hard state */
    EXPECT(table_live(&s->m->table, speaker_entry(s, &a, MASC_SIBLING), s->now.wall.s));
    EXPECT(refused(s, SIBLING, (a.role = MASC_INTERNAL, &a), 0));
    speaker_free(s);
}

/* What expired is recognised for a day more, and is not brought to life (12.3, A-61). */
TEST(retained_entries_are_duplicates, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    uint32_t at;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    speaker_wait(s, MASC_WAITING_PERIOD_S + 3600);
    at = speaker_entry(s, &a, MASC_SIBLING);
    EXPECT(at != TABLE_NONE && !table_live(&s->m->table, at, s->now.wall.s));
    speaker_wait(s, MASC_RETENTION_S);
    EXPECT_UEQ(speaker_entry(s, &a, MASC_SIBLING), TABLE_NONE);
    speaker_free(s);
}

/* Expired and duplicate go before policy: a flood draws no storm of errors. */
TEST(silence_goes_before_policy, "M-11-05")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.lifetime_min_s = 100;
    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    a.lifetime_s = 50;
    a.holdtime_s = 1;
    a.timestamp_s -= 5;
    EXPECT(refused(s, SIBLING, &a, 0));
    a.holdtime_s = 100;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_LIFETIME_SHORT));
    a.domain = 0; /* and identifiers before all */
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_ORIGIN_DOMAIN));
    speaker_free(s);
}

/* ---- policy: 3/17 - 3/22, 3/28, 3/29 ---- */

TEST(lifetime, "M-8.3-19 M-8.3-20")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    s->cfg.lifetime_min_s = MASC_WAITING_PERIOD_S;
    s->cfg.lifetime_max_s = SPEAKER_LIFE;
    s->cfg.holdtime_max_s = 0;
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    a.lifetime_s = MASC_WAITING_PERIOD_S - 1;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_LIFETIME_SHORT));
    a.lifetime_s++;
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    a.lifetime_s = SPEAKER_LIFE + 1;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_LIFETIME_LONG));
    a.lifetime_s--;
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    speaker_free(s);
}

TEST(timestamp, "M-8.3-22 M-8.3-23")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.timestamp_too_old = true;
    s->cfg.timestamp_skew_s = 1000;
    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    a.timestamp_s += 1001;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_TIMESTAMP_NEW));
    a.timestamp_s--;
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    a.holdtime_s = 2 * MASC_WAITING_PERIOD_S;
    a.timestamp_s = (uint32_t)s->now.wall.s - MASC_WAITING_PERIOD_S - 1001;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_TIMESTAMP_OLD));
    a.timestamp_s++;
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    speaker_free(s);
}

TEST(size, "M-8.3-24 M-8.3-25")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.size_min = 16;
    s->cfg.size_max = 1 << 20;
    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/29");
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_SIZE_SMALL));
    a.prefix = speaker_prefix("228.16.0.0/28");
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    a.prefix = speaker_prefix("228.32.0.0/11");
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_SIZE_LARGE));
    a.prefix = speaker_prefix("228.32.0.0/12");
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    speaker_free(s);
}

TEST(holdtime, "M-8.3-32 M-8.3-33")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    s->cfg.holdtime_min_s = 60;
    s->cfg.holdtime_max_s = SPEAKER_LIFE;
    s->cfg.lifetime_max_s = 0;
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.16.0.0/16");
    a.holdtime_s = 59;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_HOLDTIME_SHORT));
    a.holdtime_s = 60;
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    a.holdtime_s = SPEAKER_LIFE + 1;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_HOLDTIME_LONG));
    a.holdtime_s = SPEAKER_LIFE;
    EXPECT(accepted(s, SIBLING, &a, MASC_SIBLING));
    speaker_free(s);
}

/* The oldest claim in the world with the longest life: bounded by the defaults. */
TEST(forged_age_meets_the_defaults, "M-14-08")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.16.0.0/16");
    a.timestamp_s = 1;
    a.lifetime_s = a.holdtime_s = 0xFFFFFFFF;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_LIFETIME_LONG));
    a.lifetime_s = SPEAKER_LIFE;
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_HOLDTIME_LONG));
    speaker_free(s);
}

/* ---- several attributes, one bad (A-14, A-15) ---- */

TEST(only_the_bad_attribute_is_dropped, "M-8.3-34 M-10.1-122")
{
    struct speaker *s = speaker_child();
    struct masc_attr a[3];

    speaker_start(s);
    a[0] = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    a[1] = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "233.0.0.0/16"); /* no parent's */
    a[2] = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.17.0.0/16");
    speaker_feed_all(s, SIBLING, a, 3);
    EXPECT(speaker_entry(s, &a[0], MASC_SIBLING) != TABLE_NONE);
    EXPECT(speaker_entry(s, &a[1], MASC_SIBLING) == TABLE_NONE);
    EXPECT(speaker_entry(s, &a[2], MASC_SIBLING) != TABLE_NONE);
    EXPECT_UEQ(speaker_notes(s, SIBLING), 1);
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.16.0.0/16") != NULL);
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "233.0.0.0/16") == NULL);
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.17.0.0/16") != NULL);
    EXPECT(masc_peer_established(masc_sessions(s->m), SIBLING));
    speaker_free(s);
}

/* Data is the whole UPDATE without its header, O is set (8.3, A-13). */
TEST(what_the_notification_says, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a[2];
    struct heard h = {0};

    speaker_start(s);
    a[0] = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    a[1] = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "233.0.0.0/16");
    speaker_feed_all(s, SIBLING, a, 2);
    for (size_t i = 0; i < s->heard_n; i++)
        if (s->heard[i].code)
            h = s->heard[i];
    EXPECT_EQ(h.code, MASC_E_UPDATE);
    EXPECT_EQ(h.subcode, MASC_UPDATE_NO_PARENT_PREFIX);
    EXPECT(h.open);
    EXPECT_UEQ(h.data_len, 72);
    EXPECT_UEQ(h.data[1], 36);
    EXPECT_UEQ(h.data[28], 228);
    EXPECT_UEQ(h.data[36 + 28], 233);
    speaker_free(s);
}

TEST(twice_in_one_update, "M-7.3-30")
{
    struct speaker *s = speaker_child();
    struct masc_attr a[2];

    speaker_start(s);
    a[0] = a[1] = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    speaker_feed_all(s, SIBLING, a, 2);
    EXPECT_UEQ(speaker_count(s, PARENT), 1);
    EXPECT_UEQ(speaker_notes(s, SIBLING), 0);
    EXPECT_UEQ(s->m->count.duplicates, 1);
    speaker_free(s);
}

/* ---- tried again ---- */

TEST(retried_when_the_parents_prefix_arrives, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, b;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "229.16.0.0/16");
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_NO_PARENT_PREFIX));
    EXPECT_UEQ(s->m->unassociated_n, 1);
    b = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "230.0.0.0/8"); /* does not cover it */
    speaker_feed(s, PARENT, &b);
    EXPECT_UEQ(s->m->unassociated_n, 1);
    b.prefix = speaker_prefix("229.0.0.0/8");
    speaker_forget(s);
    speaker_feed(s, PARENT, &b);
    EXPECT(speaker_entry(s, &a, MASC_SIBLING) != TABLE_NONE);
    EXPECT_UEQ(s->m->unassociated_n, 0);
    EXPECT(speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "229.16.0.0/16") != NULL);
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "229.16.0.0/16") == NULL);
    speaker_free(s);
}

/* An expansion that overtook the prefix it expands, on another path. */
TEST(retried_when_the_expanded_prefix_arrives, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, b;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_CLAIM_TO_EXPAND, "228.16.0.0/15");
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_NO_SIBLING_PREFIX));
    b = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.16.0.0/16");
    speaker_feed(s, SIBLING, &b);
    EXPECT(speaker_entry(s, &a, MASC_SIBLING) != TABLE_NONE);
    EXPECT_UEQ(s->m->unassociated_n, 0);
    speaker_free(s);
}

TEST(retried_when_we_get_the_space, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    EXPECT(refused(s, CHILD, &a, MASC_UPDATE_NO_PARENT_PREFIX));
    give_space(s);
    EXPECT(speaker_entry(s, &a, MASC_CHILD) != TABLE_NONE);
    speaker_free(s);
}

TEST(retried_when_an_internal_peer_has_the_space, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, b;

    speaker_start(s);
    a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    EXPECT(refused(s, CHILD, &a, MASC_UPDATE_NO_PARENT_PREFIX));
    b = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.0.0.0/12");
    speaker_feed(s, INTERNAL, &b);
    EXPECT(speaker_entry(s, &a, MASC_CHILD) != TABLE_NONE);
    speaker_free(s);
}

TEST(the_ring_of_retries_is_bounded, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, b;
    unsigned i, known = 0;

    speaker_start(s); /* 8 places */
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "229.16.0.0/16");
    for (i = 0; i < 30; i++) {
        a.prefix.addr = 0xE5000000 + (i << 16);
        EXPECT_EQ(speaker_error(s, SIBLING, &a), MASC_UPDATE_NO_PARENT_PREFIX);
        EXPECT_EQ(speaker_error(s, SIBLING, &a), MASC_UPDATE_NO_PARENT_PREFIX); /* kept once */
    }
    EXPECT_UEQ(s->m->unassociated_n, 8);
    b = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");
    speaker_feed(s, PARENT, &b);
    for (i = 0; i < 30; i++) {
        a.prefix.addr = 0xE5000000 + (i << 16);
        known += speaker_entry(s, &a, MASC_SIBLING) != TABLE_NONE;
    }
    EXPECT_UEQ(known, 8); /* the latest ones */
    EXPECT(speaker_entry(s, &a, MASC_SIBLING) != TABLE_NONE);
    EXPECT_UEQ(s->m->unassociated_n, 0);
    speaker_free(s);
}

TEST(what_expired_meanwhile_is_not_retried, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, b;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "229.16.0.0/16");
    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, MASC_WAITING_PERIOD_S);
    b = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");
    speaker_feed(s, PARENT, &b);
    EXPECT_UEQ(speaker_entry(s, &a, MASC_SIBLING), TABLE_NONE);
    EXPECT_UEQ(s->m->unassociated_n, 0);
    speaker_free(s);
}

/* ---- section 14 ---- */

TEST(ignored_origins, "M-14-05")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.ignore[s->cfg.ignored++] = (struct masc_ignored){65002, 0};
    s->cfg.ignore[s->cfg.ignored++] = (struct masc_ignored){65003, 4711};
    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.16.0.0/16");
    EXPECT(refused(s, SIBLING, &a, 0));
    EXPECT_UEQ(s->m->count.ignored, 1);
    a = speaker_attr(s, SIBLING2, MASC_PREFIX_IN_USE, "228.17.0.0/16");
    EXPECT(accepted(s, SIBLING2, &a, MASC_SIBLING));
    a.node = 4711;
    EXPECT(refused(s, SIBLING2, &a, 0));
    speaker_free(s);
}

TEST(own_updates_by_strangers, "M-14-04")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.40.0.0/16");
    a.role = MASC_SIBLING;
    EXPECT(refused(s, SIBLING, &a, 0)); /* a sibling tells us what is ours */
    a.type = MASC_PREFIX_MANAGED;
    a.role = MASC_PARENT;
    EXPECT(refused(s, CHILD, &a, 0));
    a.type = MASC_PREFIX_IN_USE;
    a.role = MASC_CHILD;
    EXPECT(accepted(s, PARENT, &a, MASC_INTERNAL)); /* our parent may */
    speaker_free(s);
}

TEST(strict_towards_siblings, "M-14-06")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.strict_third_party = true;
    speaker_start(s);
    a = speaker_attr(s, SIBLING2, MASC_PREFIX_IN_USE, "228.16.0.0/16");
    a.role = MASC_SIBLING;
    EXPECT(refused(s, SIBLING, &a, 0)); /* hearsay */
    a.role = MASC_CHILD;
    EXPECT(accepted(s, PARENT, &a, MASC_SIBLING)); /* by the common parent */
    a = speaker_attr(s, SIBLING2, MASC_PREFIX_IN_USE, "228.17.0.0/16");
    EXPECT(accepted(s, SIBLING2, &a, MASC_SIBLING)); /* itself */
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");
    a.role = MASC_PARENT;
    EXPECT(accepted(s, SIBLING, &a, MASC_PARENT));
    speaker_free(s);
}

TEST(strict_towards_children, "M-14-07 M-11.1-22")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.strict_third_party = true;
    s->cfg.peer[CHILD].node = 0x0A000001 + CHILD;
    speaker_start(s);
    give_space(s);
    a = speaker_attr(s, CHILD2, MASC_NEW_CLAIM, "228.1.0.0/16");
    a.role = MASC_SIBLING;
    EXPECT(refused(s, CHILD, &a, 0)); /* another child's */
    a.role = MASC_CHILD;
    EXPECT(accepted(s, INTERNAL, &a, MASC_CHILD)); /* by an internal peer */
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.2.0.0/16");
    EXPECT(accepted(s, CHILD, &a, MASC_CHILD));
    a.node++; /* the domain's, but another node's */
    EXPECT(refused(s, CHILD, &a, 0));
    a = speaker_attr(s, CHILD2, MASC_CLAIM_DENIED, "228.1.0.0/16");
    a.role = MASC_PARENT;
    EXPECT(refused(s, CHILD, &a, 0)); /* exception 3b */
    speaker_free(s);
}

/* Among top-level domains relaying is a must, so strictness does not apply. */
TEST(strict_top_level, "")
{
    struct speaker *s = speaker_tld();
    struct masc_attr a;

    s->cfg.strict_third_party = true;
    speaker_start(s);
    a = speaker_attr(s, TLD_SIBLING2, MASC_PREFIX_IN_USE, "228.16.0.0/16");
    a.role = MASC_SIBLING;
    EXPECT(accepted(s, TLD_SIBLING, &a, MASC_SIBLING));
    speaker_free(s);
}

/* ---- 4.5 ---- */

TEST(nothing_crosses_a_scope_boundary, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.scope[s->cfg.scopes++] =
        (struct masc_scope){.name = "site", .prefix = speaker_prefix("239.192.0.0/14")};
    s->cfg.peer[SIBLING].boundary = 1;
    speaker_start(s);
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "239.192.0.0/16");
    EXPECT(accepted(s, PARENT, &a, MASC_PARENT));
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_MANAGED, "239.192.0.0/16") == NULL);
    EXPECT(speaker_heard(s, SIBLING2, MASC_PREFIX_MANAGED, "239.192.0.0/16") != NULL);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "239.192.1.0/24");
    EXPECT(refused(s, SIBLING, &a, MASC_UPDATE_NO_PARENT_PREFIX));
    a = speaker_attr(s, SIBLING2, MASC_PREFIX_IN_USE, "239.192.2.0/24");
    EXPECT(accepted(s, SIBLING2, &a, MASC_SIBLING));
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "239.192.2.0/24") == NULL);
    speaker_free(s);
}
