/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a neighbour must not be able to do: take or forge what is ours, speak for a parent that it
 * is not, push out what others wait for, or make us talk a hundred times as much as it says.
 */
#include "tests/speaker.h"

#include "tests/tap.h"

/* A parent domain that has claimed 228.1.0.0/24 of its space for its own hosts. */
static struct speaker *with_hosts(void)
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = 200};
    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.128.0/24");
    speaker_feed(s, CHILD, &a);
    speaker_wait(s, 1);
    speaker_forget(s);
    return s;
}

static const struct own *hosts_range(const struct speaker *s)
{
    for (unsigned i = 0; i < s->m->own_max; i++)
        if (own_in_use(&s->m->own[i]) && own_role(&s->m->own[i]) == MASC_CHILD)
            return &s->m->own[i];
    return NULL;
}

/* 13: a record that cannot be true is not taken up, and stays for a person to look at. */
TEST(a_stored_row_that_cannot_be_true, "")
{
    struct speaker *s = speaker_child();
    struct own o = {.prefix = speaker_prefix("228.1.0.0/16"), .node = 1, .keep = true};
    struct row row;

    o.timestamp_s = s->now.wall.s + 2 * 86400 + (int64_t)s->cfg.timestamp_skew_s;
    o.lifetime_s = 86400;
    speaker_init(s);
    row = own_row(s->m, &o);
    speaker_row(s, &row);
    o.timestamp_s = s->now.wall.s - 100;
    o.lifetime_s = UINT32_MAX;
    row = own_row(s->m, &o);
    speaker_row(s, &row);
    speaker_ready(s);
    EXPECT_UEQ(speaker_owns(s), 0);
    EXPECT_UEQ(speaker_told(s, "not-restored", NULL), 2);
    speaker_free(s);
}

/* 14, A-97: what a child says of us is not believed, also where we are a child of ourselves. */
TEST(a_child_cannot_withdraw_our_hosts_range, "")
{
    struct speaker *s = with_hosts();
    const struct own *o = hosts_range(s);
    struct masc_attr a;

    REQUIRE(o);
    a = speaker_attr(s, INTERNAL, MASC_WITHDRAW, "228.1.0.0/24");
    a.prefix = o->prefix;
    a.node = o->node;
    a.role = MASC_SIBLING; /* what a child calls its parent's own use */
    speaker_feed(s, CHILD, &a);
    EXPECT(hosts_range(s) == o);
    EXPECT(o->maas);
    EXPECT_UEQ(speaker_outputs(s, "maas", "remove"), 0);
    EXPECT(speaker_count(s, CHILD2) == 0);
    speaker_free(s);
}

TEST(a_child_cannot_forge_our_hosts_range, "")
{
    struct speaker *s = with_hosts();
    unsigned before = speaker_owns(s);
    struct masc_attr a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.64.0/24");

    a.role = MASC_SIBLING;
    speaker_feed(s, CHILD, &a);
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.1.65.0/24");
    a.role = MASC_SIBLING;
    speaker_feed(s, CHILD, &a);
    EXPECT_UEQ(speaker_owns(s), before);
    EXPECT_UEQ(speaker_count(s, CHILD2), 0);
    speaker_free(s);
}

/* 11.3.3, A-62: only the parent whose space it is may deny a claim. */
TEST(another_parent_cannot_deny, "")
{
    struct speaker *s = speaker_child();
    const struct own *o;
    struct masc_attr a;

    speaker_start(s);
    EXPECT(speaker_claim(s, "228.3.0.0/24"));
    speaker_wait(s, 700);
    o = speaker_own(s, "228.3.0.0/24");
    REQUIRE(o && o->state == MASC_OWN_WAITING);
    a = speaker_attr(s, INTERNAL, MASC_CLAIM_DENIED, "228.3.0.0/24");
    a.timestamp_s = (uint32_t)o->timestamp_s;
    a.node = o->node;
    EXPECT_EQ(speaker_error(s, PARENT2, &a), MASC_UPDATE_NO_INTERNAL_PREFIX);
    EXPECT(speaker_own(s, "228.3.0.0/24") == o);
    speaker_feed(s, PARENT, &a);
    EXPECT(speaker_own(s, "228.3.0.0/24") == NULL);
    speaker_free(s);
}

/* each peer has its share of what waits for a parent's prefix. */
TEST(one_peer_does_not_push_out_what_another_waits_for, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr good, junk, managed;
    unsigned i;

    speaker_start(s); /* 8 places */
    good = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "229.1.0.0/16");
    speaker_feed(s, SIBLING, &good);
    junk = speaker_attr(s, SIBLING2, MASC_NEW_CLAIM, "229.16.0.0/16");
    for (i = 0; i < 30; i++) {
        junk.prefix.addr = 0xE5100000 + (i << 16);
        speaker_feed(s, SIBLING2, &junk);
    }
    managed = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");
    speaker_feed(s, PARENT, &managed);
    EXPECT(speaker_entry(s, &good, MASC_SIBLING) != TABLE_NONE);
    speaker_free(s);
}

/* 8.3, A-13: Data is the whole UPDATE, so each kind of error in it is said once. */
TEST(an_update_draws_one_answer_of_a_kind, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a[100];

    speaker_start(s);
    for (unsigned i = 0; i < 100; i++) {
        a[i] = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "229.0.0.0/24"); /* no parent's */
        a[i].prefix.addr += i << 8;
    }
    a[99] = speaker_attr(s, SIBLING, MASC_CLAIM_TO_EXPAND, "228.9.0.0/24"); /* of nothing */
    speaker_feed_all(s, SIBLING, a, 100);
    EXPECT_UEQ(speaker_notes(s, SIBLING), 2);
    EXPECT_UEQ(s->m->count.refused, 100);
    speaker_free(s);
}

/* 12.4: clashes that we win take no place from one that we lose. */
TEST(won_clashes_do_not_hide_a_lost_one, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    unsigned i;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    a = speaker_attr(s, SIBLING2, MASC_PREFIX_IN_USE, "228.1.0.0/26");
    a.timestamp_s = (uint32_t)s->now.wall.s; /* younger than ours */
    for (i = 0; i < CLASHES_MAX + 20; i++) {
        a.prefix.addr = 0xE4010000 + (i << 6);
        speaker_feed(s, SIBLING2, &a);
    }
    EXPECT(speaker_told(s, "clashes-full", NULL) > 0);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    a.timestamp_s = (uint32_t)(speaker_own(s, "228.1.0.0/16")->timestamp_s - 100);
    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, 2);
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.0.0/16"));
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    speaker_free(s);
}

/* And beyond all places a lost one is still acted on. */
TEST(more_lost_clashes_than_places, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    uint32_t older;
    unsigned i;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    older = (uint32_t)(speaker_own(s, "228.1.0.0/16")->timestamp_s - 100);
    a = speaker_attr(s, SIBLING2, MASC_PREFIX_IN_USE, "228.1.0.0/26");
    a.timestamp_s = older;
    for (i = 0; i < CLASHES_MAX + 5; i++) {
        a.prefix.addr = 0xE4010000 + (i << 6);
        speaker_feed(s, SIBLING2, &a);
    }
    EXPECT_UEQ(speaker_told(s, "clashes-full", NULL), 5);
    speaker_wait(s, 2);
    a.prefix.addr = 0xE4010000 + ((CLASHES_MAX + 4) << 6);
    EXPECT(speaker_kept(s, "228.1.0.0/16") > 0);
    EXPECT(speaker_heard(s, PARENT, MASC_WITHDRAW, "228.1.65.0/26"));
    speaker_free(s);
}
