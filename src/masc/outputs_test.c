/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What address servers (MAASs) and routing (G-RIB) are told (4.1, 5.1 d, 12.2): each add has one
 * remove, nothing is added twice, what expires goes in the step in which it does (I-13 - I-17).
 */
#include "tests/speaker.h"

#include "tests/tap.h"

#define WAIT ((int64_t)MASC_WAITING_PERIOD_S)

/* Adds and removes of each prefix alternate and begin with an add. */
static bool adds_up(const struct speaker *s, const char *to)
{
    for (size_t i = 0; i < s->told_n; i++) {
        char text[PREFIX_TEXT_MAX];
        struct speaker part = *s;
        int sum;
        if (!*s->told[i].to)
            continue;
        part.told_n = i + 1;
        sum = speaker_output(&part, to, prefix_format(s->told[i].prefix, text));
        if (sum < 0 || sum > 1) {
            tap_diag("%s %s: %d", to, text, sum);
            return false;
        }
    }
    return true;
}

TEST(a_leaf_gives_all_to_its_hosts, "M-4.1-01 M-4.1-03 M-12.2-05 M-12.2-06")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    EXPECT(masc_status(s->m, s->now).leaf);
    speaker_hold(s, "228.1.0.0/16");
    speaker_hold(s, "228.3.0.0/24");
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 1);
    EXPECT_EQ(speaker_output(s, "maas", "228.3.0.0/24"), 1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), 1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.3.0.0/24"), 1);
    EXPECT_UEQ(masc_status(s->m, s->now).managed, 65536 + 256);
    EXPECT(adds_up(s, "maas") && adds_up(s, "g-rib"));
    speaker_free(s);
}

TEST(pending_claims_are_not_told, "M-3-02")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.3.0.0/16");
    speaker_feed(s, INTERNAL, &a);
    speaker_wait(s, WAIT - 100);
    EXPECT_UEQ(speaker_outputs(s, "maas", "add") + speaker_outputs(s, "g-rib", "add"), 0);
    speaker_free(s);
}

/* 12.2: a child speaks: hosts keep what they have claimed, the rest is the children's. */
TEST(a_parent_gives_only_what_it_claimed_for_hosts, "M-12.2-07")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    size_t n = 0;

    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = 200};
    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.128.0/24");
    speaker_feed(s, CHILD, &a);
    speaker_wait(s, 1);
    EXPECT(!masc_status(s->m, s->now).leaf);
    EXPECT_UEQ(speaker_told(s, "non-leaf", NULL), 1);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), 1); /* routed all the same */
    for (unsigned i = 0; i < s->m->own_max; i++) { /* I-43 */
        const struct own *o = &s->m->own[i];
        if (!o->present || !o->maas)
            continue;
        EXPECT_EQ(own_role(o), MASC_CHILD);
        EXPECT(prefix_covers(speaker_prefix("228.1.0.0/16"), o->prefix));
        EXPECT(!prefix_overlaps(o->prefix, a.prefix));
        EXPECT(!o->g_rib);
        n++;
    }
    EXPECT_UEQ(n, 1);
    EXPECT(adds_up(s, "maas") && adds_up(s, "g-rib"));
    speaker_free(s);
}

/* hosts go on with all that they have until what they keep is stored. */
TEST(hosts_are_not_told_to_stop_in_between, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.demand[s->cfg.demands++] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = 200};
    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    s->hold_stores = true;
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.128.0/24");
    speaker_feed(s, CHILD, &a);
    speaker_wait(s, 1);
    EXPECT(!masc_status(s->m, s->now).leaf);
    EXPECT(speaker_own_in(s, MASC_OWN_STORING) != NULL);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 1);
    while (speaker_stored(s, STORED_OK))
        continue;
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    EXPECT(adds_up(s, "maas"));
    speaker_free(s);
}

/* the switch is per family: a child that wants IPv6 takes no IPv4 from hosts. */
TEST(leaf_by_family, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "::/112");
    EXPECT_EQ(a.prefix.family, FAMILY_IPV6);
    speaker_feed(s, CHILD, &a);
    speaker_wait(s, 1);
    EXPECT(!masc_status(s->m, s->now).leaf);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 1);
    speaker_free(s);
}

/* After the child's last word expired: a leaf again. */
TEST(a_leaf_again, "M-12.2-09")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "0/24"); /* a hint counts */
    speaker_feed(s, CHILD, &a);
    speaker_wait(s, 1);
    EXPECT(!masc_status(s->m, s->now).leaf);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    speaker_wait(s, WAIT - 10);
    EXPECT(!masc_status(s->m, s->now).leaf);
    speaker_wait(s, MASC_RETENTION_S + 20); /* nothing of a child is in the cache any more */
    EXPECT(masc_status(s->m, s->now).leaf);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 1);
    EXPECT(adds_up(s, "maas"));
    speaker_free(s);
}

TEST(nested_prefixes_are_told_once, "M-3-03")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    speaker_feed(s, INTERNAL, &a);
    a.timestamp_s++;
    a.lifetime_s += 86400;
    a.holdtime_s += 86400;
    a.prefix = speaker_prefix("228.1.0.0/17"); /* half of it is re-claimed and lives longer */
    speaker_feed(s, INTERNAL, &a);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 1);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/17"), 0);
    speaker_wait(s, SPEAKER_LIFE);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/17"), 1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/17"), 1);
    EXPECT(adds_up(s, "maas") && adds_up(s, "g-rib"));
    speaker_free(s);
}

TEST(expansion_replaces_what_it_covers, "M-5.3-02")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.2.0.0/16");
    speaker_feed(s, INTERNAL, &a);
    a.prefix = speaker_prefix("228.2.0.0/15");
    a.timestamp_s++;
    speaker_feed(s, INTERNAL, &a);
    EXPECT_EQ(speaker_output(s, "maas", "228.2.0.0/16"), 0);
    EXPECT_EQ(speaker_output(s, "maas", "228.2.0.0/15"), 1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.2.0.0/16"), 0);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.2.0.0/15"), 1);
    EXPECT_UEQ(speaker_owns(s), 1);
    EXPECT_UEQ(speaker_kept(s, "228.2.0.0/16"), 0);
    EXPECT(adds_up(s, "maas") && adds_up(s, "g-rib"));
    speaker_free(s);
}

/* 12.5: the new provider carries the old prefixes, or it does not. */
TEST(not_routed_by_the_new_provider, "M-12.5-04")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, PARENT2, MASC_PREFIX_MANAGED, "230.0.0.0/8");
    a.lifetime_s = a.holdtime_s = 180 * 86400;
    speaker_feed(s, PARENT2, &a);
    speaker_hold(s, "228.1.0.0/16");
    speaker_hold(s, "230.1.0.0/16");
    s->cfg.peer[PARENT].defend_only = s->cfg.peer[PARENT].unrouted = true;
    masc_configure(s->m, &s->cfg, s->now, speaker_begin(s));
    speaker_end(s);
    speaker_wait(s, 2);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), 0);
    EXPECT_EQ(speaker_output(s, "g-rib", "230.1.0.0/16"), 1);
    EXPECT(own_in_use(speaker_own(s, "228.1.0.0/16"))); /* defended, and not withdrawn */
    EXPECT(!speaker_heard(s, SIBLING, MASC_WITHDRAW, "228.1.0.0/16"));
    s->cfg.peer[PARENT].unrouted = false;
    masc_configure(s->m, &s->cfg, s->now, speaker_begin(s));
    speaker_end(s);
    speaker_wait(s, 2);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), 1);
    EXPECT(adds_up(s, "g-rib"));
    speaker_free(s);
}

/* A WITHDRAW that hides the prefix and a hole in it, which end at different times. */
TEST(a_hole_inside_what_is_withdrawn, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr w;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    speaker_wait(s, 10);
    w = speaker_attr(s, PARENT, MASC_WITHDRAW, "228.1.4.0/24");
    w.lifetime_s = w.holdtime_s = 10 * 86400;
    speaker_feed(s, PARENT, &w);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), -1);
    w.prefix = speaker_prefix("228.0.0.0/14");
    w.lifetime_s = w.holdtime_s = 5 * 86400;
    speaker_feed(s, PARENT, &w);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 0);
    speaker_forget(s);
    speaker_wait(s, 5 * 86400);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), 1); /* back, */
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), -1); /* but for the hole */
    speaker_wait(s, 5 * 86400);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), 0);
    EXPECT_UEQ(speaker_outputs(s, "g-rib", "add"), speaker_outputs(s, "maas", "add"));
    speaker_free(s);
}

/* I-14: in the same step, and no add afterwards. */
TEST(removed_in_the_step_of_its_end, "")
{
    struct speaker *s = speaker_child();
    int64_t end;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    end = own_end(speaker_own(s, "228.1.0.0/16"));
    speaker_forget(s);
    s->wall_ms = end * 1000;
    s->now.wall.s = end;
    speaker_step(s, (struct event){.kind = EVENT_TIME});
    EXPECT_EQ(speaker_output(s, "maas", "228.1.0.0/16"), -1);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.1.0.0/16"), -1);
    speaker_wait(s, 10 * 86400);
    EXPECT_UEQ(speaker_outputs(s, "maas", "add") + speaker_outputs(s, "g-rib", "add"), 0);
    speaker_free(s);
}

/* 12.4, 4.5: the scope is told, so that servers of a scope take what is theirs. */
TEST(scope_is_named, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    bool found = false;

    s->cfg.scope[s->cfg.scopes++] =
        (struct masc_scope){.name = "site", .prefix = speaker_prefix("239.192.0.0/14")};
    speaker_start(s);
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "239.192.0.0/14");
    speaker_feed(s, PARENT, &a);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "239.192.1.0/24");
    masc_configure(s->m, &s->cfg, s->now, speaker_begin(s));
    speaker_end(s);
    speaker_feed(s, INTERNAL, &a);
    EXPECT_EQ(speaker_output(s, "maas", "239.192.1.0/24"), 1);
    EXPECT_UEQ(speaker_own(s, "239.192.1.0/24")->scope, 1);
    for (uint64_t cursor = 0;;) {
        struct masc_own_view v;
        if (!masc_own_next(s->m, s->now, &cursor, &v))
            break;
        found |= v.scope == 1 && v.usable && v.routed;
    }
    EXPECT(found);
    speaker_free(s);
}
