/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * To whom an UPDATE is passed on where a domain has several nodes (11.3 - 11.7, A-59, A-111): the
 * parent domain has two, and so has our own beside us. receive_test.c has the single ones.
 */
#include "tests/speaker.h"

#include "tests/tap.h"

#define BIT(peer) (1u << (peer))

enum { PARENT_TOO = 8, INTERNAL_TOO };

enum {
    PARENTS = BIT(PARENT) | BIT(PARENT_TOO),
    SIBLINGS = BIT(SIBLING) | BIT(SIBLING2),
    INTERNALS = BIT(INTERNAL) | BIT(INTERNAL_TOO),
    CHILDREN = BIT(CHILD) | BIT(CHILD2),
};

/* Everybody of that domain knows what we have: 228.0.0.0/12 of the parent's 228.0.0.0/8. */
static struct speaker *scene(void)
{
    struct speaker *s = speaker_child();

    speaker_peer(s, MASC_CHILD, 65000);
    speaker_peer(s, MASC_INTERNAL, SPEAKER_DOMAIN);
    speaker_start(s);
    speaker_hold(s, "228.0.0.0/12");
    speaker_forget(s);
    return s;
}

static unsigned who_heard(const struct speaker *s, enum masc_type type, const char *prefix)
{
    unsigned who = 0;

    for (unsigned i = 0; i < s->cfg.peers; i++)
        if (speaker_heard(s, i, type, prefix))
            who |= BIT(i);
    return who;
}

static unsigned passed_on(struct speaker *s, unsigned peer, const struct masc_attr *a)
{
    char text[PREFIX_TEXT_MAX];

    speaker_forget(s);
    EXPECT_EQ(speaker_error(s, peer, a), 0);
    return who_heard(s, a->type, prefix_format(a->prefix, text));
}

TEST(managed_by_one_node_of_the_parent, "M-11.6.1-02 M-4-15")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");

    EXPECT_UEQ(passed_on(s, PARENT, &a), BIT(PARENT_TOO) | INTERNALS | SIBLINGS);
    EXPECT_EQ(speaker_role(s, PARENT_TOO, MASC_PREFIX_MANAGED, "229.0.0.0/8"), MASC_PARENT);
    speaker_free(s);
}

/* 4: what a sibling says goes to the parent and to the other siblings. */
TEST(said_by_a_sibling, "M-4-17")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");

    EXPECT_UEQ(passed_on(s, SIBLING, &a), PARENTS | INTERNALS | BIT(SIBLING2));
    a.type = MASC_PREFIX_IN_USE;
    a.holdtime_s = a.lifetime_s;
    EXPECT_UEQ(passed_on(s, SIBLING, &a), PARENTS | INTERNALS | BIT(SIBLING2));
    speaker_free(s);
}

TEST(parent_denies_a_sibling, "M-11.3.3-02")
{
    struct speaker *s = scene();
    struct masc_attr claim = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.16.0.0/16");
    struct masc_attr d = claim;

    speaker_feed(s, SIBLING, &claim);
    d.type = MASC_CLAIM_DENIED;
    d.lifetime_s = 5;
    EXPECT_UEQ(passed_on(s, PARENT, &d), BIT(PARENT_TOO) | INTERNALS | SIBLINGS);
    speaker_free(s);
}

TEST(parent_denies_us, "M-11.3.3-05")
{
    struct speaker *s = scene();
    struct masc_attr d;

    EXPECT(speaker_claim(s, "228.64.0.0/16"));
    speaker_wait(s, s->cfg.claim_delay_s);
    REQUIRE(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.64.0.0/16") != NULL);
    d = *speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.64.0.0/16");
    d.type = MASC_CLAIM_DENIED;
    d.lifetime_s = 5;
    EXPECT_UEQ(passed_on(s, PARENT, &d), BIT(PARENT_TOO) | INTERNALS | SIBLINGS);
    EXPECT(speaker_own(s, "228.64.0.0/16") == NULL);
    speaker_free(s);
}

/* one of our nodes denies for the domain; the others tell whom they have sessions with. */
TEST(internal_peer_denies_a_child, "M-11.3.2-01")
{
    struct speaker *s = scene();
    struct masc_attr claim = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16"), d = claim;

    speaker_feed(s, CHILD, &claim);
    d.type = MASC_CLAIM_DENIED;
    d.lifetime_s = 5;
    EXPECT_UEQ(passed_on(s, INTERNAL, &d), BIT(INTERNAL_TOO) | CHILDREN);
    speaker_free(s);
}

/* 11.4.3: internal peers need it, denied or not; other children only if it stands. */
TEST(child_expands, "M-11.4.3-03")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.0.0/24");

    speaker_feed(s, CHILD, &a);
    a = speaker_attr(s, CHILD, MASC_CLAIM_TO_EXPAND, "228.1.0.0/23");
    EXPECT_UEQ(passed_on(s, CHILD, &a), INTERNALS | BIT(CHILD2));
    a = speaker_attr(s, CHILD, MASC_CLAIM_TO_EXPAND, "228.1.0.0/22");
    a.lifetime_s = 100 * 86400; /* beyond the end of our prefix */
    EXPECT_UEQ(passed_on(s, CHILD, &a), INTERNALS);
    EXPECT_UEQ(who_heard(s, MASC_CLAIM_DENIED, "228.1.0.0/22"), INTERNALS | BIT(CHILD));
    speaker_free(s);
}

/* a child never heard of the claim, and would complain of its end. */
TEST(own_claims_and_prefixes_are_withdrawn, "M-11.7.3-07")
{
    struct speaker *s = scene();

    EXPECT(speaker_claim(s, "228.64.0.0/16"));
    speaker_wait(s, s->cfg.claim_delay_s);
    EXPECT_UEQ(who_heard(s, MASC_NEW_CLAIM, "228.64.0.0/16"), PARENTS | SIBLINGS | INTERNALS);
    speaker_forget(s);
    EXPECT(speaker_release(s, "228.64.0.0/16"));
    EXPECT_UEQ(who_heard(s, MASC_WITHDRAW, "228.64.0.0/16"), PARENTS | SIBLINGS | INTERNALS);
    speaker_forget(s);
    EXPECT(speaker_release(s, "228.0.0.0/12"));
    EXPECT_UEQ(who_heard(s, MASC_WITHDRAW, "228.0.0.0/12"),
               PARENTS | SIBLINGS | INTERNALS | CHILDREN);
    speaker_free(s);
}
