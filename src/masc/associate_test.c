/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where an UPDATE belongs when more than one prefix could take it, or one that no longer can (11,
 * ), whom that makes it be passed on to, and which of our claims go to which parent.
 */
#include "tests/speaker.h"

#include "tests/tap.h"

#define WAIT ((int64_t)MASC_WAITING_PERIOD_S)

static void manage(struct speaker *s, unsigned peer, const char *prefix)
{
    struct masc_attr a = speaker_attr(s, peer, MASC_PREFIX_MANAGED, prefix);

    a.lifetime_s = a.holdtime_s = 180 * 86400;
    speaker_feed(s, peer, &a);
}

/* The parent that is told of an internal peer's claim on `prefix`; -1 if not exactly one is. */
static int parent_of(struct speaker *s, const char *prefix)
{
    struct masc_attr a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, prefix);
    bool first, second;

    speaker_forget(s);
    EXPECT_EQ(speaker_error(s, INTERNAL, &a), 0);
    first = speaker_heard(s, PARENT, MASC_NEW_CLAIM, prefix) != NULL;
    second = speaker_heard(s, PARENT2, MASC_NEW_CLAIM, prefix) != NULL;
    return first == second ? -1 : first ? PARENT : PARENT2;
}

TEST(the_lowest_parent_on_a_tie, "")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    manage(s, PARENT, "229.0.0.0/8");
    manage(s, PARENT2, "229.0.0.0/8");
    manage(s, PARENT2, "230.0.0.0/8");
    manage(s, PARENT, "230.0.0.0/8");
    EXPECT_EQ(parent_of(s, "229.1.0.0/16"), PARENT); /* 65000 */
    EXPECT_EQ(parent_of(s, "230.1.0.0/16"), PARENT);
    speaker_free(s);
}

TEST(the_most_specific_prefix, "")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    manage(s, PARENT, "229.0.0.0/8");
    manage(s, PARENT2, "229.1.0.0/16");
    manage(s, PARENT, "230.1.0.0/16");
    manage(s, PARENT2, "230.0.0.0/8");
    EXPECT_EQ(parent_of(s, "229.1.4.0/24"), PARENT2); /* whatever the Domain ID */
    EXPECT_EQ(parent_of(s, "229.2.4.0/24"), PARENT);
    EXPECT_EQ(parent_of(s, "230.1.4.0/24"), PARENT);
    EXPECT_EQ(parent_of(s, "230.2.4.0/24"), PARENT2);
    speaker_free(s);
}

/* 4.2: at its end a prefix of ours covers nothing, before it is taken off the books, too. */
TEST(our_prefix_covers_to_its_end, "")
{
    struct speaker *s = speaker_child();
    struct prefix in = speaker_prefix("228.1.4.0/24");
    struct own *o;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    o = speaker_own(s, "228.1.0.0/16");
    s->m->now.wall.s = own_end(o) - 1;
    EXPECT(own_covering(s->m, in) == o);
    s->m->now.wall.s = own_end(o);
    EXPECT(own_covering(s->m, in) == NULL);
    speaker_free(s);
}

/* 11.6.1, A-56: an internal peer that takes our own domain for a parent of ours. */
TEST(we_are_not_our_parent, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_MANAGED, "231.0.0.0/8");
    a.role = MASC_PARENT;
    EXPECT_EQ(speaker_error(s, INTERNAL, &a), MASC_UPDATE_ORIGIN_DOMAIN);
    EXPECT_UEQ(speaker_entry(s, &a, MASC_PARENT), TABLE_NONE);
    EXPECT(!speaker_claim(s, "231.1.0.0/16"));
    speaker_free(s);
}

/* inside a zone the domains at its top are siblings, whatever parent the session is about;
 * and no parent is told. */
TEST(zone_claims_pass_over_sibling_sessions, "")
{
    struct speaker *s = speaker_child();
    struct prefix zone = speaker_prefix("239.192.0.0/14");
    struct masc_attr a;

    s->cfg.scope[s->cfg.scopes++] =
        (struct masc_scope){.name = "zone", .prefix = zone, .zone_tld = true};
    s->cfg.range[s->cfg.ranges++] = (struct masc_range){zone, 1};
    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "239.192.1.0/24");
    EXPECT_EQ(speaker_error(s, SIBLING, &a), 0);
    EXPECT(speaker_heard(s, SIBLING2, MASC_NEW_CLAIM, "239.192.1.0/24") != NULL);
    EXPECT(speaker_heard(s, SIBLING3, MASC_NEW_CLAIM, "239.192.1.0/24") != NULL);
    EXPECT(speaker_heard(s, INTERNAL, MASC_NEW_CLAIM, "239.192.1.0/24") != NULL);
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "239.192.1.0/24") == NULL);
    EXPECT(speaker_heard(s, PARENT2, MASC_NEW_CLAIM, "239.192.1.0/24") == NULL);
    speaker_free(s);
}

/* 11.7.2: every node of the common parent, every sibling with regard to it, and ourselves. */
TEST(a_siblings_withdraw_goes_to_all_who_compete, "M-11.7.2-02")
{
    struct speaker *s = speaker_child();
    unsigned other_node = s->cfg.peers;
    struct masc_attr a;

    speaker_peer(s, MASC_CHILD, 65000);
    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    speaker_feed(s, SIBLING, &a);
    speaker_forget(s);
    a.type = MASC_WITHDRAW;
    EXPECT_EQ(speaker_error(s, SIBLING, &a), 0);
    EXPECT_EQ(speaker_role(s, PARENT, MASC_WITHDRAW, "228.1.0.0/16"), MASC_SIBLING);
    EXPECT_EQ(speaker_role(s, other_node, MASC_WITHDRAW, "228.1.0.0/16"), MASC_SIBLING);
    EXPECT_EQ(speaker_role(s, SIBLING2, MASC_WITHDRAW, "228.1.0.0/16"), MASC_SIBLING);
    EXPECT_EQ(speaker_role(s, INTERNAL, MASC_WITHDRAW, "228.1.0.0/16"), MASC_SIBLING);
    EXPECT_EQ(s->heard_n, 4); /* not the sender, not what is of another parent, no child */
    speaker_free(s);
}

static bool lies_in(const struct masc_attr *a, const char *managed)
{
    return prefix_covers(speaker_prefix(managed), a->prefix);
}

/* 4: of two parents each hears of what is claimed in its own prefix, and nothing else; the
 * operator's claims as well as those that demand makes. */
TEST(each_claim_is_directed_at_one_parent, "M-4-03")
{
    static const char *const managed[] = {[PARENT] = "229.1.0.0/16", [PARENT2] = "229.2.0.0/16"};
    struct speaker *s = speaker_child();
    unsigned claims[SPEAKER_PEERS] = {0};
    struct masc_attr w;

    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = 60000};
    speaker_start(s);
    w = speaker_attr(s, PARENT, MASC_WITHDRAW, "228.0.0.0/8");
    w.lifetime_s = w.holdtime_s = 180 * 86400;
    speaker_feed(s, PARENT, &w);
    manage(s, PARENT, managed[PARENT]);
    manage(s, PARENT2, managed[PARENT2]);
    EXPECT(speaker_claim(s, "229.1.3.0/24"));
    EXPECT(speaker_claim(s, "229.2.3.0/24"));
    speaker_wait(s, 3 * WAIT);
    for (size_t i = 0; i < s->heard_n; i++) {
        const struct heard *h = &s->heard[i];
        bool up = h->peer == PARENT || h->peer == PARENT2;
        if (!up || h->code || prefix_is_hint(h->attr.prefix))
            continue;
        EXPECT(lies_in(&h->attr, managed[h->peer]));
        claims[h->peer] += claim_is_pending(h->attr.type);
    }
    EXPECT(claims[PARENT] > 0 && claims[PARENT2] > 0);
    EXPECT_UEQ(claims[PARENT] + claims[PARENT2], speaker_told(s, "claim", NULL));
    speaker_free(s);
}
