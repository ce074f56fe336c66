/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peer: MASC sessions: the state machine of RFC 2909 section 10, one per peering, with its timers,
 * its up to two transport connections and their collision (8.8).
 *
 * A peering is a configured remote node (for siblings with k common parents, k peerings: 4.4). It
 * owns the ConnectRetry timer, the start back-off and at most two connections: one that we
 * initiated and one that we accepted; each runs OpenSent, OpenConfirm, Established on its own, and
 * the state of the peering is the highest of them. An accepted connection whose peering is
 * not clear yet (several peerings share the address) waits for the OPEN in no peering.
 *
 * Data flow: masc_peers_event() takes an event that concerns connections or time;
 * masc_peers_next() is then called until it returns false: it frames the octets, runs the state
 * machine and hands up one signal at a time. Signals are facts for the claim side (masc.c): nobody
 * is called back. The claim side answers a bad UPDATE with masc_peer_answer() and writes UPDATEs
 * with masc_peer_room() and masc_peer_commit(); it never sees a connection.
 *
 * A slow peer is bounded: masc_peer_room() is what its window leaves (MASC_WINDOW octets not yet
 * taken by the kernel); the relay waits. Control messages may exceed the window up to
 * MASC_WINDOW_HARD; beyond it, or when nothing was taken for the send hold time, the connection is
 * dropped: that peer does not read.
 */
#ifndef MASC_PEER_H
#define MASC_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/time.h"
#include "masc/config.h"
#include "masc/wire.h"

#define MASC_WINDOW ((size_t)256 << 10)
#define MASC_WINDOW_HARD ((size_t)1 << 20)

/* 10.1 */
enum masc_state {
    MASC_IDLE,
    MASC_CONNECT,
    MASC_ACTIVE,
    MASC_OPENSENT,
    MASC_OPENCONFIRM,
    MASC_ESTABLISHED,
};

enum masc_signal_kind {
    MASC_SIGNAL_ESTABLISHED, /* .peer */
    MASC_SIGNAL_DOWN,        /* .peer left Established */
    MASC_SIGNAL_UPDATE,      /* .peer .octets .len: a framed UPDATE received in Established */
    MASC_SIGNAL_REFUSED,     /* .peer .notification: an UPDATE error about what we sent */
    MASC_SIGNAL_REMOVED,     /* .peer is not configured any more; its number may be used again */
};

struct masc_signal {
    enum masc_signal_kind kind;
    unsigned peer;
    const uint8_t *octets; /* borrowed until the next call */
    size_t len;
    struct masc_notification notification;
};

/* What a person or the claim side may know of a peering. Counters are since start. */
struct masc_peer_info {
    const struct masc_peer_config *config; /* NULL: no peering with this number */
    enum masc_state state;
    struct addr remote;
    u128 domain, node, parent;   /* of its OPEN; 0 before */
    uint16_t hold_time_s;        /* negotiated */
    wall_t since;                /* entered this state */
    mono_t start_at;             /* Idle after an error: next automatic Start; else MONO_NEVER */
    unsigned start_retries;      /* consecutive errors */
    size_t queued;               /* octets not yet taken by the kernel */
    uint64_t updates_in, updates_out, keepalives_in, keepalives_out, notifications_in,
        notifications_out;
    uint64_t established;        /* times */
    bool last_sent;              /* the last error was sent by us */
    uint8_t last_code, last_subcode;
    bool stopped;                /* by the operator */
};

struct masc_peers;

/* Memory the peers need for this configuration (peers_max). */
size_t masc_peers_octets(const struct masc_config *c);

/* `mem` is zeroed, aligned to 16 and stays the caller's; the configuration is borrowed. */
struct masc_peers *masc_peers_init(void *mem, const struct masc_config *c, uint64_t seed);

/* The node is ready: starts peerings in the boot order of 12.1. */
void masc_peers_start(struct masc_peers *ps, struct now now, struct out *out);

/* Another configuration: peerings whose settings are equal keep their session, others are ended
 * with Cease (signals follow by masc_peers_next) and started anew. An own identity, family or hold
 * time that changed restarts every session. */
void masc_peers_configure(struct masc_peers *ps, const struct masc_config *c, struct now now,
                          struct out *out);

/* CONN_UP, CONN_DOWN, STREAM, SENT, TIME, STOP. Other events are ignored. */
void masc_peers_event(struct masc_peers *ps, const struct event *ev, struct out *out);

/* Goes on with the last event; true: *sig holds a signal to handle before the next call. */
bool masc_peers_next(struct masc_peers *ps, struct masc_signal *sig, struct out *out);

mono_t masc_peers_deadline(const struct masc_peers *ps);

/* Numbers of peerings are 0 .. masc_peers_max()-1, stable while configured, with gaps. */
unsigned masc_peers_max(const struct masc_peers *ps);
struct masc_peer_info masc_peer_info(const struct masc_peers *ps, unsigned peer);
/* The settings of a peering that exists: the cheap part of masc_peer_info(). */
const struct masc_peer_config *masc_peer_settings(const struct masc_peers *ps, unsigned peer);
bool masc_peer_established(const struct masc_peers *ps, unsigned peer);
/* By configured name; -1 if there is none. */
int masc_peer_find(const struct masc_peers *ps, const char *name);
/* Connections refused because no peering has that address (14). */
uint64_t masc_peers_strangers(const struct masc_peers *ps);

/* Answers the UPDATE being handled: O=1 stays, O=0 closes (10.1 Established). */
void masc_peer_answer(struct masc_peers *ps, unsigned peer, const struct masc_fault *fault,
                      struct out *out);

/* Octets of UPDATEs that may be written now: 0 unless Established. */
size_t masc_peer_room(const struct masc_peers *ps, unsigned peer);

/* Sends what `w` (from out_stream_begin) holds: `updates` whole UPDATE messages. Restarts the
 * KeepAlive timer. */
void masc_peer_commit(struct masc_peers *ps, unsigned peer, const struct wr *w, unsigned updates,
                      struct out *out);

/* Operator: Start bypasses the back-off; Stop sends Cease and stays Idle; clear is Stop, Start. */
void masc_peer_start(struct masc_peers *ps, unsigned peer, struct now now, struct out *out);
void masc_peer_stop(struct masc_peers *ps, unsigned peer, struct now now, struct out *out);
void masc_peer_clear(struct masc_peers *ps, unsigned peer, struct now now, struct out *out);

const char *masc_state_name(enum masc_state s); /* "Idle", "Connect", ... */

#endif
