/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two speakers joined by a pipe: streams cut anywhere, links that die, nodes that restart. Whatever
 * happened, in the end both are Established on the same connection.
 */
#include "tests/masc_pair.h"

#include "base/prng.h"

static struct pair pair;

static void parent_and_child(unsigned hold_a, unsigned hold_b)
{
    struct rig *a = &pair.side[0], *b = &pair.side[1];

    rig_config(a, 65000, 0xC00002FE);
    a->config.tld = true;
    rig_peer(a, "child", MASC_PARENT, 65001, pair_address[1])->hold_time_s = (uint16_t)hold_a;
    rig_config(b, 65001, 0xC0000201);
    rig_peer(b, "parent", MASC_CHILD, 65000, pair_address[0])->hold_time_s = (uint16_t)hold_b;
    pair_new(&pair);
}

static bool same_link(unsigned peer_a, unsigned peer_b)
{
    int a = pair_link_of(&pair, 0, peer_a), b = pair_link_of(&pair, 1, peer_b);

    return a >= 0 && a == b;
}

TEST(pair_establishes, "M-7.2-01 M-7.2-02 M-7.2-03")
{
    parent_and_child(240, 240);
    pair_start(&pair, 1);
    pair_settle(&pair);
    EXPECT(same_link(0, 0));
    EXPECT_UEQ(pair.side[0].opens, 1);
    EXPECT_UEQ(pair.side[1].opens, 1);
    EXPECT(masc_peer_info(pair.side[0].ps, 0).domain == 65001);
    EXPECT(masc_peer_info(pair.side[1].ps, 0).node == 0xC00002FE);
    pair_free(&pair);
}

/* 7.2: an AS number is usual; the address of a unicast prefix serves as well. */
TEST(pair_domains_are_unicast_prefixes, "M-7.2-18")
{
    char text[2][200];
    struct wr path = wr_init(text[0], sizeof(text[0])), why = wr_init(text[1], sizeof(text[1]));

    for (unsigned s = 0; s < 2; s++) {
        struct rig *r = &pair.side[s];
        rig_config(r, s ? 0xC6336400 : 0xCB007100, 0x0A000001 + s);
        rig_peer(r, "other", s ? MASC_CHILD : MASC_PARENT, s ? 0xCB007100 : 0xC6336400,
                 pair_address[1 - s]);
        r->config.tld = s == 0;
        EXPECT(masc_config_check(&r->config, &path, &why));
    }
    pair_new(&pair);
    pair_start(&pair, 1);
    pair_settle(&pair);
    EXPECT(same_link(0, 0));
    EXPECT(masc_peer_info(pair.side[0].ps, 0).domain == 0xC6336400);
    EXPECT(masc_peer_info(pair.side[1].ps, 0).domain == 0xCB007100);
    pair_free(&pair);
}

/* 10.1 Idle, A-49: one waits after an error; the other is refused, and tries on as before. */
TEST(pair_refused_during_the_back_off, "M-10.1-129")
{
    static const uint8_t bad_length[] = {0, 1, 0, 0};
    struct pair_link *l;

    parent_and_child(240, 240);
    pair.side[0].config.start_backoff_s = pair.side[0].config.start_backoff_max_s = 1000;
    pair.side[1].config.start_backoff_s = 60;
    pair_start(&pair, 1);
    pair_settle(&pair);
    REQUIRE(same_link(0, 0));
    l = &pair.link[pair_link_of(&pair, 0, 0)];
    rig_bytes(&pair.side[0], l->conn[0], bad_length, sizeof(bad_length));
    pair_collect(&pair, 0);
    pair_settle(&pair);
    EXPECT_EQ(rig_state(&pair.side[0], 0), MASC_IDLE);
    pair_wait(&pair, 70000); /* the other one may start again now */
    EXPECT_UEQ(masc_peer_info(pair.side[1].ps, 0).start_retries, 1);
    for (unsigned k = 0; k < 80; k++) {
        unsigned links = pair.links;
        pair_wait(&pair, 10000);
        EXPECT_EQ(rig_state(&pair.side[0], 0), MASC_IDLE);
        EXPECT(rig_state(&pair.side[1], 0) == MASC_CONNECT ||
               rig_state(&pair.side[1], 0) == MASC_ACTIVE);
        /* never back to Idle, and no longer back-off */
        EXPECT_UEQ(masc_peer_info(pair.side[1].ps, 0).start_retries, 1);
        EXPECT(pair.links <= links + 1);
    }
    pair_wait(&pair, 400000);
    EXPECT(same_link(0, 0));
    EXPECT_UEQ(masc_peer_info(pair.side[1].ps, 0).start_retries, 1);
    pair_free(&pair);
}

/* Every cut of the stream of one OPEN and KEEPALIVE into two parts, and octet by octet. */
TEST(pair_cut_streams, "")
{
    parent_and_child(240, 240);
    pair.side[1].config.peer[0].passive = true;
    for (size_t cut = 1; cut <= 25; cut++) {
        unsigned n = 0;
        pair_start(&pair, cut);
        while (pair_any(&pair) && n++ < 1000)
            for (unsigned s = 0; s < 2; s++)
                if (pair_pending(&pair, 0, s))
                    pair_deliver(&pair, 0, s, cut);
        EXPECT(same_link(0, 0));
    }
    pair_free(&pair);
}

/* 500 UPDATEs of different lengths, cut at random: each is handed up whole and in order. */
TEST(pair_cut_updates, "")
{
    struct prng g = prng_init(11);
    struct pair_link *l;
    unsigned sent = 0, got = 0;

    parent_and_child(240, 240);
    pair_start(&pair, 1);
    pair_settle(&pair);
    REQUIRE(same_link(0, 0));
    l = &pair.link[pair_link_of(&pair, 0, 0)];
    while (got < 500) {
        struct rig *r = &pair.side[1];
        size_t n;
        if (sent < 500 && l->to[1].len < 3000) {
            size_t len = 40 + 36 * prng_below(&g, 25);
            struct wr w;
            rig_begin(&pair.side[0]);
            w = out_stream_begin(&pair.side[0].out, 4096);
            wr_u16(&w, (uint16_t)len);
            wr_u16(&w, MASC_UPDATE << 8);
            wr_u32(&w, sent++);
            while (w.len < len)
                wr_u8(&w, (uint8_t)w.len);
            masc_peer_commit(pair.side[0].ps, 0, &w, 1, &pair.side[0].out);
            rig_drain(&pair.side[0]);
            pair_collect(&pair, 0);
        }
        n = 1 + prng_below(&g, l->to[1].len);
        pair_deliver(&pair, (unsigned)(l - pair.link), 1, n);
        for (unsigned i = 0; i < r->signals_n; i++) {
            const struct masc_signal *sig = &r->signals[i];
            REQUIRE(sig->kind == MASC_SIGNAL_UPDATE);
            EXPECT(sig->len >= 40 && (sig->len - 40) % 36 == 0);
            got++;
        }
    }
    EXPECT_UEQ(masc_peer_info(pair.side[1].ps, 0).updates_in, 500);
    EXPECT_UEQ(masc_peer_info(pair.side[0].ps, 0).updates_out, 500);
    EXPECT_UEQ(masc_peer_info(pair.side[0].ps, 0).queued, 0);
    EXPECT(same_link(0, 0));
    pair_free(&pair);
}

/* I-32: no Hold Timer expires between two that talk; also with the shortest one, and with none. */
TEST(pair_stays_up, "M-7.4-02 M-7.4-06 M-8.4-01")
{
    static const unsigned hold[][2] = {{240, 240}, {3, 240}, {240, 3}, {0, 240}, {10, 30}};

    for (unsigned i = 0; i < sizeof(hold) / sizeof(hold[0]); i++) {
        parent_and_child(hold[i][0], hold[i][1]);
        pair_start(&pair, i);
        pair_settle(&pair);
        REQUIRE(same_link(0, 0));
        pair_wait(&pair, 3600000);
        EXPECT(same_link(0, 0));
        EXPECT_UEQ(masc_peer_info(pair.side[0].ps, 0).established, 1);
        if (hold[i][0] == 0)
            EXPECT_UEQ(masc_peer_info(pair.side[0].ps, 0).keepalives_out, 1);
        pair_free(&pair);
    }
}

/* The link dies unseen: one side finds out by its Hold Timer, and both come back. */
TEST(pair_recovers_from_a_silent_link, "M-8.4-01 M-7.4-02")
{
    int old;

    parent_and_child(30, 30);
    pair_start(&pair, 3);
    pair_settle(&pair);
    old = pair_link_of(&pair, 0, 0);
    REQUIRE(old >= 0);
    /* nothing passes any more on it, in either direction, and nobody is told */
    for (unsigned k = 0; k < 100; k++) {
        pair_pass(&pair, 1000);
        pair_time(&pair, 0);
        pair_time(&pair, 1);
        pair_empty(&pair.link[old].to[0]);
        pair_empty(&pair.link[old].to[1]);
    }
    pair.link[old].closed[0] = pair.link[old].closed[1] = true;
    EXPECT(!same_link(0, 0));
    pair_wait(&pair, 600000);
    EXPECT(same_link(0, 0));
    pair_free(&pair);
}

static void two_common_parents(void)
{
    for (unsigned s = 0; s < 2; s++) {
        struct rig *r = &pair.side[s];
        rig_config(r, 65000 + s, 0x0A000001 + s);
        rig_peer(r, "p1", MASC_CHILD, 64900, 0x0B000001)->passive = true;
        rig_peer(r, "p2", MASC_CHILD, 64901, 0x0B000002)->passive = true;
        rig_peer(r, "s1", MASC_SIBLING, 65001 - s, pair_address[1 - s])->parent = 64900;
        rig_peer(r, "s2", MASC_SIBLING, 65001 - s, pair_address[1 - s])->parent = 64901;
    }
    pair_new(&pair);
}

/* In an order that the generator chooses; messages whole or cut. */
static void deliver_at_random(struct prng *g, unsigned steps)
{
    while (steps-- > 0) {
        unsigned width = 0, link = 0, side = 0;
        for (unsigned i = pair.dead; i < pair.links; i++)
            for (unsigned s = 0; s < 2; s++)
                if (pair_pending(&pair, i, s) && prng_below(g, ++width) == 0) {
                    link = i;
                    side = s;
                }
        if (width == 0)
            return;
        pair_deliver(&pair, link, side, prng_below(g, 3) ? 0 : 1 + prng_below(g, 30));
    }
}

/* 4.4: one connection per common parent, and both ends agree which is which. */
TEST(pair_two_common_parents, "M-4.4-01 M-8.8-02 M-7.2-23 M-8.8-12")
{
    two_common_parents();
    for (unsigned seed = 0; seed < 3000; seed++) {
        struct prng g = prng_init(seed);
        pair_start(&pair, seed);
        pair_wait(&pair, 239000);
        pair_pass(&pair, 1000); /* the boot order lets siblings start */
        pair_time(&pair, 0);
        pair_time(&pair, 1);
        deliver_at_random(&g, 10000);
        if (!same_link(2, 2) || !same_link(3, 3))
            tap_diag("seed %u", seed);
        REQUIRE(same_link(2, 2) && same_link(3, 3));
        EXPECT(pair_link_of(&pair, 0, 2) != pair_link_of(&pair, 0, 3));
        EXPECT(masc_peer_info(pair.side[0].ps, 2).parent == 64900);
        EXPECT(masc_peer_info(pair.side[1].ps, 3).parent == 64901);
        EXPECT_UEQ(pair.side[0].opens, 2);
    }
    pair_free(&pair);
}

/* One turn of trouble: time passes unevenly, links die, a side is cleared or restarts. */
static void trouble(struct prng *g)
{
    unsigned side = (unsigned)prng_below(g, 2);

    pair_pass(&pair, (int64_t)prng_below(g, 40000));
    pair_time(&pair, 0);
    pair_time(&pair, 1);
    deliver_at_random(g, (unsigned)prng_below(g, 12));
    switch (prng_below(g, 10)) {
    case 0:
    case 1:
        if (pair.links > 0)
            pair_cut(&pair, (unsigned)prng_below(g, pair.links));
        break;
    case 2:
        rig_operator(&pair.side[side], 0, masc_peer_clear);
        pair_collect(&pair, side);
        break;
    case 3:
        /* a crash: its kernel resets what it had */
        for (unsigned i = 0; i < pair.links; i++) {
            struct pair_link *l = &pair.link[i];
            if (!l->closed[side]) {
                l->closed[side] = true;
                l->to[1 - side].fin = !l->closed[1 - side];
            }
        }
        pair.side[side].opens = 0;
        rig_boot_again(&pair.side[side], prng_u64(g));
        pair_collect(&pair, side);
        break;
    default: break;
    }
}

/* I-28, I-54: after the trouble both are Established on one and the same connection, within the
 * longest wait: twice ConnectRetry and the back-off that the trouble has earned. */
TEST(pair_swarm, "M-8.8-01 M-8.8-12 M-10.1-03")
{
    for (unsigned seed = 0; seed < 2000; seed++) {
        struct prng g = prng_init(seed);
        parent_and_child(60, 240);
        pair.side[0].config.start_backoff_max_s = pair.side[1].config.start_backoff_max_s = 240;
        pair_start(&pair, seed);
        for (unsigned k = 0; k < 40; k++)
            trouble(&g);
        pair_wait(&pair, 1800000);
        if (!same_link(0, 0))
            tap_diag("seed %u: %s, %s", seed, masc_state_name(rig_state(&pair.side[0], 0)),
                     masc_state_name(rig_state(&pair.side[1], 0)));
        EXPECT(same_link(0, 0));
        EXPECT_UEQ(pair.side[0].opens, 1);
        EXPECT_UEQ(pair.side[1].opens, 1);
        pair_free(&pair);
    }
}

/* The same seed and events give the same octets (I-47). */
TEST(pair_deterministic, "")
{
    uint64_t hash[2];

    for (unsigned run = 0; run < 2; run++) {
        struct prng g = prng_init(77);
        parent_and_child(60, 240);
        pair_start(&pair, 5);
        hash[run] = 1469598103934665603u;
        for (unsigned k = 0; k < 60; k++) {
            trouble(&g);
            for (unsigned s = 0; s < 2; s++)
                hash[run] = (hash[run] ^ (uint64_t)masc_peers_deadline(pair.side[s].ps).ms ^
                             (uint64_t)pair.links) *
                            1099511628211u;
        }
        pair_free(&pair);
    }
    EXPECT_UEQ(hash[0], hash[1]);
}
