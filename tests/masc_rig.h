/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * masc_rig: one speaker's sessions on a bench: events go in, what came out is looked at.
 *
 * rig_event() and its kin run one step of the contract of peer.h: an event, then masc_peers_next()
 * until it is false. Afterwards rig->out holds the actions of that step alone, and rig->signals its
 * signals. The rig is also a strict host: it refuses what no host may see, such as octets for a
 * connection after its CLOSE, a CONNECT with a number in use, or a message that is not framed.
 */
#ifndef MASCOT_TESTS_MASC_RIG_H
#define MASCOT_TESTS_MASC_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "masc/session.h"
#include "tests/hex.h"
#include "tests/tap.h"

#define RIG_CONNS   512
#define RIG_SIGNALS 64
#define RIG_ACTIONS 4096
#define RIG_BYTES   ((size_t)3 << 20)
#define RIG_T0      1000000

struct rig {
    struct masc_config config;
    struct masc_peers *ps;
    void *mem;
    struct out out;
    struct now now;
    struct masc_signal signals[RIG_SIGNALS];
    unsigned signals_n;
    uint32_t next_odd;
    uint32_t open[RIG_CONNS]; /* connections that the host has */
    unsigned opens;
    unsigned faults; /* broken promises of the core */
};

static inline struct addr rig_v4(uint32_t a)
{
    return (struct addr){.addr = a, .family = FAMILY_IPV4};
}

static inline struct masc_peer_config *rig_peer(struct rig *r, const char *name,
                                                enum masc_role role, u128 domain, uint32_t address)
{
    struct masc_peer_config *p = &r->config.peer[r->config.peers++];

    masc_peer_defaults(p);
    snprintf(p->name, sizeof(p->name), "%s", name);
    p->role = role;
    p->domain = domain;
    p->addr = rig_v4(address);
    return p;
}

/* Settings to be filled in, before rig_boot(). */
static inline void rig_config(struct rig *r, u128 domain, uint32_t node)
{
    masc_config_defaults(&r->config);
    r->config.domain = domain;
    r->config.node = node;
    r->config.peers_max = 4;
    r->now = (struct now){.mono = {RIG_T0}, .wall = {1800000000}};
    r->signals_n = r->opens = r->faults = 0;
    r->next_odd = 1;
}

static inline void rig_fault(struct rig *r, const char *what)
{
    r->faults++;
    tap_diag("rig: %s", what);
}

static inline unsigned rig_open_find(const struct rig *r, uint32_t id)
{
    unsigned i = 0;

    while (i < r->opens && r->open[i] != id)
        i++;
    return i;
}

static inline void rig_open_add(struct rig *r, uint32_t id)
{
    if (rig_open_find(r, id) < r->opens || r->opens == RIG_CONNS)
        rig_fault(r, "number in use");
    else
        r->open[r->opens++] = id;
}

static inline void rig_open_remove(struct rig *r, uint32_t id)
{
    unsigned i = rig_open_find(r, id);

    if (i < r->opens)
        r->open[i] = r->open[--r->opens];
    else
        rig_fault(r, "CLOSE of what is not open");
}

static inline void rig_check_frames(struct rig *r, const struct action *a)
{
    size_t at = 0;

    while (a->len - at >= 4) {
        size_t len = (size_t)a->bytes[at] << 8 | a->bytes[at + 1];
        if (len < 4 || len > 4096 || len > a->len - at || a->bytes[at + 3] != 0)
            break;
        at += len;
    }
    if (at != a->len)
        rig_fault(r, "a STREAM that is not whole messages");
}

static inline void rig_host(struct rig *r)
{
    for (size_t i = 0; i < r->out.actions; i++) {
        const struct action *a = &r->out.action[i];
        if (a->kind == ACTION_CONNECT) {
            rig_open_add(r, a->conn.id);
        } else if (a->kind == ACTION_CLOSE) {
            rig_open_remove(r, a->conn.id);
        } else if (a->kind == ACTION_STREAM) {
            if (rig_open_find(r, a->conn.id) == r->opens)
                rig_fault(r, "octets for what is not open");
            rig_check_frames(r, a);
        }
    }
}

/* ---- steps ---- */

static inline void rig_drain(struct rig *r)
{
    struct masc_signal sig;

    while (masc_peers_next(r->ps, &sig, &r->out))
        if (r->signals_n < RIG_SIGNALS)
            r->signals[r->signals_n++] = sig;
    rig_host(r);
}

static inline void rig_begin(struct rig *r)
{
    out_reset(&r->out);
    r->signals_n = 0;
    r->ps->now = r->now;
    r->ps->out = &r->out;
}

static inline void rig_event(struct rig *r, struct event ev)
{
    rig_begin(r);
    ev.now = r->now;
    masc_peers_event(r->ps, &ev, &r->out);
    rig_drain(r);
}

/* The node comes up anew and is not ready yet. */
static inline void rig_init(struct rig *r, uint64_t seed)
{
    memset(r->mem, 0, masc_peers_octets(&r->config));
    r->ps = masc_peers_init(r->mem, &r->config, seed);
}

static inline void rig_boot_again(struct rig *r, uint64_t seed)
{
    rig_init(r, seed);
    rig_begin(r);
    masc_peers_start(r->ps, r->now, &r->out);
    rig_drain(r);
}

static inline void rig_boot(struct rig *r, uint64_t seed)
{
    size_t octets = masc_peers_octets(&r->config);

    r->mem = aligned_alloc(16, octets);
    out_init(&r->out, malloc(RIG_ACTIONS * sizeof(struct action)), RIG_ACTIONS, malloc(RIG_BYTES),
             RIG_BYTES);
    rig_boot_again(r, seed);
}

static inline void rig_free(struct rig *r)
{
    EXPECT_UEQ(r->faults, 0);
    free(r->mem);
    free(r->out.action);
    free(r->out.buf);
}

static inline void rig_up(struct rig *r, uint32_t conn, uint32_t from)
{
    if (conn % 2)
        rig_open_add(r, conn);
    rig_event(r, (struct event){.kind = EVENT_CONN_UP, .conn = {conn}, .addr = rig_v4(from)});
}

static inline uint32_t rig_accept(struct rig *r, uint32_t from)
{
    uint32_t conn = r->next_odd;

    r->next_odd += 2;
    rig_up(r, conn, from);
    return conn;
}

static inline void rig_down(struct rig *r, uint32_t conn)
{
    rig_open_remove(r, conn);
    rig_event(r, (struct event){.kind = EVENT_CONN_DOWN, .conn = {conn}});
}

static inline void rig_bytes(struct rig *r, uint32_t conn, const uint8_t *bytes, size_t len)
{
    rig_event(r, (struct event){.kind = EVENT_STREAM, .conn = {conn}, .bytes = bytes, .len = len});
}

static inline void rig_recv(struct rig *r, uint32_t conn, const char *text)
{
    struct hex h = hex(text);

    rig_bytes(r, conn, h.at, h.len);
}

static inline void rig_sent(struct rig *r, uint32_t conn, size_t len)
{
    rig_event(r, (struct event){.kind = EVENT_SENT, .conn = {conn}, .len = len});
}

static inline void rig_pass(struct rig *r, int64_t ms)
{
    r->now.mono.ms += ms;
    r->now.wall.s += ms / 1000;
}

static inline void rig_time(struct rig *r)
{
    rig_event(r, (struct event){.kind = EVENT_TIME});
}

/* Lets `ms` go by, with every TIME that comes due on the way; the last one's actions stay. */
static inline void rig_wait(struct rig *r, int64_t ms)
{
    int64_t until = r->now.mono.ms + ms;

    while (masc_peers_deadline(r->ps).ms <= until) {
        int64_t step = masc_peers_deadline(r->ps).ms - r->now.mono.ms;
        rig_pass(r, step > 0 ? step : 0);
        rig_time(r);
    }
    rig_pass(r, until - r->now.mono.ms);
}

/* To the next TIME that has actions, over those that find nothing due. Returns how long it took. */
static inline int64_t rig_next(struct rig *r)
{
    int64_t began = r->now.mono.ms;

    do {
        int64_t ms = masc_peers_deadline(r->ps).ms - r->now.mono.ms;
        if (masc_peers_deadline(r->ps).ms == MONO_NEVER.ms)
            return -1;
        rig_pass(r, ms > 0 ? ms : 0);
        rig_time(r);
    } while (r->out.actions == 0);
    return r->now.mono.ms - began;
}

static inline void rig_operator(struct rig *r, unsigned peer,
                                void (*verb)(struct masc_peers *, unsigned, struct now,
                                             struct out *))
{
    rig_begin(r);
    verb(r->ps, peer, r->now, &r->out);
    rig_drain(r);
}

/* An event of the state machine that no host can cause in this state: `x` may be NULL. */
static inline void rig_inject(struct rig *r, unsigned peer, struct masc_conn *x,
                              enum masc_fsm_event event, const struct masc_fault *fault)
{
    rig_begin(r);
    masc_session_event(r->ps, &r->ps->peering[peer], x, event, fault);
    rig_drain(r);
}

static inline void rig_answer(struct rig *r, unsigned peer, const struct masc_fault *fault)
{
    rig_begin(r);
    masc_peer_answer(r->ps, peer, fault, &r->out);
    rig_drain(r);
}

/* ---- what came out ---- */

static inline const struct action *rig_action(const struct rig *r, enum action_kind kind,
                                              unsigned nth)
{
    for (size_t i = 0; i < r->out.actions; i++)
        if (r->out.action[i].kind == kind && nth-- == 0)
            return &r->out.action[i];
    return NULL;
}

static inline unsigned rig_count(const struct rig *r, enum action_kind kind)
{
    unsigned n = 0;

    while (rig_action(r, kind, n))
        n++;
    return n;
}

/* The number of the first CONNECT of the last step; UINT32_MAX if there was none. */
static inline uint32_t rig_connect(const struct rig *r)
{
    const struct action *a = rig_action(r, ACTION_CONNECT, 0);

    return a ? a->conn.id : UINT32_MAX;
}

static inline bool rig_closed(const struct rig *r, uint32_t conn)
{
    for (unsigned i = 0; rig_action(r, ACTION_CLOSE, i); i++)
        if (rig_action(r, ACTION_CLOSE, i)->conn.id == conn)
            return true;
    return false;
}

/* Exactly these octets went to `conn` in the last step ("": none). */
static inline bool rig_sent_is(const struct rig *r, uint32_t conn, const char *text)
{
    struct hex want = hex(text);
    size_t at = 0;

    for (unsigned i = 0; rig_action(r, ACTION_STREAM, i); i++) {
        const struct action *a = rig_action(r, ACTION_STREAM, i);
        if (a->conn.id != conn)
            continue;
        if (a->len > want.len - at || memcmp(a->bytes, want.at + at, a->len) != 0) {
            tap_diag("sent %zu octets, type %u, %02x %02x ...", a->len, a->bytes[2],
                     a->len > 4 ? a->bytes[4] : 0, a->len > 5 ? a->bytes[5] : 0);
            return false;
        }
        at += a->len;
    }
    if (at != want.len)
        tap_diag("sent %zu octets instead of %zu", at, want.len);
    return at == want.len;
}

static inline bool rig_silent(const struct rig *r)
{
    return rig_count(r, ACTION_STREAM) == 0 && rig_count(r, ACTION_CLOSE) == 0 &&
           rig_count(r, ACTION_CONNECT) == 0;
}

static inline bool rig_signalled(const struct rig *r, enum masc_signal_kind kind, unsigned peer)
{
    for (unsigned i = 0; i < r->signals_n; i++)
        if (r->signals[i].kind == kind && r->signals[i].peer == peer)
            return true;
    return false;
}

/* The LOG row of the last step whose field `event` is this, or NULL. */
static inline const struct row *rig_row(const struct rig *r, const char *event)
{
    for (unsigned i = 0; rig_action(r, ACTION_LOG, i); i++) {
        const struct row *row = rig_action(r, ACTION_LOG, i)->row;
        if (strcmp(row->v[4].text, event) == 0)
            return row;
    }
    return NULL;
}

static inline enum masc_state rig_state(const struct rig *r, unsigned peer)
{
    return masc_peer_info(r->ps, peer).state;
}

static inline struct masc_conn *rig_conn(const struct rig *r, uint32_t conn)
{
    return masc_conn_find(r->ps, (conn_t){conn});
}

/* An OPEN with 4-octet identifiers. */
static inline struct hex rig_open_of(enum masc_role role, uint16_t hold_s, uint32_t domain,
                                     uint32_t node, uint32_t parent)
{
    struct masc_open o = {.version = MASC_VERSION,
                          .family = FAMILY_IPV4,
                          .role = role,
                          .hold_time_s = hold_s,
                          .domain = domain,
                          .node = node,
                          .parent = parent};
    struct hex h = {.len = 0};
    struct wr w = wr_init(h.at, sizeof(h.at));

    masc_open_encode(&w, &o);
    h.len = w.len;
    return h;
}

#endif
