/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each vector of rfc2909.vectors against a whole speaker: the message goes in as STREAM, and what
 * comes out as STREAM must be `reply`, octet for octet; CLOSE must come when the outcome closes. It
 * is said once in one piece and once octet by octet. What an accepted UPDATE leaves in the table,
 * and a refused one does not, is looked at too.
 *
 * The scene is the least that makes the vector meaningful (scene.h): a P that is top-level and has
 * 228.1.0.0/16; a C that has P for a parent and has heard its PREFIX_MANAGED.
 */
#include <stdio.h>
#include <string.h>

#include "tests/conformance/scene.h"
#include "tests/conformance/vectors.h"
#include "tests/tap.h"

/* ---- the stage ---- */

/* The domain of the one who speaks to the node under test. */
static u128 sender_of(const struct vector *v, u128 own)
{
    switch ((enum masc_role)v->role) {
    case MASC_INTERNAL: return own;
    case MASC_CHILD: return SCENE_P;
    case MASC_SIBLING: return SCENE_S;
    case MASC_PARENT: return SCENE_C;
    }
    return 0;
}

static struct scene *stage(const struct vector *v)
{
    u128 own = v->domain ? v->domain : SCENE_C;
    struct scene *s = scene_new(own);
    struct masc_peer_config *sender = scene_peer(s, (enum masc_role)v->role, sender_of(v, own));

    if (v->role == MASC_SIBLING)
        sender->parent = v->parents > 0 ? v->parent[0] : SCENE_P;
    for (unsigned i = 0; i < v->parents; i++)
        scene_peer(s, MASC_CHILD, v->parent[i]);
    if (v->parents == 0 && (v->role == MASC_SIBLING || v->role == MASC_INTERNAL))
        scene_peer(s, MASC_CHILD, SCENE_P);
    return s;
}

/* C claims 228.1.2.0/24 at T0: this must be the message of V12. */
static void claim_as_in_v12(struct scene *s)
{
    const struct vector *v12 = vector_named("V12");

    scene_claim(s, SCENE_CLAIMED, 2592000);
    REQUIRE(s->sent_len == v12->message.len);
    EXPECT_MEM(s->sent, v12->message.at, s->sent_len);
    /* what it claims instead, if it is denied, comes later */
    s->config.claim_delay_s = 600;
    scene_configure(s);
}

static struct scene *prepare_established(const struct vector *v)
{
    int64_t now_s = v->now_s ? v->now_s : SCENE_T0;
    struct scene *s;

    if (v->role == MASC_PARENT) {
        s = scene_of_parent(now_s);
    } else if (v->role == MASC_CHILD) {
        s = scene_of_child();
    } else {
        s = stage(v);
        scene_start(s, now_s - SCENE_BOOT_S);
        scene_wait(s, now_s);
        scene_establish(s);
    }
    if (v->pending)
        claim_as_in_v12(s);
    scene_wait(s, now_s);
    scene_say(s, v->before.at, v->before.len, 0);
    EXPECT(!s->closed);
    scene_forget(s);
    return s;
}

/* OpenSent: our OPEN is out before theirs comes in (7.2). */
static struct scene *prepare_open_sent(const struct vector *v)
{
    struct scene *s = stage(v);
    struct masc_open o;
    struct masc_fault f;

    scene_start(s, SCENE_T0 - SCENE_BOOT_S);
    scene_wait(s, SCENE_T0);
    scene_connect(s);
    f = masc_open_decode(&o, s->sent, s->sent_len);
    EXPECT(!masc_fault_is(&f));
    EXPECT(o.domain == s->config.domain && o.node == s->config.node);
    EXPECT_EQ(o.role, s->config.peer[0].role);
    EXPECT_EQ(o.hold_time_s, 240);
    scene_forget(s);
    return s;
}

/* ---- what is expected ---- */

static void expect_reply(struct scene *s, const struct vector *v)
{
    bool error = strcmp(v->outcome, "error") == 0;
    bool stays = error && (v->reply.at[4] & 0x80);

    EXPECT_UEQ(s->sent_len, v->reply.len);
    EXPECT_MEM(s->sent, v->reply.at, s->sent_len < v->reply.len ? s->sent_len : v->reply.len);
    EXPECT_EQ(s->closed, strcmp(v->outcome, "close") == 0 || (error && !stays));
}

/* Types 0 and 2 to 4 are kept as they came; what the others do is seen elsewhere. */
static void expect_table(struct scene *s, const struct vector *v)
{
    const struct hex *m = &v->message;
    struct rd rest = rd_init(m->at + 4, m->len - 4);
    struct masc_fault f = masc_update_check(m->at, m->len, true, true);
    bool accepted = strcmp(v->outcome, "accept") == 0;
    struct masc_claim_view view;
    struct masc_attr a;

    if (m->at[2] != MASC_UPDATE || masc_fault_is(&f))
        return;
    while (masc_update_next(&rest, m->at, m->len, &a, &f)) {
        if (masc_fault_is(&f) || (accepted && a.type == MASC_CLAIM_DENIED))
            continue;
        EXPECT_EQ(scene_cached(s, &a, &view), accepted);
        EXPECT(!accepted || a.type == MASC_WITHDRAW || view.live);
    }
}

static void run_cut(const struct vector *v, size_t cut)
{
    struct scene *s = v->established ? prepare_established(v) : prepare_open_sent(v);

    scene_say(s, v->message.at, v->message.len, cut);
    expect_reply(s, v);
    if (v->established)
        expect_table(s, v);
    scene_end(s);
}

static void run(const char *id)
{
    run_cut(vector_named(id), 0);
    run_cut(vector_named(id), 1);
}

#define VECTORS(X)                                                                                 \
    X(V01, "M-7-01")                                                                               \
    X(V02, "M-7.2-02 M-7-01")                                                                      \
    X(V03, "M-7.2-02")                                                                             \
    X(V04, "M-7.2-26 M-7.2-08")                                                                    \
    X(V05, "M-8.2-03")                                                                             \
    X(V06, "M-8.2-06")                                                                             \
    X(V07, "")                                                                                     \
    X(V08, "M-8.2-14")                                                                             \
    X(V09, "M-8.1-05")                                                                             \
    X(V10, "M-8.2-13")                                                                             \
    X(V11, "")                                                                                     \
    X(V12, "")                                                                                     \
    X(V13, "")                                                                                     \
    X(V14, "M-8.3-30")                                                                             \
    X(V15, "")                                                                                     \
    X(V16, "M-7.3-01")                                                                             \
    X(V17, "M-7.3-09")                                                                             \
    X(V18, "M-8.3-05")                                                                             \
    X(V19, "M-8.3-09")                                                                             \
    X(V20, "M-8.3-08")                                                                             \
    X(V21, "M-8.3-15")                                                                             \
    X(V22, "M-8.3-06")                                                                             \
    X(V23, "M-11.1-07 M-8.3-27")                                                                   \
    X(V24, "M-8.3-07")                                                                             \
    X(V25, "M-11.1-26")                                                                            \
    X(V26, "")                                                                                     \
    X(V27, "")                                                                                     \
    X(V28, "M-8.1-03")                                                                             \
    X(V29, "M-8.1-04")                                                                             \
    X(V30, "M-8.1-07")                                                                             \
    X(V31, "M-8.1-08")                                                                             \
    X(V32, "M-8.6-01")                                                                             \
    X(V33, "M-8.6-02")                                                                             \
    X(V34, "")                                                                                     \
    X(V35, "")

#define VECTOR(id_, rows_)                                                                         \
    TEST(id_, rows_)                                                                               \
    {                                                                                              \
        run(#id_);                                                                                 \
    }
VECTORS(VECTOR)

TEST(every_vector_is_run, "")
{
#define NAME(id_, rows_) #id_,
    static const char *const names[] = {VECTORS(NAME)};
    unsigned known = sizeof(names) / sizeof(names[0]);

    EXPECT_EQ(vector_count(), known);
    for (unsigned i = 0; i < known && i < vector_count(); i++)
        EXPECT_STR(vector_at(i)->id, names[i]);
}

/* ---- messages too long to print ---- */

#define CLAIM                                                                                      \
    "0024 03 00 00 04 0000 40000000 00278D00 0002A300 0000FDE9 C0000201 E4010200 FFFFFF00"

TEST(V36_notification_is_cut_at_4096, "M-7.5-11 M-7-02")
{
    struct scene *s = scene_of_parent(SCENE_T0 + 1000);
    struct hex m = hex("1000 09 00"), start = hex("1000 03 00 81 02");

    for (unsigned i = 0; m.len < 4096; i++)
        m.at[m.len++] = (uint8_t)i;
    scene_say(s, m.at, m.len, 0);
    REQUIRE(s->sent_len == 4096);
    EXPECT_MEM(s->sent, start.at, 6);
    EXPECT_MEM(s->sent + 6, m.at, 4090);
    EXPECT(!s->closed);
    scene_end(s);
}

TEST(V37_113_claims_in_one_update, "M-7.3-01 M-7-03")
{
    struct scene *s = scene_of_parent(SCENE_T0 + 1000);
    struct masc_attr a = {MASC_NEW_CLAIM, MASC_INTERNAL, false, SCENE_T0, 2592000, 172800, SCENE_C,
                          SCENE_NODE_C, SCENE_CLAIMED};
    struct hex m = hex("0000 02 00");
    struct masc_claim_view v;

    hex_append(&m, CLAIM, 113);
    for (unsigned i = 0; i < 113; i++)
        m.at[4 + 36 * i + 30] = (uint8_t)i; /* 228.1.i.0 */
    hex_set_length(&m);
    scene_say(s, m.at, m.len, 0);
    EXPECT_UEQ(s->sent_len, 0);
    for (unsigned i = 0; i < 113; i++) {
        a.prefix.addr = 0xE4010000 + (i << 8);
        EXPECT(scene_cached(s, &a, &v));
    }
    EXPECT_EQ(masc_status(s->masc, s->now).received, 113);
    scene_end(s);
}

TEST(V38_error_in_an_update_of_4096, "M-7.5-11 M-7-03 M-8.3-34")
{
    struct scene *s = scene_of_parent(SCENE_T0 + 1000);
    struct hex m = hex("1000 02 00" CLAIM), start = hex("1000 03 00 83 02");
    struct masc_attr a = {MASC_NEW_CLAIM, MASC_INTERNAL, false, SCENE_T0, 2592000, 172800, SCENE_C,
                          SCENE_NODE_C, SCENE_CLAIMED};
    struct masc_claim_view v;

    m.at[6] = 6;
    hex_append(&m, CLAIM, 107);
    hex_append(&m, "00CC C8 00", 1);
    hex_append(&m, "00", 200);
    scene_say(s, m.at, m.len, 0);
    REQUIRE(s->sent_len == 4096);
    EXPECT_MEM(s->sent, start.at, 6);
    EXPECT_MEM(s->sent + 6, m.at + 4, 4090);
    EXPECT(!s->closed);
    EXPECT(scene_cached(s, &a, &v)); /* the others of the message were processed */
    scene_end(s);
}
