/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fsm: the state table of RFC 2909 10.1: 6 states x 19 events -> what to do and the next state.
 *
 * The table is data and nothing else: it knows no connection, no timer and no octet. session.c asks
 * it at every event and does what the entry says. Read it beside 10.1: each state has one line per
 * event, in the order of the requirements M-10.1-15 to M-10.1-128.
 *
 * The RFC has one machine per peering; we run one per transport connection. So an entry
 * tells what becomes of the connection on which the event happened; where a second connection
 * appears beside it (TransportOpen from OpenSent on) the entry says SEPARATE and that one gets its
 * own OpenSent. Where the RFC is silent or contradicts itself the readings decide
 * (header errors before everything else), A-42 (subcodes of FSM errors), A-43 (NOTIFICATION before
 * Established), A-45 (unknown addresses).
 */
#ifndef MASC_FSM_H
#define MASC_FSM_H

#include <stdint.h>

#include "masc/peer.h"

/* What can happen, in the order of the requirements. */
enum masc_fsm_event {
    MASC_EV_START,
    MASC_EV_STOP,
    MASC_EV_TRANSPORT_OPEN, /* a connect of ours completed, or an accepted connection */
    MASC_EV_TRANSPORT_OPEN_FAILED,
    MASC_EV_TRANSPORT_CLOSED,
    MASC_EV_CONNECT_RETRY,
    MASC_EV_HOLD_TIMER,
    MASC_EV_KEEPALIVE_TIMER,
    MASC_EV_OPEN_GOOD,
    MASC_EV_OPEN_BAD,       /* any 2/x */
    MASC_EV_COLLISION_LOST, /* 8.8: this connection is the one to close */
    MASC_EV_KEEPALIVE,
    MASC_EV_UPDATE_GOOD,          /* or with errors that leave the connection open */
    MASC_EV_UPDATE_BAD,           /* an error that must close it */
    MASC_EV_NOTIFICATION_CLOSING, /* O-bit zero */
    MASC_EV_NOTIFICATION_OPEN,    /* O-bit set */
    MASC_EV_HEADER_BAD_LENGTH,    /* 1/1: must close */
    MASC_EV_HEADER_BAD_TYPE,      /* 1/2: can close */
    MASC_EV_STRANGER,             /* a connection from an address that is not expected */
};
#define MASC_FSM_STATES 6
#define MASC_FSM_EVENTS 19

/* What is to be done. "Release" and every way to Idle frees the connection. */
enum masc_fsm_action {
    MASC_DO_NOTHING,
    MASC_DO_START,     /* ConnectRetry on, connect, listen */
    MASC_DO_REFUSE,    /* close the accepted connection at once */
    MASC_DO_OPEN,      /* ConnectRetry off, send OPEN, guard on */
    MASC_DO_LISTEN,    /* the attempt failed: ConnectRetry on, only listen */
    MASC_DO_RECONNECT, /* ConnectRetry on, a new attempt instead of the old one */
    MASC_DO_POSTPONE,  /* ConnectRetry on again (bounded: A-45) */
    MASC_DO_RELEASE,   /* nothing was sent yet: no NOTIFICATION */
    MASC_DO_NOTIFY,    /* send NOTIFICATION code/subcode, or the fault if code is 0 */
    MASC_DO_SEPARATE,  /* the other connection has a machine of its own */
    MASC_DO_CONFIRM,   /* send KEEPALIVE; Hold and KeepAlive Timer by the negotiated value */
    MASC_DO_ESTABLISH, /* Hold Timer on again; UPDATEs may flow */
    MASC_DO_KEEPALIVE, /* send KEEPALIVE, KeepAlive Timer on again */
    MASC_DO_ALIVE,     /* Hold Timer on again */
    MASC_DO_UPDATE,    /* Hold Timer on again; hand the UPDATE up */
    MASC_DO_HEED,      /* Hold Timer on again; or answer an erroneous NOTIFICATION (8.6) */
    MASC_DO_HANGUP,    /* the peer closes or has closed: send nothing */
    MASC_DO_ANSWER,    /* send the fault with the O-bit set and stay */
};

struct masc_fsm_step {
    enum masc_fsm_action action;
    enum masc_state next;  /* of this connection, or of the peering when there is none */
    uint8_t code, subcode; /* for MASC_DO_NOTIFY; code 0: the fault that came with the event */
};

struct masc_fsm_step masc_fsm_step(enum masc_state state, enum masc_fsm_event event);

/* "Hold Timer expired": words for rows. */
const char *masc_fsm_event_name(enum masc_fsm_event event);

#endif
