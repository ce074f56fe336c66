/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the roles are for (4): who may have space from whom, in every scope; what an UPDATE is
 * associated with (11), what each pair of type and Updated Origin Role means (11.1, A-26), and that
 * a received claim is compared with all of ours that it meets (5.1).
 */
#include "tests/speaker.h"

#include "tests/tap.h"

/* We hold 228.0.0.0/12 of PARENT's 228.0.0.0/8. */
static struct speaker *scene(void)
{
    struct speaker *s = speaker_child();

    speaker_start(s);
    speaker_hold(s, "228.0.0.0/12");
    speaker_forget(s);
    return s;
}

static uint16_t space_of(const struct speaker *s, const struct masc_attr *a, enum masc_role role)
{
    uint32_t at = speaker_entry(s, a, role);

    return at == TABLE_NONE ? SPACE_NONE : s->m->table.entry[at].space;
}

/* ---- 4: roles ---- */

/* Our role CHILD: the remote node gives space to us, and takes none of ours. */
TEST(child_has_space_of_the_remote, "M-4-09")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, PARENT, MASC_NEW_CLAIM, "228.1.0.0/16");

    EXPECT(!speaker_claim(s, "229.1.0.0/16"));
    EXPECT_EQ(speaker_error(s, PARENT, &a), MASC_UPDATE_ORIGIN_ROLE);
    a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "229.0.0.0/8");
    EXPECT_EQ(speaker_error(s, PARENT, &a), 0);
    EXPECT(speaker_claim(s, "229.1.0.0/16"));
    speaker_wait(s, s->cfg.claim_delay_s);
    EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "229.1.0.0/16") != NULL);
    speaker_free(s);
}

/* Our role PARENT: the remote node has space of ours, and gives none to us. */
TEST(parent_gives_space_to_the_remote, "M-4-10")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, CHILD, MASC_PREFIX_MANAGED, "229.0.0.0/8");

    EXPECT_EQ(speaker_error(s, CHILD, &a), MASC_UPDATE_ORIGIN_ROLE);
    EXPECT(!speaker_claim(s, "229.1.0.0/16"));
    a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16");
    EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
    EXPECT_EQ(space_of(s, &a, MASC_CHILD), SPACE_OWN);
    EXPECT(!speaker_heard(s, CHILD, MASC_CLAIM_DENIED, "228.1.0.0/16"));
    a.type = MASC_PREFIX_IN_USE;
    a.holdtime_s = a.lifetime_s;
    EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
    EXPECT_UEQ(speaker_told(s, "delegated", "228.1.0.0/16"), 1);
    speaker_free(s);
}

/* Role SIBLING: neither has space of the other; both compete for that of the common parent. */
TEST(siblings_give_nothing, "M-4-12")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, SIBLING, MASC_PREFIX_MANAGED, "229.0.0.0/8");

    EXPECT_EQ(speaker_error(s, SIBLING, &a), MASC_UPDATE_ORIGIN_ROLE);
    EXPECT(!speaker_claim(s, "229.1.0.0/16"));
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.1.0.0/16"); /* inside what we hold */
    EXPECT_EQ(speaker_error(s, SIBLING, &a), 0);
    EXPECT(space_of(s, &a, MASC_SIBLING) > SPACE_OWN);
    EXPECT(!speaker_heard(s, SIBLING, MASC_CLAIM_DENIED, "228.1.0.0/16"));
    EXPECT(!speaker_heard(s, CHILD, MASC_NEW_CLAIM, "228.1.0.0/16"));
    speaker_down(s, SIBLING);
    speaker_forget(s);
    speaker_up(s, SIBLING);
    EXPECT(speaker_heard(s, SIBLING, MASC_PREFIX_IN_USE, "228.0.0.0/12") != NULL);
    EXPECT(!speaker_heard(s, SIBLING, MASC_PREFIX_MANAGED, "228.0.0.0/12"));
    speaker_free(s);
}

/* ---- 4.5: the same role in every scope that has both ends ---- */

TEST(one_role_in_every_scope, "M-4.5-05")
{
    static const char *const range[][4] = {
        {"228.0.0.0/8", "228.32.0.0/16", "228.33.0.0/16", "228.32.1.0/24"},
        {"239.192.0.0/16", "239.192.32.0/20", "239.192.48.0/20", "239.192.32.0/24"},
        {"239.196.0.0/16", "239.196.32.0/20", "239.196.48.0/20", "239.196.32.0/24"},
    };
    struct speaker *s = speaker_child();

    s->cfg.scope[s->cfg.scopes++] =
        (struct masc_scope){.name = "one", .prefix = speaker_prefix("239.192.0.0/14")};
    s->cfg.scope[s->cfg.scopes++] =
        (struct masc_scope){.name = "two", .prefix = speaker_prefix("239.196.0.0/14")};
    speaker_start(s);
    for (unsigned i = 0; i < sizeof(range) / sizeof(range[0]); i++) {
        struct masc_attr a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, range[i][0]);
        EXPECT_EQ(masc_config_scope(&s->cfg, a.prefix), i);
        if (i > 0) {
            EXPECT_EQ(speaker_error(s, PARENT, &a), 0);
            EXPECT(speaker_entry(s, &a, MASC_PARENT) != TABLE_NONE);
        }
        a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, range[i][1]);
        EXPECT_EQ(speaker_error(s, INTERNAL, &a), 0);
        EXPECT(speaker_entry(s, &a, MASC_INTERNAL) != TABLE_NONE);
        a = speaker_attr(s, SIBLING, MASC_PREFIX_IN_USE, range[i][2]);
        EXPECT_EQ(speaker_error(s, SIBLING, &a), 0);
        EXPECT(speaker_entry(s, &a, MASC_SIBLING) != TABLE_NONE);
        a = speaker_attr(s, CHILD, MASC_NEW_CLAIM, range[i][3]);
        EXPECT_EQ(speaker_error(s, CHILD, &a), 0);
        EXPECT(speaker_entry(s, &a, MASC_CHILD) != TABLE_NONE);
    }
    speaker_free(s);
}

/* ---- 11: association ---- */

TEST(managed_covers_the_update, "M-11-04")
{
    static const struct { const char *prefix; uint8_t error; } cases[] = {
        {"228.16.0.0/16", 0},
        {"228.0.0.0/8", 0},                              /* as long a mask */
        {"228.255.255.255/32", 0},
        {"228.0.0.0/7", MASC_UPDATE_NO_PARENT_PREFIX},   /* a shorter one */
        {"224.0.0.0/4", MASC_UPDATE_NO_PARENT_PREFIX},
        {"229.0.0.0/8", MASC_UPDATE_NO_PARENT_PREFIX},   /* another address */
        {"227.255.255.0/24", MASC_UPDATE_NO_PARENT_PREFIX},
        {"230.16.0.0/16", MASC_UPDATE_NO_PARENT_PREFIX}, /* of whoever it may be */
    };
    static const enum masc_type types[] = {MASC_PREFIX_IN_USE, MASC_NEW_CLAIM};

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (unsigned t = 0; t < 2; t++) {
            struct speaker *s = speaker_child();
            struct masc_attr a;
            speaker_start(s);
            a = speaker_attr(s, SIBLING, types[t], cases[i].prefix);
            EXPECT_EQ(speaker_error(s, SIBLING, &a), cases[i].error);
            EXPECT_EQ(speaker_entry(s, &a, MASC_SIBLING) != TABLE_NONE, cases[i].error == 0);
            speaker_free(s);
        }
}

/* ---- 11.1: the 24 pairs of type and Updated Origin Role ---- */

/* An UPDATE that has all it needs to be accepted, from whom its role says. */
static struct masc_attr of_pair(struct speaker *s, enum masc_role role, enum masc_type type,
                                unsigned *from)
{
    static const unsigned peer[4] = {
        [MASC_INTERNAL] = INTERNAL, [MASC_CHILD] = CHILD, [MASC_SIBLING] = SIBLING,
        [MASC_PARENT] = PARENT};
    static const char *const place[4] = {
        [MASC_INTERNAL] = "228.32.0.0/16", [MASC_CHILD] = "228.1.0.0/16",
        [MASC_SIBLING] = "228.16.0.0/16", [MASC_PARENT] = "228.0.0.0/9"};
    bool of_claim = type == MASC_CLAIM_DENIED && (role == MASC_PARENT || role == MASC_INTERNAL);
    /* a denial carries what it denies */
    unsigned origin = !of_claim ? peer[role] : role == MASC_PARENT ? SIBLING : CHILD;
    const char *where = !of_claim ? place[role] : place[role == MASC_PARENT ? MASC_SIBLING
                                                                            : MASC_CHILD];
    struct masc_attr a = speaker_attr(s, origin, MASC_PREFIX_IN_USE, where);

    *from = peer[role];
    if (of_claim) {
        a = speaker_attr(s, origin, MASC_NEW_CLAIM, where);
        speaker_feed(s, origin, &a);
    } else if (type == MASC_CLAIM_TO_EXPAND || (type == MASC_WITHDRAW && role != MASC_PARENT)) {
        speaker_feed(s, origin, &a);
        speaker_wait(s, 1);
        a = speaker_attr(s, origin, type, where);
    } else {
        a = speaker_attr(s, origin, type, where);
    }
    a.type = type;
    return a;
}

TEST(all_pairs_of_type_and_role, "M-11.1-31")
{
    /* rows by type, columns I C S P: + accepted, - not by such an origin (3/23) */
    static const char *const table[6] = {"+++-", "+--+", "+++-", "+++-", "+--+", "++++"};

    for (unsigned type = 0; type < 6; type++)
        for (unsigned role = 0; role < 4; role++) {
            struct speaker *s = scene();
            unsigned from;
            struct masc_attr a = of_pair(s, (enum masc_role)role, (enum masc_type)type, &from);
            bool taken = table[type][role] == '+';
            uint8_t error;
            speaker_forget(s);
            error = speaker_error(s, from, &a);
            EXPECT_EQ(error, taken ? 0 : MASC_UPDATE_ORIGIN_ROLE);
            EXPECT_EQ(speaker_entry(s, &a, (enum masc_role)role) != TABLE_NONE, taken);
            if (error != (taken ? 0 : MASC_UPDATE_ORIGIN_ROLE))
                tap_diag("%s by %s", masc_type_name((enum masc_type)type),
                         masc_role_name((enum masc_role)role));
            speaker_free(s);
        }
}

/* ---- 5.1: compared with all that it meets ---- */

/* One claim of a sibling against three of ours: earlier, later, and elsewhere. */
TEST(compared_with_every_claim, "M-5.1-04")
{
    struct speaker *s = speaker_child();
    struct masc_attr a;

    speaker_start(s);
    EXPECT(speaker_claim(s, "228.1.0.0/16"));
    speaker_wait(s, s->cfg.claim_delay_s);
    speaker_wait(s, 100);
    a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.0.0.0/14");
    speaker_wait(s, 100);
    EXPECT(speaker_claim(s, "228.2.0.0/16"));
    EXPECT(speaker_claim(s, "228.9.0.0/16"));
    speaker_wait(s, s->cfg.claim_delay_s);
    speaker_forget(s);
    EXPECT_EQ(speaker_error(s, SIBLING, &a), 0);
    EXPECT_UEQ(speaker_told(s, "won", "228.1.0.0/16"), 1);
    EXPECT_UEQ(speaker_told(s, "lost", "228.2.0.0/16"), 1);
    EXPECT_UEQ(speaker_told(s, "won", "228.9.0.0/16") + speaker_told(s, "lost", "228.9.0.0/16"),
               0);
    EXPECT(speaker_own(s, "228.1.0.0/16") && speaker_own(s, "228.9.0.0/16") &&
           !speaker_own(s, "228.2.0.0/16"));
    speaker_free(s);
}

/* ---- 11.2.4: what the domain does not need any more ---- */

/* Another node of ours claimed it; any of them may give it back. */
TEST(internal_prefix_is_given_back, "M-11.2.4-01")
{
    struct speaker *s = scene();
    struct masc_attr a = speaker_attr(s, INTERNAL, MASC_PREFIX_IN_USE, "228.32.0.0/16");
    const struct masc_attr *w;

    speaker_feed(s, INTERNAL, &a);
    speaker_wait(s, 10);
    speaker_forget(s);
    EXPECT(speaker_release(s, "228.32.0.0/16"));
    w = speaker_heard(s, PARENT, MASC_WITHDRAW, "228.32.0.0/16");
    EXPECT(w && w->domain == SPEAKER_DOMAIN && w->role == MASC_INTERNAL);
    EXPECT(speaker_heard(s, INTERNAL, MASC_WITHDRAW, "228.32.0.0/16") != NULL);
    EXPECT_EQ(speaker_output(s, "g-rib", "228.32.0.0/16"), -1);
    EXPECT_UEQ(speaker_kept(s, "228.32.0.0/16"), 0);
    speaker_free(s);
}
