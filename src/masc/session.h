/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session: the state behind peer.h and the seams between its files. Not for other parts.
 *
 *     peer.c       what peer.h promises: init, configure, operator, room and commit, questions
 *     accept.c     CONN_UP: whose connection it is; strangers; the waiting pool
 *     messages.c   STREAM: framing, one message at a time, to an event of the state machine
 *     timers.c     TIME: what is due; the boot order
 *     session.c    the state machine at work: does what fsm.c says, ends connections
 *     collision.c  8.8
 *     conn.c       connections: places, numbers, sending
 *     session_log.c   LOG rows
 *     open.c, backoff.c, fsm.c   pure: know nothing of this struct
 *
 * A connection is in CONNECT (our attempt), ACTIVE (accepted, our OPEN not sent: it waits in no
 * peering), OPENSENT, OPENCONFIRM or ESTABLISHED; IDLE marks a free place. A peering rests in IDLE
 * or ACTIVE when it has no connection. Everything lies in one piece of memory and names the other
 * things by index, so a running step is all there is to know: `now` and `out` are those of the
 * current call.
 *
 * Timers are plain points in time. `due` is never later than the earliest of them: setting a timer
 * lowers it, and only a TIME that comes at `due` looks at all of them and computes it exactly. So a
 * message that puts off its Hold Timer costs one store.
 *
 * The memory comes zeroed, which is what a free place looks like, so that of many places only those
 * are touched that were ever needed; connections are looked for below conns_top alone.
 */
#ifndef MASC_SESSION_H
#define MASC_SESSION_H

#include "base/event.h"
#include "base/prng.h"
#include "masc/fsm.h"
#include "masc/peer.h"

#define MASC_NO_INDEX UINT16_MAX

/* Accepted connections that wait for their OPEN in no peering. */
#define MASC_WAITING_MAX 64
/* Ours: so long may each wait. The initiator speaks first, so an OPEN takes a round trip; the
 * 240 s of OpenSent would let 64 silent connections of one neighbour lock out all others. */
#define MASC_WAITING_GUARD_S 30
/* Ours: a peer whose kernel takes nothing for this time, or for twice the Hold Time if that is
 * longer, does not read; its own KEEPALIVEs would keep the session alive for ever. */
#define MASC_SEND_HOLD_S 480
/* 7.4 */
#define MASC_KEEPALIVE_GAP_MS 1000
/* Rows that a neighbour can cause at will: one of a kind in this time. */
#define MASC_QUIET_MS 1000

/* Rows left out, so that a neighbour cannot flood the log: one per MASC_QUIET_MS. */
struct masc_quiet {
    mono_t until;
    uint64_t left_out;
};

struct masc_conn {
    conn_t id;
    enum masc_state state;
    uint16_t peer;  /* MASC_NO_INDEX: waits in no peering */
    bool initiated; /* by us */
    bool gone;      /* the transport ended: send nothing, CLOSE nothing */
    bool deferred;  /* OPENSENT, but its acceptable OPEN waits in .open (collision.c) */
    bool confirmed; /* deferred, and the peer's KEEPALIVE came */
    uint16_t hold_time_s;  /* negotiated */
    uint16_t held;         /* octets of a partial message in its rx buffer */
    size_t queued;         /* octets the kernel has not taken */
    mono_t hold_at;        /* Hold Timer, or the guard before it */
    mono_t keepalive_at, keepalive_sent;
    mono_t stall_at;       /* nothing was taken by then: drop */
    int64_t keepalive_ms;  /* the current interval; 0 = none */
    struct addr remote;
    struct masc_open open; /* received, from OPENCONFIRM on */
    mono_t established_at;
    struct masc_quiet quiet;
};

struct masc_peering {
    bool used, stopped, told_unreachable;
    bool boot_wait;       /* starts when the boot order allows */
    bool tried;           /* was Established or failed once since the boot */
    enum masc_state rest; /* IDLE or ACTIVE: when there is no connection */
    enum masc_state seen; /* the state when `since` was taken */
    wall_t since;
    uint16_t outgoing, accepted; /* connections */
    uint16_t up;                 /* the Established one of them */
    mono_t retry_at;             /* ConnectRetry */
    mono_t retry_limit;          /* strangers cannot put it off beyond this */
    mono_t start_at;
    unsigned errors;
    uint8_t version; /* we offer (9) */
    struct masc_peer_info count; /* only the counters and the last error */
    struct masc_peer_config config;
    struct masc_quiet quiet;
};

/* The STREAM event being worked through. */
struct masc_stream {
    uint16_t conn;  /* MASC_NO_INDEX: nothing */
    bool assembled; /* the last message lies in the rx buffer of `conn`, and is done with */
    const uint8_t *octets;
    size_t left;
};

/* What concerns all sessions: another value restarts them. */
struct masc_identity {
    u128 domain, node;
    bool tld, ipv4, ipv6;
    uint8_t open_family;
    uint16_t hold_time_min_s;
    struct addr local;
};

/* What every step looks at comes first, here and in the two above. */
struct masc_peers {
    mono_t due;
    struct now now;  /* of the current or last event */
    struct out *out; /* of the current call */
    struct masc_stream stream;
    uint16_t peers_max;
    uint16_t conns_top;  /* one past the last place of conn[] that ever was taken */
    uint32_t table_mask;
    uint32_t signal_first, signals, signals_max;
    struct masc_peering *peering;
    struct masc_conn *conn;
    uint16_t *table; /* conn_t -> index + 1; 0 = empty */
    struct masc_signal *signal;
    mono_t boot_until; /* MONO_NEVER: the boot order is over */
    bool started, stopping;

    uint16_t conns_max, waiting;
    uint16_t free_first; /* list of free connections below conns_top, through .peer */
    uint32_t next_id;
    uint8_t *rx; /* MASC_MESSAGE_MAX octets per connection */
    const struct masc_config *config;
    struct prng prng;
    struct masc_identity identity;
    uint64_t strangers;
    struct masc_quiet quiet_strangers, quiet_refused;
};

static inline uint16_t masc_peering_index(const struct masc_peers *ps, const struct masc_peering *p)
{
    return (uint16_t)(p - ps->peering);
}

static inline uint16_t masc_conn_index(const struct masc_peers *ps, const struct masc_conn *x)
{
    return (uint16_t)(x - ps->conn);
}

/* ---- timers.c ---- */

/* `*timer` is one of those timers.c knows. */
static inline void masc_timer_set(struct masc_peers *ps, mono_t *timer, mono_t at)
{
    *timer = at;
    ps->due = mono_min(ps->due, at);
}

void masc_timers_run(struct masc_peers *ps);
void masc_boot_begin(struct masc_peers *ps);
/* Ends the boot order when nothing is left to wait for. */
void masc_boot_check(struct masc_peers *ps);
/* The peering is new or starts anew: Start now, or when the boot order allows. */
void masc_boot_start(struct masc_peers *ps, struct masc_peering *p);

/* ---- conn.c ---- */

/* NULL if no connection has that number. */
struct masc_conn *masc_conn_find(const struct masc_peers *ps, conn_t id);
/* A place in `state`; CHECKs that one is free. */
struct masc_conn *masc_conn_new(struct masc_peers *ps, conn_t id, enum masc_state state);
/* CLOSE unless the transport is gone, and frees the place. Not for one that is Established. */
void masc_conn_free(struct masc_peers *ps, struct masc_conn *x);
/* An even number that no connection has. */
conn_t masc_conn_number(struct masc_peers *ps);

void masc_conn_send_open(struct masc_peers *ps, struct masc_conn *x, const struct masc_open *o);
void masc_conn_send_keepalive(struct masc_peers *ps, struct masc_conn *x);
void masc_conn_send_notification(struct masc_peers *ps, struct masc_conn *x,
                                 const struct masc_fault *f);
/* `len` octets went out to `x`: counts them and watches that they are taken. */
void masc_conn_sent(struct masc_peers *ps, struct masc_conn *x, size_t len);
void masc_conn_taken(struct masc_peers *ps, struct masc_conn *x, size_t len);
/* More than MASC_WINDOW_HARD wait. */
bool masc_conn_overfull(const struct masc_conn *x);

/* ---- session.c ---- */

/* The state machine: `event` happened to `x`, or to the peering when x is NULL. `fault` is the
 * error to answer, or for NOTIFICATIONs the error received (HEED: its answer), or NULL. `x` may be
 * free afterwards. */
void masc_session_event(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x,
                        enum masc_fsm_event event, const struct masc_fault *fault);
/* Sends `fault`, which leaves the connection open. */
void masc_session_answer(struct masc_peers *ps, struct masc_conn *x,
                         const struct masc_fault *fault);
/* The peer does not read: ends the connection without a word. */
void masc_session_drop(struct masc_peers *ps, struct masc_conn *x);
/* a KEEPALIVE at once, or as soon as 7.4 allows, shows whether the old connection lives. */
void masc_session_probe(struct masc_peers *ps, struct masc_peering *p);
enum masc_state masc_session_state(const struct masc_peers *ps, const struct masc_peering *p);
void masc_session_signal(struct masc_peers *ps, const struct masc_signal *sig);
/* Everything of the peering ends with Cease; it rests in Idle without a next Start. */
void masc_session_stop(struct masc_peers *ps, struct masc_peering *p);

/* ---- messages.c ---- */

/* Works on the STREAM until something happened; false: all is done. */
bool masc_messages_next(struct masc_peers *ps);
/* An OPEN on a connection that is in OPENSENT. */
void masc_messages_open(struct masc_peers *ps, struct masc_conn *x, const uint8_t *message,
                        size_t len);

/* ---- accept.c ---- */

void masc_accept_up(struct masc_peers *ps, conn_t id, struct addr remote);
/* A message, or a header error (`fault` is set), on a waiting connection. */
void masc_accept_message(struct masc_peers *ps, struct masc_conn *x, const struct masc_frame *f);
void masc_accept_flush(struct masc_peers *ps);

/* ---- collision.c ---- */

enum masc_collision {
    MASC_COLLISION_NONE,
    MASC_COLLISION_CLOSE_NEW,
    MASC_COLLISION_CLOSE_OLD,
    MASC_COLLISION_DEFER, /* our own connection, which would win, is not so far yet */
};

/* 8.8, A-35: both are connections between `local` and `remote`. */
enum masc_collision masc_collision_decide(u128 local, u128 remote, bool old_initiated,
                                          bool new_initiated);
/* x->open is an acceptable OPEN that came on `x`, which is in OPENSENT: confirms, defers or closes
 * `x`, after closing the connections that lose against it. */
void masc_collision_resolve(struct masc_peers *ps, struct masc_conn *x);
/* A connection of the peering ended: what was deferred because of it is resolved again. */
void masc_collision_resume(struct masc_peers *ps, struct masc_peering *p);

/* The node at the other end has said who it is. */
static inline bool masc_conn_identified(const struct masc_conn *x)
{
    return x->state >= MASC_OPENCONFIRM || x->deferred;
}

/* ---- session_log.c ---- */

/* Why something ended; code 0: no NOTIFICATION had to do with it. */
struct masc_cause {
    const char *reason; /* NULL: the name of the code */
    bool sent;
    uint8_t code, subcode;
};

void masc_log_session(struct masc_peers *ps, const struct masc_peering *p, const char *event,
                      const struct masc_cause *cause);
/* One of two connections ended. */
void masc_log_closed(struct masc_peers *ps, struct masc_peering *p, const struct masc_cause *cause);
/* An error that left the session open. */
void masc_log_error(struct masc_peers *ps, struct masc_conn *x, const struct masc_cause *cause);
/* An accepted connection that no peering got. */
void masc_log_refused(struct masc_peers *ps, struct addr remote, const struct masc_cause *cause);
void masc_log_stranger(struct masc_peers *ps, struct addr remote);

#endif
