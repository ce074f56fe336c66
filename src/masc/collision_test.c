/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connection collision (8.8): the rule itself, what one speaker does, and every order in which the
 * messages of two connections can arrive at two speakers.
 */
#include "tests/masc_pair.h"

#define OURS      0xC0000210u
#define LOWER     0xC0000201u
#define HIGHER    0xC00002FEu
#define PEER      0x0A000002u
#define CEASE     "0006 03 00 07 00"
#define KEEPALIVE "0004 04 00"

static struct rig rig;
static struct pair pair;

TEST(collision_rule, "M-8.8-03 M-8.8-06")
{
    /* old by us, new by the peer: the higher one's stays */
    EXPECT_EQ(masc_collision_decide(1, 2, true, false), MASC_COLLISION_CLOSE_OLD);
    EXPECT_EQ(masc_collision_decide(2, 1, true, false), MASC_COLLISION_CLOSE_NEW);
    /* old by the peer, new by us */
    EXPECT_EQ(masc_collision_decide(1, 2, false, true), MASC_COLLISION_CLOSE_NEW);
    EXPECT_EQ(masc_collision_decide(2, 1, false, true), MASC_COLLISION_CLOSE_OLD);
    /* unsigned, of 4 and of 16 octets */
    EXPECT_EQ(masc_collision_decide(0x80000000u, 0x7FFFFFFF, true, false),
              MASC_COLLISION_CLOSE_NEW);
    EXPECT_EQ(masc_collision_decide((u128)1 << 127, ((u128)1 << 127) - 1, true, false),
              MASC_COLLISION_CLOSE_NEW);
    /* the same initiator: literally steps 2 and 3 */
    EXPECT_EQ(masc_collision_decide(1, 2, false, false), MASC_COLLISION_CLOSE_OLD);
    EXPECT_EQ(masc_collision_decide(2, 1, false, false), MASC_COLLISION_CLOSE_NEW);
}

/* One speaker among top-level domains; returns the number of its own connection, which is up. */
static uint32_t speaker(void)
{
    uint32_t conn;

    rig_config(&rig, 65000, OURS);
    rig.config.tld = true;
    rig_peer(&rig, "sibling", MASC_SIBLING, 65001, PEER);
    rig_boot(&rig, 3);
    conn = rig_connect(&rig);
    rig_up(&rig, conn, PEER);
    return conn;
}

static void recv_open(uint32_t conn, uint32_t node)
{
    struct hex h = rig_open_of(MASC_SIBLING, 240, 65001, node, 0);

    rig_bytes(&rig, conn, h.at, h.len);
}

TEST(collision_lower_closes_its_own, "M-8.8-01 M-8.8-04 M-8.8-07 M-8.8-11 M-10.1-101")
{
    uint32_t own = speaker(), theirs;

    recv_open(own, HIGHER);
    theirs = rig_accept(&rig, PEER);
    recv_open(theirs, HIGHER);
    EXPECT(rig_sent_is(&rig, own, CEASE));
    EXPECT(rig_closed(&rig, own));
    EXPECT(rig_sent_is(&rig, theirs, KEEPALIVE));
    EXPECT_EQ(rig_state(&rig, 0), MASC_OPENCONFIRM);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).start_retries, 0);
    rig_recv(&rig, theirs, KEEPALIVE);
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    rig_free(&rig);
}

TEST(collision_higher_closes_the_new, "M-8.8-03 M-8.8-08 M-8.8-11 M-10.1-82")
{
    uint32_t own = speaker(), theirs;

    theirs = rig_accept(&rig, PEER);
    recv_open(own, LOWER);
    recv_open(theirs, LOWER);
    EXPECT(rig_sent_is(&rig, theirs, CEASE));
    EXPECT(rig_closed(&rig, theirs));
    EXPECT_EQ(rig_conn(&rig, own)->state, MASC_OPENCONFIRM);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).start_retries, 0);
    rig_free(&rig);
}

/* the higher one neither confirms nor closes while its own connection waits. */
TEST(collision_higher_defers, "M-8.8-05")
{
    uint32_t own = speaker(), theirs;

    theirs = rig_accept(&rig, PEER);
    recv_open(theirs, LOWER);
    EXPECT(rig_silent(&rig));
    rig_recv(&rig, theirs, KEEPALIVE);
    EXPECT(rig_silent(&rig));
    EXPECT_EQ(rig_state(&rig, 0), MASC_OPENSENT);
    recv_open(own, LOWER);
    EXPECT(rig_sent_is(&rig, theirs, CEASE));
    EXPECT(rig_sent_is(&rig, own, KEEPALIVE));
    rig_free(&rig);
    /* If its own one dies instead, the deferred one goes on where it was. */
    own = speaker();
    theirs = rig_accept(&rig, PEER);
    recv_open(theirs, LOWER);
    rig_recv(&rig, theirs, KEEPALIVE);
    rig_down(&rig, own);
    EXPECT(rig_sent_is(&rig, theirs, KEEPALIVE));
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    EXPECT(rig_signalled(&rig, MASC_SIGNAL_ESTABLISHED, 0));
    rig_free(&rig);
    /* A second OPEN on it is an FSM error, as ever. */
    own = speaker();
    theirs = rig_accept(&rig, PEER);
    recv_open(theirs, LOWER);
    recv_open(theirs, LOWER);
    EXPECT(rig_sent_is(&rig, theirs, "0006 03 00 05 01"));
    EXPECT_EQ(rig_conn(&rig, own)->state, MASC_OPENSENT);
    rig_free(&rig);
}

TEST(collision_established_stays, "M-8.8-09")
{
    for (unsigned higher = 0; higher < 2; higher++)
        for (unsigned by_us = 0; by_us < 2; by_us++) {
            uint32_t node = higher ? HIGHER : LOWER, own = speaker(), first = own, second;
            if (!by_us) {
                rig_down(&rig, own);
                first = rig_accept(&rig, PEER);
            }
            recv_open(first, node);
            rig_recv(&rig, first, KEEPALIVE);
            REQUIRE(rig_state(&rig, 0) == MASC_ESTABLISHED);
            second = rig_accept(&rig, PEER);
            recv_open(second, node);
            if (by_us)
                EXPECT(rig_sent_is(&rig, second, CEASE));
            EXPECT(rig_closed(&rig, second));
            EXPECT_EQ(rig_conn(&rig, first)->state, MASC_ESTABLISHED);
            rig_free(&rig);
        }
}

/* 8.8: "cannot be detected with connections that are in Idle, or Connect, or Active" */
TEST(collision_none_with_an_attempt, "M-8.8-10")
{
    uint32_t own, theirs;

    rig_config(&rig, 65000, OURS);
    rig.config.tld = true;
    rig_peer(&rig, "sibling", MASC_SIBLING, 65001, PEER);
    rig_boot(&rig, 3);
    own = rig_connect(&rig);
    theirs = rig_accept(&rig, PEER);
    recv_open(theirs, LOWER);
    EXPECT(rig_sent_is(&rig, theirs, KEEPALIVE));
    EXPECT_EQ(rig_state(&rig, 0), MASC_OPENCONFIRM);
    /* the attempt is given up before it can collide */
    EXPECT(rig_closed(&rig, own));
    rig_free(&rig);
}

/* One session per pair of nodes, whichever address it goes to. */
TEST(collision_same_node_by_two_peerings, "M-8.8-04")
{
    struct hex h = rig_open_of(MASC_PARENT, 240, 65001, LOWER, 0);
    uint32_t a, b;

    rig_config(&rig, 65000, OURS);
    rig_peer(&rig, "one", MASC_CHILD, 65001, PEER);
    rig_peer(&rig, "other", MASC_CHILD, 65001, PEER + 1);
    rig_boot(&rig, 3);
    a = rig_action(&rig, ACTION_CONNECT, 0)->conn.id;
    b = rig_action(&rig, ACTION_CONNECT, 1)->conn.id;
    rig_up(&rig, a, PEER);
    rig_bytes(&rig, a, h.at, h.len);
    rig_recv(&rig, a, KEEPALIVE);
    rig_up(&rig, b, PEER + 1);
    rig_bytes(&rig, b, h.at, h.len);
    EXPECT(rig_sent_is(&rig, b, CEASE));
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    EXPECT_EQ(rig_state(&rig, 1), MASC_IDLE);
    /* no error of anybody: tried again after ConnectRetry */
    EXPECT_UEQ(masc_peer_info(rig.ps, 1).start_retries, 0);
    EXPECT(masc_peer_info(rig.ps, 1).start_at.ms <= rig.now.mono.ms + 120000);
    rig_free(&rig);
}

/* a Cease before Established is the peer's decision of a collision: no back-off. */
TEST(collision_lost_by_the_peers_word, "")
{
    uint32_t own = speaker();

    rig_recv(&rig, own, CEASE);
    EXPECT_EQ(rig_state(&rig, 0), MASC_IDLE);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).start_retries, 0);
    EXPECT(masc_peer_info(rig.ps, 0).start_at.ms >= rig.now.mono.ms + 90000);
    EXPECT(masc_peer_info(rig.ps, 0).start_at.ms <= rig.now.mono.ms + 120000);
    rig_free(&rig);
}

/* ---- every interleaving ---- */

static void two_siblings(uint32_t first_node, uint32_t second_node)
{
    for (unsigned s = 0; s < 2; s++) {
        struct rig *r = &pair.side[s];
        rig_config(r, 65000 + s, s ? second_node : first_node);
        r->config.tld = true;
        r->config.peers_max = 1;
        rig_peer(r, "other", MASC_SIBLING, 65001 - s, pair_address[1 - s]);
    }
    pair_new(&pair);
}

#define DEPTH 64

struct choices {
    unsigned at, depth;
    uint8_t taken[DEPTH], width[DEPTH];
};

/* Which of `width` things happens next: by the path so far, then the first. */
static unsigned choose(struct choices *c, unsigned width)
{
    if (c->at == c->depth) {
        if (c->depth == DEPTH)
            abort();
        c->taken[c->depth++] = 0;
    }
    c->width[c->at] = (uint8_t)width;
    return c->taken[c->at++];
}

/* The next path in order; false: all are done. */
static bool next_path(struct choices *c)
{
    while (c->depth > 0 && c->taken[c->depth - 1] + 1 == c->width[c->depth - 1])
        c->depth--;
    if (c->depth == 0)
        return false;
    c->taken[c->depth - 1]++;
    c->at = 0;
    return true;
}

static void run_path(struct choices *c)
{
    pair_start(&pair, 1);
    for (;;) {
        unsigned width = 0, pick, link[DEPTH], side[DEPTH];
        for (unsigned i = 0; i < pair.links; i++)
            for (unsigned s = 0; s < 2; s++)
                if (pair_pending(&pair, i, s)) {
                    link[width] = i;
                    side[width++] = s;
                }
        if (width == 0)
            return;
        pick = choose(c, width);
        pair_deliver(&pair, link[pick], side[pick], 0);
    }
}

static void every_order(uint32_t first_node, uint32_t second_node)
{
    struct choices c = {.at = 0};
    unsigned paths = 0, bad = 0, by_lower = 0, lower = first_node < second_node ? 0 : 1;

    two_siblings(first_node, second_node);
    pair.taken = false;
    do {
        int a, b;
        run_path(&c);
        a = pair_link_of(&pair, 0, 0);
        b = pair_link_of(&pair, 1, 0);
        if (a < 0 || a != b || pair.side[0].opens != 1 || pair.side[1].opens != 1)
            bad++;
        else if (pair.link[a].from == lower)
            by_lower++;
        paths++;
    } while (next_path(&c) && paths < 4000000);
    tap_diag("%u orders, the lower one's connection survived in %u", paths, by_lower);
    EXPECT_UEQ(bad, 0);
    EXPECT(paths > 1000 && paths < 4000000);
    EXPECT(by_lower > 0 && by_lower < paths);
    pair_free(&pair);
}

TEST(collision_every_order, "M-8.8-01 M-8.8-12")
{
    every_order(1, 2);
}

TEST(collision_every_order_reversed, "M-8.8-12")
{
    every_order(0x80000000, 0x7FFFFFFF);
}

/* All four OPENs under way before any is read: the higher one's connection stays. */
TEST(collision_simultaneous, "M-8.8-03 M-8.8-12")
{
    static const unsigned order[24][4] = {
        {0, 1, 2, 3}, {0, 1, 3, 2}, {0, 2, 1, 3}, {0, 2, 3, 1}, {0, 3, 1, 2}, {0, 3, 2, 1},
        {1, 0, 2, 3}, {1, 0, 3, 2}, {1, 2, 0, 3}, {1, 2, 3, 0}, {1, 3, 0, 2}, {1, 3, 2, 0},
        {2, 0, 1, 3}, {2, 0, 3, 1}, {2, 1, 0, 3}, {2, 1, 3, 0}, {2, 3, 0, 1}, {2, 3, 1, 0},
        {3, 0, 1, 2}, {3, 0, 2, 1}, {3, 1, 0, 2}, {3, 1, 2, 0}, {3, 2, 0, 1}, {3, 2, 1, 0},
    };

    two_siblings(1, 2);
    for (unsigned k = 0; k < 24; k++) {
        int a;
        pair_start(&pair, k);
        for (unsigned i = 0; i < 4; i++)
            pair_deliver(&pair, i / 2, i % 2, 0); /* UP everywhere: four OPENs go out */
        for (unsigned i = 0; i < 4; i++)
            if (pair_pending(&pair, order[k][i] / 2, order[k][i] % 2))
                pair_deliver(&pair, order[k][i] / 2, order[k][i] % 2, 0);
        pair_settle(&pair);
        a = pair_link_of(&pair, 0, 0);
        REQUIRE(a >= 0 && a == pair_link_of(&pair, 1, 0));
        EXPECT_UEQ(pair.link[a].from, 1);
    }
    pair_free(&pair);
}
