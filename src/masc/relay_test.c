/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is sent what, and in which order: the replay of 11.8.1 - 11.8.4 for each role, legality
 * nothing back to where it came from, WITHDRAWs and hints, slow peers,
 * packed and single attributes, entries that expire on the way.
 */
#include "tests/speaker.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define WAIT ((int64_t)MASC_WAITING_PERIOD_S)
#define DELAY ((int64_t)MASC_INITIATE_CLAIM_DELAY_S)

/* ---- a table with everything in it, in an order that is not that of 11.8 ---- */

static void feed_child(struct speaker *s)
{
    struct masc_attr a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16"), d;

    speaker_feed(s, CHILD, &a);
    a.type = MASC_PREFIX_IN_USE;
    a.holdtime_s = a.lifetime_s;
    a.prefix = speaker_prefix("228.2.0.0/16");
    speaker_feed(s, CHILD, &a);
    a = speaker_attr(s, CHILD, MASC_CLAIM_TO_EXPAND, "228.2.0.0/15");
    speaker_feed(s, CHILD, &a);
    d = speaker_attr(s, CHILD2, MASC_NEW_CLAIM, "228.4.0.0/16");
    d.lifetime_s = 100 * 86400; /* we deny it */
    speaker_feed(s, CHILD2, &d);
    a = speaker_attr(s, CHILD2, MASC_PREFIX_IN_USE, "228.6.0.0/16");
    speaker_feed(s, CHILD2, &a);
    speaker_wait(s, 1);
    a = speaker_attr(s, CHILD2, MASC_WITHDRAW, "228.6.0.0/17");
    speaker_feed(s, CHILD2, &a);
    a = speaker_attr(s, CHILD2, MASC_NEW_CLAIM, "0/26"); /* a hint */
    speaker_feed(s, CHILD2, &a);
}

static void feed_siblings(struct speaker *s)
{
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.33.0.0/16"), d;

    speaker_feed(s, SIBLING, &a);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.34.0.0/16");
    speaker_feed(s, SIBLING, &a);
    a = speaker_attr(s, SIBLING, MASC_CLAIM_TO_EXPAND, "228.34.0.0/15");
    speaker_feed(s, SIBLING, &a);
    d = speaker_attr(s, SIBLING2, MASC_NEW_CLAIM, "228.36.0.0/16");
    speaker_feed(s, SIBLING2, &d);
    d.type = MASC_CLAIM_DENIED; /* by the parent */
    speaker_feed(s, PARENT, &d);
    a = speaker_attr(s, SIBLING2, MASC_PREFIX_IN_USE, "228.38.0.0/16");
    speaker_feed(s, SIBLING2, &a);
    speaker_wait(s, 1);
    a = speaker_attr(s, SIBLING2, MASC_WITHDRAW, "228.38.0.0/17");
    speaker_feed(s, SIBLING2, &a);
}

static void feed_own(struct speaker *s)
{
    struct masc_attr a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "228.40.0.0/16");

    speaker_feed(s, INTERNAL, &a);
    a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.42.0.0/16");
    speaker_feed(s, INTERNAL, &a);
    a = speaker_attr(s, INTERNAL, MASC_CLAIM_TO_EXPAND, "228.42.0.0/15");
    speaker_feed(s, INTERNAL, &a);
    a = speaker_attr(s, INTERNAL, MASC_NEW_CLAIM, "0/25"); /* our hint */
    speaker_feed(s, INTERNAL, &a);
    speaker_wait(s, 1);
    a = speaker_attr(s, INTERNAL, MASC_WITHDRAW, "228.42.0.0/17");
    speaker_feed(s, INTERNAL, &a);
}

static void feed_parents(struct speaker *s)
{
    struct masc_attr a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");

    speaker_feed(s, PARENT, &a);
    a = speaker_attr(s, PARENT2, MASC_PREFIX_MANAGED, "230.0.0.0/8");
    speaker_feed(s, PARENT2, &a);
    a = speaker_attr(s, SIBLING3, MASC_PREFIX_IN_USE, "230.1.0.0/16");
    speaker_feed(s, SIBLING3, &a);
    speaker_wait(s, 1);
    a = speaker_attr(s, PARENT, MASC_WITHDRAW, "229.128.0.0/9");
    speaker_feed(s, PARENT, &a);
}

static struct speaker *full(bool packed)
{
    struct speaker *s = speaker_child();

    s->cfg.packed = packed;
    speaker_start(s);
    speaker_hold(s, "228.0.0.0/12");
    feed_child(s);
    feed_siblings(s);
    feed_own(s);
    feed_parents(s);
    speaker_forget(s);
    return s;
}

static void again(struct speaker *s, unsigned peer)
{
    speaker_down(s, peer);
    speaker_forget(s);
    speaker_up(s, peer);
}

/* ---- the order of 11.8, written down once more ---- */

static int to_child(enum masc_role role, enum masc_type type)
{
    if (role == MASC_INTERNAL)
        return type == MASC_PREFIX_MANAGED ? 10 : type == MASC_WITHDRAW ? 11
               : type == MASC_CLAIM_DENIED ? 30 : -1;
    return role != MASC_CHILD || type == MASC_PREFIX_MANAGED ? -1
           : type == MASC_WITHDRAW ? 31 : 20 + (int)type;
}

static int to_parent_or_sibling(enum masc_role role, enum masc_type type)
{
    if (role == MASC_PARENT)
        return type == MASC_PREFIX_MANAGED ? 10 : type == MASC_WITHDRAW ? 11
               : type == MASC_CLAIM_DENIED ? 30 : -1;
    return role == MASC_CHILD || type == MASC_PREFIX_MANAGED ? -1
           : type == MASC_WITHDRAW ? 31 : 20 + (int)type;
}

static int to_internal(enum masc_role role, enum masc_type type)
{
    switch (role) {
    case MASC_PARENT:
        return type == MASC_PREFIX_MANAGED ? 10 : type == MASC_WITHDRAW ? 11 : 30;
    case MASC_INTERNAL:
        if (type == MASC_CLAIM_DENIED)
            return 50; /* about children's claims */
        return type == MASC_WITHDRAW ? 31 : type == MASC_PREFIX_IN_USE ? 20
               : type == MASC_PREFIX_MANAGED ? 20 : 20 + (int)type;
    case MASC_SIBLING:
        return type == MASC_WITHDRAW ? 31 : 20 + (int)type;
    case MASC_CHILD:
        return type == MASC_WITHDRAW ? 51 : 40 + (int)type;
    }
    return -1;
}

/* Steps never go back; returns how many attributes were sent, 0 if the order is wrong. */
static size_t in_order(const struct speaker *s, unsigned peer,
                       int (*step)(enum masc_role, enum masc_type))
{
    size_t n = speaker_count(s, peer);
    int last = 0;

    for (size_t i = 0; i < n; i++) {
        const struct masc_attr *a = &speaker_nth(s, peer, i)->attr;
        int now = step(a->role, a->type);
        if (now < last) {
            tap_diag("%zu: %s of %s (%d) after %d", i, masc_type_name(a->type),
                     masc_role_name(a->role), now, last);
            return 0;
        }
        last = now;
    }
    return n;
}

static bool has(const struct speaker *s, unsigned peer, enum masc_type type, const char *prefix)
{
    bool found = speaker_heard(s, peer, type, prefix) != NULL;

    if (!found)
        tap_diag("missing: %s %s", masc_type_name(type), prefix);
    return found;
}

TEST(replay_to_a_child, "M-11.8.1-01 M-11.8.1-02 M-11.8.1-03 M-11.8.1-05 M-11.8-04 M-10.1-12")
{
    struct speaker *s = full(false);

    again(s, CHILD);
    EXPECT(has(s, CHILD, MASC_PREFIX_MANAGED, "228.0.0.0/12"));
    EXPECT(has(s, CHILD, MASC_PREFIX_MANAGED, "228.42.0.0/16"));
    EXPECT(has(s, CHILD, MASC_WITHDRAW, "228.42.0.0/17"));
    EXPECT(has(s, CHILD, MASC_PREFIX_IN_USE, "228.2.0.0/16")); /* its own, too */
    EXPECT(has(s, CHILD, MASC_PREFIX_IN_USE, "228.6.0.0/16"));
    EXPECT(has(s, CHILD, MASC_CLAIM_TO_EXPAND, "228.2.0.0/15"));
    EXPECT(has(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16"));
    EXPECT(has(s, CHILD, MASC_WITHDRAW, "228.6.0.0/17"));
    EXPECT_UEQ(in_order(s, CHILD, to_child), 8);
    again(s, CHILD2); /* who was denied hears that, and of its own hint no more */
    EXPECT(has(s, CHILD2, MASC_CLAIM_DENIED, "228.4.0.0/16"));
    EXPECT_UEQ(in_order(s, CHILD2, to_child), 9);
    speaker_free(s);
}

TEST(replay_to_a_parent, "M-11.8.2-01 M-11.8.2-02 M-11.8.2-03 M-11.8-01 M-11.8-02")
{
    struct speaker *s = full(false);

    again(s, PARENT);
    EXPECT(has(s, PARENT, MASC_PREFIX_MANAGED, "228.0.0.0/8")); /* a rebooted parent learns it */
    EXPECT(has(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8"));
    EXPECT(has(s, PARENT, MASC_WITHDRAW, "229.128.0.0/9"));
    EXPECT(has(s, PARENT, MASC_PREFIX_IN_USE, "228.0.0.0/12"));
    EXPECT(has(s, PARENT, MASC_PREFIX_IN_USE, "228.42.0.0/16"));
    EXPECT(has(s, PARENT, MASC_PREFIX_IN_USE, "228.34.0.0/16"));
    EXPECT(has(s, PARENT, MASC_PREFIX_IN_USE, "228.38.0.0/16"));
    EXPECT(has(s, PARENT, MASC_CLAIM_TO_EXPAND, "228.42.0.0/15"));
    EXPECT(has(s, PARENT, MASC_CLAIM_TO_EXPAND, "228.34.0.0/15"));
    EXPECT(has(s, PARENT, MASC_NEW_CLAIM, "228.40.0.0/16"));
    EXPECT(has(s, PARENT, MASC_NEW_CLAIM, "228.33.0.0/16"));
    EXPECT(has(s, PARENT, MASC_NEW_CLAIM, "0/25")); /* our hint */
    EXPECT(has(s, PARENT, MASC_CLAIM_DENIED, "228.36.0.0/16"));
    EXPECT(has(s, PARENT, MASC_WITHDRAW, "228.42.0.0/17"));
    EXPECT(has(s, PARENT, MASC_WITHDRAW, "228.38.0.0/17"));
    EXPECT(in_order(s, PARENT, to_parent_or_sibling) >= 15);
    EXPECT(!speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "230.1.0.0/16")); /* another parent's */
    EXPECT(!speaker_heard(s, PARENT, MASC_PREFIX_MANAGED, "230.0.0.0/8"));
    speaker_free(s);
}

TEST(replay_to_a_sibling, "M-11.8.3-01 M-11.8.3-02 M-11.8.3-03 M-4.4-02")
{
    struct speaker *s = full(false);

    again(s, SIBLING);
    EXPECT(has(s, SIBLING, MASC_PREFIX_MANAGED, "228.0.0.0/8"));
    EXPECT(has(s, SIBLING, MASC_WITHDRAW, "229.128.0.0/9"));
    EXPECT(has(s, SIBLING, MASC_PREFIX_IN_USE, "228.0.0.0/12"));
    EXPECT(has(s, SIBLING, MASC_PREFIX_IN_USE, "228.38.0.0/16"));
    EXPECT(has(s, SIBLING, MASC_CLAIM_TO_EXPAND, "228.42.0.0/15"));
    EXPECT(has(s, SIBLING, MASC_NEW_CLAIM, "228.33.0.0/16"));
    EXPECT(has(s, SIBLING, MASC_CLAIM_DENIED, "228.36.0.0/16"));
    EXPECT(has(s, SIBLING, MASC_WITHDRAW, "228.42.0.0/17"));
    EXPECT(has(s, SIBLING, MASC_WITHDRAW, "228.38.0.0/17"));
    EXPECT(in_order(s, SIBLING, to_parent_or_sibling) >= 14);
    EXPECT(!speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "230.1.0.0/16"));
    EXPECT(!speaker_heard(s, SIBLING, MASC_NEW_CLAIM, "0/25"));
    again(s, SIBLING3); /* with regard to the other parent */
    EXPECT_UEQ(in_order(s, SIBLING3, to_parent_or_sibling), 2);
    EXPECT(has(s, SIBLING3, MASC_PREFIX_MANAGED, "230.0.0.0/8"));
    EXPECT(has(s, SIBLING3, MASC_PREFIX_IN_USE, "230.1.0.0/16"));
    speaker_free(s);
}

TEST(replay_to_an_internal_peer,
     "M-11.8.4-01 M-11.8.4-02 M-11.8.4-04 M-11.8.4-05 M-11.8.4-06 M-4.4-03")
{
    struct speaker *s = full(false);

    again(s, INTERNAL);
    EXPECT(has(s, INTERNAL, MASC_PREFIX_MANAGED, "228.0.0.0/8"));
    EXPECT(has(s, INTERNAL, MASC_PREFIX_MANAGED, "230.0.0.0/8")); /* all parents' */
    EXPECT(has(s, INTERNAL, MASC_WITHDRAW, "229.128.0.0/9"));
    EXPECT(has(s, INTERNAL, MASC_PREFIX_IN_USE, "228.0.0.0/12"));
    EXPECT(has(s, INTERNAL, MASC_PREFIX_MANAGED, "228.0.0.0/12"));
    EXPECT(has(s, INTERNAL, MASC_PREFIX_IN_USE, "230.1.0.0/16"));
    EXPECT(has(s, INTERNAL, MASC_CLAIM_TO_EXPAND, "228.34.0.0/15"));
    EXPECT(has(s, INTERNAL, MASC_NEW_CLAIM, "228.40.0.0/16"));
    EXPECT(has(s, INTERNAL, MASC_CLAIM_DENIED, "228.36.0.0/16"));
    EXPECT(has(s, INTERNAL, MASC_WITHDRAW, "228.42.0.0/17"));
    EXPECT(has(s, INTERNAL, MASC_WITHDRAW, "228.38.0.0/17"));
    EXPECT(has(s, INTERNAL, MASC_PREFIX_IN_USE, "228.2.0.0/16"));
    EXPECT(has(s, INTERNAL, MASC_NEW_CLAIM, "228.1.0.0/16"));
    EXPECT(has(s, INTERNAL, MASC_NEW_CLAIM, "228.4.0.0/16")); /* though denied */
    EXPECT(has(s, INTERNAL, MASC_NEW_CLAIM, "0/26"));
    EXPECT(has(s, INTERNAL, MASC_CLAIM_DENIED, "228.4.0.0/16"));
    EXPECT(has(s, INTERNAL, MASC_WITHDRAW, "228.6.0.0/17"));
    EXPECT(in_order(s, INTERNAL, to_internal) >= 24);
    speaker_free(s);
}

/* ---- legality (A-59) ---- */

TEST(nothing_illegal_is_sent, "")
{
    struct speaker *s = speaker_child();
    size_t n = 0;

    speaker_start(s);
    speaker_hold(s, "228.0.0.0/12");
    feed_child(s);
    feed_siblings(s);
    feed_own(s);
    feed_parents(s);
    for (unsigned i = 0; i < s->cfg.peers; i++) {
        speaker_down(s, i);
        speaker_up(s, i);
    }
    for (size_t i = 0; i < s->heard_n; i++) {
        const struct heard *h = &s->heard[i];
        enum masc_role there = masc_role_counterpart(s->cfg.peer[h->peer].role), updated;
        bool known;
        if (h->code)
            continue;
        n++;
        EXPECT(masc_role_fits_type(h->attr.role, h->attr.type)); /* 3/14 */
        known = masc_role_update(h->attr.role, there, &updated);
        /* PARENT to a parent: its own, or its denials (11.1, exceptions 2 and 3) */
        EXPECT(known || (h->attr.role == MASC_PARENT && there == MASC_PARENT &&
                         (h->attr.domain == s->cfg.peer[h->peer].domain ||
                          h->attr.type == MASC_CLAIM_DENIED)));
        if (s->cfg.peer[h->peer].role == MASC_PARENT && h->attr.role == MASC_INTERNAL)
            EXPECT(h->attr.type == MASC_CLAIM_DENIED || h->attr.type == MASC_PREFIX_MANAGED ||
                   h->attr.type == MASC_WITHDRAW);
    }
    EXPECT(n > 100);
    EXPECT_UEQ(speaker_notes(s, CHILD) + speaker_notes(s, SIBLING) + speaker_notes(s, PARENT), 0);
    speaker_free(s);
}

/* Relaying changes the Rol, and nothing else. */
TEST(only_the_role_changes, "M-7.3-29 M-11.1-29")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, b;

    speaker_start(s);
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");
    a.deprecated = true;
    a.timestamp_s -= 77;
    a.lifetime_s = 12345678;
    a.holdtime_s = 1234567;
    speaker_feed(s, PARENT, &a);
    b = *speaker_heard(s, SIBLING, MASC_PREFIX_MANAGED, "229.0.0.0/8");
    EXPECT_EQ(b.role, MASC_PARENT);
    EXPECT(b.deprecated && b.timestamp_s == a.timestamp_s && b.lifetime_s == a.lifetime_s &&
           b.holdtime_s == a.holdtime_s && b.domain == a.domain && b.node == a.node &&
           prefix_equal(a.prefix, b.prefix) && b.type == a.type);
    speaker_free(s);
}

/* ---- A-60 ---- */

TEST(not_back_on_the_session_it_came_from, "M-11.8-04")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.33.0.0/16");
    speaker_feed(s, SIBLING, &a);
    a.role = MASC_CHILD; /* and from the parent, by its own way */
    speaker_feed(s, PARENT, &a);
    EXPECT(!speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "228.33.0.0/16"));
    EXPECT_UEQ(speaker_count(s, SIBLING2), 1);
    again(s, SIBLING2);
    EXPECT(speaker_heard(s, SIBLING2, MASC_PREFIX_IN_USE, "228.33.0.0/16"));
    again(s, SIBLING); /* a session of its own: it may have lost everything */
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "228.33.0.0/16"));
    again(s, PARENT);
    EXPECT(speaker_heard(s, PARENT, MASC_PREFIX_IN_USE, "228.33.0.0/16"));
    speaker_free(s);
}

TEST(each_update_once_per_session, "")
{
    struct speaker *s = full(false);

    again(s, INTERNAL);
    for (size_t i = 0; i < speaker_count(s, INTERNAL); i++)
        for (size_t j = 0; j < i; j++) {
            struct masc_attr a = speaker_nth(s, INTERNAL, i)->attr;
            struct masc_attr b = speaker_nth(s, INTERNAL, j)->attr;
            EXPECT(a.type != b.type || a.domain != b.domain || a.timestamp_s != b.timestamp_s ||
                   a.role != b.role || !prefix_equal(a.prefix, b.prefix));
        }
    speaker_free(s);
}

/* ---- superseded, released, denied: what a replay leaves out ---- */

TEST(superseded_prefixes_are_not_replayed, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.33.0.0/16");
    speaker_feed(s, SIBLING, &a);
    a.timestamp_s++;
    a.prefix = speaker_prefix("228.32.0.0/15");
    speaker_feed(s, SIBLING, &a);
    again(s, SIBLING2);
    EXPECT(!speaker_heard(s, SIBLING2, MASC_PREFIX_IN_USE, "228.33.0.0/16"));
    EXPECT(speaker_heard(s, SIBLING2, MASC_PREFIX_IN_USE, "228.32.0.0/15"));
    speaker_free(s);
}

/* Replayed last, a release would kill what was claimed again since. */
TEST(overtaken_releases_are_not_replayed, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a, w;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.33.0.0/16");
    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, 10);
    w = speaker_attr(s, SIBLING, MASC_WITHDRAW, "228.33.0.0/16");
    speaker_feed(s, SIBLING, &w);
    again(s, SIBLING2);
    EXPECT(speaker_heard(s, SIBLING2, MASC_WITHDRAW, "228.33.0.0/16"));
    speaker_wait(s, 10);
    a.timestamp_s += 20;
    speaker_feed(s, SIBLING, &a);
    again(s, SIBLING2);
    EXPECT(speaker_heard(s, SIBLING2, MASC_PREFIX_IN_USE, "228.33.0.0/16"));
    EXPECT(!speaker_heard(s, SIBLING2, MASC_WITHDRAW, "228.33.0.0/16"));
    speaker_free(s);
}

TEST(denied_claims_are_not_for_other_children, "")
{
    struct speaker *s = full(false);

    again(s, CHILD);
    EXPECT(!speaker_heard(s, CHILD, MASC_NEW_CLAIM, "228.4.0.0/16"));
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.4.0.0/16"));
    speaker_free(s);
}

/* who never saw the claim is not told that it is gone. */
TEST(withdraw_of_a_denied_claim, "")
{
    struct speaker *s = full(false);
    struct masc_attr w = speaker_attr(s, CHILD2, MASC_WITHDRAW, "228.4.0.0/16");

    w.timestamp_s = 0;
    for (uint32_t at = s->m->table.log_first; at != TABLE_NONE; at = s->m->table.entry[at].log_next)
        if (prefix_equal(table_prefix(&s->m->table, at), w.prefix))
            w.timestamp_s = (uint32_t)s->m->table.entry[at].timestamp_s;
    EXPECT_EQ(speaker_error(s, CHILD2, &w), 0);
    EXPECT(!speaker_heard(s, CHILD, MASC_WITHDRAW, "228.4.0.0/16"));
    EXPECT(speaker_heard(s, INTERNAL, MASC_WITHDRAW, "228.4.0.0/16"));
    speaker_free(s);
}

/* ---- single and packed ---- */

TEST(one_attribute_per_update, "")
{
    struct speaker *s = full(false);

    again(s, INTERNAL);
    for (size_t i = 1; i < speaker_count(s, INTERNAL); i++)
        EXPECT(speaker_nth(s, INTERNAL, i)->message != speaker_nth(s, INTERNAL, i - 1)->message);
    speaker_free(s);
}

TEST(as_many_as_fit, "")
{
    struct speaker *s = full(true);
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.64.0.0/24");
    size_t n, first = 0, i;

    for (i = 0; i < 250; i++) {
        a.prefix.addr = 0xE4400000 + (i << 8);
        speaker_feed(s, SIBLING, &a);
    }
    again(s, SIBLING2);
    n = speaker_count(s, SIBLING2);
    EXPECT(n > 250);
    EXPECT(in_order(s, SIBLING2, to_parent_or_sibling) == n);
    while (first < n && speaker_nth(s, SIBLING2, first)->message ==
                            speaker_nth(s, SIBLING2, 0)->message)
        first++;
    EXPECT_UEQ(first, 113); /* (4096 - 4) / 36 */
    EXPECT_UEQ(speaker_nth(s, SIBLING2, n - 1)->message - speaker_nth(s, SIBLING2, 0)->message,
               (n - 1) / 113);
    speaker_free(s);
}

/* ---- a slow peer ---- */

/* Claims by a sibling, of which the n-th has Address 228.64 + n and Lifetime base + n. */
static void many(struct speaker *s, unsigned from, unsigned to)
{
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.64.0.0/28");

    for (unsigned i = from; i < to; i++) {
        a.prefix.addr = 0xE4400000 + (i << 4);
        a.lifetime_s = SPEAKER_LIFE + i;
        speaker_feed(s, SIBLING, &a);
    }
}

TEST(a_slow_peer_is_waited_for, "")
{
    struct speaker *s = speaker_child();
    size_t n;

    s->cfg.claims_max = 20000;
    s->cfg.per_origin_max = 20000;
    speaker_start(s);
    s->choked[SIBLING2] = true;
    many(s, 0, 8000);
    EXPECT_UEQ(speaker_count(s, PARENT), 8000); /* others are not held up */
    n = speaker_count(s, SIBLING2);
    EXPECT(n < 8000 && n > 5000);
    EXPECT(s->queued[SIBLING2] <= MASC_WINDOW);
    while (s->queued[SIBLING2])
        speaker_take(s, SIBLING2, 30000);
    EXPECT_UEQ(speaker_count(s, SIBLING2), 8000);
    n = 0;
    for (size_t i = 0; i < s->heard_n; i++) /* each once and in order of arrival */
        if (s->heard[i].peer == SIBLING2)
            EXPECT_UEQ(s->heard[i].attr.lifetime_s, SPEAKER_LIFE + n++);
    speaker_free(s);
}

/* what a slow peer tells us meanwhile it is not told afterwards. */
TEST(not_back_when_the_peer_was_faster, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a = {.domain = 0};

    s->cfg.claims_max = 20000;
    s->cfg.per_origin_max = 20000;
    speaker_start(s);
    s->choked[SIBLING2] = true;
    many(s, 0, 7000);
    EXPECT(speaker_count(s, SIBLING2) < 6990);
    a = speaker_nth(s, PARENT, 6999)->attr;
    a.role = MASC_SIBLING;
    EXPECT_EQ(speaker_error(s, SIBLING2, &a), 0);
    while (s->queued[SIBLING2])
        speaker_take(s, SIBLING2, 30000);
    EXPECT_UEQ(speaker_count(s, SIBLING2), 6999);
    speaker_free(s);
}

/* The replay to a slow peer goes on while UPDATEs arrive and others expire. */
TEST(replay_while_entries_come_and_go, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;
    unsigned i, late = 0, early = 0;

    s->cfg.claims_max = 20000;
    s->cfg.per_origin_max = 20000;
    s->cfg.retention_s = 60;
    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.96.0.0/28");
    for (i = 0; i < 6000; i++) { /* every other one is over soon */
        a.prefix.addr = 0xE4600000 + (i << 4);
        a.lifetime_s = SPEAKER_LIFE + i;
        a.holdtime_s = i % 2 ? 3600 : 100;
        speaker_feed(s, SIBLING, &a);
    }
    speaker_down(s, SIBLING2);
    speaker_forget(s);
    s->choked[SIBLING2] = true;
    speaker_up(s, SIBLING2);
    for (i = 0; i < 20; i++) { /* the cursor stands on entries that are deleted */
        speaker_take(s, SIBLING2, 3000);
        speaker_wait(s, 20);
    }
    many(s, 0, 500);
    while (s->queued[SIBLING2])
        speaker_take(s, SIBLING2, 50000);
    for (size_t n = 0; n < s->heard_n; n++) {
        const struct heard *h = &s->heard[n];
        if (h->peer != SIBLING2 || h->attr.type != MASC_NEW_CLAIM)
            continue;
        late += (h->attr.prefix.addr & 0xFFF00000) == 0xE4400000;
        early += h->attr.holdtime_s == 3600;
    }
    EXPECT_UEQ(late, 500);
    EXPECT_UEQ(early, 3000);
    EXPECT_UEQ(s->m->relay[SIBLING2].at, s->m->table.log_last);
    speaker_free(s);
}

TEST(the_last_entries_expire_during_the_replay, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.retention_s = 0;
    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.96.0.0/28");
    a.holdtime_s = 100;
    speaker_feed(s, SIBLING, &a);
    speaker_down(s, SIBLING2);
    s->choked[SIBLING2] = true;
    speaker_up(s, SIBLING2);
    speaker_wait(s, 200);
    a.timestamp_s += 200;
    speaker_forget(s);
    speaker_feed(s, SIBLING, &a);
    EXPECT_UEQ(speaker_count(s, SIBLING2), 1);
    again(s, SIBLING2);
    speaker_wait(s, 2000);
    EXPECT_UEQ(speaker_entry(s, &a, MASC_SIBLING), TABLE_NONE);
    a.timestamp_s += 2000;
    speaker_feed(s, SIBLING, &a);
    EXPECT(speaker_heard(s, SIBLING2, MASC_NEW_CLAIM, "228.96.0.0/28"));
    speaker_free(s);
}

/* An expired UPDATE is never sent (I-27). */
TEST(nothing_expired_is_replayed, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.96.0.0/28");
    speaker_feed(s, SIBLING, &a);
    speaker_wait(s, WAIT + 10); /* retained */
    EXPECT(speaker_entry(s, &a, MASC_SIBLING) != TABLE_NONE);
    again(s, SIBLING2);
    EXPECT(!speaker_heard(s, SIBLING2, MASC_NEW_CLAIM, "228.96.0.0/28"));
    speaker_free(s);
}

TEST(sibling_relay_can_be_turned_off, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    s->cfg.relay_siblings = false;
    speaker_start(s);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.96.0.0/28");
    speaker_feed(s, SIBLING, &a);
    EXPECT_UEQ(speaker_count(s, PARENT) + speaker_count(s, SIBLING2), 0);
    EXPECT_UEQ(speaker_count(s, INTERNAL), 1);
    speaker_free(s);
    s = speaker_tld();
    s->cfg.relay_siblings = false; /* among top-level domains it is a must */
    speaker_start(s);
    a = speaker_attr(s, TLD_SIBLING, MASC_NEW_CLAIM, "228.96.0.0/28");
    speaker_feed(s, TLD_SIBLING, &a);
    EXPECT_UEQ(speaker_count(s, TLD_SIBLING2), 1);
    speaker_free(s);
}
