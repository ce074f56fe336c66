/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state machine of 10.1, row by row: every state is reached by what brings a peering there, the
 * event happens to the real sessions (from outside where the world can cause it, else injected into
 * the machine), and the octets, the CONNECTs and CLOSEs and the next state are compared with what
 * the row demands. The rows are written here again, from the requirements, not read from fsm.c.
 */
#include "masc/fsm.h"

#include "tests/masc_rig.h"

#define PEER     0xC0000201u
#define STRANGER 0xC6336401u

#define OPEN_OURS     "0014 01 00 01 07 00F0 0000FDE8 C00002FE 00000000"
#define OPEN_GOOD     "0014 01 00 01 05 00F0 0000FDE9 C0000201 0000FDE8"
#define OPEN_BAD      "0014 01 00 01 05 0002 0000FDE9 C0000201 0000FDE8"
#define OPEN_BAD_BODY "01 05 0002 0000FDE9 C0000201 0000FDE8"
#define KEEPALIVE     "0004 04 00"
#define UPDATE_HEAD   "0028 02 00 0024 03 00 "
#define UPDATE_TAIL   " 0000 40000000 00278D00 0002A300 0000FDE9 C0000201 E4010200 FFFFFF00"
#define UPDATE_GOOD   UPDATE_HEAD "00 04" UPDATE_TAIL
#define UPDATE_BAD    UPDATE_HEAD "00 7C" UPDATE_TAIL /* AddrFam 31 */
#define CEASE         "0006 03 00 07 00"
#define HOLD_EXPIRED  "0006 03 00 04 00"
#define FSM_0         "0006 03 00 05 00"
#define FSM_1         "0006 03 00 05 01"
#define BAD_LENGTH    "0005 04 00 00"
#define BAD_TYPE      "0004 09 00"
#define NOTE_CLOSING  "0007 03 00 02 08 03"
#define NOTE_OPEN     "0006 03 00 83 0A"

static struct rig rig;

/* A peering with our child, and its connection, in `state`; UINT32_MAX when it has none. */
static uint32_t reach(struct rig *r, enum masc_state state)
{
    uint32_t conn;

    rig_config(r, 65000, 0xC00002FE);
    r->config.tld = true;
    rig_peer(r, "child", MASC_PARENT, 65001, PEER);
    rig_boot(r, 7);
    conn = rig_connect(r);
    if (state == MASC_IDLE) {
        rig_operator(r, 0, masc_peer_stop);
        return UINT32_MAX;
    }
    if (state == MASC_CONNECT)
        return conn;
    if (state == MASC_ACTIVE) {
        rig_down(r, conn);
        return UINT32_MAX;
    }
    rig_up(r, conn, PEER);
    if (state > MASC_OPENSENT)
        rig_recv(r, conn, OPEN_GOOD);
    if (state > MASC_OPENCONFIRM)
        rig_recv(r, conn, KEEPALIVE);
    return conn;
}

/* Octets on the connection, or into the machine when there is none to carry them. */
static void message(struct rig *r, uint32_t conn, const char *text, enum masc_fsm_event event)
{
    static const struct masc_fault fault = {.code = MASC_E_OPEN};

    if (conn != UINT32_MAX)
        rig_recv(r, conn, text);
    else
        rig_inject(r, 0, NULL, event, &fault);
}

static void inject(struct rig *r, uint32_t conn, enum masc_fsm_event event)
{
    rig_inject(r, 0, conn != UINT32_MAX ? rig_conn(r, conn) : NULL, event, NULL);
}

static void late(struct rig *r, int64_t ms)
{
    rig_pass(r, ms);
    rig_time(r);
}

static void update_bad(struct rig *r, uint32_t conn, enum masc_state state)
{
    const struct masc_fault malformed = {.code = MASC_E_UPDATE, .subcode = MASC_UPDATE_FAMILY};

    message(r, conn, UPDATE_BAD, MASC_EV_UPDATE_BAD);
    /* In Established the claim side finds out. */
    if (state == MASC_ESTABLISHED)
        rig_answer(r, 0, &malformed);
}

static void transport_open(struct rig *r, uint32_t conn, enum masc_state state)
{
    if (state == MASC_CONNECT)
        rig_up(r, conn, PEER);
    else
        rig_accept(r, PEER);
}

static void cause(struct rig *r, uint32_t conn, enum masc_state state, enum masc_fsm_event event)
{
    bool open = state >= MASC_OPENSENT, waiting = state == MASC_CONNECT || state == MASC_ACTIVE;

    switch (event) {
    case MASC_EV_START: rig_operator(r, 0, masc_peer_start); return;
    case MASC_EV_STOP: rig_operator(r, 0, masc_peer_stop); return;
    case MASC_EV_TRANSPORT_OPEN: transport_open(r, conn, state); return;
    case MASC_EV_TRANSPORT_OPEN_FAILED:
        if (state == MASC_CONNECT)
            rig_down(r, conn);
        else
            inject(r, conn, event);
        return;
    case MASC_EV_TRANSPORT_CLOSED:
        if (open)
            rig_down(r, conn);
        else
            inject(r, conn, event);
        return;
    case MASC_EV_CONNECT_RETRY:
        if (waiting)
            late(r, 120000);
        else
            inject(r, conn, event);
        return;
    case MASC_EV_HOLD_TIMER:
        if (open)
            late(r, 240000);
        else
            inject(r, conn, event);
        return;
    case MASC_EV_KEEPALIVE_TIMER:
        if (state >= MASC_OPENCONFIRM)
            late(r, 80000);
        else
            inject(r, conn, event);
        return;
    case MASC_EV_COLLISION_LOST: inject(r, conn, event); return;
    case MASC_EV_OPEN_GOOD: message(r, conn, OPEN_GOOD, event); return;
    case MASC_EV_OPEN_BAD: message(r, conn, OPEN_BAD, event); return;
    case MASC_EV_KEEPALIVE: message(r, conn, KEEPALIVE, event); return;
    case MASC_EV_UPDATE_GOOD: message(r, conn, UPDATE_GOOD, event); return;
    case MASC_EV_UPDATE_BAD: update_bad(r, conn, state); return;
    case MASC_EV_NOTIFICATION_CLOSING: message(r, conn, NOTE_CLOSING, event); return;
    case MASC_EV_NOTIFICATION_OPEN: message(r, conn, NOTE_OPEN, event); return;
    case MASC_EV_HEADER_BAD_LENGTH: message(r, conn, BAD_LENGTH, event); return;
    case MASC_EV_HEADER_BAD_TYPE: message(r, conn, BAD_TYPE, event); return;
    case MASC_EV_STRANGER: rig_accept(r, STRANGER); return;
    }
}

/* What a row demands. */
struct demand {
    enum masc_state next;
    const char *sent; /* on the connection; NULL: nothing at all */
    bool closes;      /* CLOSE of the connection */
    bool connects;
};

/* clang-format off */
#define STAYS(state_)        {MASC_##state_, NULL, false, false}
#define SENDS(state_, text_) {MASC_##state_, text_, false, false}
#define RELEASED             {MASC_IDLE, NULL, true, false}
#define CLOSED               {MASC_IDLE, NULL, false, false} /* no connection, or it is gone */
#define ENDS(text_)          {MASC_IDLE, text_, true, false}
/* clang-format on */

static bool holds(enum masc_state state, enum masc_fsm_event event, const struct demand *d)
{
    uint32_t conn = reach(&rig, state);
    bool was_up = state == MASC_ESTABLISHED, good;
    unsigned expected = event == MASC_EV_STRANGER && conn != UINT32_MAX ? 1 : 0;
    struct masc_peer_info before = masc_peer_info(rig.ps, 0), after;

    good = rig_state(&rig, 0) == state;
    cause(&rig, conn, state, event);
    good = good && rig_state(&rig, 0) == d->next;
    after = masc_peer_info(rig.ps, 0);
    if (d->next == state) /* what is ignored leaves no trace */
        good = good && after.start_retries == before.start_retries &&
               after.start_at.ms == before.start_at.ms && rig_row(&rig, "idle") == NULL &&
               rig_row(&rig, "stopped") == NULL;
    else if (d->next == MASC_IDLE) /* all but Stop and a lost collision are errors */
        good = good &&
               after.start_retries == (event != MASC_EV_STOP && event != MASC_EV_COLLISION_LOST);
    if (conn != UINT32_MAX) {
        good = good && rig_sent_is(&rig, conn, d->sent ? d->sent : "");
        good = good && rig_closed(&rig, conn) == d->closes;
        /* Nothing is left of a connection that ended. */
        good = good && (rig_conn(&rig, conn) == NULL) ==
                           (d->next == MASC_IDLE || d->closes || d->next == MASC_ACTIVE);
        if (expected)
            good = good && rig_count(&rig, ACTION_CLOSE) == expected;
    } else if (d->sent == NULL) {
        good = good && rig_count(&rig, ACTION_STREAM) == 0;
    }
    good = good && (rig_count(&rig, ACTION_CONNECT) == 1) == d->connects;
    good = good && rig_signalled(&rig, MASC_SIGNAL_DOWN, 0) == (was_up && d->next == MASC_IDLE);
    good = good && rig_signalled(&rig, MASC_SIGNAL_ESTABLISHED, 0) ==
                       (!was_up && d->next == MASC_ESTABLISHED);
    if (!good)
        tap_diag("%s + %s -> %s", masc_state_name(state), masc_fsm_event_name(event),
                 masc_state_name(rig_state(&rig, 0)));
    rig_free(&rig);
    return good;
}

/* a message that the state does not expect is not looked into, good or bad. */
static bool same_answer(enum masc_state state, enum masc_fsm_event good, enum masc_fsm_event bad)
{
    struct masc_fsm_step a = masc_fsm_step(state, good), b = masc_fsm_step(state, bad);

    return a.action == b.action && a.next == b.next && a.code == b.code && a.subcode == b.subcode;
}

static void holds_all(enum masc_state state, const struct demand demand[MASC_FSM_EVENTS])
{
    if (state != MASC_OPENSENT)
        EXPECT(same_answer(state, MASC_EV_OPEN_GOOD, MASC_EV_OPEN_BAD));
    if (state != MASC_ESTABLISHED)
        EXPECT(same_answer(state, MASC_EV_UPDATE_GOOD, MASC_EV_UPDATE_BAD));
    for (unsigned e = 0; e < MASC_FSM_EVENTS; e++) {
        EXPECT(holds(state, (enum masc_fsm_event)e, &demand[e]));
        EXPECT_EQ(masc_fsm_step(state, (enum masc_fsm_event)e).next, demand[e].next);
    }
}

TEST(fsm_idle,
     "M-10.1-01 M-10.1-15 M-10.1-16 M-10.1-17 M-10.1-18 M-10.1-19 M-10.1-20 M-10.1-21 M-10.1-22 "
     "M-10.1-23 M-10.1-24 M-10.1-25 M-10.1-26 M-10.1-27 M-10.1-28 M-10.1-29 M-10.1-30 M-10.1-31 "
     "M-10.1-32 M-10.1-33")
{
    static const struct demand demand[MASC_FSM_EVENTS] = {
        [MASC_EV_START] = {MASC_CONNECT, NULL, false, true},
    };

    holds_all(MASC_IDLE, demand);
    /* Accepted connections of the peer and of others are closed without a word. */
    reach(&rig, MASC_IDLE);
    EXPECT(rig_closed(&rig, rig_accept(&rig, PEER)));
    EXPECT(rig_closed(&rig, rig_accept(&rig, STRANGER)));
    EXPECT_UEQ(rig_count(&rig, ACTION_STREAM), 0);
    EXPECT_UEQ(rig.opens, 0);
    /* Start: ConnectRetry runs, and the peer may connect. */
    rig_operator(&rig, 0, masc_peer_start);
    EXPECT(masc_peers_deadline(rig.ps).ms > rig.now.mono.ms);
    EXPECT(masc_peers_deadline(rig.ps).ms <= rig.now.mono.ms + 120000);
    EXPECT(rig_sent_is(&rig, rig_accept(&rig, PEER), OPEN_OURS));
    rig_free(&rig);
}

TEST(fsm_connect,
     "M-10.1-34 M-10.1-35 M-10.1-36 M-10.1-37 M-10.1-38 M-10.1-39 M-10.1-40 M-10.1-41 M-10.1-42 "
     "M-10.1-43 M-10.1-44 M-10.1-45 M-10.1-46 M-10.1-47 M-10.1-48 M-10.1-49 M-10.1-50 M-10.1-51 "
     "M-10.1-52")
{
    static const struct demand demand[MASC_FSM_EVENTS] = {
        [MASC_EV_START] = STAYS(CONNECT),
        [MASC_EV_STOP] = RELEASED,
        [MASC_EV_TRANSPORT_OPEN] = SENDS(OPENSENT, OPEN_OURS),
        [MASC_EV_TRANSPORT_OPEN_FAILED] = STAYS(ACTIVE),
        [MASC_EV_TRANSPORT_CLOSED] = RELEASED,
        [MASC_EV_CONNECT_RETRY] = {MASC_CONNECT, NULL, true, true},
        [MASC_EV_HOLD_TIMER] = RELEASED,
        [MASC_EV_KEEPALIVE_TIMER] = RELEASED,
        [MASC_EV_OPEN_GOOD] = RELEASED,
        [MASC_EV_OPEN_BAD] = RELEASED,
        [MASC_EV_COLLISION_LOST] = RELEASED,
        [MASC_EV_KEEPALIVE] = RELEASED,
        [MASC_EV_UPDATE_GOOD] = RELEASED,
        [MASC_EV_UPDATE_BAD] = RELEASED,
        [MASC_EV_NOTIFICATION_CLOSING] = RELEASED,
        [MASC_EV_NOTIFICATION_OPEN] = RELEASED,
        [MASC_EV_HEADER_BAD_LENGTH] = RELEASED,
        [MASC_EV_HEADER_BAD_TYPE] = RELEASED,
        [MASC_EV_STRANGER] = STAYS(CONNECT),
    };
    uint32_t conn, in;

    holds_all(MASC_CONNECT, demand);
    /* TransportOpen clears ConnectRetry; the guard of 240 s is all that is left. */
    conn = reach(&rig, MASC_CONNECT);
    rig_up(&rig, conn, PEER);
    EXPECT_EQ(masc_peers_deadline(rig.ps).ms <= rig.now.mono.ms + 240000, true);
    EXPECT_EQ(rig_conn(&rig, conn)->hold_at.ms, rig.now.mono.ms + 240000);
    EXPECT_EQ(rig.ps->peering[0].retry_at.ms, MONO_NEVER.ms);
    rig_free(&rig);
    /* The peer may connect as well, and gets an OPEN of its own. */
    conn = reach(&rig, MASC_CONNECT);
    in = rig_accept(&rig, PEER);
    EXPECT(rig_sent_is(&rig, in, OPEN_OURS));
    EXPECT_EQ(rig_state(&rig, 0), MASC_OPENSENT);
    EXPECT(rig_conn(&rig, conn) != NULL);
    rig_free(&rig);
    /* A failed connect starts ConnectRetry anew and goes on listening. */
    conn = reach(&rig, MASC_CONNECT);
    rig_pass(&rig, 50000);
    rig_down(&rig, conn);
    EXPECT(rig.ps->peering[0].retry_at.ms >= rig.now.mono.ms + 90000);
    EXPECT(rig.ps->peering[0].retry_at.ms <= rig.now.mono.ms + 120000);
    EXPECT(rig_sent_is(&rig, rig_accept(&rig, PEER), OPEN_OURS));
    rig_free(&rig);
}

TEST(fsm_active,
     "M-10.1-53 M-10.1-54 M-10.1-55 M-10.1-56 M-10.1-57 M-10.1-58 M-10.1-59 M-10.1-60 M-10.1-61 "
     "M-10.1-62 M-10.1-63 M-10.1-64 M-10.1-65 M-10.1-66 M-10.1-67 M-10.1-68 M-10.1-69 M-10.1-70 "
     "M-10.1-71")
{
    static const struct demand demand[MASC_FSM_EVENTS] = {
        [MASC_EV_START] = STAYS(ACTIVE),
        [MASC_EV_STOP] = CLOSED,
        [MASC_EV_TRANSPORT_OPEN] = SENDS(OPENSENT, OPEN_OURS),
        [MASC_EV_CONNECT_RETRY] = {MASC_CONNECT, NULL, false, true},
        [MASC_EV_STRANGER] = STAYS(ACTIVE),
        /* all others: Idle, and nothing is sent */
    };
    uint32_t in;

    holds_all(MASC_ACTIVE, demand);
    reach(&rig, MASC_ACTIVE);
    in = rig_accept(&rig, PEER);
    EXPECT(rig_sent_is(&rig, in, OPEN_OURS));
    EXPECT_EQ(rig_conn(&rig, in)->hold_at.ms, rig.now.mono.ms + 240000);
    EXPECT_EQ(rig.ps->peering[0].retry_at.ms, MONO_NEVER.ms);
    rig_free(&rig);
    /* ConnectRetry is restarted by its own expiry ... */
    reach(&rig, MASC_ACTIVE);
    late(&rig, 120000);
    EXPECT(rig.ps->peering[0].retry_at.ms >= rig.now.mono.ms + 90000);
    rig_free(&rig);
    /* ... and by a stranger, who is closed. */
    reach(&rig, MASC_ACTIVE);
    rig_pass(&rig, 80000);
    EXPECT(rig_closed(&rig, rig_accept(&rig, STRANGER)));
    EXPECT(rig.ps->peering[0].retry_at.ms >= rig.now.mono.ms + 90000);
    EXPECT(rig_sent_is(&rig, rig_accept(&rig, PEER), OPEN_OURS));
    rig_free(&rig);
}

TEST(fsm_opensent,
     "M-10.1-72 M-10.1-73 M-10.1-74 M-10.1-75 M-10.1-76 M-10.1-77 M-10.1-78 M-10.1-79 M-10.1-80 "
     "M-10.1-81 M-10.1-82 M-10.1-83 M-10.1-84 M-10.1-85 M-10.1-86 M-10.1-87 M-10.1-88 M-10.1-89 "
     "M-10.1-90 M-10.1-08 M-8-03")
{
    static const struct demand demand[MASC_FSM_EVENTS] = {
        [MASC_EV_START] = STAYS(OPENSENT),
        [MASC_EV_STOP] = ENDS(CEASE),
        [MASC_EV_TRANSPORT_OPEN] = STAYS(OPENSENT),
        [MASC_EV_TRANSPORT_OPEN_FAILED] = ENDS(FSM_1),
        [MASC_EV_TRANSPORT_CLOSED] = STAYS(ACTIVE),
        [MASC_EV_CONNECT_RETRY] = ENDS(FSM_1),
        [MASC_EV_HOLD_TIMER] = ENDS(HOLD_EXPIRED),
        [MASC_EV_KEEPALIVE_TIMER] = ENDS(FSM_1),
        [MASC_EV_OPEN_GOOD] = SENDS(OPENCONFIRM, KEEPALIVE),
        [MASC_EV_OPEN_BAD] = ENDS("0016 03 00 02 06" OPEN_BAD_BODY),
        [MASC_EV_COLLISION_LOST] = ENDS(CEASE),
        [MASC_EV_KEEPALIVE] = ENDS(FSM_1),
        [MASC_EV_UPDATE_GOOD] = ENDS(FSM_1),
        [MASC_EV_UPDATE_BAD] = ENDS(FSM_1),
        [MASC_EV_NOTIFICATION_CLOSING] = RELEASED,
        [MASC_EV_NOTIFICATION_OPEN] = ENDS(FSM_1),
        [MASC_EV_HEADER_BAD_LENGTH] = ENDS("000B 03 00 01 01" BAD_LENGTH),
        [MASC_EV_HEADER_BAD_TYPE] = ENDS("000A 03 00 01 02" BAD_TYPE),
        [MASC_EV_STRANGER] = STAYS(OPENSENT),
    };
    uint32_t conn;
    const struct masc_conn *x;

    holds_all(MASC_OPENSENT, demand);
    /* A second TransportOpen on the same connection is "any other event". */
    conn = reach(&rig, MASC_OPENSENT);
    rig_up(&rig, conn, PEER);
    EXPECT(rig_sent_is(&rig, conn, FSM_1));
    EXPECT_EQ(rig_state(&rig, 0), MASC_IDLE);
    rig_free(&rig);
    /* On another one it gets its own OpenSent. */
    conn = reach(&rig, MASC_OPENSENT);
    EXPECT(rig_sent_is(&rig, rig_accept(&rig, PEER), OPEN_OURS));
    EXPECT_EQ(rig_conn(&rig, conn)->state, MASC_OPENSENT);
    rig_free(&rig);
    /* A lost transport restarts ConnectRetry and no back-off. */
    conn = reach(&rig, MASC_OPENSENT);
    rig_down(&rig, conn);
    EXPECT(rig.ps->peering[0].retry_at.ms >= rig.now.mono.ms + 90000);
    EXPECT_UEQ(masc_peer_info(rig.ps, 0).start_retries, 0);
    rig_free(&rig);
    /* An acceptable OPEN: Hold Timer by the smaller value, KeepAlive Timer on. */
    conn = reach(&rig, MASC_OPENSENT);
    rig_recv(&rig, conn, "0014 01 00 01 05 001E 0000FDE9 C0000201 0000FDE8");
    x = rig_conn(&rig, conn);
    REQUIRE(x != NULL);
    EXPECT_EQ(x->hold_at.ms, rig.now.mono.ms + 30000);
    EXPECT(x->keepalive_at.ms >= rig.now.mono.ms + 7500);
    EXPECT(x->keepalive_at.ms <= rig.now.mono.ms + 10000);
    EXPECT_EQ(masc_peer_info(rig.ps, 0).hold_time_s, 30);
    rig_free(&rig);
}

TEST(fsm_openconfirm,
     "M-10.1-91 M-10.1-92 M-10.1-93 M-10.1-94 M-10.1-95 M-10.1-96 M-10.1-97 M-10.1-98 M-10.1-99 "
     "M-10.1-100 M-10.1-101 M-10.1-102 M-10.1-103 M-10.1-104 M-10.1-105 M-10.1-106 M-10.1-107 "
     "M-10.1-108 M-10.1-109 M-10.1-09")
{
    static const struct demand demand[MASC_FSM_EVENTS] = {
        [MASC_EV_START] = STAYS(OPENCONFIRM),
        [MASC_EV_STOP] = ENDS(CEASE),
        [MASC_EV_TRANSPORT_OPEN] = STAYS(OPENCONFIRM),
        [MASC_EV_TRANSPORT_OPEN_FAILED] = ENDS(FSM_0),
        [MASC_EV_TRANSPORT_CLOSED] = CLOSED,
        [MASC_EV_CONNECT_RETRY] = ENDS(FSM_0),
        [MASC_EV_HOLD_TIMER] = ENDS(HOLD_EXPIRED),
        [MASC_EV_KEEPALIVE_TIMER] = SENDS(OPENCONFIRM, KEEPALIVE),
        [MASC_EV_OPEN_GOOD] = ENDS(FSM_0),
        [MASC_EV_OPEN_BAD] = ENDS(FSM_0),
        [MASC_EV_COLLISION_LOST] = ENDS(CEASE),
        [MASC_EV_KEEPALIVE] = STAYS(ESTABLISHED),
        [MASC_EV_UPDATE_GOOD] = ENDS(FSM_0),
        [MASC_EV_UPDATE_BAD] = ENDS(FSM_0),
        [MASC_EV_NOTIFICATION_CLOSING] = RELEASED,
        [MASC_EV_NOTIFICATION_OPEN] = ENDS(FSM_0),
        [MASC_EV_HEADER_BAD_LENGTH] = ENDS("000B 03 00 01 01" BAD_LENGTH),
        [MASC_EV_HEADER_BAD_TYPE] = ENDS("000A 03 00 01 02" BAD_TYPE),
        [MASC_EV_STRANGER] = STAYS(OPENCONFIRM),
    };
    uint32_t conn;

    holds_all(MASC_OPENCONFIRM, demand);
    conn = reach(&rig, MASC_OPENCONFIRM);
    EXPECT(rig_sent_is(&rig, rig_accept(&rig, PEER), OPEN_OURS));
    /* The KEEPALIVE that leads to Established restarts the Hold Timer. */
    rig_pass(&rig, 10000);
    rig_recv(&rig, conn, KEEPALIVE);
    EXPECT_EQ(rig_conn(&rig, conn)->hold_at.ms, rig.now.mono.ms + 240000);
    rig_free(&rig);
    /* The KeepAlive Timer runs on. */
    conn = reach(&rig, MASC_OPENCONFIRM);
    late(&rig, 80000);
    EXPECT(rig_conn(&rig, conn)->keepalive_at.ms >= rig.now.mono.ms + 60000);
    rig_free(&rig);
}

TEST(fsm_established,
     "M-10.1-110 M-10.1-111 M-10.1-112 M-10.1-113 M-10.1-114 M-10.1-115 M-10.1-116 M-10.1-117 "
     "M-10.1-118 M-10.1-119 M-10.1-120 M-10.1-121 M-10.1-122 M-10.1-123 M-10.1-124 M-10.1-125 "
     "M-10.1-126 M-10.1-127 M-10.1-128 M-10.1-10")
{
    static const struct demand demand[MASC_FSM_EVENTS] = {
        [MASC_EV_START] = STAYS(ESTABLISHED),
        [MASC_EV_STOP] = ENDS(CEASE),
        [MASC_EV_TRANSPORT_OPEN] = STAYS(ESTABLISHED),
        [MASC_EV_TRANSPORT_OPEN_FAILED] = ENDS(FSM_0),
        [MASC_EV_TRANSPORT_CLOSED] = CLOSED,
        [MASC_EV_CONNECT_RETRY] = ENDS(FSM_0),
        [MASC_EV_HOLD_TIMER] = ENDS(HOLD_EXPIRED),
        [MASC_EV_KEEPALIVE_TIMER] = SENDS(ESTABLISHED, KEEPALIVE),
        [MASC_EV_OPEN_GOOD] = ENDS(FSM_0),
        [MASC_EV_OPEN_BAD] = ENDS(FSM_0),
        [MASC_EV_COLLISION_LOST] = STAYS(ESTABLISHED),
        [MASC_EV_KEEPALIVE] = STAYS(ESTABLISHED),
        [MASC_EV_UPDATE_GOOD] = STAYS(ESTABLISHED),
        [MASC_EV_UPDATE_BAD] = ENDS("0006 03 00 03 0D"),
        [MASC_EV_NOTIFICATION_CLOSING] = RELEASED,
        [MASC_EV_NOTIFICATION_OPEN] = STAYS(ESTABLISHED),
        [MASC_EV_HEADER_BAD_LENGTH] = ENDS("000B 03 00 01 01" BAD_LENGTH),
        [MASC_EV_HEADER_BAD_TYPE] = SENDS(ESTABLISHED, "000A 03 00 81 02" BAD_TYPE),
        [MASC_EV_STRANGER] = STAYS(ESTABLISHED),
    };

    holds_all(MASC_ESTABLISHED, demand);
}

/* A-40 and the rest of what the rows of Established say. */
TEST(fsm_established_details,
     "M-10.1-112 M-10.1-121 M-10.1-122 M-10.1-125 M-10.1-127 M-7.2-16 M-8.1-08 M-8.6-01")
{
    static const struct {
        const char *text;
        bool restarts;
    } message[] = {
        {KEEPALIVE, true}, {UPDATE_GOOD, true},           {NOTE_OPEN, true},
        {BAD_TYPE, false}, {"0028 02 00 0024 03", false}, /* partial */
    };
    const struct masc_fault refuse = {.code = MASC_E_UPDATE, .subcode = 10, .open = true};
    uint32_t conn, in;

    for (unsigned i = 0; i < sizeof(message) / sizeof(message[0]); i++) {
        int64_t before;
        conn = reach(&rig, MASC_ESTABLISHED);
        before = rig_conn(&rig, conn)->hold_at.ms;
        rig_pass(&rig, 5000);
        rig_recv(&rig, conn, message[i].text);
        EXPECT_EQ(rig_conn(&rig, conn)->hold_at.ms, before + (message[i].restarts ? 5000 : 0));
        rig_free(&rig);
    }
    /* The UPDATE is handed up; a CC error is answered and the session stays. */
    conn = reach(&rig, MASC_ESTABLISHED);
    rig_recv(&rig, conn, UPDATE_GOOD);
    EXPECT(rig_signalled(&rig, MASC_SIGNAL_UPDATE, 0));
    rig_answer(&rig, 0, &refuse);
    EXPECT(rig_sent_is(&rig, conn, "0006 03 00 83 0A"));
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    /* A skipped message does not harm what follows it. */
    rig_recv(&rig, conn, "0006 FF 00 AABB" UPDATE_GOOD);
    EXPECT(rig_signalled(&rig, MASC_SIGNAL_UPDATE, 0));
    /* An erroneous NOTIFICATION with O=1: 6/0, whole message as Data. */
    rig_recv(&rig, conn, "0007 03 00 87 00 55");
    EXPECT(rig_sent_is(&rig, conn, "000D 03 00 06 00 0007 03 00 87 00 55"));
    EXPECT(rig_closed(&rig, conn));
    EXPECT_EQ(rig_state(&rig, 0), MASC_IDLE);
    rig_free(&rig);
    /* A second connection is closed with Cease when its OPEN comes. */
    conn = reach(&rig, MASC_ESTABLISHED);
    in = rig_accept(&rig, PEER);
    EXPECT(rig_sent_is(&rig, in, OPEN_OURS));
    rig_recv(&rig, in, OPEN_GOOD);
    EXPECT(rig_sent_is(&rig, in, CEASE));
    EXPECT(rig_closed(&rig, in));
    EXPECT(rig_sent_is(&rig, conn, ""));
    EXPECT_EQ(rig_state(&rig, 0), MASC_ESTABLISHED);
    rig_free(&rig);
}

/* Only then an UPDATE is handed to those who decide about claims. */
TEST(fsm_updates_in_established, "M-11-01")
{
    for (enum masc_state state = MASC_OPENSENT; state <= MASC_ESTABLISHED; state++) {
        rig_recv(&rig, reach(&rig, state), UPDATE_GOOD);
        EXPECT_EQ(rig_signalled(&rig, MASC_SIGNAL_UPDATE, 0), state == MASC_ESTABLISHED);
        EXPECT_EQ(rig_state(&rig, 0), state == MASC_ESTABLISHED ? MASC_ESTABLISHED : MASC_IDLE);
        rig_free(&rig);
    }
}

TEST(fsm_names, "")
{
    EXPECT_STR(masc_state_name(MASC_IDLE), "Idle");
    EXPECT_STR(masc_state_name(MASC_CONNECT), "Connect");
    EXPECT_STR(masc_state_name(MASC_ACTIVE), "Active");
    EXPECT_STR(masc_state_name(MASC_OPENSENT), "OpenSent");
    EXPECT_STR(masc_state_name(MASC_OPENCONFIRM), "OpenConfirm");
    EXPECT_STR(masc_state_name(MASC_ESTABLISHED), "Established");
    for (unsigned e = 0; e < MASC_FSM_EVENTS; e++)
        EXPECT(strcmp(masc_fsm_event_name((enum masc_fsm_event)e), "unknown") != 0);
    EXPECT_PANIC(masc_fsm_step((enum masc_state)6, MASC_EV_START));
}
