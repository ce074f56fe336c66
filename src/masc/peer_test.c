/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions over time: timers, back-off, the boot order, the operator, configuration, slow peers.
 */
#include "masc/peer.h"

#include "masc/rows.h"
#include "tests/masc_rig.h"

#define PEER      0xC0000201u
#define OPEN_GOOD "0014 01 00 01 05 00F0 0000FDE9 C0000201 0000FDE8"
#define KEEPALIVE "0004 04 00"
#define CEASE     "0006 03 00 07 00"

static struct rig rig;

static struct masc_peer_config *child(void)
{
    rig_config(&rig, 65000, 0xC00002FE);
    rig.config.tld = true;
    return rig_peer(&rig, "child", MASC_PARENT, 65001, PEER);
}

static void open_with(uint32_t conn, unsigned hold_s)
{
    struct hex h = rig_open_of(MASC_CHILD, (uint16_t)hold_s, 65001, PEER, 65000);

    rig_bytes(&rig, conn, h.at, h.len);
}

/* Established from Connect. */
static uint32_t establish(unsigned hold_s)
{
    uint32_t conn = rig_connect(&rig);

    rig_up(&rig, conn, PEER);
    open_with(conn, hold_s);
    rig_recv(&rig, conn, KEEPALIVE);
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    return conn;
}

static uint32_t child_up(unsigned hold_s)
{
    child();
    rig_boot(&rig, 5);
    return establish(hold_s);
}

/* ---- Hold and KeepAlive Timer ---- */

TEST(peer_first_messages, "M-10-01 M-7.2-01 M-7.2-02 M-7.2-03 M-7.4-01")
{
    uint32_t conn;

    child();
    rig_boot(&rig, 5);
    rig_init(&rig, 5);
    EXPECT_EQ(rig_state(&rig, 0), MASC_IDLE);
    rig.opens = 0;
    rig_boot_again(&rig, 5);
    EXPECT_UEQ(rig_count(&rig, ACTION_STREAM), 0);
    conn = rig_connect(&rig);
    rig_up(&rig, conn, PEER);
    EXPECT(rig_sent_is(&rig, conn, "0014 01 00 01 07 00F0 0000FDE8 C00002FE 00000000"));
    EXPECT_UEQ(masc_peer_room(rig.ps, 0), 0);
    rig_recv(&rig, conn, OPEN_GOOD);
    EXPECT(rig_sent_is(&rig, conn, KEEPALIVE));
    EXPECT_UEQ(masc_peer_room(rig.ps, 0), 0); /* no UPDATE before Established */
    EXPECT(!masc_peer_established(rig.ps, 0));
    rig_recv(&rig, conn, KEEPALIVE);
    EXPECT(masc_peer_established(rig.ps, 0));
    EXPECT(masc_peer_room(rig.ps, 0) > 0);
    rig_free(&rig);
}

TEST(peer_hold_time_negotiated, "M-7.2-12 M-8.2-08")
{
    static const unsigned value[][3] = {{240, 240, 240}, {240, 30, 30}, {30, 240, 30},
                                        {3, 65535, 3},   {240, 0, 0},   {0, 240, 0}};

    for (unsigned i = 0; i < sizeof(value) / sizeof(value[0]); i++) {
        uint32_t conn;
        int64_t hold;
        child()->hold_time_s = (uint16_t)value[i][0];
        rig_boot(&rig, 5);
        conn = establish(value[i][1]);
        hold = rig_conn(&rig, conn)->hold_at.ms;
        EXPECT_EQ(masc_peer_info(rig.ps, 0).hold_time_s, value[i][2]);
        EXPECT_EQ(hold, value[i][2] ? rig.now.mono.ms + 1000 * value[i][2] : MONO_NEVER.ms);
        rig_free(&rig);
    }
}

TEST(peer_hold_expires, "M-8.4-01 M-7.4-02")
{
    uint32_t conn = child_up(30);
    int64_t last = rig.now.mono.ms;

    while (rig_state(&rig, 0) == MASC_ESTABLISHED)
        EXPECT(rig_next(&rig) <= 10000); /* KEEPALIVEs go on, for the peer's sake */
    EXPECT_EQ(rig.now.mono.ms - last, 30000);
    EXPECT(rig_sent_is(&rig, conn, "0006 03 00 04 00"));
    EXPECT(rig_closed(&rig, conn));
    EXPECT(rig_signalled(&rig, MASC_SIGNAL_DOWN, 0));
    rig_free(&rig);
}

TEST(peer_keepalive_rate, "M-7.4-03 M-7.4-04 M-10.1-98 M-10.1-117")
{
    static const unsigned hold[] = {3, 4, 9, 240};

    for (unsigned i = 0; i < 4; i++) {
        uint32_t conn = child_up(hold[i]);
        int64_t sent = rig.now.mono.ms, longest = 0, third = 1000 * (int64_t)hold[i] / 3;
        for (unsigned k = 0; k < 200; k++) {
            rig_recv(&rig, conn, KEEPALIVE);
            rig_next(&rig);
            if (rig_count(&rig, ACTION_STREAM) == 0)
                continue;
            EXPECT(rig_sent_is(&rig, conn, KEEPALIVE));
            rig_sent(&rig, conn, 24);
            EXPECT(rig.now.mono.ms - sent >= 1000);
            EXPECT(rig.now.mono.ms - sent <= third);
            if (rig.now.mono.ms - sent > longest)
                longest = rig.now.mono.ms - sent;
            sent = rig.now.mono.ms;
        }
        EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
        EXPECT(longest >= third * 3 / 4);
        rig_free(&rig);
    }
}

TEST(peer_hold_time_zero, "M-7.4-06 M-10.1-14")
{
    uint32_t conn;

    child();
    rig_boot(&rig, 5);
    conn = rig_connect(&rig);
    rig_up(&rig, conn, PEER);
    open_with(conn, 0);
    EXPECT(rig_sent_is(&rig, conn, KEEPALIVE)); /* the one that confirms */
    EXPECT_EQ(rig_conn(&rig, conn)->keepalive_at.ms, MONO_NEVER.ms);
    /* the guard stays until Established */
    EXPECT_EQ(rig_conn(&rig, conn)->hold_at.ms, rig.now.mono.ms + 240000);
    rig_recv(&rig, conn, KEEPALIVE);
    EXPECT_EQ(rig_conn(&rig, conn)->hold_at.ms, MONO_NEVER.ms);
    rig_sent(&rig, conn, 24);
    rig_wait(&rig, 100 * 86400 * (int64_t)1000);
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).keepalives_out, 1);
    rig_free(&rig);
    /* and ends a peer that never confirms */
    child();
    rig_boot(&rig, 5);
    conn = rig_connect(&rig);
    rig_up(&rig, conn, PEER);
    open_with(conn, 0);
    rig_wait(&rig, 239999);
    EXPECT_EQ(rig_state(&rig, 0), MASC_OPENCONFIRM);
    rig_next(&rig);
    EXPECT(rig_sent_is(&rig, conn, "0006 03 00 04 00"));
    EXPECT_EQ(rig_state(&rig, 0), MASC_IDLE);
    rig_free(&rig);
}

static void commit_update(unsigned updates)
{
    struct hex h = hex("0028 02 00 0024 03 00 00 04 0000 40000000 00278D00 0002A300"
                       "0000FDE9 C0000201 E4010200 FFFFFF00");
    struct wr w;

    rig_begin(&rig);
    w = out_stream_begin(&rig.out, MASC_WINDOW);
    for (unsigned i = 0; i < updates; i++)
        wr_bytes(&w, h.at, h.len);
    masc_peer_commit(rig.ps, 0, &w, updates, &rig.out);
    rig_drain(&rig);
}

TEST(peer_what_restarts_the_keepalive_timer, "M-10.1-11")
{
    const struct masc_fault refuse = {.code = MASC_E_UPDATE, .subcode = 10, .open = true};
    uint32_t conn = child_up(240);
    int64_t before = rig_conn(&rig, conn)->keepalive_at.ms;

    rig_pass(&rig, 20000);
    rig_answer(&rig, 0, &refuse); /* a NOTIFICATION does not */
    EXPECT_EQ(rig_conn(&rig, conn)->keepalive_at.ms, before);
    commit_update(1);
    EXPECT(rig_conn(&rig, conn)->keepalive_at.ms >= rig.now.mono.ms + 60000);
    EXPECT(rig_conn(&rig, conn)->keepalive_at.ms <= rig.now.mono.ms + 80000);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).updates_out, 1);
    rig_free(&rig);
}

TEST(peer_deadline_after_traffic, "")
{
    uint32_t conn = child_up(30);

    /* Traffic puts the Hold Timer off; the deadline never comes after what is due. */
    for (unsigned i = 0; i < 100; i++) {
        rig_pass(&rig, 5000);
        rig_recv(&rig, conn, KEEPALIVE);
        EXPECT(masc_peers_deadline(rig.ps).ms <= rig_conn(&rig, conn)->hold_at.ms);
        EXPECT(masc_peers_deadline(rig.ps).ms <= rig_conn(&rig, conn)->keepalive_at.ms);
        if (masc_peers_deadline(rig.ps).ms <= rig.now.mono.ms)
            rig_time(&rig);
        rig_sent(&rig, conn, 24);
    }
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    EXPECT(masc_peers_deadline(rig.ps).ms > rig.now.mono.ms);
    rig_free(&rig);
}

/* ---- errors and starts ---- */

/* 7.5: after O=0 the connection is closed in the same step; after O=1 it is open, and in use. */
TEST(peer_open_bit_decides, "M-7.5-02")
{
    struct masc_fault fault = {.code = MASC_E_UPDATE, .subcode = 10, .open = true};
    uint32_t conn = child_up(240);

    rig_answer(&rig, 0, &fault);
    EXPECT(rig_sent_is(&rig, conn, "0006 03 00 83 0A"));
    EXPECT(!rig_closed(&rig, conn));
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    commit_update(1);
    EXPECT_UEQ(rig_count(&rig, ACTION_STREAM), 1);
    rig_recv(&rig, conn, KEEPALIVE);
    rig_wait(&rig, 200000);
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    rig_recv(&rig, conn, "0006 01 00 0000"); /* an OPEN is not expected here */
    EXPECT_UEQ(rig_count(&rig, ACTION_STREAM), 1);
    EXPECT(rig_action(&rig, ACTION_STREAM, 0) &&
           rig_action(&rig, ACTION_STREAM, 0)->bytes[2] == MASC_NOTIFICATION &&
           (rig_action(&rig, ACTION_STREAM, 0)->bytes[4] & 0x80) == 0);
    EXPECT(rig_closed(&rig, conn));
    EXPECT_EQ(rig_state(&rig, 0), MASC_IDLE);
    rig_free(&rig);
}

TEST(peer_start_backoff, "M-10.1-03 M-10.1-05 M-10.1-06 M-10.1-07")
{
    static const unsigned wait[] = {60,   120,   240,   480,   960,   1920, 3840,
                                    7680, 15360, 30720, 61440, 86400, 86400};
    uint32_t conn;

    child();
    rig_boot(&rig, 5);
    conn = rig_connect(&rig);
    for (unsigned i = 0; i < sizeof(wait) / sizeof(wait[0]); i++) {
        rig_up(&rig, conn, PEER);
        rig_recv(&rig, conn, KEEPALIVE); /* in OpenSent: 5/1 */
        EXPECT_EQ(rig_state(&rig, 0), MASC_IDLE);
        EXPECT(rig_closed(&rig, conn));
        EXPECT_UEQ(masc_peer_info(rig.ps, 0).start_retries, i + 1);
        EXPECT(rig_closed(&rig, rig_accept(&rig, PEER)));
        EXPECT_EQ(rig_next(&rig), 1000 * (int64_t)wait[i]);
        conn = rig_connect(&rig);
        REQUIRE(rig_state(&rig, 0) == MASC_CONNECT);
    }
    rig_free(&rig);
}

TEST(peer_backoff_reset, "M-10.1-06")
{
    uint32_t conn = child_up(30);

    /* lasted less than its Hold Time: counted on */
    rig_pass(&rig, 29000);
    rig_down(&rig, conn);
    EXPECT_EQ(rig_next(&rig), 60000);
    conn = establish(30);
    rig_pass(&rig, 29999);
    rig_down(&rig, conn);
    EXPECT_EQ(rig_next(&rig), 120000);
    /* lasted: begins anew */
    conn = establish(30);
    rig_pass(&rig, 20000);
    rig_recv(&rig, conn, KEEPALIVE);
    rig_pass(&rig, 10000);
    rig_down(&rig, conn);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).start_retries, 1);
    EXPECT_EQ(rig_next(&rig), 60000);
    /* with Hold Time 0 it takes 240 s */
    conn = establish(0);
    rig_pass(&rig, 239999);
    rig_down(&rig, conn);
    EXPECT_EQ(rig_next(&rig), 120000);
    conn = establish(0);
    rig_pass(&rig, 240000);
    rig_down(&rig, conn);
    EXPECT_EQ(rig_next(&rig), 60000);
    rig_free(&rig);
}

TEST(peer_operator, "M-8.7-01 M-8.7-02")
{
    uint32_t conn = child_up(240);

    rig_operator(&rig, 0, masc_peer_stop);
    EXPECT(rig_sent_is(&rig, conn, CEASE));
    EXPECT(rig_closed(&rig, conn));
    EXPECT(rig_signalled(&rig, MASC_SIGNAL_DOWN, 0));
    EXPECT(rig_row(&rig, "stopped") != NULL);
    EXPECT(masc_peer_info(rig.ps, 0).stopped);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).start_retries, 0); /* not fed by Stop */
    EXPECT_EQ(rig_next(&rig), -1);                          /* nothing is due any more */
    rig_operator(&rig, 0, masc_peer_start);
    EXPECT(!masc_peer_info(rig.ps, 0).stopped);
    conn = establish(240);
    rig_operator(&rig, 0, masc_peer_clear);
    EXPECT(rig_sent_is(&rig, conn, CEASE));
    EXPECT_EQ(rig_state(&rig, 0), MASC_CONNECT);
    /* Start bypasses the back-off and ends it */
    conn = rig_connect(&rig);
    rig_up(&rig, conn, PEER);
    rig_recv(&rig, conn, "0005 04 00 00"); /* a fatal error is told, not Cease */
    EXPECT(rig_sent_is(&rig, conn, "000B 03 00 01 01 0005 04 00 00"));
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).start_retries, 1);
    rig_operator(&rig, 0, masc_peer_start);
    EXPECT_EQ(rig_state(&rig, 0), MASC_CONNECT);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).start_retries, 0);
    EXPECT_EQ(masc_peer_info(rig.ps, 0).start_at.ms, MONO_NEVER.ms);
    rig_free(&rig);
}

TEST(peer_stop_event, "M-8.7-01")
{
    uint32_t conn = child_up(240);

    rig_event(&rig, (struct event){.kind = EVENT_STOP});
    EXPECT(rig_sent_is(&rig, conn, CEASE));
    EXPECT(rig_closed(&rig, conn));
    EXPECT(rig_signalled(&rig, MASC_SIGNAL_DOWN, 0));
    EXPECT_EQ(rig_next(&rig), -1); /* nothing is due any more */
    EXPECT(rig_closed(&rig, rig_accept(&rig, PEER)));
    rig_operator(&rig, 0, masc_peer_start);
    EXPECT_EQ(rig_state(&rig, 0), MASC_IDLE);
    rig_free(&rig);
}

TEST(peer_connect_retry, "M-10.1-02 M-10.1-39 M-10.1-58")
{
    int64_t least = INT64_MAX, most = 0;

    child();
    EXPECT_UEQ(rig.config.connect_retry_s, 120);
    rig_boot(&rig, 5);
    for (unsigned i = 0; i < 200; i++) {
        uint32_t conn = rig_connect(&rig);
        int64_t ms;
        REQUIRE(conn != UINT32_MAX);
        if (i % 2) {
            rig_down(&rig, conn);
            /* told once, not every two minutes */
            EXPECT((rig_row(&rig, "unreachable") != NULL) == (i == 1));
        }
        ms = rig_next(&rig);
        EXPECT(i % 2 || rig_closed(&rig, conn));
        least = ms < least ? ms : least;
        most = ms > most ? ms : most;
    }
    EXPECT(least >= 90000 && most <= 120000 && most - least > 20000);
    rig_free(&rig);
}

TEST(peer_passive, "")
{
    child()->passive = true;
    rig_boot(&rig, 5);
    EXPECT_UEQ(rig_count(&rig, ACTION_CONNECT), 0);
    EXPECT_EQ(rig_state(&rig, 0), MASC_ACTIVE);
    EXPECT_EQ(rig_next(&rig), -1); /* nothing is due any more */
    rig_recv(&rig, rig_accept(&rig, PEER), OPEN_GOOD);
    EXPECT_EQ(rig_state(&rig, 0), MASC_OPENCONFIRM);
    rig_free(&rig);
}

/* The Version of the OPEN that went to `conn` in the last step; 0: none did. */
static unsigned version_offered(uint32_t conn)
{
    const struct action *a = rig_action(&rig, ACTION_STREAM, 0);

    return a && a->conn.id == conn && a->bytes[2] == MASC_OPEN ? a->bytes[4] : 0;
}

/* 9: the first OPEN has our highest version. One of a higher version, as a program that speaks one
 * more would have sent it, is refused: the next attempt follows at once, with the version that the
 * peer would take, and that one succeeds. */
TEST(peer_versions_are_tried_downwards, "M-9-01")
{
    uint32_t conn, next;

    child();
    rig_boot(&rig, 5);
    conn = rig_connect(&rig);
    rig_up(&rig, conn, PEER);
    EXPECT_UEQ(version_offered(conn), MASC_VERSION);
    rig.opens = 0;
    rig_boot_again(&rig, 5);
    conn = rig_connect(&rig);
    rig.ps->peering[0].version = MASC_VERSION + 1;
    rig_up(&rig, conn, PEER);
    EXPECT_UEQ(version_offered(conn), MASC_VERSION + 1);
    rig_recv(&rig, conn, "0007 03 00 02 01 01");
    EXPECT(rig_closed(&rig, conn));
    if (rig_connect(&rig) == UINT32_MAX)
        EXPECT_EQ(rig_next(&rig), 0);
    next = rig_connect(&rig);
    REQUIRE(next != UINT32_MAX);
    rig_up(&rig, next, PEER);
    EXPECT_UEQ(version_offered(next), MASC_VERSION);
    open_with(next, 240);
    EXPECT_EQ(rig_state(&rig, 0), MASC_OPENCONFIRM);
    rig_free(&rig);
}

/* 9: there is but one version, so a peer that has another is left alone for the longest time. */
TEST(peer_version_refused, "M-9-02 M-10.1-86")
{
    uint32_t conn;
    const struct row *row;

    child();
    rig_boot(&rig, 5);
    conn = rig_connect(&rig);
    rig_up(&rig, conn, PEER);
    rig_recv(&rig, conn, "0007 03 00 02 01 00");
    EXPECT(rig_closed(&rig, conn));
    EXPECT_UEQ(rig_count(&rig, ACTION_STREAM), 0);
    row = rig_row(&rig, "version");
    REQUIRE(row != NULL);
    EXPECT_STR(row->v[MASC_ROW_SESSION_REASON].text, "no version in common with the peer");
    EXPECT_STR(row->v[MASC_ROW_SESSION_DIRECTION].text, "received");
    EXPECT_UEQ(row->v[MASC_ROW_SESSION_RETRY].u, 86400);
    EXPECT_EQ(rig_next(&rig), 86400000);
    EXPECT_EQ(rig_state(&rig, 0), MASC_CONNECT);
    rig_free(&rig);
}

/* 8.6: logged, never answered, when the peer closes with it. */
TEST(peer_erroneous_notification, "M-8.6-02 M-8.6-03")
{
    static const char *const text[] = {
        "0006 03 00 08 00", "0006 03 00 02 04", "0006 03 00 00 00",
        "0005 03 00 00",    "0004 03 00",       "0006 03 00 03 04", /* no such subcode */
    };

    for (unsigned i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
        uint32_t conn = child_up(240);
        rig_recv(&rig, conn, text[i]);
        EXPECT(rig_sent_is(&rig, conn, ""));
        EXPECT(rig_closed(&rig, conn));
        EXPECT(rig_row(&rig, "error") != NULL);
        EXPECT(rig_row(&rig, "down") != NULL);
        EXPECT(!rig_signalled(&rig, MASC_SIGNAL_REFUSED, 0));
        rig_free(&rig);
    }
}

TEST(peer_refused_update, "M-7.5-03 M-10.1-125 M-10.1-04")
{
    uint32_t conn = child_up(240);

    /* several in one STREAM: each is a signal, the session stays */
    rig_recv(&rig, conn,
             "0008 03 00 83 0A AABB" KEEPALIVE "0006 03 00 81 02"
             "0006 03 00 83 18");
    EXPECT_UEQ(rig.signals_n, 2);
    EXPECT(rig_signalled(&rig, MASC_SIGNAL_REFUSED, 0));
    EXPECT_EQ(rig.signals[0].notification.subcode, 10);
    EXPECT_UEQ(rig.signals[0].notification.data_len, 2);
    EXPECT_EQ(rig.signals[1].notification.subcode, 24);
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).notifications_in, 3);
    EXPECT_UEQ(rig_count(&rig, ACTION_LOG), 1); /* one row per second */
    /* also when the peer closes with it */
    rig_recv(&rig, conn, "0006 03 00 03 0A");
    EXPECT(rig.signals[0].kind == MASC_SIGNAL_REFUSED && rig.signals[1].kind == MASC_SIGNAL_DOWN);
    EXPECT(masc_peer_info(rig.ps, 0).last_code == 3 && !masc_peer_info(rig.ps, 0).last_sent);
    REQUIRE(rig_row(&rig, "down") != NULL);
    EXPECT_STR(rig_row(&rig, "down")->v[MASC_ROW_SESSION_DIRECTION].text, "received");
    EXPECT_UEQ(rig_row(&rig, "down")->v[MASC_ROW_SESSION_CODE].u, 3);
    rig_free(&rig);
}

/* ---- boot ---- */

static void boot_family(bool passive)
{
    rig_config(&rig, 65000, 0xC00002FE);
    rig_peer(&rig, "sibling", MASC_SIBLING, 65001, 0x0A000001)->parent = 64900;
    rig_peer(&rig, "parent", MASC_CHILD, 64900, 0x0A000002)->passive = passive;
    rig_peer(&rig, "internal", MASC_INTERNAL, 65000, 0x0A000003);
    rig_peer(&rig, "child", MASC_PARENT, 65003, 0x0A000004);
    rig_boot(&rig, 9);
}

TEST(peer_boot_order, "M-12.1-01 M-12.1-02 M-12.1-03")
{
    struct hex open = rig_open_of(MASC_PARENT, 240, 64900, 0x0A000002, 0);
    uint32_t parent, internal;

    boot_family(false);
    REQUIRE(rig_count(&rig, ACTION_CONNECT) == 2);
    EXPECT(rig_action(&rig, ACTION_CONNECT, 0)->addr.addr == 0x0A000002);
    EXPECT(rig_action(&rig, ACTION_CONNECT, 1)->addr.addr == 0x0A000003);
    parent = rig_action(&rig, ACTION_CONNECT, 0)->conn.id;
    internal = rig_action(&rig, ACTION_CONNECT, 1)->conn.id;
    /* siblings and children are refused before their time */
    EXPECT(rig_closed(&rig, rig_accept(&rig, 0x0A000001)));
    EXPECT(rig_closed(&rig, rig_accept(&rig, 0x0A000004)));
    rig_up(&rig, parent, 0x0A000002);
    rig_bytes(&rig, parent, open.at, open.len);
    rig_recv(&rig, parent, KEEPALIVE);
    EXPECT_UEQ(rig_count(&rig, ACTION_CONNECT), 0);
    rig_down(&rig, internal); /* failed once: tried */
    REQUIRE(rig_count(&rig, ACTION_CONNECT) == 2);
    EXPECT(rig_action(&rig, ACTION_CONNECT, 0)->addr.addr == 0x0A000001);
    EXPECT(rig_action(&rig, ACTION_CONNECT, 1)->addr.addr == 0x0A000004);
    rig_free(&rig);
    /* nobody answers at all: after twice ConnectRetry the others start */
    boot_family(true);
    rig_wait(&rig, 239999);
    EXPECT_EQ(rig_state(&rig, 0), MASC_IDLE);
    EXPECT_EQ(rig_state(&rig, 3), MASC_IDLE);
    rig_pass(&rig, 1);
    rig_time(&rig);
    EXPECT_EQ(rig_state(&rig, 0), MASC_CONNECT);
    EXPECT_EQ(rig_state(&rig, 3), MASC_CONNECT);
    rig_free(&rig);
    /* one that was stopped before the start is not waited for */
    boot_family(false);
    rig_init(&rig, 1);
    rig.opens = 0;
    rig_operator(&rig, 1, masc_peer_stop);
    rig_operator(&rig, 2, masc_peer_stop);
    rig_begin(&rig);
    masc_peers_start(rig.ps, rig.now, &rig.out);
    rig_drain(&rig);
    EXPECT_EQ(rig_state(&rig, 0), MASC_CONNECT);
    EXPECT_EQ(rig_state(&rig, 1), MASC_IDLE);
    rig_free(&rig);
    /* the operator need not wait */
    boot_family(true);
    rig_operator(&rig, 0, masc_peer_start);
    EXPECT_EQ(rig_state(&rig, 0), MASC_CONNECT);
    /* and one that he stopped is not waited for */
    rig_operator(&rig, 1, masc_peer_stop);
    rig_operator(&rig, 2, masc_peer_stop);
    EXPECT_EQ(rig_state(&rig, 3), MASC_CONNECT);
    rig_free(&rig);
}

/* ---- slow peers ---- */

TEST(peer_window, "")
{
    uint32_t conn = child_up(240);
    size_t room = masc_peer_room(rig.ps, 0);

    EXPECT_UEQ(room, MASC_WINDOW - 24); /* OPEN and KEEPALIVE are not taken yet */
    rig_sent(&rig, conn, 24);
    EXPECT_UEQ(masc_peer_room(rig.ps, 0), MASC_WINDOW);
    commit_update(1000);
    EXPECT_UEQ(masc_peer_room(rig.ps, 0), MASC_WINDOW - 40000);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).queued, 40000);
    commit_update(6000);
    EXPECT_UEQ(masc_peer_room(rig.ps, 0), 0); /* beyond it */
    rig_sent(&rig, conn, 280001);             /* a host that counts wrong does no harm */
    EXPECT_UEQ(masc_peer_room(rig.ps, 0), MASC_WINDOW);
    rig_free(&rig);
}

TEST(peer_does_not_read, "")
{
    uint32_t conn = child_up(240);
    int64_t began = rig.now.mono.ms;
    const struct row *row;

    rig_sent(&rig, conn, 24);
    commit_update(1);
    /* it talks, but takes nothing */
    while (rig_state(&rig, 0) == MASC_ESTABLISHED && rig.now.mono.ms < began + 10000000) {
        rig_recv(&rig, conn, KEEPALIVE);
        rig_next(&rig);
    }
    EXPECT_EQ(rig.now.mono.ms - began, 1000 * MASC_SEND_HOLD_S);
    EXPECT(rig_closed(&rig, conn));
    EXPECT_UEQ(rig_count(&rig, ACTION_STREAM), 0);
    row = rig_row(&rig, "down");
    REQUIRE(row != NULL);
    EXPECT_STR(row->v[MASC_ROW_SESSION_REASON].text, "the peer does not read");
    EXPECT(rig_signalled(&rig, MASC_SIGNAL_DOWN, 0));
    rig_free(&rig);
    /* whatever it takes puts that off */
    conn = child_up(240);
    for (unsigned i = 0; i < 300; i++) {
        commit_update(1);
        rig_sent(&rig, conn, 8);
        rig_recv(&rig, conn, KEEPALIVE);
        rig_wait(&rig, 10000);
    }
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    rig_free(&rig);
}

TEST(peer_answers_are_bounded, "")
{
    uint32_t conn = child_up(240);
    struct hex bad = {.len = 0};
    unsigned sent = 0;

    hex_append(&bad, "0004 09 00", 1024);
    while (rig_state(&rig, 0) == MASC_ESTABLISHED && sent < 1000) {
        rig_bytes(&rig, conn, bad.at, bad.len);
        EXPECT(rig_count(&rig, ACTION_LOG) <= 2);
        sent++;
    }
    /* ten octets for each of four: dropped beyond the hard window */
    EXPECT_UEQ(sent, MASC_WINDOW_HARD / 10240 + 1);
    EXPECT(rig_closed(&rig, conn));
    rig_free(&rig);
}

/* ---- configuration ---- */

static void configure(const struct masc_config *c)
{
    rig_begin(&rig);
    masc_peers_configure(rig.ps, c, rig.now, &rig.out);
    rig_drain(&rig);
}

static struct masc_config other;

TEST(peer_configure, "M-8-02")
{
    uint32_t conn, second;

    child();
    rig_peer(&rig, "second", MASC_PARENT, 65002, 0xC0000202);
    rig_boot(&rig, 5);
    second = rig_action(&rig, ACTION_CONNECT, 1)->conn.id;
    conn = establish(240);
    other = rig.config;
    configure(&other); /* the same: nothing happens */
    EXPECT(rig_silent(&rig) && rig.signals_n == 0);
    /* gone, changed, new; the numbers of the others stay */
    rig_peer(&rig, "third", MASC_PARENT, 65003, 0xC0000203);
    rig.config.peer[0] = rig.config.peer[2];
    rig.config.peers = 2;
    rig.config.peer[1].hold_time_s = 90;
    configure(&rig.config);
    EXPECT(rig_sent_is(&rig, conn, CEASE));
    EXPECT(rig_closed(&rig, conn) && rig_closed(&rig, second));
    REQUIRE(rig.signals_n == 3);
    EXPECT(rig.signals[0].kind == MASC_SIGNAL_DOWN && rig.signals[0].peer == 0);
    EXPECT(rig.signals[1].kind == MASC_SIGNAL_REMOVED && rig.signals[1].peer == 0);
    EXPECT(rig.signals[2].kind == MASC_SIGNAL_REMOVED && rig.signals[2].peer == 1);
    EXPECT(masc_peer_find(rig.ps, "child") < 0);
    EXPECT(masc_peer_find(rig.ps, "second") >= 0);
    EXPECT(masc_peer_find(rig.ps, "third") >= 0);
    EXPECT_UEQ(rig_count(&rig, ACTION_CONNECT), 2);
    EXPECT(masc_peer_info(rig.ps, 3).config == NULL);
    EXPECT_UEQ(rig.opens, 2);
    rig_free(&rig);
}

TEST(peer_configure_identity, "")
{
    uint32_t conn = child_up(240);

    other = rig.config;
    other.node = 0xC00002FD;
    configure(&other);
    EXPECT(rig_sent_is(&rig, conn, CEASE));
    EXPECT(rig_signalled(&rig, MASC_SIGNAL_DOWN, 0));
    EXPECT(!rig_signalled(&rig, MASC_SIGNAL_REMOVED, 0));
    conn = rig_connect(&rig);
    rig_up(&rig, conn, PEER);
    EXPECT(rig_sent_is(&rig, conn, "0014 01 00 01 07 00F0 0000FDE8 C00002FD 00000000"));
    rig_free(&rig);
}

/* As many peerings as there are places, all replaced at once, with two connections each. */
TEST(peer_places, "M-8-02")
{
    child();
    rig.config.peers = 0;
    rig.config.peers_max = 64;
    for (unsigned i = 0; i < 64; i++) {
        char name[16];
        snprintf(name, sizeof(name), "peer%u", i);
        rig_peer(&rig, name, MASC_PARENT, 65001 + i, 0xC0000201 + i);
    }
    rig_boot(&rig, 5);
    for (unsigned round = 0; round < 4; round++) {
        for (unsigned i = 0; i < 64; i++)
            rig_accept(&rig, 0xC0000201 + i);
        EXPECT_UEQ(rig.opens, 128);
        other = rig.config;
        for (unsigned i = 0; i < 64; i++)
            other.peer[i].name[0] = (char)('a' + round);
        configure(&other);
        EXPECT_UEQ(rig.signals_n, 64);
        EXPECT_UEQ(rig_count(&rig, ACTION_CONNECT), 64);
        EXPECT_UEQ(rig.opens, 64);
        rig.config = other;
    }
    rig_free(&rig);
}

TEST(peer_no_leak, "M-8-02 M-10.1-08 M-10.1-09 M-10.1-10")
{
    uint16_t free_places = 0;

    child();
    rig_boot(&rig, 5);
    for (unsigned i = 0; i < 10000; i++) {
        uint32_t conn;
        rig_operator(&rig, 0, masc_peer_clear);
        conn = rig_connect(&rig);
        rig_up(&rig, conn, PEER);
        if (i % 3)
            rig_recv(&rig, conn, OPEN_GOOD);
        if (i % 3 > 1)
            rig_recv(&rig, conn, KEEPALIVE);
        if (i % 2)
            rig_down(&rig, conn);
    }
    rig_operator(&rig, 0, masc_peer_stop);
    for (uint16_t i = rig.ps->free_first; i != MASC_NO_INDEX; i = rig.ps->conn[i].peer)
        free_places++;
    EXPECT_UEQ(free_places, rig.ps->conns_top);
    EXPECT(rig.ps->conns_top <= 2); /* of one peering */
    for (uint32_t i = 0; i <= rig.ps->table_mask; i++)
        EXPECT_UEQ(rig.ps->table[i], 0);
    EXPECT_UEQ(rig.opens, 0);
    rig_free(&rig);
}

/* What comes for a connection that we have closed is nothing to us. */
TEST(peer_late_events, "")
{
    uint32_t conn = child_up(240);

    rig_operator(&rig, 0, masc_peer_stop);
    rig_recv(&rig, conn, KEEPALIVE);
    EXPECT(rig_silent(&rig));
    rig_sent(&rig, conn, 4);
    rig_event(&rig, (struct event){.kind = EVENT_CONN_DOWN, .conn = {conn}});
    rig_event(&rig, (struct event){.kind = EVENT_CONN_UP, .conn = {conn}, .addr = rig_v4(PEER)});
    rig_event(&rig, (struct event){.kind = EVENT_READY});
    EXPECT(rig_silent(&rig));
    EXPECT_EQ(rig_state(&rig, 0), MASC_IDLE);
    rig_free(&rig);
}

TEST(peer_established_row, "")
{
    const struct row *row;

    child_up(240);
    row = rig_row(&rig, "established");
    REQUIRE(row != NULL);
    EXPECT_STR(row->v[MASC_ROW_SESSION_PEER].text, "child");
    EXPECT_STR(row->v[MASC_ROW_SESSION_STATE].text, "Established");
    EXPECT(row->v[MASC_ROW_SESSION_DIRECTION].text == NULL);
    EXPECT(row->v[MASC_ROW_SESSION_NODE].id == PEER);
    EXPECT(masc_peer_info(rig.ps, 0).domain == 65001);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).established, 1);
    rig_free(&rig);
}
