/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 11.2 - 11.7: each of the 24 pairs of type and Updated Origin Role: what it must be associated
 * with, what it draws if it cannot, and to whom it is passed on (11, A-59).
 */
#include "tests/speaker.h"

#include "tests/tap.h"

#define BIT(peer) (1u << (peer))

enum {
    SIBLINGS = BIT(SIBLING) | BIT(SIBLING2),
    CHILDREN = BIT(CHILD) | BIT(CHILD2),
    BESIDE = BIT(PARENT) | BIT(INTERNAL) | SIBLINGS, /* all who compete for the parent's space */
};

/* The peers that were sent it. */
static unsigned who_heard(const struct speaker *s, enum masc_type type, const char *prefix)
{
    unsigned who = 0;

    for (unsigned i = 0; i < s->cfg.peers; i++)
        if (speaker_heard(s, i, type, prefix))
            who |= BIT(i);
    return who;
}

/* A domain that holds 228.0.0.0/12 of PARENT; PARENT2 has 230.0.0.0/8 to give. */
static struct speaker *scene(void)
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, PARENT2, MASC_PREFIX_MANAGED, "230.0.0.0/8");
    a.lifetime_s = a.holdtime_s = 180 * 86400;
    speaker_feed(s, PARENT2, &a);
    speaker_hold(s, "228.0.0.0/12");
    speaker_forget(s);
    return s;
}

/* Feeds it and tells who was sent it; draws no error. */
static unsigned passed_on(struct speaker *s, unsigned peer, const struct masc_attr *a)
{
    char text[PREFIX_TEXT_MAX];

    speaker_forget(s);
    EXPECT_EQ(speaker_error(s, peer, a), 0);
    return a->prefix.addr ? who_heard(s, a->type, prefix_format(a->prefix, text))
                          : who_heard(s, a->type, "0/24");
}

static uint8_t draws(struct speaker *s, unsigned peer, const struct masc_attr *a)
{
    size_t n = 0;
    uint32_t before = s->m->table.count;
    uint8_t error;

    speaker_forget(s);
    error = speaker_error(s, peer, a);
    for (unsigned i = 0; i < s->cfg.peers; i++)
        n += speaker_count(s, i);
    EXPECT_UEQ(n, 0);                      /* nobody is told */
    EXPECT_UEQ(s->m->table.count, before); /* and nothing kept */
    return error;
}

/* ---- PARENT, CHILD, SIBLING where they cannot be the origin: 3/23 ---- */

TEST(parents_do_not_claim, "M-11.2.1-01 M-11.4.1-01 M-11.5-02")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, PARENT, MASC_PREFIX_IN_USE, "228.16.0.0/16");

    EXPECT_EQ(draws(s, PARENT, &a), MASC_UPDATE_ORIGIN_ROLE);
    a.type = MASC_CLAIM_TO_EXPAND;
    EXPECT_EQ(draws(s, PARENT, &a), MASC_UPDATE_ORIGIN_ROLE);
    a.type = MASC_NEW_CLAIM;
    EXPECT_EQ(draws(s, PARENT, &a), MASC_UPDATE_ORIGIN_ROLE);
    speaker_free(s);
}

TEST(only_parents_and_we_deny_and_manage,
     "M-11.3.1-01 M-11.3.1-02 M-11.6.2-01 M-11.6.2-02")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_CLAIM_DENIED, "228.16.0.0/16");

    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_ORIGIN_ROLE);
    a.type = MASC_PREFIX_MANAGED;
    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_ORIGIN_ROLE);
    a = speaker_attr(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16");
    EXPECT_EQ(draws(s, CHILD, &a), MASC_UPDATE_ORIGIN_ROLE);
    a.type = MASC_PREFIX_MANAGED;
    EXPECT_EQ(draws(s, CHILD, &a), MASC_UPDATE_ORIGIN_ROLE);
    speaker_free(s);
}

/* ---- siblings (11.2.2, 11.4.2, 11.5, 11.7.2) ---- */

TEST(sibling_passed_on, "M-11.1-29")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");

    EXPECT_UEQ(passed_on(s, SIBLING, &a), BESIDE & ~BIT(SIBLING));
    a.type = MASC_PREFIX_IN_USE;
    a.holdtime_s = a.lifetime_s;
    EXPECT_UEQ(passed_on(s, SIBLING, &a), BESIDE & ~BIT(SIBLING));
    a.type = MASC_CLAIM_TO_EXPAND;
    a.prefix = speaker_prefix("228.16.0.0/15");
    EXPECT_UEQ(passed_on(s, SIBLING, &a), BESIDE & ~BIT(SIBLING));
    a.role = MASC_SIBLING; /* it comes back by another: it has it already */
    EXPECT_UEQ(passed_on(s, SIBLING2, &a), 0);
    a = speaker_attr(s, SIBLING, MASC_WITHDRAW, "228.16.0.0/16");
    EXPECT_UEQ(passed_on(s, SIBLING, &a), BESIDE & ~BIT(SIBLING));
    EXPECT_EQ(speaker_role(s, PARENT, MASC_WITHDRAW, "228.16.0.0/16"), MASC_SIBLING);
    speaker_free(s);
}

TEST(sibling_without_a_parents_prefix, "M-11.2.2-01 M-11.4.2-01 M-8.3-28")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "233.16.0.0/16");

    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_NO_PARENT_PREFIX);
    a.type = MASC_CLAIM_TO_EXPAND;
    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_NO_PARENT_PREFIX);
    a.type = MASC_NEW_CLAIM;
    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_NO_PARENT_PREFIX);
    a.prefix = speaker_prefix("230.16.0.0/16"); /* another parent's is not that of the session */
    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_NO_PARENT_PREFIX);
    a.domain = 65012;
    a.node = s->node[SIBLING3];
    EXPECT_UEQ(passed_on(s, SIBLING3, &a), BIT(PARENT2) | BIT(INTERNAL));
    speaker_free(s);
}

TEST(sibling_expands_nothing, "M-11.4.2-02 M-8.3-31")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_CLAIM_TO_EXPAND, "228.16.0.0/15");
    struct masc_attr other = speaker_attr(s, SIBLING2, MASC_PREFIX_IN_USE, "228.16.0.0/16");

    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_NO_SIBLING_PREFIX);
    speaker_feed(s, SIBLING2, &other); /* somebody else's does not help */
    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_NO_SIBLING_PREFIX);
    a.prefix = speaker_prefix("228.20.0.0/16");
    a.type = MASC_PREFIX_IN_USE;
    speaker_feed(s, SIBLING, &a);
    a.type = MASC_CLAIM_TO_EXPAND; /* equal: a renewal */
    a.timestamp_s++;
    EXPECT_UEQ(passed_on(s, SIBLING, &a), BESIDE & ~BIT(SIBLING));
    speaker_free(s);
}

TEST(sibling_withdraws_nothing, "M-11.7.2-01")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_WITHDRAW, "228.16.0.0/16"), b = a;

    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_NO_SIBLING_PREFIX);
    b.type = MASC_NEW_CLAIM;
    speaker_feed(s, SIBLING, &b);
    a.timestamp_s++; /* a claim is withdrawn exactly */
    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_NO_SIBLING_PREFIX);
    a.timestamp_s--;
    EXPECT_UEQ(passed_on(s, SIBLING, &a), BESIDE & ~BIT(SIBLING));
    EXPECT(!table_live(&s->m->table, speaker_entry(s, &b, MASC_SIBLING), s->now.wall.s));
    speaker_free(s);
}

/* A withdrawn range is free at once; a clash's is the winner's. */
TEST(a_sibling_releases, "")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.16.0.0/16");
    struct masc_attr w;
    struct prefix p = a.prefix;

    speaker_feed(s, SIBLING, &a);
    EXPECT_UEQ(want_picture(s->m, p, false).taken_n, 1);
    speaker_wait(s, 10);
    w = speaker_attr(s, SIBLING, MASC_WITHDRAW, "228.16.0.0/16");
    speaker_feed(s, SIBLING, &w);
    EXPECT_UEQ(want_picture(s->m, p, false).taken_n, 0);
    EXPECT(!(s->m->table.entry[speaker_entry(s, &w, MASC_SIBLING)].flags & ENTRY_CLASH));
    speaker_free(s);
}

/* Older than one of the prefixes it meets, though not than all: caused by a clash. */
TEST(a_clash_withdraw_is_known_by_its_age, "")
{
    struct speaker *s = scene();
    struct masc_attr old = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.16.0.0/24");
    struct masc_attr new = old, w = old;
    uint32_t at;

    old.timestamp_s -= 1000;
    new.prefix = speaker_prefix("228.16.0.0/16"); /* expanded since */
    w.type = MASC_WITHDRAW;
    w.timestamp_s -= 500;
    speaker_feed(s, SIBLING, &old);
    speaker_feed(s, SIBLING, &new);
    speaker_feed(s, SIBLING, &w);
    at = speaker_entry(s, &w, MASC_SIBLING);
    EXPECT(at != TABLE_NONE && s->m->table.entry[at].flags & ENTRY_CLASH);
    EXPECT(table_hidden(&s->m->table, speaker_entry(s, &new, MASC_SIBLING), w.prefix,
                        s->now.wall.s));
    speaker_free(s);
}

/* the WITHDRAW of a pending renewal or expansion leaves the prefix as it is. */
TEST(a_sibling_gives_up_a_renewal, "")
{
    struct speaker *s = scene();
    struct masc_attr held = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.16.0.0/16");
    struct masc_attr renewal, wider, w;

    speaker_feed(s, SIBLING, &held);
    speaker_wait(s, 10);
    w = renewal = speaker_attr(s, SIBLING, MASC_CLAIM_TO_EXPAND, "228.16.0.0/16");
    speaker_feed(s, SIBLING, &renewal);
    w.type = MASC_WITHDRAW;
    speaker_feed(s, SIBLING, &w);
    EXPECT(table_effective(&s->m->table, speaker_entry(s, &held, MASC_SIBLING), held.prefix,
                           s->now.wall.s));
    EXPECT(!table_live(&s->m->table, speaker_entry(s, &renewal, MASC_SIBLING), s->now.wall.s));
    w = wider = speaker_attr(s, SIBLING, MASC_CLAIM_TO_EXPAND, "228.16.0.0/15");
    speaker_feed(s, SIBLING, &wider);
    w.type = MASC_WITHDRAW;
    speaker_feed(s, SIBLING, &w);
    EXPECT(table_effective(&s->m->table, speaker_entry(s, &held, MASC_SIBLING), held.prefix,
                           s->now.wall.s));
    speaker_free(s);
}

/* A claim that became a prefix in use is no pending claim any more, though its Timestamp lives
 * on. */
TEST(a_withdraw_of_what_was_once_a_claim, "")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16"), held = a, w = a;

    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, MASC_WAITING_PERIOD_S - 10);
    held.type = MASC_PREFIX_IN_USE;
    held.holdtime_s = held.lifetime_s;
    speaker_feed(s, SIBLING, &held);
    w.type = MASC_WITHDRAW;
    w.holdtime_s = w.lifetime_s;
    speaker_feed(s, SIBLING, &w);
    EXPECT(table_hidden(&s->m->table, speaker_entry(s, &held, MASC_SIBLING), w.prefix,
                        s->now.wall.s));
    speaker_free(s);
}

/* ---- children (11.2.3, 11.4.3, 11.5, 11.7.1) ---- */

TEST(child_passed_on, "")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16");

    EXPECT_UEQ(passed_on(s, CHILD, &a), BIT(CHILD2) | BIT(INTERNAL));
    a.type = MASC_PREFIX_IN_USE;
    a.holdtime_s = a.lifetime_s;
    EXPECT_UEQ(passed_on(s, CHILD, &a), BIT(CHILD2) | BIT(INTERNAL));
    a.type = MASC_CLAIM_TO_EXPAND;
    a.prefix = speaker_prefix("228.0.0.0/15");
    EXPECT_UEQ(passed_on(s, CHILD, &a), BIT(CHILD2) | BIT(INTERNAL));
    a = speaker_attr(s, CHILD, MASC_WITHDRAW, "228.1.0.0/16");
    EXPECT_UEQ(passed_on(s, CHILD, &a), BIT(CHILD2) | BIT(INTERNAL));
    speaker_free(s);
}

TEST(child_outside_our_space, "M-11.2.3-01 M-11.4.3-01")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.16.0.0/16");

    EXPECT_EQ(draws(s, CHILD, &a), MASC_UPDATE_NO_PARENT_PREFIX);
    a.type = MASC_NEW_CLAIM;
    EXPECT_EQ(draws(s, CHILD, &a), MASC_UPDATE_NO_PARENT_PREFIX);
    a.type = MASC_CLAIM_TO_EXPAND;
    EXPECT_EQ(draws(s, CHILD, &a), MASC_UPDATE_NO_PARENT_PREFIX);
    a.prefix = speaker_prefix("228.0.0.0/11"); /* around it is not in it */
    EXPECT_EQ(draws(s, CHILD, &a), MASC_UPDATE_NO_PARENT_PREFIX);
    speaker_free(s);
}

TEST(child_with_all_of_it, "M-11.2.3-03")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.0.0.0/12");

    EXPECT_UEQ(passed_on(s, CHILD, &a), BIT(CHILD2) | BIT(INTERNAL));
    EXPECT_UEQ(speaker_told(s, "delegated", "228.0.0.0/12"), 1);
    speaker_free(s);
}

TEST(child_expands_or_withdraws_nothing, "M-11.4.3-02 M-11.7.1-01 M-8.3-29")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_CLAIM_TO_EXPAND, "228.1.0.0/16");

    EXPECT_EQ(draws(s, CHILD, &a), MASC_UPDATE_NO_CHILD_PREFIX);
    a.type = MASC_WITHDRAW;
    EXPECT_EQ(draws(s, CHILD, &a), MASC_UPDATE_NO_CHILD_PREFIX);
    speaker_free(s);
}

/* 11.5, A-30: a hint is for our domain alone; nothing is compared, denied or allocated. */
TEST(childs_hint, "M-11.5-06")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "0/24"), w = a;

    EXPECT_UEQ(passed_on(s, CHILD, &a), BIT(INTERNAL));
    EXPECT_UEQ(speaker_told(s, "hint", NULL), 1);
    EXPECT_UEQ(speaker_told(s, "won", NULL) + speaker_told(s, "denied", NULL), 0);
    speaker_wait(s, MASC_WAITING_PERIOD_S - 10);
    EXPECT_UEQ(speaker_told(s, "in-use", NULL), 0);
    w.type = MASC_WITHDRAW;
    EXPECT_UEQ(passed_on(s, CHILD, &w), BIT(INTERNAL)); /* the others never saw the hint */
    speaker_free(s);
}

TEST(third_parties_hints, "M-11.8.1-04 M-11.8.1-06 M-11.8.4-03")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "0/24");

    a.role = MASC_CHILD;
    EXPECT_EQ(draws(s, PARENT, &a), 0);
    a.role = MASC_SIBLING;
    EXPECT_EQ(draws(s, INTERNAL, &a), 0);
    a.role = MASC_INTERNAL;
    EXPECT_EQ(draws(s, SIBLING, &a), 0);
    a.type = MASC_CLAIM_DENIED;
    EXPECT_EQ(draws(s, PARENT, &a), 0);
    speaker_free(s);
}

/* ---- our own domain, by an internal peer (11.2.4, 11.4.4, 11.6.3, 11.7.3) ---- */

TEST(internal_passed_on, "M-11.6.3-01 M-11.2.4-02 M-5.1d-04")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.32.0.0/16");

    EXPECT_UEQ(passed_on(s, INTERNAL, &a), BIT(PARENT) | SIBLINGS);
    EXPECT_EQ(speaker_role(s, SIBLING, MASC_NEW_CLAIM, "228.32.0.0/16"), MASC_INTERNAL);
    a.type = MASC_PREFIX_IN_USE;
    a.holdtime_s = a.lifetime_s;
    EXPECT_UEQ(passed_on(s, INTERNAL, &a), BIT(PARENT) | SIBLINGS);
    EXPECT_UEQ(who_heard(s, MASC_PREFIX_MANAGED, "228.32.0.0/16"), CHILDREN);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.32.0.0/16"), 1);
    a.type = MASC_CLAIM_TO_EXPAND;
    a.prefix = speaker_prefix("228.32.0.0/15");
    a.holdtime_s = MASC_WAITING_PERIOD_S;
    EXPECT_UEQ(passed_on(s, INTERNAL, &a), BIT(PARENT) | SIBLINGS);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_MANAGED, "228.48.0.0/16");
    EXPECT_UEQ(passed_on(s, INTERNAL, &a), CHILDREN);
    EXPECT_UEQ(who_heard(s, MASC_PREFIX_IN_USE, "228.48.0.0/16"), BIT(PARENT) | SIBLINGS);
    a.type = MASC_WITHDRAW;
    EXPECT_UEQ(passed_on(s, INTERNAL, &a), BIT(PARENT) | SIBLINGS | CHILDREN);
    speaker_free(s);
}

TEST(internal_prefix_is_ours, "M-11.6.3-03 M-11.6.3-04")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, INTERNAL, MASC_PREFIX_MANAGED, "228.48.0.0/16");

    (void)passed_on(s, INTERNAL, &a);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.48.0.0/16"), 1);
    EXPECT_EQ(speaker_output(s, "maas", "228.48.0.0/16"), 1); /* a leaf */
    EXPECT(own_in_use(speaker_own(s, "228.48.0.0/16")));
    EXPECT(!speaker_own(s, "228.48.0.0/16")->mine);
    EXPECT(own_covering(s->m, speaker_prefix("228.48.7.0/24")) != NULL);
    EXPECT_UEQ(speaker_kept(s, "228.48.0.0/16"), 1);
    speaker_free(s);
}

TEST(internal_without_association, "M-11.4.4-01 M-11.4.4-02 M-11.7.3-01 M-8.3-30")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "233.32.0.0/16");

    EXPECT_EQ(draws(s, INTERNAL, &a), MASC_UPDATE_NO_PARENT_PREFIX);
    a.type = MASC_CLAIM_TO_EXPAND;
    EXPECT_EQ(draws(s, INTERNAL, &a), MASC_UPDATE_NO_PARENT_PREFIX);
    a.prefix = speaker_prefix("228.64.0.0/16");
    EXPECT_EQ(draws(s, INTERNAL, &a), MASC_UPDATE_NO_INTERNAL_PREFIX);
    a.type = MASC_WITHDRAW;
    EXPECT_EQ(draws(s, INTERNAL, &a), MASC_UPDATE_NO_INTERNAL_PREFIX);
    speaker_free(s);
}

TEST(internal_cancels_its_claim, "M-11.4.4-03 M-11.7.3-06")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.32.0.0/16"), w = a;

    speaker_feed(s, INTERNAL, &a);
    EXPECT(speaker_own(s, "228.32.0.0/16") != NULL);
    w.type = MASC_WITHDRAW;
    EXPECT_UEQ(passed_on(s, INTERNAL, &w), BIT(PARENT) | SIBLINGS); /* no children */
    EXPECT(speaker_own(s, "228.32.0.0/16") == NULL);
    speaker_free(s);
}

/* Another node of ours withdraws our claim: its timer is gone. */
TEST(internal_cancels_our_claim, "M-11.7.3-06")
{
    struct speaker *s = scene();
    struct masc_attr w;

    EXPECT(speaker_claim(s, "228.64.0.0/16"));
    speaker_wait(s, s->cfg.claim_delay_s);
    EXPECT_EQ(speaker_own(s, "228.64.0.0/16")->state, MASC_OWN_WAITING);
    w = *speaker_heard(s, INTERNAL, MASC_NEW_CLAIM, "228.64.0.0/16");
    w.type = MASC_WITHDRAW;
    speaker_feed(s, INTERNAL, &w);
    EXPECT(speaker_own(s, "228.64.0.0/16") == NULL);
    speaker_wait(s, MASC_WAITING_PERIOD_S);
    EXPECT_UEQ(speaker_told(s, "in-use", "228.64.0.0/16"), 0);
    speaker_free(s);
}

/* it withdraws a renewal; the prefix stays. */
TEST(internal_cancels_a_renewal, "")
{
    struct speaker *s = scene();
    struct masc_attr a, w;

    speaker_wait(s, 100);
    w = a = speaker_attr(s, INTERNAL, MASC_CLAIM_TO_EXPAND, "228.0.0.0/12");
    w.type = MASC_WITHDRAW;
    speaker_feed(s, INTERNAL, &a);
    speaker_forget(s);
    speaker_feed(s, INTERNAL, &w);
    EXPECT(speaker_own(s, "228.0.0.0/12") && own_in_use(speaker_own(s, "228.0.0.0/12")));
    EXPECT_UEQ(speaker_outputs(s, "maas", "remove") + speaker_outputs(s, "g-rib", "remove"), 0);
    speaker_free(s);
}

TEST(internal_releases, "M-11.7.3-03 M-11.7.3-04")
{
    struct speaker *s = scene();
    struct masc_attr w;

    speaker_wait(s, 100);
    w = speaker_attr(s, INTERNAL, MASC_WITHDRAW, "228.0.0.0/12");
    speaker_feed(s, INTERNAL, &w);
    EXPECT_EQ(speaker_output(s, "maas", "228.0.0.0/12"), -1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.0.0.0/12"), -1);
    EXPECT(speaker_own(s, "228.0.0.0/12") == NULL);
    EXPECT_UEQ(speaker_kept(s, "228.0.0.0/12"), 0);
    speaker_free(s);
}

/* Part of it: a hole as long as the WITHDRAW lasts. */
TEST(internal_releases_a_part, "M-11.7.3-03 M-11.7.3-04")
{
    struct speaker *s = scene();
    struct masc_attr w;

    speaker_wait(s, 100);
    w = speaker_attr(s, INTERNAL, MASC_WITHDRAW, "228.3.0.0/16");
    speaker_feed(s, INTERNAL, &w);
    EXPECT_EQ(speaker_output(s, "maas", "228.3.0.0/16"), -1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.3.0.0/16"), -1);
    EXPECT(own_in_use(speaker_own(s, "228.0.0.0/12")));
    EXPECT(own_covering(s->m, speaker_prefix("228.3.1.0/24")) == NULL);
    EXPECT(own_covering(s->m, speaker_prefix("228.4.1.0/24")) != NULL);
    speaker_free(s);
}

/* Any node that has a session with the claimer may deny for the domain. */
TEST(internal_denies, "")
{
    struct speaker *s = scene();
    struct masc_attr claim = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16"), d = claim;

    speaker_feed(s, CHILD, &claim);
    d.type = MASC_CLAIM_DENIED;
    d.lifetime_s = 5;
    EXPECT_UEQ(passed_on(s, INTERNAL, &d), CHILDREN);
    EXPECT_EQ(speaker_role(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16"), MASC_INTERNAL);
    EXPECT(s->m->table.entry[speaker_entry(s, &claim, MASC_CHILD)].flags & ENTRY_DENIED);
    d.prefix = speaker_prefix("0/24"); /* of a hint: for the origin alone */
    EXPECT_UEQ(passed_on(s, INTERNAL, &d), BIT(CHILD));
    speaker_free(s);
}

TEST(our_hint_by_an_internal_peer, "")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "0/24");

    EXPECT_UEQ(passed_on(s, INTERNAL, &a), BIT(PARENT) | BIT(PARENT2));
    EXPECT_UEQ(speaker_owns(s), 1); /* no claim of ours */
    speaker_free(s);
}

/* ---- parents (11.3.3, 11.6.1, 11.7.4) ---- */

TEST(managed_by_a_parent, "M-11.6.1-01")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8"), b;

    EXPECT_UEQ(passed_on(s, PARENT, &a), SIBLINGS | BIT(INTERNAL));
    EXPECT_EQ(speaker_role(s, SIBLING, MASC_PREFIX_MANAGED, "229.0.0.0/8"), MASC_PARENT);
    EXPECT(speaker_claim(s, "229.7.0.0/16")); /* and we may claim in it */
    b = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "229.8.0.0/16");
    EXPECT_UEQ(passed_on(s, SIBLING, &b), BESIDE & ~BIT(SIBLING));
    speaker_free(s);
}

TEST(managed_by_no_parent, "M-11.6.1-03")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, PARENT2, MASC_PREFIX_MANAGED, "229.0.0.0/8");

    a.role = MASC_PARENT; /* the sibling's other parent, not the common one */
    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_ORIGIN_DOMAIN);
    a.domain = 65099;
    EXPECT_EQ(draws(s, SIBLING, &a), MASC_UPDATE_ORIGIN_DOMAIN);
    speaker_free(s);
}

/* The parent's prefix comes back to it by no one else; its copy from a sibling is passed on
 * to all but that one. */
TEST(managed_by_way_of_a_sibling, "")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");

    a.role = MASC_PARENT;
    EXPECT_UEQ(passed_on(s, SIBLING, &a), BIT(SIBLING2) | BIT(INTERNAL) | BIT(PARENT));
    speaker_free(s);
}

TEST(denial_of_a_siblings_claim, "M-11.3.3-01")
{
    struct speaker *s = scene();
    struct masc_attr claim = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    struct masc_attr d = claim;

    speaker_feed(s, SIBLING, &claim);
    d.type = MASC_CLAIM_DENIED;
    EXPECT_UEQ(passed_on(s, PARENT, &d), SIBLINGS | BIT(INTERNAL));
    EXPECT_EQ(speaker_role(s, SIBLING, MASC_CLAIM_DENIED, "228.16.0.0/16"), MASC_PARENT);
    EXPECT(!table_live(&s->m->table, speaker_entry(s, &claim, MASC_SIBLING), s->now.wall.s));
    d.prefix = speaker_prefix("233.16.0.0/16");
    EXPECT_EQ(draws(s, PARENT, &d), MASC_UPDATE_NO_PARENT_PREFIX);
    speaker_free(s);
}

TEST(denial_of_nothing, "M-11.3.3-03")
{
    struct speaker *s = scene();
    struct masc_attr d, e;

    EXPECT(speaker_claim(s, "228.64.0.0/16"));
    speaker_wait(s, s->cfg.claim_delay_s);
    d = *speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.64.0.0/16");
    d.type = MASC_CLAIM_DENIED;
    e = d;
    e.timestamp_s++;
    EXPECT_EQ(draws(s, PARENT, &e), MASC_UPDATE_NO_INTERNAL_PREFIX);
    e = d;
    e.prefix = speaker_prefix("228.65.0.0/16");
    EXPECT_EQ(draws(s, PARENT, &e), MASC_UPDATE_NO_INTERNAL_PREFIX);
    e.prefix = speaker_prefix("228.64.0.0/17"); /* part of it */
    EXPECT_EQ(draws(s, PARENT, &e), MASC_UPDATE_NO_INTERNAL_PREFIX);
    EXPECT(speaker_own(s, "228.64.0.0/16") != NULL);
    speaker_free(s);
}

TEST(denial_of_our_claim, "M-11.3.3-04 M-11.3.3-06")
{
    struct speaker *s = scene();
    struct masc_attr d;

    EXPECT(speaker_claim(s, "228.64.0.0/16"));
    speaker_wait(s, s->cfg.claim_delay_s);
    d = *speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.64.0.0/16");
    d.type = MASC_CLAIM_DENIED;
    d.lifetime_s = 20 * 86400;
    d.holdtime_s++;
    EXPECT_UEQ(passed_on(s, PARENT, &d), SIBLINGS | BIT(INTERNAL));
    EXPECT(speaker_own(s, "228.64.0.0/16") == NULL);
    EXPECT_UEQ(speaker_told(s, "denied", "228.64.0.0/16"), 1);
    EXPECT(speaker_heard(s, SIBLING, MASC_WITHDRAW, "228.64.0.0/16") == NULL); /* dead already */
    d.lifetime_s--; /* another node of the parent says so, too: it matches what is remembered */
    EXPECT_UEQ(passed_on(s, PARENT, &d), SIBLINGS | BIT(INTERNAL));
    speaker_free(s);
}

/* The claim is an internal peer's: its node has another number, and it is denied all the same. */
TEST(denial_of_an_internal_peers_claim, "M-11.3.3-06")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.64.0.0/16"), d = a;

    speaker_feed(s, INTERNAL, &a);
    d.type = MASC_CLAIM_DENIED;
    d.lifetime_s = 5;
    EXPECT_UEQ(passed_on(s, PARENT, &d), SIBLINGS | BIT(INTERNAL));
    EXPECT(speaker_own(s, "228.64.0.0/16") == NULL);
    speaker_free(s);
}

TEST(withdraw_by_a_parent, "M-11.7.4-01 M-11.7.4-03 M-11.7.4-04 M-11.7.4-05")
{
    struct speaker *s = scene();
    struct masc_attr w, in;
    const struct masc_attr *ours;

    in = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.16.0.0/16");
    speaker_feed(s, INTERNAL, &in); /* claimed by another node of ours */
    speaker_wait(s, 100);
    w = speaker_attr(s, PARENT, MASC_WITHDRAW, "233.0.0.0/8");
    EXPECT_EQ(draws(s, PARENT, &w), MASC_UPDATE_NO_PARENT_PREFIX);
    w.prefix = speaker_prefix("228.0.0.0/10");
    EXPECT_UEQ(passed_on(s, PARENT, &w), SIBLINGS | BIT(INTERNAL));
    EXPECT_UEQ(who_heard(s, MASC_WITHDRAW, "228.0.0.0/12"), BESIDE | CHILDREN);
    EXPECT_UEQ(who_heard(s, MASC_WITHDRAW, "228.16.0.0/16"), BESIDE | CHILDREN);
    ours = speaker_heard(s, PARENT, MASC_WITHDRAW, "228.16.0.0/16");
    EXPECT(ours && ours->domain == SPEAKER_DOMAIN && ours->node == s->node[INTERNAL] &&
           ours->role == MASC_INTERNAL);
    EXPECT(ours && ours->timestamp_s == w.timestamp_s && ours->holdtime_s >= w.holdtime_s);
    EXPECT_EQ(speaker_output(s, "maas", "228.0.0.0/12"), -1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.16.0.0/16"), -1);
    speaker_free(s);
}

TEST(withdraw_of_part_of_our_space, "M-11.7.4-03")
{
    struct speaker *s = scene();
    struct masc_attr w;

    speaker_wait(s, 100);
    w = speaker_attr(s, PARENT, MASC_WITHDRAW, "228.3.0.0/16");
    (void)passed_on(s, PARENT, &w);
    EXPECT_UEQ(who_heard(s, MASC_WITHDRAW, "228.3.0.0/16"), BESIDE | CHILDREN);
    EXPECT_EQ(speaker_output(s, "maas", "228.3.0.0/16"), -1);
    EXPECT(own_in_use(speaker_own(s, "228.0.0.0/12")));
    speaker_free(s);
}

/* ---- top-level domains (A-63) ---- */

TEST(top_level_siblings, "M-11.2.2-06")
{
    struct speaker *s = speaker_tld();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, TLD_SIBLING, MASC_PREFIX_IN_USE, "228.16.0.0/16");
    EXPECT_UEQ(passed_on(s, TLD_SIBLING, &a), BIT(TLD_SIBLING2) | BIT(TLD_INTERNAL));
    a.prefix = speaker_prefix("233.16.0.0/16");
    EXPECT_EQ(draws(s, TLD_SIBLING, &a), MASC_UPDATE_NO_PARENT_PREFIX);
    speaker_free(s);
}

/* Before the end of the session nothing is said to peers that are not up (11). */
TEST(only_established_sessions_hear, "")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");

    speaker_down(s, SIBLING2);
    EXPECT_UEQ(passed_on(s, SIBLING, &a), BIT(PARENT) | BIT(INTERNAL));
    speaker_forget(s);
    speaker_up(s, SIBLING2);
    EXPECT_UEQ(who_heard(s, MASC_NEW_CLAIM, "228.16.0.0/16"), BIT(SIBLING2));
    speaker_free(s);
}
