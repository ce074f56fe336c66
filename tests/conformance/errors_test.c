/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The NOTIFICATIONs that need a whole speaker: every UPDATE error of 8.3 that depends on the
 * session, the clock, the table or policy, with its Data, and the errors of 8.4 to 8.7. That the
 * erroneous UPDATE leaves nothing behind is looked at too. What octets alone decide is in
 * speaker_test.c and the wire tests.
 */
#include <string.h>

#include "tests/conformance/scene.h"
#include "tests/tap.h"

#define NOW (SCENE_T0 + 1000)

/* What C claims; each test changes one thing. */
static struct masc_attr claim(enum masc_type type)
{
    uint32_t hold = type == MASC_NEW_CLAIM || type == MASC_CLAIM_TO_EXPAND ? 172800 : 2592000;

    return (struct masc_attr){type, MASC_INTERNAL, false, SCENE_T0, 2592000, hold, SCENE_C,
                              SCENE_NODE_C, SCENE_CLAIMED};
}

/* 83 `subcode`, Data = the body of the UPDATE that was said; the session stays; nothing is kept. */
static void expect_refusal(struct scene *s, const struct masc_attr *a, unsigned subcode)
{
    uint8_t said[200], want[6] = {0, 0, 3, 0, 0x83, (uint8_t)subcode};
    struct wr w = wr_init(said, sizeof(said));
    struct masc_claim_view v;

    masc_update_begin(&w);
    masc_attr_encode(&w, a);
    masc_update_end(&w, 0);
    want[1] = (uint8_t)(w.len + 2);
    scene_forget(s);
    scene_say(s, said, w.len, 0);
    EXPECT_UEQ(s->sent_len, w.len + 2);
    if (s->sent_len == w.len + 2) {
        EXPECT_MEM(s->sent, want, 6);
        EXPECT_MEM(s->sent + 6, said + 4, w.len - 4);
    }
    EXPECT(!s->closed);
    EXPECT(!scene_cached(s, a, &v));
}

static void expect_accepted(struct scene *s, const struct masc_attr *a)
{
    struct masc_claim_view v;

    scene_forget(s);
    scene_say_update(s, a, 1);
    EXPECT_UEQ(s->sent_len, 0);
    EXPECT(scene_cached(s, a, &v));
}

/* The message, octet for octet, and whether the connection is closed. */
static void expect_sent(struct scene *s, const char *text, bool closed)
{
    struct hex want = hex(text);

    EXPECT_UEQ(s->sent_len, want.len);
    if (s->sent_len == want.len)
        EXPECT_MEM(s->sent, want.at, want.len);
    EXPECT_EQ(s->closed, closed);
}

/* ---- 8.3: origin ---- */

TEST(origin_domain, "M-8.3-17 M-7.5-09 M-8-01")
{
    struct scene *s = scene_of_parent(NOW);
    struct masc_attr a = claim(MASC_NEW_CLAIM);

    a.domain = 0;
    expect_refusal(s, &a, 15);
    a.domain = 65077; /* INTERNAL to C, but not of C */
    expect_refusal(s, &a, 15);
    a.domain = SCENE_C;
    expect_accepted(s, &a);
    scene_end(s);
}

TEST(origin_node, "M-8.3-18 M-7.5-09 M-8-01")
{
    struct scene *s = scene_of_parent(NOW);
    struct masc_attr a = claim(MASC_NEW_CLAIM);

    a.node = 0;
    expect_refusal(s, &a, 16);
    a.node = SCENE_NODE_P; /* ours, in another domain */
    expect_refusal(s, &a, 16);
    scene_end(s);
}

TEST(origin_role, "M-11.1-08 M-11.1-16 M-7.5-09 M-8-01")
{
    struct scene *s = scene_of_parent(NOW);
    struct masc_attr a = claim(MASC_PREFIX_MANAGED);

    expect_refusal(s, &a, 23); /* PREFIX_MANAGED by CHILD */
    a = claim(MASC_NEW_CLAIM);
    a.role = MASC_CHILD; /* a grandchild */
    expect_refusal(s, &a, 23);
    a = claim(MASC_WITHDRAW);
    a.role = MASC_PARENT;
    a.domain = 65077; /* another parent of our child */
    expect_refusal(s, &a, 23);
    scene_end(s);
}

/* ---- 8.3: policy ---- */

TEST(lifetime_limits, "M-8.3-19 M-8.3-20 M-8.3-21 M-7.5-09 M-8-01")
{
    struct scene *s = scene_of_parent(NOW);
    struct masc_attr a = claim(MASC_NEW_CLAIM), denied;

    s->config.lifetime_min_s = 172800;
    s->config.lifetime_max_s = 2592000;
    scene_configure(s);
    a.lifetime_s = 172799;
    expect_refusal(s, &a, 17);
    a.lifetime_s = 172800;
    expect_accepted(s, &a);
    /* too long: first it is denied, with the longest life there is; then refused */
    a.timestamp_s++;
    a.lifetime_s = 2592001;
    scene_forget(s);
    scene_say_update(s, &a, 1);
    REQUIRE(scene_sent_attr(s, MASC_CLAIM_DENIED, 0, &denied));
    EXPECT_EQ(denied.lifetime_s, 2592000);
    a.timestamp_s++;
    expect_refusal(s, &a, 18);
    scene_end(s);
}

TEST(timestamp_limits, "M-8.3-22 M-8.3-23 M-7.5-09 M-8-01")
{
    struct scene *s = scene_of_parent(NOW);
    struct masc_attr a = claim(MASC_NEW_CLAIM);

    s->config.timestamp_skew_s = 500;
    scene_configure(s);
    a.timestamp_s = NOW + 501;
    expect_refusal(s, &a, 20);
    a.timestamp_s = NOW + 500;
    expect_accepted(s, &a);
    /* off by default; a claim that old is expired unless its Holdtime is odd */
    a.timestamp_s = NOW - 172800 - 501;
    a.holdtime_s = 300000;
    expect_accepted(s, &a);
    s->config.timestamp_too_old = true;
    scene_configure(s);
    a.timestamp_s--;
    expect_refusal(s, &a, 19);
    scene_end(s);
}

TEST(size_limits, "M-8.3-24 M-8.3-25 M-8.3-26 M-7.5-09 M-8-01")
{
    struct scene *s = scene_of_parent(NOW);
    struct masc_attr a = claim(MASC_NEW_CLAIM), denied;

    s->config.size_min = 16;
    s->config.size_max = 512;
    scene_configure(s);
    a.prefix.len = 29;
    expect_refusal(s, &a, 21);
    a.prefix.len = 28;
    expect_accepted(s, &a);
    /* too large: first it is denied */
    a.timestamp_s++;
    a.prefix = (struct prefix){0xE4010400, FAMILY_IPV4, 22};
    scene_forget(s);
    scene_say_update(s, &a, 1);
    EXPECT(scene_sent_attr(s, MASC_CLAIM_DENIED, 0, &denied));
    a.timestamp_s++;
    expect_refusal(s, &a, 22);
    scene_end(s);
}

TEST(holdtime_limits, "M-8.3-32 M-8.3-33 M-7.5-09 M-8-01")
{
    struct scene *s = scene_of_parent(NOW);
    struct masc_attr a = claim(MASC_NEW_CLAIM);

    s->config.holdtime_min_s = 3600;
    scene_configure(s);
    a.holdtime_s = 3599;
    expect_refusal(s, &a, 28);
    a.holdtime_s = 15768001;
    expect_refusal(s, &a, 29);
    a.holdtime_s = 15768000;
    expect_accepted(s, &a);
    scene_end(s);
}

/* ---- 8.3: association ---- */

TEST(no_parent_prefix, "M-8.3-28 M-7.5-09 M-8-01")
{
    struct scene *s = scene_of_child();
    struct masc_attr a = claim(MASC_NEW_CLAIM);

    a.role = MASC_CHILD; /* a sibling of ours, told by the parent */
    a.domain = SCENE_S;
    a.node = SCENE_NODE_S;
    a.prefix = (struct prefix){0xE5000000, FAMILY_IPV4, 24}; /* not in 228.1.0.0/16 */
    expect_refusal(s, &a, 24);
    a.prefix = (struct prefix){0xE4010000, FAMILY_IPV4, 15}; /* not wholly in it */
    expect_refusal(s, &a, 10);
    a.prefix = SCENE_SPACE;
    expect_accepted(s, &a);
    scene_end(s);
}

TEST(no_child_prefix, "M-8.3-29 M-7.5-09 M-8-01")
{
    struct scene *s = scene_of_parent(NOW);
    struct masc_attr a = claim(MASC_WITHDRAW);

    expect_refusal(s, &a, 25); /* of nothing we know of */
    scene_end(s);
}

TEST(no_internal_prefix, "M-8.3-30 M-7.5-09 M-8-01")
{
    struct scene *s = scene_of_child();
    struct masc_attr a = claim(MASC_CLAIM_DENIED);

    expect_refusal(s, &a, 26); /* of a claim that we did not make */
    scene_end(s);
}

TEST(no_sibling_prefix, "M-8.3-31 M-7.5-09 M-8-01")
{
    struct scene *s = scene_of_child();
    struct masc_attr a = claim(MASC_WITHDRAW);

    a.role = MASC_CHILD;
    a.domain = SCENE_S;
    a.node = SCENE_NODE_S;
    expect_refusal(s, &a, 27);
    scene_end(s);
}

/* ---- 8.3: what closes ---- */

TEST(malformed_closes, "M-8.3-04 M-8.3-10")
{
    struct scene *s = scene_of_parent(NOW);
    struct hex h = hex("002A 02 00 0024 03 00 00 04 0000 40000000 00278D00 0002A300 0000FDE9"
                       "C0000201 E4010200 FFFFFF00 ABCD");
    struct masc_attr a = claim(MASC_NEW_CLAIM);
    struct masc_claim_view v;

    scene_say(s, h.at, h.len, 0);
    expect_sent(s, "0008 03 00 03 01 ABCD", true);
    EXPECT(!scene_cached(s, &a, &v)); /* nor what was good in it */
    scene_end(s);
}

TEST(family_not_spoken_closes, "M-8.3-10")
{
    struct scene *s = scene_of_parent(NOW);
    struct hex h = hex("0058 02 00 0054 03 00 00 08 0000"), want = hex("005A 03 00 03 0D");

    hex_append(&h, "00", 76);
    for (size_t i = 4; i < h.len; i++)
        want.at[want.len++] = h.at[i];
    s->config.ipv6 = false;
    scene_configure(s);
    /* other families make other sessions (peer.h): this one was ended, in good order */
    EXPECT(s->closed);
    scene_end(s);
    s = scene_new(SCENE_C);
    scene_peer(s, MASC_CHILD, SCENE_P);
    s->config.ipv6 = false;
    scene_start(s, SCENE_T0 - SCENE_BOOT_S);
    scene_wait(s, SCENE_T0);
    scene_establish(s);
    scene_forget(s);
    scene_say(s, h.at, h.len, 0);
    EXPECT_UEQ(s->sent_len, want.len);
    EXPECT_MEM(s->sent, want.at, s->sent_len < want.len ? s->sent_len : want.len);
    EXPECT(s->closed);
    scene_end(s);
}

/* ---- 8.4 to 8.7 ---- */

static struct scene *up_with_hold_time(uint16_t hold_time_s)
{
    struct scene *s = scene_new(SCENE_C);
    struct hex keepalive = hex("0004 04 00");
    struct masc_open o;

    scene_peer(s, MASC_CHILD, SCENE_P);
    scene_start(s, SCENE_T0 - SCENE_BOOT_S);
    scene_wait(s, SCENE_T0);
    o = scene_open(s);
    o.hold_time_s = hold_time_s;
    scene_connect(s);
    scene_say_open(s, &o);
    scene_say(s, keepalive.at, keepalive.len, 0);
    scene_forget(s);
    return s;
}

TEST(hold_timer, "M-8-03 M-7.5-08 M-7.5-09")
{
    struct scene *s = up_with_hold_time(90);

    scene_wait(s, SCENE_T0 + 89);
    EXPECT(!s->closed);
    scene_forget(s); /* KEEPALIVEs */
    scene_wait(s, SCENE_T0 + 92);
    expect_sent(s, "0006 03 00 04 00", true);
    scene_end(s);
}

TEST(fsm_errors, "M-8.5-01 M-8-03 M-7.5-09")
{
    struct hex keepalive = hex("0004 04 00"), open = hex("0014 01 00 01 07 00F0 0000FDE8 C00002FE"
                                                         "00000000");
    struct scene *s = scene_new(SCENE_C);

    /* 10.1 OpenSent: 5/1 */
    scene_peer(s, MASC_CHILD, SCENE_P);
    scene_start(s, SCENE_T0 - SCENE_BOOT_S);
    scene_wait(s, SCENE_T0);
    scene_connect(s);
    scene_forget(s);
    scene_say(s, keepalive.at, keepalive.len, 0);
    expect_sent(s, "0006 03 00 05 01", true);
    scene_end(s);
    /* 10.1 Established: 5/0 */
    s = up_with_hold_time(0);
    scene_say(s, open.at, open.len, 0);
    expect_sent(s, "0006 03 00 05 00", true);
    scene_end(s);
}

TEST(cease, "M-8-03 M-7.5-08 M-7.5-09")
{
    struct scene *s = up_with_hold_time(0);

    scene_stop(s);
    expect_sent(s, "0006 03 00 07 00", true);
    scene_end(s);
}
