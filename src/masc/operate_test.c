/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an operator may ask and order (masc.h): every refusal says why and changes nothing; views
 * and cursors; orders for sessions; another configuration while it runs.
 */
#include "tests/speaker.h"

#include <string.h>

#include "base/text.h"
#include "tests/tap.h"

#define WAIT ((int64_t)MASC_WAITING_PERIOD_S)

/* Refused, with these words, and nothing came of it. */
static bool refuses(struct speaker *s, const struct masc_claim_wish *w, const char *words)
{
    unsigned owns = speaker_owns(s);
    bool done;

    speaker_forget(s);
    done = speaker_wish(s, w);
    if (!done && !strstr(s->why, words))
        tap_diag("said: %s", s->why);
    return !done && strstr(s->why, words) && speaker_owns(s) == owns && s->told_n == 0 &&
           s->heard_n == 0;
}

static bool claim_refused(struct speaker *s, const char *prefix, const char *words)
{
    struct masc_claim_wish w = {.prefix = speaker_prefix(prefix)};

    return refuses(s, &w, words);
}

TEST(claims_that_are_refused, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    struct masc_claim_wish any = {.family = FAMILY_IPV4};

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.2.0.0/16");
    speaker_feed(s, SIBLING, &a);
    a = speaker_attr(s, SIBLING2, MASC_NEW_CLAIM, "228.4.0.0/16");
    speaker_feed(s, SIBLING2, &a);
    EXPECT(claim_refused(s, "10.0.0.0/8", "10.0.0.0/8 is not multicast"));
    EXPECT(claim_refused(s, "228.1.2.0/24", "our own already"));
    EXPECT(claim_refused(s, "228.0.0.0/15", "our own already"));
    EXPECT(claim_refused(s, "228.2.2.0/24", "228.2.0.0/16 is in use by domain 65002"));
    EXPECT(claim_refused(s, "228.4.0.0/15", "228.4.0.0/16 is claimed by domain 65003"));
    EXPECT(claim_refused(s, "233.0.0.0/16", "no parent's prefix"));
    EXPECT(claim_refused(s, "ff1e::/32", "no parent's prefix"));
    EXPECT(refuses(s, &any, "expected 1 or more addresses"));
    any.addresses = UINT64_C(1) << 31;
    EXPECT(refuses(s, &any, "fit in multicast space"));
    any.addresses = 1 << 24;
    EXPECT(refuses(s, &any, "has room for it"));
    any.addresses = 256;
    EXPECT(speaker_wish(s, &any));
    EXPECT_UEQ(speaker_own_in(s, MASC_OWN_DELAYED)->prefix.len, 24);
    speaker_free(s);
}

/* 12.5: the prefixes of a provider that is left are known, but not to be claimed from. */
TEST(a_parent_that_is_left, "")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    s->cfg.peer[PARENT].defend_only = true;
    masc_configure(s->m, &s->cfg, s->now, speaker_begin(s));
    speaker_end(s);
    speaker_up(s, PARENT);
    EXPECT(claim_refused(s, "228.1.0.0/16", "no parent's prefix"));
    s->cfg.peer[PARENT].defend_only = false;
    masc_configure(s->m, &s->cfg, s->now, speaker_begin(s));
    speaker_end(s);
    speaker_up(s, PARENT);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    speaker_free(s);
}

TEST(a_parent_that_ends_too_soon, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");
    a.lifetime_s = a.holdtime_s = MASC_WAITING_PERIOD_S;
    speaker_feed(s, PARENT, &a);
    EXPECT(claim_refused(s, "229.1.0.0/16", "ends before a claim could be of use"));
    speaker_free(s);
}

TEST(no_place_for_another, "")
{
    struct speaker *s = speaker_child();
    unsigned i;
    char text[PREFIX_TEXT_MAX];

    speaker_start(s); /* 16 places */
    for (i = 0; i < 16; i++) {
        struct prefix p = {0xE4000000 + (i << 16), FAMILY_IPV4, 16};
        EXPECT(speaker_claim(s, prefix_format(p, text)));
    }
    EXPECT(claim_refused(s, "228.99.0.0/16", "limits.own"));
    EXPECT(speaker_release(s, "228.3.0.0/16"));
    EXPECT(speaker_claim(s, "228.99.0.0/16"));
    speaker_free(s);
}

TEST(releases, "M-5.4-03")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    EXPECT(!speaker_release(s, "228.1.0.0/16"));
    EXPECT(strstr(s->why, "is not an own prefix"));
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    EXPECT(speaker_release(s, "228.1.0.0/16")); /* pending: cancelled, and no other in its place */
    EXPECT_UEQ(speaker_owns(s), 0);
    speaker_hold(s, "228.1.0.0/16");
    a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.2.0/24");
    speaker_feed(s, CHILD, &a);
    EXPECT(!speaker_release(s, "228.1.0.0/16"));
    EXPECT(strstr(s->why, "228.1.2.0/24 in it is in use by a child"));
    EXPECT(own_in_use(speaker_own(s, "228.1.0.0/16")));
    speaker_free(s);
}

/* ---- views ---- */

TEST(own_prefixes_in_order, "")
{
    static const char *const text[] = {"228.1.0.0/16", "228.2.0.0/24", "228.5.0.0/16"};
    struct speaker *s = speaker_child();
    struct masc_own_view v;
    uint64_t cursor = 0;
    unsigned n = 0;

    speaker_start(s);
    speaker_hold(s, "228.5.0.0/16");
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    EXPECT(speaker_claim(s, "228.2.0.0/24"));
    while (n < 3 && masc_own_next(s->m, s->now, &cursor, &v)) {
        EXPECT(prefix_equal(v.prefix, speaker_prefix(text[n])));
        EXPECT_EQ(v.state, n == 2 ? MASC_OWN_IN_USE : MASC_OWN_DELAYED);
        EXPECT_EQ(v.usable, n == 2);
        EXPECT_EQ(v.routed, n == 2);
        EXPECT(v.by_operator && v.parent == 65000 && v.node == s->cfg.node);
        n++;
    }
    EXPECT_UEQ(n, 3);
    EXPECT(!masc_own_next(s->m, s->now, &cursor, &v));
    EXPECT_STR(masc_own_state_name(MASC_OWN_DELAYED), "delayed");
    EXPECT_STR(masc_own_state_name(MASC_OWN_WAITING), "waiting");
    EXPECT_STR(masc_own_state_name(MASC_OWN_STORING), "storing");
    EXPECT_STR(masc_own_state_name(MASC_OWN_IN_USE), "in use");
    EXPECT_STR(masc_purpose_name(MASC_FOR_LOCAL), "local");
    speaker_free(s);
}

static const char *state_of(const struct speaker *s, const struct masc_attr *a)
{
    struct masc_claim_view v;
    uint64_t cursor = 0;

    while (masc_claim_next(s->m, s->now, &cursor, &v))
        if (v.attr.type == a->type && prefix_equal(v.attr.prefix, a->prefix) &&
            v.attr.timestamp_s == a->timestamp_s)
            return v.state;
    return "none";
}

TEST(states_of_claims, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr old, new, released, w, denied, d, lost, x;

    speaker_start(s);
    speaker_wait(s, 100);
    old = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    new = old;
    old.timestamp_s -= 10;
    speaker_feed(s, SIBLING, &old);
    EXPECT_STR(state_of(s, &old), "live");
    speaker_feed(s, SIBLING, &new);
    EXPECT_STR(state_of(s, &old), "superseded");
    EXPECT_STR(state_of(s, &new), "live");
    released = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.2.0.0/16");
    w = released;
    released.timestamp_s -= 10;
    w.type = MASC_WITHDRAW;
    speaker_feed(s, SIBLING, &released);
    speaker_feed(s, SIBLING, &w);
    EXPECT_STR(state_of(s, &released), "withdrawn");
    d = denied = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.3.0.0/16");
    d.type = MASC_CLAIM_DENIED;
    speaker_feed(s, SIBLING, &denied);
    speaker_feed(s, PARENT, &d);
    EXPECT_STR(state_of(s, &denied), "denied");
    x = lost = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.4.0.0/16");
    x.type = MASC_WITHDRAW;
    speaker_feed(s, SIBLING, &lost);
    speaker_feed(s, SIBLING, &x);
    EXPECT_STR(state_of(s, &lost), "lost");
    lost.prefix = speaker_prefix("228.5.0.0/16");
    speaker_feed(s, SIBLING, &lost);
    speaker_wait(s, WAIT);
    EXPECT_STR(state_of(s, &lost), "retained");
    speaker_free(s);
}

TEST(claims_are_iterated_while_some_expire, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    struct masc_claim_view v;
    uint64_t cursor = 0;
    unsigned n = 0;

    s->cfg.retention_s = 0;
    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.1.0.0/16");
    for (unsigned i = 0; i < 20; i++) {
        a.prefix.addr = 0xE4000000 + (i << 16);
        a.holdtime_s = i < 10 ? 60 : 86400;
        speaker_feed(s, SIBLING, &a);
    }
    while (n < 12 && masc_claim_next(s->m, s->now, &cursor, &v))
        n++;
    speaker_wait(s, 100); /* ten are gone, one of them before the cursor */
    while (masc_claim_next(s->m, s->now, &cursor, &v) && n < 100)
        n++;
    EXPECT_UEQ(n, 21); /* with the parent's PREFIX_MANAGED */
    speaker_free(s);
}

TEST(status, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    struct masc_status st;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.1.0.0/16");
    speaker_feed(s, SIBLING, &a);
    speaker_feed(s, SIBLING, &a);
    a.prefix = speaker_prefix("233.1.0.0/16");
    speaker_feed(s, SIBLING, &a);
    a.holdtime_s = 0;
    speaker_feed(s, SIBLING, &a);
    st = masc_status(s->m, s->now);
    EXPECT(st.ready && st.leaf && !st.store_failing);
    EXPECT_UEQ(st.claims, 2);
    EXPECT_UEQ(st.live, 2);
    EXPECT_UEQ(st.received, 5);
    EXPECT_UEQ(st.duplicates, 1);
    EXPECT_UEQ(st.refused, 1);
    EXPECT_UEQ(st.expired_on_arrival, 1);
    EXPECT_UEQ(st.unassociated, 1);
    EXPECT_UEQ(st.relayed, 6); /* PREFIX_MANAGED to three, the claim to three */
    speaker_free(s);
}

/* ---- sessions ---- */

static bool order_peer(struct speaker *s, const char *verb, const char *name)
{
    struct wr w = wr_init(s->why, sizeof(s->why));
    struct masc_order order = {s->now, speaker_begin(s), &w};
    bool good = masc_peer_command(s->m, verb, name, &order);

    (void)wr_nul(&w);
    speaker_end(s);
    return good;
}

TEST(sessions_by_name, "")
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    EXPECT(!order_peer(s, "stop", "nobody"));
    EXPECT(strstr(s->why, "no peer is named nobody"));
    EXPECT(order_peer(s, "stop", s->cfg.peer[SIBLING].name));
    EXPECT(!masc_peer_established(masc_sessions(s->m), SIBLING));
    EXPECT(!s->m->relay[SIBLING].established);
    speaker_up(s, SIBLING);
    EXPECT(order_peer(s, "clear", s->cfg.peer[SIBLING].name));
    EXPECT(!masc_peer_established(masc_sessions(s->m), SIBLING));
    speaker_up(s, SIBLING);
    speaker_free(s);
}

/* ---- another configuration ---- */

TEST(configured_anew, "M-10.1-130")
{
    struct speaker *s = speaker_child();
    struct masc_config *other = &s->cfg;
    struct masc_attr a, kept;

    speaker_start(s);
    kept = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    speaker_feed(s, SIBLING, &kept);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "229.1.0.0/16");
    speaker_feed(s, SIBLING, &a); /* waits for its parent's prefix */
    EXPECT_UEQ(s->m->unassociated_n, 1);
    other->peer[SIBLING] = other->peer[--other->peers]; /* SIBLING3 takes its place in the list */
    other->retention_s = 60;
    masc_configure(s->m, other, s->now, speaker_begin(s));
    speaker_end(s);
    EXPECT_UEQ(s->m->unassociated_n, 0); /* its peering is no more */
    EXPECT(speaker_entry(s, &kept, MASC_SIBLING) != TABLE_NONE); /* but what it said stays */
    EXPECT(table_live(&s->m->table, speaker_entry(s, &kept, MASC_SIBLING), s->now.wall.s));
    speaker_wait(s, SPEAKER_LIFE + 100);
    EXPECT_UEQ(speaker_entry(s, &kept, MASC_SIBLING), TABLE_NONE); /* with the new retention */
    s->faults = 0;
    speaker_free(s);
}

/* A sibling becomes our child: what is cached of it is in the wrong role. */
TEST(another_role, "M-10.1-130")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    speaker_hold(s, "228.16.0.0/12");
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.1.0.0/16");
    speaker_feed(s, SIBLING, &a);
    EXPECT_UEQ(want_picture(s->m, a.prefix, false).taken_n, 1);
    s->cfg.peer[SIBLING].role = MASC_PARENT;
    s->cfg.peer[SIBLING].parent = 0;
    masc_configure(s->m, &s->cfg, s->now, speaker_begin(s));
    speaker_end(s);
    EXPECT(!masc_peer_established(masc_sessions(s->m), SIBLING));
    EXPECT(!table_live(&s->m->table, speaker_entry(s, &a, MASC_SIBLING), s->now.wall.s));
    EXPECT_UEQ(want_picture(s->m, a.prefix, false).taken_n, 0);
    speaker_forget(s);
    speaker_up(s, SIBLING);
    speaker_down(s, SIBLING2);
    speaker_up(s, SIBLING2);
    EXPECT(!speaker_heard(s, SIBLING2, MASC_PREFIX_IN_USE, "228.1.0.0/16"));
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.17.0.0/16");
    EXPECT_EQ(speaker_error(s, SIBLING, &a), 0);
    EXPECT(speaker_entry(s, &a, MASC_CHILD) != TABLE_NONE);
    speaker_free(s);
}

/* ---- memory ---- */

/* The table full of others' claims: ours are still made, defended and announced. */
TEST(a_full_table_does_not_stop_us, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    unsigned i;

    s->cfg.claims_max = 400;
    s->cfg.per_origin_max = 400;
    speaker_start(s);
    speaker_hold(s, "228.128.0.0/16");
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.0.0.0/24");
    for (i = 0; i < 600; i++) {
        a.prefix.addr = 0xE4000000 + (i << 8);
        speaker_feed(s, SIBLING, &a);
    }
    EXPECT(masc_status(s->m, s->now).table_full > 0);
    EXPECT_UEQ(speaker_told(s, "table-full", NULL), 1); /* said once, not 200 times */
    EXPECT(masc_status(s->m, s->now).claims < 400);
    speaker_forget(s);
    speaker_hold(s, "228.129.0.0/16");
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "228.129.0.0/16"));
    a = speaker_attr(s, SIBLING2, MASC_PREFIX_IN_USE, "228.128.0.0/16"); /* not even kept */
    a.timestamp_s = 1000 + (uint32_t)speaker_own(s, "228.128.0.0/16")->timestamp_s;
    speaker_feed(s, SIBLING2, &a);
    EXPECT_UEQ(speaker_entry(s, &a, MASC_SIBLING), TABLE_NONE);
    EXPECT(own_in_use(speaker_own(s, "228.128.0.0/16")));
    speaker_free(s);
}

/* Many clashes and holes at one time: bounded, and nothing breaks. */
TEST(more_clashes_than_places, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    unsigned i;

    speaker_start(s);
    speaker_hold(s, "228.128.0.0/16");
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.128.0.0/24");
    a.timestamp_s -= 5 * 86400;
    for (i = 0; i < 200; i++) {
        a.prefix.addr = 0xE4800000 + (i << 8);
        speaker_feed(s, SIBLING, &a);
    }
    speaker_wait(s, 10);
    EXPECT(own_in_use(speaker_own(s, "228.128.0.0/16")));
    EXPECT(speaker_outputs(s, "maas", "remove") >= 60);
    speaker_wait(s, 40 * 86400);
    EXPECT_EQ(speaker_output(s, "maas", "228.128.0.0/16"), 0);
    speaker_free(s);
}

/* In a domain with children a prefix of our own is for them; a claim in it is for our hosts. */
TEST(claim_for_own_hosts, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    struct own *o;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    EXPECT(!speaker_claim(s, "228.1.4.0/24")); /* a leaf: all of it is */
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.128.0/24");
    speaker_feed(s, CHILD, &a);
    speaker_wait(s, 1);
    EXPECT(!speaker_claim(s, "228.1.128.0/25")); /* the child's */
    EXPECT(speaker_claim(s, "228.1.4.0/24"));
    EXPECT(!speaker_claim(s, "228.1.4.0/25"));
    speaker_wait(s, MASC_WAITING_PERIOD_S + 700);
    o = speaker_own(s, "228.1.4.0/24");
    REQUIRE(o);
    EXPECT(own_in_use(o) && own_role(o) == MASC_CHILD && o->by_operator);
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), 1);
    EXPECT(speaker_heard(s, CHILD, MASC_PREFIX_IN_USE, "228.1.4.0/24"));
    EXPECT(speaker_release(s, "228.1.4.0/24"));
    EXPECT(!speaker_own(s, "228.1.4.0/24"));
    EXPECT_EQ(speaker_output(s, "maas", "228.1.4.0/24"), 0);
    speaker_free(s);
}
