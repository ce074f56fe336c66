/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose is an accepted connection: strangers, Idle, siblings with several common parents (4.4,
 * A-37), the waiting pool and its bounds, a peer that restarted (8.8, A-35).
 */
#include "masc/rows.h"
#include "tests/masc_rig.h"

#define OURS      0xC0000210u
#define LOWER     0xC0000201u
#define HIGHER    0xC00002FEu
#define PEER      0x0A000002u
#define STRANGER  0x0A0000FFu
#define CEASE     "0006 03 00 07 00"
#define KEEPALIVE "0004 04 00"

static struct rig rig;

static void child(void)
{
    rig_config(&rig, 65000, OURS);
    rig.config.tld = true;
    rig_peer(&rig, "child", MASC_PARENT, 65001, PEER);
    rig_boot(&rig, 3);
}

/* The local domain 65000 has the parents 64900 and 64901; so has the sibling 65001, whose node has
 * one address. Peerings: 2 and 3. `by` are the parents' states: they never come up. */
static void two_parents(void)
{
    rig_config(&rig, 65000, OURS);
    rig_peer(&rig, "p1", MASC_CHILD, 64900, 0x0A000010);
    rig_peer(&rig, "p2", MASC_CHILD, 64901, 0x0A000011);
    rig_peer(&rig, "s1", MASC_SIBLING, 65001, PEER)->parent = 64900;
    rig_peer(&rig, "s2", MASC_SIBLING, 65001, PEER)->parent = 64901;
    rig.config.peer[2].passive = rig.config.peer[3].passive = true;
    rig_boot(&rig, 3);
    rig_wait(&rig, 240000); /* past the boot order */
    EXPECT_EQ(rig_state(&rig, 2), MASC_ACTIVE);
    EXPECT_EQ(rig_state(&rig, 3), MASC_ACTIVE);
}

static void recv_open(uint32_t conn, enum masc_role role, uint32_t node, uint32_t parent)
{
    struct hex h = rig_open_of(role, 240, 65001, node, parent);

    rig_bytes(&rig, conn, h.at, h.len);
}

TEST(accept_stranger, "M-14-01 M-10.1-33 M-10.1-52 M-10.1-90 M-10.1-109 M-10.1-128")
{
    const struct row *row;

    child();
    EXPECT(rig_closed(&rig, rig_accept(&rig, STRANGER)));
    EXPECT_UEQ(rig_count(&rig, ACTION_STREAM), 0);
    EXPECT_UEQ(masc_peers_strangers(rig.ps), 1);
    row = rig_row(&rig, "stranger");
    REQUIRE(row != NULL);
    EXPECT(row->type == &masc_row_session);
    EXPECT(row->v[MASC_ROW_SESSION_PEER].text == NULL);
    EXPECT(row->v[MASC_ROW_SESSION_ADDRESS].addr.addr == STRANGER);
    /* one row per second; the next one counts those between */
    for (unsigned i = 0; i < 5; i++) {
        rig_accept(&rig, STRANGER);
        EXPECT(rig_row(&rig, "stranger") == NULL);
    }
    rig_pass(&rig, 1000);
    rig_accept(&rig, STRANGER);
    row = rig_row(&rig, "stranger");
    REQUIRE(row != NULL);
    EXPECT_UEQ(row->v[MASC_ROW_SESSION_AGAIN].u, 5);
    EXPECT_UEQ(masc_peers_strangers(rig.ps), 7);
    EXPECT_EQ(rig_state(&rig, 0), MASC_CONNECT);
    rig_free(&rig);
}

/* strangers put off ConnectRetry in Active, but not beyond twice its value. */
TEST(accept_strangers_do_not_starve, "M-10.1-71")
{
    int64_t began, waited;

    child();
    rig_down(&rig, rig_connect(&rig));
    REQUIRE(rig_state(&rig, 0) == MASC_ACTIVE);
    began = rig.now.mono.ms;
    while (rig_state(&rig, 0) == MASC_ACTIVE && rig.now.mono.ms < began + 1000000) {
        rig_pass(&rig, 1000);
        rig_time(&rig);
        if (rig_state(&rig, 0) == MASC_ACTIVE)
            rig_accept(&rig, STRANGER);
    }
    waited = rig.now.mono.ms - began;
    EXPECT(waited > 121000);
    EXPECT(waited <= 241000);
    rig_free(&rig);
}

/* 10.1 Idle, A-49: a refusal is a failed transport, no word is said. */
TEST(accept_idle_refuses, "M-10.1-01 M-10.1-17")
{
    child();
    rig_operator(&rig, 0, masc_peer_stop);
    EXPECT(rig_closed(&rig, rig_accept(&rig, PEER)));
    EXPECT_UEQ(rig_count(&rig, ACTION_STREAM), 0);
    EXPECT_UEQ(masc_peers_strangers(rig.ps), 0);
    EXPECT_UEQ(rig.opens, 0);
    rig_free(&rig);
}

TEST(accept_one_candidate_sends_at_once, "M-7.2-01")
{
    uint32_t conn;

    child();
    conn = rig_accept(&rig, PEER);
    EXPECT(rig_sent_is(&rig, conn, "0014 01 00 01 07 00F0 0000FDE8 C0000210 00000000"));
    rig_free(&rig);
}

TEST(accept_waits_for_the_parent, "M-7.2-01 M-7.2-23 M-4.4-01 M-8.8-02")
{
    uint32_t a, b;

    two_parents();
    a = rig_accept(&rig, PEER);
    EXPECT(rig_silent(&rig));
    b = rig_accept(&rig, PEER);
    EXPECT(rig_silent(&rig));
    /* each gets the OPEN of its parent, then the KEEPALIVE */
    recv_open(b, MASC_SIBLING, HIGHER, 64901);
    EXPECT(rig_sent_is(&rig, b, "0014 01 00 01 06 00F0 0000FDE8 C0000210 0000FD85" KEEPALIVE));
    EXPECT_EQ(rig_state(&rig, 3), MASC_OPENCONFIRM);
    recv_open(a, MASC_SIBLING, HIGHER, 64900);
    EXPECT(rig_sent_is(&rig, a, "0014 01 00 01 06 00F0 0000FDE8 C0000210 0000FD84" KEEPALIVE));
    rig_recv(&rig, a, KEEPALIVE);
    rig_recv(&rig, b, KEEPALIVE);
    EXPECT_EQ(rig_state(&rig, 2), MASC_ESTABLISHED);
    EXPECT_EQ(rig_state(&rig, 3), MASC_ESTABLISHED);
    EXPECT(masc_peer_info(rig.ps, 2).parent == 64900);
    EXPECT(masc_peer_info(rig.ps, 3).parent == 64901);
    /* for a parent that is Established: Cease, after our OPEN */
    a = rig_accept(&rig, PEER);
    recv_open(a, MASC_SIBLING, HIGHER, 64900);
    EXPECT(rig_sent_is(&rig, a, "0014 01 00 01 06 00F0 0000FDE8 C0000210 0000FD84" CEASE));
    EXPECT(rig_closed(&rig, a));
    EXPECT_EQ(rig_state(&rig, 2), MASC_ESTABLISHED);
    rig_free(&rig);
}

TEST(accept_no_common_parent, "M-8.2-13 M-7.2-01")
{
    uint32_t a;

    two_parents();
    a = rig_accept(&rig, PEER);
    recv_open(a, MASC_SIBLING, HIGHER, 64999);
    EXPECT(rig_sent_is(&rig, a,
                       "0014 01 00 01 06 00F0 0000FDE8 C0000210 0000FD84"
                       "000E 03 00 02 0A 0000FD84 0000FD85"));
    EXPECT(rig_closed(&rig, a));
    EXPECT(rig_row(&rig, "refused") != NULL);
    /* nobody's fault but the caller's: the peerings listen on */
    EXPECT_EQ(rig_state(&rig, 2), MASC_ACTIVE);
    EXPECT_EQ(rig_state(&rig, 3), MASC_ACTIVE);
    rig_free(&rig);
}

/* The initiator learns that the acceptor took the connection for another parent: A-37. */
TEST(accept_other_parent_answered, "")
{
    uint32_t conn;

    rig_config(&rig, 65000, OURS);
    rig_peer(&rig, "p1", MASC_CHILD, 64900, 0x0A000010)->passive = true;
    rig_peer(&rig, "p2", MASC_CHILD, 64901, 0x0A000011)->passive = true;
    rig_peer(&rig, "s1", MASC_SIBLING, 65001, PEER)->parent = 64900;
    rig_boot(&rig, 3);
    rig_wait(&rig, 239999);
    REQUIRE(rig_state(&rig, 2) == MASC_IDLE);
    rig_next(&rig);
    conn = rig_connect(&rig);
    rig_up(&rig, conn, PEER);
    recv_open(conn, MASC_SIBLING, HIGHER, 64901);
    EXPECT(rig_sent_is(&rig, conn, CEASE));
    EXPECT_EQ(rig_state(&rig, 2), MASC_IDLE);
    EXPECT_UEQ(masc_peer_info(rig.ps, 2).start_retries, 0); /* tried again, no error */
    EXPECT(masc_peer_info(rig.ps, 2).start_at.ms <= rig.now.mono.ms + 120000);
    rig_free(&rig);
}

TEST(accept_waiting_is_bounded, "")
{
    uint32_t first = 0, conn;

    two_parents();
    for (unsigned i = 0; i < MASC_WAITING_MAX; i++) {
        conn = rig_accept(&rig, PEER);
        EXPECT(!rig_closed(&rig, conn));
        first = i ? first : conn;
    }
    conn = rig_accept(&rig, PEER);
    EXPECT(rig_closed(&rig, conn));
    EXPECT(rig_row(&rig, "refused") != NULL);
    /* octets that end a waiting one make room */
    rig_recv(&rig, first, "0005 04 00 00");
    EXPECT(rig_sent_is(&rig, first,
                       "0014 01 00 01 06 00F0 0000FDE8 C0000210 0000FD84"
                       "000B 03 00 01 01 0005 04 00 00"));
    EXPECT(rig_closed(&rig, first));
    conn = rig_accept(&rig, PEER);
    EXPECT(!rig_closed(&rig, conn));
    /* and silence lets all of them go after the guard */
    rig_pass(&rig, 1000 * MASC_WAITING_GUARD_S);
    rig_time(&rig);
    EXPECT_UEQ(rig_count(&rig, ACTION_CLOSE), MASC_WAITING_MAX);
    EXPECT_UEQ(rig_count(&rig, ACTION_STREAM), 0);
    EXPECT_UEQ(rig.ps->waiting, 0);
    rig_free(&rig);
}

TEST(accept_waiting_answers_as_opensent, "")
{
    static const struct {
        const char *text, *answer; /* after our OPEN; NULL: only CLOSE */
    } message[] = {
        {KEEPALIVE, "0006 03 00 05 01"},
        {"0006 03 00 83 0A", "0006 03 00 05 01"},
        {CEASE, NULL},
        {"0004 09 00", "000A 03 00 01 02 0004 09 00"},
        {"0014 01 00 02 06 00F0 0000FDE9 C0000201 0000FD84", "0007 03 00 02 01 01"},
        {"0014 01 00 01 05 00F0 0000FDE9 C0000201 0000FD84", "0007 03 00 02 08 02"},
    };

    for (unsigned i = 0; i < sizeof(message) / sizeof(message[0]); i++) {
        char want[512] = "";
        uint32_t conn;
        two_parents();
        conn = rig_accept(&rig, PEER);
        if (message[i].answer)
            snprintf(want, sizeof(want), "%s%s", "001401000106 00F0 0000FDE8 C0000210 0000FD84",
                     message[i].answer);
        rig_recv(&rig, conn, message[i].text);
        EXPECT(rig_sent_is(&rig, conn, want));
        EXPECT(rig_closed(&rig, conn));
        EXPECT_UEQ(rig.ps->waiting, 0);
        rig_free(&rig);
    }
    /* Gone by itself: nothing to say. */
    two_parents();
    rig_accept(&rig, PEER);
    rig_down(&rig, 1);
    EXPECT(rig_silent(&rig));
    EXPECT_UEQ(rig.ps->waiting, 0);
    rig_free(&rig);
}

TEST(accept_waiting_ends_with_its_configuration, "")
{
    uint32_t conn;

    two_parents();
    conn = rig_accept(&rig, PEER);
    rig_begin(&rig);
    masc_peers_configure(rig.ps, &rig.config, rig.now, &rig.out);
    rig_drain(&rig);
    EXPECT(rig_closed(&rig, conn));
    EXPECT_UEQ(rig.ps->waiting, 0);
    rig_free(&rig);
}

/* A waiting connection whose peering is Idle is closed without a word. */
TEST(accept_waiting_for_an_idle_one, "")
{
    uint32_t conn;

    two_parents();
    rig_operator(&rig, 2, masc_peer_stop);
    conn = rig_accept(&rig, PEER);
    recv_open(conn, MASC_SIBLING, HIGHER, 64900);
    EXPECT(rig_closed(&rig, conn));
    EXPECT_UEQ(rig_count(&rig, ACTION_STREAM), 0);
    conn = rig_accept(&rig, PEER);
    recv_open(conn, MASC_SIBLING, HIGHER, 64901);
    EXPECT_EQ(rig_state(&rig, 3), MASC_OPENCONFIRM);
    rig_free(&rig);
}

/* Two connections with the same initiator: steps 2 and 3 of 8.8 as they stand. */
TEST(accept_peer_restarted, "M-8.8-01")
{
    uint32_t old, new;

    /* not yet identified: the newcomer wins */
    child();
    old = rig_accept(&rig, PEER);
    new = rig_accept(&rig, PEER);
    EXPECT(rig_silent(&rig));
    recv_open(new, MASC_CHILD, LOWER, 65000);
    EXPECT(rig_sent_is(&rig, old, CEASE));
    EXPECT(rig_closed(&rig, old));
    EXPECT(rig_sent_is(&rig, new, "0014 01 00 01 07 00F0 0000FDE8 C0000210 00000000" KEEPALIVE));
    EXPECT_EQ(rig_state(&rig, 0), MASC_OPENCONFIRM);
    rig_free(&rig);
}

static void restarted(uint32_t node, bool new_wins)
{
    uint32_t old, new;

    child();
    rig_down(&rig, rig_connect(&rig));
    old = rig_accept(&rig, PEER);
    recv_open(old, MASC_CHILD, node, 65000);
    REQUIRE(rig_state(&rig, 0) == MASC_OPENCONFIRM);
    new = rig_accept(&rig, PEER);
    EXPECT(rig_silent(&rig));
    recv_open(new, MASC_CHILD, node, 65000);
    EXPECT(rig_closed(&rig, new_wins ? old : new));
    EXPECT(rig_conn(&rig, new_wins ? new : old) != NULL);
    EXPECT_EQ(rig_state(&rig, 0), MASC_OPENCONFIRM);
    rig_recv(&rig, new_wins ? new : old, KEEPALIVE);
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).start_retries, 0);
    rig_free(&rig);
}

TEST(accept_same_initiator, "M-8.8-07 M-8.8-08")
{
    restarted(HIGHER, true);
    restarted(LOWER, false);
}

/* what happens to a second connection is no failure of the peering. */
TEST(accept_error_beside_established, "")
{
    uint32_t old, new;

    child();
    old = rig_connect(&rig);
    rig_up(&rig, old, PEER);
    recv_open(old, MASC_CHILD, LOWER, 65000);
    rig_recv(&rig, old, KEEPALIVE);
    for (unsigned i = 0; i < 3; i++) {
        new = rig_accept(&rig, PEER);
        rig_recv(&rig, new, "0005 04 00 00");
        EXPECT(rig_closed(&rig, new));
        EXPECT((rig_row(&rig, "closed") != NULL) == (i == 0)); /* one row per second */
    }
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).start_retries, 0);
    EXPECT_EQ(masc_peer_info(rig.ps, 0).start_at.ms, MONO_NEVER.ms);
    rig_free(&rig);
}

/* whoever connects to an Established session makes us look whether it still lives. */
TEST(accept_probes_the_old_one, "M-7.4-04 M-8.8-09")
{
    uint32_t old, new;

    child();
    old = rig_connect(&rig);
    rig_up(&rig, old, PEER);
    recv_open(old, MASC_CHILD, LOWER, 65000);
    rig_recv(&rig, old, KEEPALIVE);
    /* within a second of the last KEEPALIVE it waits until the second is over */
    rig_pass(&rig, 400);
    rig_accept(&rig, PEER);
    EXPECT(rig_sent_is(&rig, old, ""));
    EXPECT_EQ(rig_next(&rig), 600);
    EXPECT(rig_sent_is(&rig, old, KEEPALIVE));
    rig_pass(&rig, 5000);
    new = rig_accept(&rig, PEER);
    EXPECT(rig_sent_is(&rig, old, KEEPALIVE));
    recv_open(new, MASC_CHILD, LOWER, 65000);
    EXPECT(rig_closed(&rig, new));
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    rig_free(&rig);
}
