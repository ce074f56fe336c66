/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of 10.1. One block per state, one line per event; a line is
 *
 *     [event] = {action, next state, NOTIFICATION code, subcode}
 *
 * RFC: "in response to any other event" is written out, because the machine must also answer what
 * cannot happen. Ours: a stranger's connection changes nothing but in Active, where the
 * literal text restarts ConnectRetry.
 */
#include "masc/fsm.h"

/* One line per row. */
/* clang-format off */
#define NONE(next_)        {MASC_DO_NOTHING, MASC_##next_, 0, 0}
#define DO(action_, next_) {MASC_DO_##action_, MASC_##next_, 0, 0}
#define NOTIFY(...)        {MASC_DO_NOTIFY, MASC_IDLE, __VA_ARGS__}
#define FAULT              {MASC_DO_NOTIFY, MASC_IDLE, 0, 0}

#define CEASE MASC_E_CEASE, 0
#define HOLD  MASC_E_HOLD_TIMER, 0
/* 10.1 uses 5/1 in OpenSent and 5/0 later; 5/2 appears nowhere. */
#define FSM_OPEN_CLOSE MASC_E_FSM, 1
#define FSM_UNSPECIFIC MASC_E_FSM, 0

static const struct masc_fsm_step table[MASC_FSM_STATES][MASC_FSM_EVENTS] = {
    [MASC_IDLE] = {
        [MASC_EV_START] = DO(START, CONNECT),
        [MASC_EV_STOP] = NONE(IDLE),
        [MASC_EV_TRANSPORT_OPEN] = DO(REFUSE, IDLE),
        [MASC_EV_TRANSPORT_OPEN_FAILED] = NONE(IDLE),
        [MASC_EV_TRANSPORT_CLOSED] = NONE(IDLE),
        [MASC_EV_CONNECT_RETRY] = NONE(IDLE),
        [MASC_EV_HOLD_TIMER] = NONE(IDLE),
        [MASC_EV_KEEPALIVE_TIMER] = NONE(IDLE),
        [MASC_EV_OPEN_GOOD] = NONE(IDLE),
        [MASC_EV_OPEN_BAD] = NONE(IDLE),
        [MASC_EV_COLLISION_LOST] = NONE(IDLE),
        [MASC_EV_KEEPALIVE] = NONE(IDLE),
        [MASC_EV_UPDATE_GOOD] = NONE(IDLE),
        [MASC_EV_UPDATE_BAD] = NONE(IDLE),
        [MASC_EV_NOTIFICATION_CLOSING] = NONE(IDLE),
        [MASC_EV_NOTIFICATION_OPEN] = NONE(IDLE),
        [MASC_EV_HEADER_BAD_LENGTH] = NONE(IDLE),
        [MASC_EV_HEADER_BAD_TYPE] = NONE(IDLE),
        [MASC_EV_STRANGER] = NONE(IDLE),
    },
    [MASC_CONNECT] = {
        [MASC_EV_START] = NONE(CONNECT),
        [MASC_EV_STOP] = DO(RELEASE, IDLE),
        [MASC_EV_TRANSPORT_OPEN] = DO(OPEN, OPENSENT),
        [MASC_EV_TRANSPORT_OPEN_FAILED] = DO(LISTEN, ACTIVE),
        [MASC_EV_TRANSPORT_CLOSED] = DO(RELEASE, IDLE),
        [MASC_EV_CONNECT_RETRY] = DO(RECONNECT, CONNECT),
        [MASC_EV_HOLD_TIMER] = DO(RELEASE, IDLE),
        [MASC_EV_KEEPALIVE_TIMER] = DO(RELEASE, IDLE),
        [MASC_EV_OPEN_GOOD] = DO(RELEASE, IDLE),
        [MASC_EV_OPEN_BAD] = DO(RELEASE, IDLE),
        [MASC_EV_COLLISION_LOST] = DO(RELEASE, IDLE),
        [MASC_EV_KEEPALIVE] = DO(RELEASE, IDLE),
        [MASC_EV_UPDATE_GOOD] = DO(RELEASE, IDLE),
        [MASC_EV_UPDATE_BAD] = DO(RELEASE, IDLE),
        [MASC_EV_NOTIFICATION_CLOSING] = DO(RELEASE, IDLE),
        [MASC_EV_NOTIFICATION_OPEN] = DO(RELEASE, IDLE),
        [MASC_EV_HEADER_BAD_LENGTH] = DO(RELEASE, IDLE),
        [MASC_EV_HEADER_BAD_TYPE] = DO(RELEASE, IDLE),
        [MASC_EV_STRANGER] = NONE(CONNECT),
    },
    [MASC_ACTIVE] = {
        [MASC_EV_START] = NONE(ACTIVE),
        [MASC_EV_STOP] = DO(RELEASE, IDLE),
        [MASC_EV_TRANSPORT_OPEN] = DO(OPEN, OPENSENT),
        [MASC_EV_TRANSPORT_OPEN_FAILED] = DO(RELEASE, IDLE),
        [MASC_EV_TRANSPORT_CLOSED] = DO(RELEASE, IDLE),
        [MASC_EV_CONNECT_RETRY] = DO(RECONNECT, CONNECT),
        [MASC_EV_HOLD_TIMER] = DO(RELEASE, IDLE),
        [MASC_EV_KEEPALIVE_TIMER] = DO(RELEASE, IDLE),
        [MASC_EV_OPEN_GOOD] = DO(RELEASE, IDLE),
        [MASC_EV_OPEN_BAD] = DO(RELEASE, IDLE),
        [MASC_EV_COLLISION_LOST] = DO(RELEASE, IDLE),
        [MASC_EV_KEEPALIVE] = DO(RELEASE, IDLE),
        [MASC_EV_UPDATE_GOOD] = DO(RELEASE, IDLE),
        [MASC_EV_UPDATE_BAD] = DO(RELEASE, IDLE),
        [MASC_EV_NOTIFICATION_CLOSING] = DO(RELEASE, IDLE),
        [MASC_EV_NOTIFICATION_OPEN] = DO(RELEASE, IDLE),
        [MASC_EV_HEADER_BAD_LENGTH] = DO(RELEASE, IDLE),
        [MASC_EV_HEADER_BAD_TYPE] = DO(RELEASE, IDLE),
        [MASC_EV_STRANGER] = DO(POSTPONE, ACTIVE),
    },
    [MASC_OPENSENT] = {
        [MASC_EV_START] = NONE(OPENSENT),
        [MASC_EV_STOP] = NOTIFY(CEASE),
        [MASC_EV_TRANSPORT_OPEN] = DO(SEPARATE, OPENSENT),
        [MASC_EV_TRANSPORT_OPEN_FAILED] = NOTIFY(FSM_OPEN_CLOSE),
        [MASC_EV_TRANSPORT_CLOSED] = DO(LISTEN, ACTIVE),
        [MASC_EV_CONNECT_RETRY] = NOTIFY(FSM_OPEN_CLOSE),
        [MASC_EV_HOLD_TIMER] = NOTIFY(HOLD),
        [MASC_EV_KEEPALIVE_TIMER] = NOTIFY(FSM_OPEN_CLOSE),
        [MASC_EV_OPEN_GOOD] = DO(CONFIRM, OPENCONFIRM),
        [MASC_EV_OPEN_BAD] = FAULT,
        [MASC_EV_COLLISION_LOST] = NOTIFY(CEASE),
        [MASC_EV_KEEPALIVE] = NOTIFY(FSM_OPEN_CLOSE),
        [MASC_EV_UPDATE_GOOD] = NOTIFY(FSM_OPEN_CLOSE),
        [MASC_EV_UPDATE_BAD] = NOTIFY(FSM_OPEN_CLOSE),
        [MASC_EV_NOTIFICATION_CLOSING] = DO(HANGUP, IDLE), /* */
        [MASC_EV_NOTIFICATION_OPEN] = NOTIFY(FSM_OPEN_CLOSE),
        [MASC_EV_HEADER_BAD_LENGTH] = FAULT,
        [MASC_EV_HEADER_BAD_TYPE] = FAULT, /* closes before Established */
        [MASC_EV_STRANGER] = NONE(OPENSENT),
    },
    [MASC_OPENCONFIRM] = {
        [MASC_EV_START] = NONE(OPENCONFIRM),
        [MASC_EV_STOP] = NOTIFY(CEASE),
        [MASC_EV_TRANSPORT_OPEN] = DO(SEPARATE, OPENCONFIRM),
        [MASC_EV_TRANSPORT_OPEN_FAILED] = NOTIFY(FSM_UNSPECIFIC),
        [MASC_EV_TRANSPORT_CLOSED] = DO(HANGUP, IDLE),
        [MASC_EV_CONNECT_RETRY] = NOTIFY(FSM_UNSPECIFIC),
        [MASC_EV_HOLD_TIMER] = NOTIFY(HOLD),
        [MASC_EV_KEEPALIVE_TIMER] = DO(KEEPALIVE, OPENCONFIRM),
        [MASC_EV_OPEN_GOOD] = NOTIFY(FSM_UNSPECIFIC),
        [MASC_EV_OPEN_BAD] = NOTIFY(FSM_UNSPECIFIC),
        [MASC_EV_COLLISION_LOST] = NOTIFY(CEASE),
        [MASC_EV_KEEPALIVE] = DO(ESTABLISH, ESTABLISHED),
        [MASC_EV_UPDATE_GOOD] = NOTIFY(FSM_UNSPECIFIC),
        [MASC_EV_UPDATE_BAD] = NOTIFY(FSM_UNSPECIFIC),
        [MASC_EV_NOTIFICATION_CLOSING] = DO(HANGUP, IDLE),
        [MASC_EV_NOTIFICATION_OPEN] = NOTIFY(FSM_UNSPECIFIC), /* */
        [MASC_EV_HEADER_BAD_LENGTH] = FAULT,                  /* */
        [MASC_EV_HEADER_BAD_TYPE] = FAULT,
        [MASC_EV_STRANGER] = NONE(OPENCONFIRM),
    },
    [MASC_ESTABLISHED] = {
        [MASC_EV_START] = NONE(ESTABLISHED),
        [MASC_EV_STOP] = NOTIFY(CEASE),
        [MASC_EV_TRANSPORT_OPEN] = DO(SEPARATE, ESTABLISHED),
        [MASC_EV_TRANSPORT_OPEN_FAILED] = NOTIFY(FSM_UNSPECIFIC),
        [MASC_EV_TRANSPORT_CLOSED] = DO(HANGUP, IDLE),
        [MASC_EV_CONNECT_RETRY] = NOTIFY(FSM_UNSPECIFIC),
        [MASC_EV_HOLD_TIMER] = NOTIFY(HOLD),
        [MASC_EV_KEEPALIVE_TIMER] = DO(KEEPALIVE, ESTABLISHED),
        [MASC_EV_OPEN_GOOD] = NOTIFY(FSM_UNSPECIFIC),
        [MASC_EV_OPEN_BAD] = NOTIFY(FSM_UNSPECIFIC),
        [MASC_EV_COLLISION_LOST] = NONE(ESTABLISHED), /* 8.8: cannot lose */
        [MASC_EV_KEEPALIVE] = DO(ALIVE, ESTABLISHED),
        [MASC_EV_UPDATE_GOOD] = DO(UPDATE, ESTABLISHED),
        [MASC_EV_UPDATE_BAD] = FAULT,
        [MASC_EV_NOTIFICATION_CLOSING] = DO(HANGUP, IDLE),
        [MASC_EV_NOTIFICATION_OPEN] = DO(HEED, ESTABLISHED),
        [MASC_EV_HEADER_BAD_LENGTH] = FAULT,
        [MASC_EV_HEADER_BAD_TYPE] = DO(ANSWER, ESTABLISHED), /* */
        [MASC_EV_STRANGER] = NONE(ESTABLISHED),
    },
};
/* clang-format on */

struct masc_fsm_step masc_fsm_step(enum masc_state state, enum masc_fsm_event event)
{
    CHECK((unsigned)state < MASC_FSM_STATES && (unsigned)event < MASC_FSM_EVENTS);
    return table[state][event];
}

const char *masc_fsm_event_name(enum masc_fsm_event event)
{
    switch (event) {
    case MASC_EV_START: return "Start";
    case MASC_EV_STOP: return "Stop";
    case MASC_EV_TRANSPORT_OPEN: return "transport open";
    case MASC_EV_TRANSPORT_OPEN_FAILED: return "transport open failed";
    case MASC_EV_TRANSPORT_CLOSED: return "transport closed";
    case MASC_EV_CONNECT_RETRY: return "ConnectRetry expired";
    case MASC_EV_HOLD_TIMER: return "Hold Timer expired";
    case MASC_EV_KEEPALIVE_TIMER: return "KeepAlive Timer expired";
    case MASC_EV_OPEN_GOOD: return "OPEN received";
    case MASC_EV_OPEN_BAD: return "OPEN refused";
    case MASC_EV_COLLISION_LOST: return "collision";
    case MASC_EV_KEEPALIVE: return "KEEPALIVE received";
    case MASC_EV_UPDATE_GOOD: return "UPDATE received";
    case MASC_EV_UPDATE_BAD: return "UPDATE in error";
    case MASC_EV_NOTIFICATION_CLOSING: return "NOTIFICATION received";
    case MASC_EV_NOTIFICATION_OPEN: return "NOTIFICATION with O-bit received";
    case MASC_EV_HEADER_BAD_LENGTH: return "bad message length";
    case MASC_EV_HEADER_BAD_TYPE: return "bad message type";
    case MASC_EV_STRANGER: return "connection from an unexpected address";
    }
    return "unknown";
}

const char *masc_state_name(enum masc_state s)
{
    switch (s) {
    case MASC_IDLE: return "Idle";
    case MASC_CONNECT: return "Connect";
    case MASC_ACTIVE: return "Active";
    case MASC_OPENSENT: return "OpenSent";
    case MASC_OPENCONFIRM: return "OpenConfirm";
    case MASC_ESTABLISHED: return "Established";
    }
    return "unknown";
}
