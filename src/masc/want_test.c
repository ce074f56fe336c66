/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the domain claims by itself (Appendix A, 12.2, 12.5): how much, from whom, when nothing,
 * and for its own hosts once it is a parent. Choosing and planning have tests of their own
 * (choose_test.c, plan_test.c); here the speaker must give them the right picture.
 */
#include "tests/speaker.h"

#include <stdlib.h>

#include "tests/tap.h"

#define WAIT ((int64_t)MASC_WAITING_PERIOD_S)
#define DELAY ((int64_t)MASC_INITIATE_CLAIM_DELAY_S)

static void wants(struct speaker *s, uint64_t addresses)
{
    s->cfg.demand[0] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = addresses};
    s->cfg.demands = 1;
}

/* The operator configures it while it runs. */
static void wants_now(struct speaker *s, uint64_t addresses)
{
    wants(s, addresses);
    masc_configure(s->m, &s->cfg, s->now, speaker_begin(s));
    speaker_end(s);
}

static struct speaker *wanting(uint64_t addresses)
{
    struct speaker *s = speaker_child();

    wants(s, addresses);
    return s;
}

static unsigned count(const struct speaker *s, enum masc_role role, bool pending)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->m->own_max; i++) {
        const struct own *o = &s->m->own[i];
        n += o->present && own_role(o) == role && own_is_pending(o) == pending;
    }
    return n;
}

static uint64_t addresses(const struct speaker *s, enum masc_role role)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < s->m->own_max; i++)
        if (own_in_use(&s->m->own[i]) && own_role(&s->m->own[i]) == role)
            sum += prefix_size(s->m->own[i].prefix);
    return sum;
}

static void manage(struct speaker *s, unsigned peer, const char *prefix, bool deprecated)
{
    struct masc_attr a = speaker_attr(s, peer, MASC_PREFIX_MANAGED, prefix);

    a.lifetime_s = a.holdtime_s = 180 * 86400;
    a.deprecated = deprecated;
    speaker_feed(s, peer, &a);
}

/* ---- how much ---- */

TEST(the_first_claim, "M-18-03 M-18-07")
{
    struct speaker *s = wanting(10);
    const struct masc_attr *a;

    speaker_start(s);
    speaker_wait(s, DELAY);
    EXPECT_UEQ(speaker_told(s, "claim", NULL), 1);
    a = &speaker_nth(s, PARENT, 0)->attr;
    EXPECT_EQ(a->type, MASC_NEW_CLAIM);
    EXPECT_UEQ(a->prefix.len, 24); /* 256 addresses at least */
    EXPECT(prefix_covers(speaker_prefix("228.0.0.0/8"), a->prefix));
    EXPECT(a->lifetime_s <= 2592000 && a->lifetime_s >= 2592000 - DELAY);
    speaker_free(s);
}

TEST(enough_is_enough, "M-17.1.2-02")
{
    struct speaker *s = wanting(200);

    speaker_start(s);
    speaker_wait(s, WAIT + 2 * DELAY);
    EXPECT_UEQ(addresses(s, MASC_INTERNAL), 256);
    speaker_forget(s);
    speaker_wait(s, 5 * WAIT);
    EXPECT_UEQ(addresses(s, MASC_INTERNAL), 256);
    for (size_t i = 0; i < s->heard_n; i++) /* renewals, and nothing else */
        EXPECT(s->heard[i].attr.type != MASC_NEW_CLAIM);
    speaker_free(s);
}

/* Ours: a forecast is claimed for, and nothing beyond it, however steep demand rises. */
TEST(a_forecast_is_the_need, "")
{
    struct speaker *s = wanting(200);

    s->cfg.demand[0].forecast = 900;
    speaker_start(s);
    speaker_wait(s, WAIT / 2);
    EXPECT_UEQ(masc_status(s->m, s->now).needed, 900);
    s->cfg.demand[0] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = 1000,
                                            .forecast = 900};
    masc_configure(s->m, &s->cfg, s->now, speaker_begin(s));
    speaker_end(s);
    speaker_wait(s, WAIT / 2);
    EXPECT_UEQ(masc_status(s->m, s->now).needed, 1000);
    speaker_free(s);
}

/* Ours: who is steady holds for what is used now; others for the highest use of late. */
TEST(a_steady_domain_predicts_nothing, "")
{
    for (unsigned steady = 0; steady <= 1; steady++) {
        struct speaker *s = wanting(2000);

        s->cfg.steady = steady;
        speaker_start(s);
        speaker_wait(s, WAIT / 4);
        wants_now(s, 1000);
        speaker_wait(s, WAIT / 4);
        EXPECT_UEQ(masc_status(s->m, s->now).needed, steady ? 1000 : 2000);
        speaker_free(s);
    }
}

TEST(more_is_wanted, "M-17.1.2-02 M-5.3-01")
{
    struct speaker *s = wanting(200);
    struct prefix first;
    unsigned expansions = 0;

    speaker_start(s);
    speaker_wait(s, WAIT + 2 * DELAY);
    first = speaker_own_in(s, MASC_OWN_IN_USE)->prefix;
    wants(s, 2000);
    speaker_wait(s, 5 * WAIT);
    EXPECT(addresses(s, MASC_INTERNAL) >= 2000);
    for (size_t i = 0; i < speaker_count(s, PARENT); i++) {
        const struct masc_attr *a = &speaker_nth(s, PARENT, i)->attr;
        expansions += a->type == MASC_CLAIM_TO_EXPAND && a->prefix.len < first.len &&
                      prefix_covers(a->prefix, first);
    }
    EXPECT(expansions > 0);
    speaker_free(s);
}

TEST(less_is_wanted, "M-17.1.5-01")
{
    struct speaker *s = wanting(4000);

    s->cfg.lifetime_s = 8 * 86400;
    speaker_start(s);
    speaker_wait(s, 2 * WAIT);
    EXPECT(addresses(s, MASC_INTERNAL) >= 4000);
    wants(s, 100);
    speaker_wait(s, 30 * 86400);
    EXPECT(addresses(s, MASC_INTERNAL) <= 512);
    EXPECT(addresses(s, MASC_INTERNAL) >= 100);
    EXPECT_UEQ(speaker_notes(s, PARENT), 0);
    for (size_t i = 0; i < s->heard_n; i++) /* nothing is withdrawn: it runs out */
        EXPECT(s->heard[i].code || s->heard[i].attr.type != MASC_WITHDRAW);
    speaker_free(s);
}

/* The lives of the claims that the parent heard of since speaker_forget(), all at least `days`. */
static bool all_live(const struct speaker *s, unsigned days)
{
    size_t claims = 0;

    for (size_t i = 0; i < speaker_count(s, PARENT); i++) {
        const struct masc_attr *a = &speaker_nth(s, PARENT, i)->attr;
        if (!claim_is_pending(a->type))
            continue;
        claims++;
        if (a->lifetime_s <= days * 86400)
            return false;
    }
    return claims > 0;
}

/* Appendix B: lives grow with what hosts need, without a word by the operator about claims: what is
 * held is claimed anew for longer. */
TEST(longer_lives_for_longer_needs, "M-18-09")
{
    struct speaker *s = wanting(200);
    struct masc_config *more;

    speaker_start(s);
    speaker_wait(s, WAIT + DELAY);
    EXPECT(count(s, MASC_INTERNAL, false) == 1);
    EXPECT(all_live(s, 29) && !all_live(s, 31));
    more = malloc(sizeof(*more));
    REQUIRE(more != NULL);
    *more = s->cfg;
    more->demand[0].lifetime_s = 90 * 86400;
    masc_configure(s->m, more, s->now, speaker_begin(s));
    speaker_end(s);
    speaker_wait(s, DELAY); /* a renewal may have been on its way */
    speaker_forget(s);
    speaker_wait(s, 3 * WAIT);
    EXPECT(all_live(s, 89));
    EXPECT(speaker_own_in(s, MASC_OWN_IN_USE) &&
           own_end(speaker_own_in(s, MASC_OWN_IN_USE)) > s->now.wall.s + 80 * 86400);
    speaker_free(s);
    free(more);
}

/* ---- from whom ---- */

TEST(not_what_others_hold, "M-17.1.1-06 M-12.3-03")
{
    unsigned seed;

    for (seed = 0; seed < 20; seed++) {
        struct speaker *s = wanting(60000);
        struct masc_attr a;
        s->seed = seed;
        speaker_start(s);
        manage(s, PARENT, "228.0.0.0/8", false);
        a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, "228.0.0.0/9");
        speaker_feed(s, SIBLING, &a);
        a = speaker_attr(s, SIBLING2, MASC_NEW_CLAIM, "228.128.0.0/10");
        a.holdtime_s = 60; /* retained soon: not live, and not free either */
        speaker_feed(s, SIBLING2, &a);
        speaker_wait(s, 100 + DELAY);
        EXPECT(speaker_own_in(s, MASC_OWN_WAITING) != NULL);
        for (unsigned i = 0; i < s->m->own_max; i++)
            if (s->m->own[i].present)
                EXPECT(prefix_covers(speaker_prefix("228.192.0.0/10"), s->m->own[i].prefix));
        speaker_free(s);
    }
}

TEST(active_prefixes_are_preferred, "M-4.3-01 M-4.3-03")
{
    unsigned seed;

    for (seed = 0; seed < 10; seed++) {
        struct speaker *s = wanting(200);
        s->seed = seed;
        speaker_init(s);
        speaker_ready(s);
        for (unsigned i = 0; i < s->cfg.peers; i++)
            speaker_up(s, i);
        manage(s, PARENT, "229.0.0.0/8", true);
        speaker_wait_ms(s, 10);
        manage(s, PARENT, "230.0.0.0/8", false);
        while (speaker_own_in(s, MASC_OWN_DELAYED) &&
               prefix_covers(speaker_prefix("229.0.0.0/8"),
                             speaker_own_in(s, MASC_OWN_DELAYED)->prefix)) {
            speaker_free(s); /* it had no choice when it planned */
            s = NULL;
            break;
        }
        if (!s)
            continue;
        speaker_wait(s, DELAY);
        EXPECT(speaker_own_in(s, MASC_OWN_WAITING) &&
               prefix_covers(speaker_prefix("230.0.0.0/8"),
                             speaker_own_in(s, MASC_OWN_WAITING)->prefix));
        speaker_free(s);
    }
}

/* If there is no other, it serves. */
TEST(deprecated_is_better_than_none, "")
{
    struct speaker *s = wanting(200);

    speaker_init(s);
    speaker_ready(s);
    for (unsigned i = 0; i < s->cfg.peers; i++)
        speaker_up(s, i);
    manage(s, PARENT, "229.0.0.0/8", true);
    speaker_wait(s, 2 * DELAY);
    EXPECT(speaker_own_in(s, MASC_OWN_WAITING) != NULL);
    speaker_free(s);
}

/* What the operator's configuration made deprecated is neither extended nor expanded. */
TEST(deprecated_ones_are_not_renewed, "M-4.3-02")
{
    struct speaker *s = wanting(200);
    struct masc_attr d;

    speaker_start(s);
    d = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.1.0.0/24");
    d.node = s->cfg.node;
    speaker_feed(s, INTERNAL, &d);
    speaker_wait(s, 10);
    d.type = MASC_PREFIX_MANAGED;
    d.deprecated = true;
    d.timestamp_s += 10;
    d.lifetime_s = d.holdtime_s = SPEAKER_LIFE - 10;
    speaker_feed(s, INTERNAL, &d);
    wants(s, 2000);
    speaker_wait(s, SPEAKER_LIFE - 100);
    for (size_t i = 0; i < speaker_count(s, PARENT); i++) {
        const struct masc_attr *a = &speaker_nth(s, PARENT, i)->attr;
        EXPECT(a->type != MASC_CLAIM_TO_EXPAND ||
               !prefix_overlaps(a->prefix, speaker_prefix("228.1.0.0/24")));
    }
    EXPECT(addresses(s, MASC_INTERNAL) >= 2000);
    speaker_free(s);
}

/* A life nests in the parent's; what ends too soon is of no use. */
TEST(lives_nest, "")
{
    struct speaker *s = wanting(200);
    struct masc_attr a;
    const struct own *o;

    speaker_init(s);
    speaker_ready(s);
    for (unsigned i = 0; i < s->cfg.peers; i++)
        speaker_up(s, i);
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");
    a.lifetime_s = a.holdtime_s = MASC_WAITING_PERIOD_S; /* over before the wait is */
    speaker_feed(s, PARENT, &a);
    speaker_wait(s, DELAY);
    EXPECT_UEQ(speaker_owns(s), 0);
    a.prefix = speaker_prefix("230.0.0.0/8");
    a.lifetime_s = a.holdtime_s = 10 * 86400;
    speaker_feed(s, PARENT, &a);
    speaker_wait(s, DELAY + 20);
    o = speaker_own_in(s, MASC_OWN_WAITING);
    EXPECT(o && own_end(o) <= (int64_t)a.timestamp_s + a.lifetime_s);
    speaker_free(s);
}

/* ---- 12.5, A-98: another provider ---- */

TEST(nothing_new_from_the_old_provider, "M-12.5-06")
{
    struct speaker *s = wanting(200);
    struct prefix old;

    speaker_start(s);
    manage(s, PARENT2, "230.0.0.0/8", false);
    speaker_wait(s, WAIT + 2 * DELAY);
    old = speaker_own_in(s, MASC_OWN_IN_USE)->prefix;
    s->cfg.peer[prefix_covers(speaker_prefix("228.0.0.0/8"), old) ? PARENT : PARENT2].defend_only =
        true;
    masc_configure(s->m, &s->cfg, s->now, speaker_begin(s));
    speaker_end(s);
    for (unsigned i = 0; i < s->cfg.peers; i++)
        if (!masc_peer_established(masc_sessions(s->m), i))
            speaker_up(s, i);
    speaker_wait(s, WAIT + DELAY); /* what is under way may end */
    speaker_forget(s);
    wants(s, 2000);
    speaker_wait(s, 3 * WAIT);
    for (size_t i = 0; i < s->heard_n; i++)
        EXPECT(s->heard[i].code || !claim_is_pending(s->heard[i].attr.type) ||
               !prefix_covers(prefix_shorten(old, 8), s->heard[i].attr.prefix));
    EXPECT(addresses(s, MASC_INTERNAL) >= 2000);
    EXPECT(own_in_use(speaker_own(s, prefix_format(old, (char[PREFIX_TEXT_MAX]){0}))));
    speaker_free(s);
}

/* 17.1.2, A-101: what was in use within the last waiting period is needed. */
TEST(the_peak_is_needed, "")
{
    struct speaker *s = wanting(3000);

    speaker_start(s);
    speaker_wait(s, 60);
    EXPECT_UEQ(masc_status(s->m, s->now).needed, 3000);
    wants_now(s, 200);
    speaker_wait(s, 60);
    EXPECT_UEQ(masc_status(s->m, s->now).needed, 3000);
    speaker_wait(s, 2 * WAIT);
    EXPECT_UEQ(masc_status(s->m, s->now).needed, 200);
    speaker_free(s);
}

/* ---- 11.5: hints ---- */

TEST(a_hint_when_no_parent_has_room, "")
{
    struct speaker *s = wanting(70000);
    const struct masc_attr *a;

    speaker_init(s);
    speaker_ready(s);
    for (unsigned i = 0; i < s->cfg.peers; i++)
        speaker_up(s, i);
    speaker_wait(s, 30);
    EXPECT_UEQ(speaker_owns(s), 0);
    a = speaker_heard(s, PARENT, MASC_NEW_CLAIM, "0/15");
    EXPECT(a && a->holdtime_s == WAIT && a->role == MASC_INTERNAL);
    EXPECT(speaker_heard(s, INTERNAL, MASC_NEW_CLAIM, "0/15"));
    EXPECT(!speaker_heard(s, SIBLING, MASC_NEW_CLAIM, "0/15"));
    EXPECT(!speaker_heard(s, CHILD, MASC_NEW_CLAIM, "0/15"));
    speaker_forget(s);
    speaker_wait(s, WAIT - 60);
    EXPECT(!speaker_heard(s, PARENT, MASC_NEW_CLAIM, "0/15")); /* said once */
    speaker_wait(s, 120);
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "0/15")); /* and again when it is forgotten */
    EXPECT_UEQ(speaker_told(s, "in-use", NULL), 0);
    speaker_free(s);
}

TEST(a_hint_asks_for_what_is_missing, "")
{
    struct speaker *s = speaker_child();
    struct masc_claim_wish wish = {.prefix = speaker_prefix("228.1.0.0/16")};
    struct prefix hint = {.family = FAMILY_IPV4};
    char text[PREFIX_TEXT_MAX];
    uint64_t needed;

    speaker_init(s);
    speaker_ready(s);
    for (unsigned i = 0; i < s->cfg.peers; i++)
        speaker_up(s, i);
    manage(s, PARENT, "228.1.0.0/16", false);
    EXPECT(speaker_wish(s, &wish)); /* pending counts */
    wants_now(s, 70000);
    speaker_wait(s, 30);
    needed = masc_status(s->m, s->now).needed;
    hint.len = prefix_len_for(FAMILY_IPV4, needed - 65536);
    EXPECT(hint.len > prefix_len_for(FAMILY_IPV4, needed));
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, prefix_format(hint, text)));
    speaker_free(s);
}

/* 5.2: what is being renewed is held once. */
TEST(a_hint_while_a_renewal_is_pending, "")
{
    struct speaker *s = wanting(60000);
    struct prefix hint = {.family = FAMILY_IPV4};
    char text[PREFIX_TEXT_MAX];

    speaker_init(s);
    speaker_ready(s);
    for (unsigned i = 0; i < s->cfg.peers; i++)
        speaker_up(s, i);
    manage(s, PARENT, "228.1.0.0/16", false);
    for (unsigned i = 0; i < 60 && speaker_owns(s) < 2; i++)
        speaker_wait(s, WAIT / 12);
    REQUIRE(count(s, MASC_INTERNAL, true) == 1 && count(s, MASC_INTERNAL, false) == 1);
    wants_now(s, 120000);
    speaker_wait(s, 30);
    hint.len = prefix_len_for(FAMILY_IPV4, masc_status(s->m, s->now).needed - 65536);
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, prefix_format(hint, text)));
    speaker_free(s);
}

TEST(a_childs_hint_is_demand, "")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "0/20");
    speaker_feed(s, CHILD, &a);
    speaker_wait(s, DELAY + 20);
    EXPECT(masc_status(s->m, s->now).needed >= 4096);
    EXPECT(speaker_own_in(s, MASC_OWN_WAITING) &&
           speaker_own_in(s, MASC_OWN_WAITING)->prefix.len <= 20);
    speaker_free(s);
}

/* ---- 12.2: own hosts of a domain with children ---- */

/* A leaf with 200 addresses for its hosts in a /16 becomes a parent. */
static struct speaker *becoming_parent(void)
{
    struct speaker *s = wanting(200);
    struct masc_attr a;

    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.128.0/24");
    a.lifetime_s = 25 * 86400;
    speaker_feed(s, CHILD, &a);
    speaker_wait(s, 2);
    return s;
}

TEST(hosts_keep_what_they_use, "M-11-02 M-12.2-07")
{
    struct speaker *s = becoming_parent();
    const struct masc_attr *a = NULL;
    struct own *o = NULL;

    for (unsigned i = 0; i < s->m->own_max; i++)
        if (own_in_use(&s->m->own[i]) && own_role(&s->m->own[i]) == MASC_CHILD)
            o = &s->m->own[i];
    EXPECT(o != NULL);
    for (size_t i = 0; i < speaker_count(s, CHILD2); i++)
        if (speaker_nth(s, CHILD2, i)->attr.domain == SPEAKER_DOMAIN &&
            speaker_nth(s, CHILD2, i)->attr.type == MASC_PREFIX_IN_USE)
            a = &speaker_nth(s, CHILD2, i)->attr;
    EXPECT(a && a->role == MASC_CHILD); /* a child of itself */
    EXPECT(o && a && prefix_equal(a->prefix, o->prefix));
    for (size_t i = 0; i < speaker_count(s, PARENT); i++) /* not for parents and siblings */
        EXPECT(speaker_nth(s, PARENT, i)->attr.role != MASC_CHILD);
    speaker_free(s);
}

/* After a restart, children that are still coming up are waited for before all is for hosts. */
TEST(no_leaf_soon_after_a_restart, "")
{
    struct speaker *s = becoming_parent();

    speaker_reboot(s);
    speaker_wait(s, WAIT - 60);
    EXPECT(!masc_status(s->m, s->now).leaf);
    speaker_wait(s, WAIT / 6);
    EXPECT(masc_status(s->m, s->now).leaf);
    speaker_free(s);
}

TEST(more_for_hosts_takes_the_wait, "M-12.2-03 M-12.2-08 M-5.1d-05")
{
    struct speaker *s = becoming_parent();
    uint64_t before = addresses(s, MASC_CHILD);
    struct own *o = NULL;

    wants_now(s, 3000);
    speaker_forget(s);
    speaker_wait(s, DELAY + 30);
    for (unsigned i = 0; i < s->m->own_max; i++)
        if (own_is_pending(&s->m->own[i]) && own_role(&s->m->own[i]) == MASC_CHILD)
            o = &s->m->own[i];
    EXPECT(o && o->state == MASC_OWN_WAITING && o->due.ms - o->began.ms == WAIT * 1000);
    EXPECT(o && prefix_covers(speaker_prefix("228.1.0.0/16"), o->prefix));
    EXPECT_UEQ(addresses(s, MASC_CHILD), before);
    speaker_wait(s, WAIT + DELAY);
    EXPECT(addresses(s, MASC_CHILD) >= 3000);
    speaker_free(s);
}

/* children's claims compete with those we make as a child of ourselves. */
TEST(children_compete_with_hosts, "M-11.2.3-04 M-11.4.3-09")
{
    unsigned kind;

    for (kind = 0; kind < 3; kind++) {
        struct speaker *s = becoming_parent();
        struct own *o = NULL;
        struct masc_attr a;
        struct prefix p;
        wants_now(s, 3000);
        speaker_wait(s, DELAY + 30);
        for (unsigned i = 0; i < s->m->own_max; i++)
            if (s->m->own[i].state == MASC_OWN_WAITING && s->m->own[i].present &&
                own_role(&s->m->own[i]) == MASC_CHILD)
                o = &s->m->own[i];
        EXPECT(o != NULL);
        if (!o) {
            speaker_free(s);
            return;
        }
        p = o->prefix;
        a = speaker_attr(s, CHILD, kind == 2 ? MASC_PREFIX_IN_USE : MASC_NEW_CLAIM, "228.1.0.0/16");
        a.prefix = p;
        a.timestamp_s = (uint32_t)(o->timestamp_s + (kind == 0 ? 1 : kind == 1 ? -1 : 10));
        speaker_forget(s);
        speaker_feed(s, CHILD, &a);
        /* later: ours stands; earlier, or in use: ours goes */
        EXPECT_UEQ(speaker_told(s, "lost", NULL), kind == 0 ? 0 : 1);
        EXPECT_UEQ(count(s, MASC_CHILD, true) > 0 && own_is_pending(o) &&
                       prefix_equal(o->prefix, p) && o->state == MASC_OWN_WAITING,
                   kind == 0);
        speaker_free(s);
    }
}

/* ---- Appendix A, seen from outside ---- */

TEST(not_more_than_three_prefixes, "")
{
    struct speaker *s = wanting(300);
    uint64_t want;

    s->cfg.lifetime_s = 8 * 86400;
    speaker_start(s);
    for (want = 300; want < 60000; want = want * 5 / 4) {
        wants(s, want);
        speaker_wait(s, 2 * WAIT);
        /* at most one step behind: what was planned before demand grew takes its time */
        EXPECT(addresses(s, MASC_INTERNAL) * 5 / 4 >= want);
    }
    speaker_wait(s, 20 * 86400);
    EXPECT(count(s, MASC_INTERNAL, false) <= 3);
    speaker_free(s);
}

/* The operator's claims and restarts do not disturb it: a month of nothing happening. */
TEST(steady_state, "")
{
    struct speaker *s = wanting(900);
    size_t outputs;

    speaker_start(s);
    speaker_wait(s, 5 * WAIT);
    speaker_forget(s);
    speaker_wait(s, 60 * 86400);
    EXPECT(addresses(s, MASC_INTERNAL) >= 900);
    outputs = speaker_outputs(s, "maas", "add") + speaker_outputs(s, "maas", "remove");
    EXPECT_UEQ(outputs, 0);
    EXPECT_UEQ(speaker_told(s, "expired", NULL), 0);
    EXPECT(s->m->table.count < 200);
    speaker_free(s);
}

/* ---- what looking costs ---- */

/* A flood of a child's claims and hints: the next look waits the longer the more the last one
 * passed over, and a hint is not compared with each claim of its domain. */
TEST(looks_are_fewer_in_a_flood, "")
{
    struct speaker *s = wanting(10);
    struct masc_attr a;
    uint64_t looked_at, wait_ms;

    s->cfg.claims_max = s->cfg.per_origin_max = 16384;
    speaker_start(s);
    speaker_hold(s, "228.0.0.0/12");
    a = speaker_attr(s, CHILD, MASC_PREFIX_IN_USE, "228.1.0.0/32");
    for (unsigned i = 0; i < 6000; i++, a.prefix.addr++)
        speaker_feed(s, CHILD, &a);
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "0.0.0.0/24");
    for (unsigned i = 0; i < 400; i++, a.timestamp_s--)
        speaker_feed(s, CHILD, &a);
    speaker_wait(s, 30);
    looked_at = s->m->looked_at;
    s->m->dirty = true;
    s->m->want_next = s->now.mono;
    speaker_step(s, (struct event){.kind = EVENT_TIME});
    looked_at = s->m->looked_at - looked_at;
    wait_ms = (uint64_t)(s->m->want_next.ms - s->now.mono.ms);
    EXPECT(looked_at > 6400);
    EXPECT(looked_at < 20 * 6400); /* some passes over the log, none for each hint */
    EXPECT(wait_ms >= 200 + looked_at / 1000 && wait_ms <= 300000); /* a 576th of two days */
    speaker_free(s);
}
