/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session: the state machine of 10.1 at work.
 *
 * masc_session_event() asks the table (fsm.c) and does what it says, in one switch. All that ends a
 * connection goes through end(): it frees the connection, tells the claim side if it was the
 * Established one, and if no other connection of the peering is open it brings the peering to Idle
 * and sets the next automatic Start. What becomes of the back-off is decided by why it ended:
 *
 *   an error             60 s, doubled each time up to 24 h (10.1, A-47)
 *   Stop                 no automatic Start
 *   a lost collision     after ConnectRetry, and no error is counted: nobody did wrong.
 *                        So with a Cease received before Established: the peer's decision of a
 *                        collision, or a peer that has a half-open connection to us still
 *   version refused      at once with a version in common; without one the longest wait (9)
 */
#include "masc/session.h"

#include "masc/backoff.h"
#include "masc/open.h"

/* Versions we speak, from the lowest to the highest (9). */
#define VERSION_LOWEST MASC_VERSION

enum restart { RESTART_ERROR, RESTART_NEVER, RESTART_PACED, RESTART_AT_ONCE, RESTART_LATE };

/* The only place where a connection changes its state. */
static void enter(struct masc_conn *x, enum masc_state state)
{
    x->state = state;
}

static struct masc_conn *attempt(const struct masc_peers *ps, const struct masc_peering *p)
{
    if (p->outgoing == MASC_NO_INDEX || ps->conn[p->outgoing].state != MASC_CONNECT)
        return NULL;
    return &ps->conn[p->outgoing];
}

/* the highest of its connections, else where it rests. */
enum masc_state masc_session_state(const struct masc_peers *ps, const struct masc_peering *p)
{
    const uint16_t line[] = {p->outgoing, p->accepted};
    enum masc_state best = p->rest;
    struct masc_conn *x = attempt(ps, p);

    if (x && best != MASC_IDLE)
        best = MASC_CONNECT;
    for (unsigned i = 0; i < 2; i++) {
        if (line[i] == MASC_NO_INDEX || ps->conn[line[i]].state < MASC_OPENSENT)
            continue;
        if (ps->conn[line[i]].state > best)
            best = ps->conn[line[i]].state;
    }
    return best;
}

static bool has_open(const struct masc_peers *ps, const struct masc_peering *p)
{
    return masc_session_state(ps, p) >= MASC_OPENSENT;
}

static void note_state(struct masc_peers *ps, struct masc_peering *p)
{
    enum masc_state state = masc_session_state(ps, p);

    if (state == p->seen)
        return;
    p->seen = state;
    p->since = ps->now.wall;
    masc_boot_check(ps);
}

void masc_session_signal(struct masc_peers *ps, const struct masc_signal *sig)
{
    CHECK(ps->signals < ps->signals_max);
    ps->signal[(ps->signal_first + ps->signals) % ps->signals_max] = *sig;
    ps->signals++;
}

static void signal_plain(struct masc_peers *ps, const struct masc_peering *p,
                         enum masc_signal_kind kind)
{
    const struct masc_signal sig = {.kind = kind, .peer = masc_peering_index(ps, p)};

    masc_session_signal(ps, &sig);
}

/* ---- timers of one session ---- */

/* One that never connects has nothing to retry. */
static void retry_set(struct masc_peers *ps, struct masc_peering *p)
{
    uint32_t s = ps->config->connect_retry_s;

    p->retry_at = MONO_NEVER;
    if (p->config.passive)
        return;
    p->retry_limit = mono_add_ms(ps->now.mono, 2000 * (int64_t)s);
    masc_timer_set(ps, &p->retry_at,
                   mono_add_ms(ps->now.mono, masc_backoff_retry_ms(&ps->prng, s)));
}

/* a stranger who knocks faster than ConnectRetry must not starve our own attempts. */
static void retry_postpone(struct masc_peers *ps, struct masc_peering *p)
{
    mono_t limit = p->retry_limit;

    if (p->config.passive)
        return;
    retry_set(ps, p);
    p->retry_limit = limit;
    p->retry_at = mono_min(p->retry_at, limit);
    ps->due = mono_min(ps->due, p->retry_at);
}

static void hold_restart(struct masc_peers *ps, struct masc_conn *x)
{
    x->hold_at = MONO_NEVER;
    /* 10.1 OpenSent: with a negotiated Hold Time of 0 it does not run */
    if (x->hold_time_s)
        masc_timer_set(ps, &x->hold_at, mono_add_ms(ps->now.mono, 1000 * (int64_t)x->hold_time_s));
}

/* The guard of 10.1 Active: "a large value". */
static void hold_guard(struct masc_peers *ps, struct masc_conn *x)
{
    masc_timer_set(ps, &x->hold_at, mono_add_ms(ps->now.mono, 1000 * (int64_t)MASC_HOLDTIME_S));
}

static void send_keepalive(struct masc_peers *ps, struct masc_conn *x)
{
    masc_conn_send_keepalive(ps, x);
    x->keepalive_at = MONO_NEVER;
    x->keepalive_ms = 0;
    /* 7.4: no periodic KEEPALIVEs with Hold Time 0 */
    if (x->hold_time_s == 0)
        return;
    x->keepalive_ms = masc_backoff_keepalive_ms(&ps->prng, x->hold_time_s);
    masc_timer_set(ps, &x->keepalive_at, mono_add_ms(ps->now.mono, x->keepalive_ms));
}

void masc_session_probe(struct masc_peers *ps, struct masc_peering *p)
{
    struct masc_conn *x;
    mono_t allowed;

    if (p->up == MASC_NO_INDEX)
        return;
    x = &ps->conn[p->up];
    /* 7.4: never two within one second */
    allowed = mono_add_ms(x->keepalive_sent, MASC_KEEPALIVE_GAP_MS);
    if (allowed.ms <= ps->now.mono.ms)
        send_keepalive(ps, x);
    else
        masc_timer_set(ps, &x->keepalive_at, mono_min(x->keepalive_at, allowed));
}

/* ---- ends ---- */

static void forget(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x)
{
    uint16_t i = masc_conn_index(ps, x);

    if (p->outgoing == i)
        p->outgoing = MASC_NO_INDEX;
    if (p->accepted == i)
        p->accepted = MASC_NO_INDEX;
    masc_conn_free(ps, x);
}

/* a session that lasted as long as its Hold Time was no failure. */
static void leave_established(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x)
{
    int64_t lasted_ms = ps->now.mono.ms - x->established_at.ms;
    int64_t hold_s = x->hold_time_s ? x->hold_time_s : MASC_HOLDTIME_S;

    if (lasted_ms >= 1000 * hold_s)
        p->errors = 0;
    p->up = MASC_NO_INDEX;
    signal_plain(ps, p, MASC_SIGNAL_DOWN);
}

static void set_start(struct masc_peers *ps, struct masc_peering *p, enum restart restart)
{
    const struct masc_config *c = ps->config;
    int64_t ms = 0;

    p->start_at = MONO_NEVER;
    switch (restart) {
    case RESTART_NEVER: return;
    case RESTART_AT_ONCE: break;
    case RESTART_PACED: ms = masc_backoff_retry_ms(&ps->prng, c->connect_retry_s); break;
    case RESTART_ERROR:
        p->errors++;
        ms = 1000 *
             (int64_t)masc_backoff_start_s(p->errors, c->start_backoff_s, c->start_backoff_max_s);
        break;
    case RESTART_LATE:
        p->errors++;
        ms = 1000 * (int64_t)c->start_backoff_max_s;
        break;
    }
    masc_timer_set(ps, &p->start_at, mono_add_ms(ps->now.mono, ms));
}

static const char *end_word(enum restart restart, bool was_up)
{
    if (restart == RESTART_NEVER)
        return "stopped";
    if (restart == RESTART_AT_ONCE || restart == RESTART_LATE)
        return "version";
    return was_up ? "down" : "idle";
}

/* `x` (or what there is, if it is NULL) ends; see the head of this file. */
static void end(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x,
                enum restart restart, const struct masc_cause *cause)
{
    bool was_up = x && x->state == MASC_ESTABLISHED;

    if (was_up)
        leave_established(ps, p, x);
    if (x)
        forget(ps, p, x);
    /* the other connection goes on, and nothing failed yet */
    if (has_open(ps, p)) {
        masc_log_closed(ps, p, cause);
        return;
    }
    if (attempt(ps, p))
        forget(ps, p, attempt(ps, p));
    p->rest = MASC_IDLE;
    p->retry_at = MONO_NEVER;
    p->tried = true;
    set_start(ps, p, restart);
    masc_log_session(ps, p, end_word(restart, was_up), cause);
}

/* What the end of a connection by this event means for the next Start. */
static enum restart restart_of(enum masc_fsm_event event)
{
    if (event == MASC_EV_STOP)
        return RESTART_NEVER;
    return event == MASC_EV_COLLISION_LOST ? RESTART_PACED : RESTART_ERROR;
}

static void release(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x,
                    enum masc_fsm_event event)
{
    const struct masc_cause cause = {.reason = masc_fsm_event_name(event)};

    end(ps, p, x, restart_of(event), &cause);
}

static void notify(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x,
                   enum masc_fsm_event event, struct masc_fault fault)
{
    const struct masc_cause cause = {
        .reason =
            event == MASC_EV_STOP || event == MASC_EV_COLLISION_LOST || fault.code == MASC_E_FSM
                ? masc_fsm_event_name(event)
                : NULL,
        .sent = true,
        .code = fault.code,
        .subcode = fault.subcode,
    };

    fault.open = false;
    if (x)
        masc_conn_send_notification(ps, x, &fault);
    end(ps, p, x, restart_of(event), &cause);
}

/* 9: `refused` is a NOTIFICATION 2/1; its Data is the version that the peer would take. */
static enum restart retry_version(struct masc_peering *p, const struct masc_fault *refused)
{
    uint8_t offered = refused->data_len ? refused->data[0] : 0;
    uint8_t next = masc_backoff_version(p->version, offered, VERSION_LOWEST, MASC_VERSION);

    if (next == 0)
        return RESTART_LATE;
    p->version = next;
    return RESTART_AT_ONCE;
}

/* The peer closes (`told` is its NOTIFICATION) or has closed (NULL). */
static void hang_up(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x,
                    enum masc_fsm_event event, const struct masc_fault *told)
{
    struct masc_cause cause = {.reason = masc_fsm_event_name(event)};
    enum restart restart = RESTART_ERROR;

    if (told) {
        cause = (struct masc_cause){.code = told->code, .subcode = told->subcode};
        /* A-43, 9 */
        if (x->state == MASC_OPENSENT && told->code == MASC_E_OPEN &&
            told->subcode == MASC_OPEN_VERSION)
            restart = retry_version(p, told);
        /* */
        if (x->state != MASC_ESTABLISHED && told->code == MASC_E_CEASE)
            restart = RESTART_PACED;
    }
    if (restart == RESTART_LATE)
        cause.reason = "no version in common with the peer";
    end(ps, p, x, restart, &cause);
}

void masc_session_drop(struct masc_peers *ps, struct masc_conn *x)
{
    const struct masc_cause cause = {.reason = "the peer does not read"};
    struct masc_peering *p = &ps->peering[x->peer];

    end(ps, p, x, RESTART_ERROR, &cause);
    note_state(ps, p);
    masc_collision_resume(ps, p);
}

/* ---- beginnings ---- */

static void connect_now(struct masc_peers *ps, struct masc_peering *p)
{
    struct addr local = {.family = 0};
    struct masc_conn *x;

    retry_set(ps, p);
    if (p->config.passive)
        return;
    if (ps->config->local.family == p->config.addr.family)
        local = ps->config->local;
    x = masc_conn_new(ps, masc_conn_number(ps), MASC_CONNECT);
    x->peer = masc_peering_index(ps, p);
    x->remote = p->config.addr;
    p->outgoing = masc_conn_index(ps, x);
    out_connect(ps->out, x->id, p->config.addr, p->config.port, local);
}

static void start(struct masc_peers *ps, struct masc_peering *p)
{
    p->start_at = MONO_NEVER;
    p->boot_wait = false;
    p->rest = MASC_ACTIVE;
    connect_now(ps, p);
}

/* The transport failed or was lost before anything was agreed: listen, and retry in time. */
static void listen_only(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x,
                        enum masc_fsm_event event)
{
    const struct masc_cause cause = {.reason = masc_fsm_event_name(event)};

    if (!x)
        x = attempt(ps, p);
    if (x)
        forget(ps, p, x);
    p->tried = true;
    if (has_open(ps, p))
        return;
    retry_set(ps, p);
    if (!p->told_unreachable)
        masc_log_session(ps, p, "unreachable", &cause);
    p->told_unreachable = true;
}

static void reconnect(struct masc_peers *ps, struct masc_peering *p)
{
    if (attempt(ps, p))
        forget(ps, p, attempt(ps, p));
    connect_now(ps, p);
}

static void send_open(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x)
{
    const struct masc_open o = masc_open_make(ps->config, &p->config, p->version);

    p->retry_at = MONO_NEVER;
    masc_conn_send_open(ps, x, &o);
    enter(x, MASC_OPENSENT);
    hold_guard(ps, x);
}

static void confirm(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x)
{
    uint16_t theirs = x->open.hold_time_s;

    /* 7.2 */
    x->hold_time_s = theirs < p->config.hold_time_s ? theirs : p->config.hold_time_s;
    send_keepalive(ps, x);
    hold_restart(ps, x);
    /* until Established the guard stays, also with Hold Time 0 */
    if (x->hold_time_s == 0)
        hold_guard(ps, x);
    enter(x, MASC_OPENCONFIRM);
    /* Ours: an attempt that is not up now could only collide (collision.c). */
    if (attempt(ps, p))
        forget(ps, p, attempt(ps, p));
}

static void establish(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x)
{
    const char *how = x->initiated ? "we connected" : "the peer connected";
    const struct masc_cause cause = {.reason = how};

    hold_restart(ps, x);
    enter(x, MASC_ESTABLISHED);
    x->established_at = ps->now.mono;
    p->up = masc_conn_index(ps, x);
    p->tried = true;
    p->told_unreachable = false;
    p->count.established++;
    signal_plain(ps, p, MASC_SIGNAL_ESTABLISHED);
    masc_log_session(ps, p, "established", &cause);
}

/* ---- the machine ---- */

void masc_session_answer(struct masc_peers *ps, struct masc_conn *x, const struct masc_fault *fault)
{
    const struct masc_cause cause = {.sent = true, .code = fault->code, .subcode = fault->subcode};

    masc_conn_send_notification(ps, x, fault);
    masc_log_error(ps, x, &cause);
    if (masc_conn_overfull(x))
        masc_session_drop(ps, x);
}

static void keepalive_due(struct masc_peers *ps, struct masc_conn *x)
{
    send_keepalive(ps, x);
    if (masc_conn_overfull(x))
        masc_session_drop(ps, x);
}

void masc_session_event(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x,
                        enum masc_fsm_event event, const struct masc_fault *fault)
{
    const enum masc_state state = x ? x->state : masc_session_state(ps, p);
    const struct masc_fsm_step step = masc_fsm_step(state, event);
    const struct masc_fault table_fault = {.code = step.code, .subcode = step.subcode};

    switch (step.action) {
    case MASC_DO_NOTHING:
    case MASC_DO_REFUSE:
    case MASC_DO_SEPARATE: break; /* accept.c has made or closed the other connection */
    case MASC_DO_START: start(ps, p); break;
    case MASC_DO_OPEN: send_open(ps, p, x); break;
    case MASC_DO_LISTEN: listen_only(ps, p, x, event); break;
    case MASC_DO_RECONNECT: reconnect(ps, p); break;
    case MASC_DO_POSTPONE: retry_postpone(ps, p); break;
    case MASC_DO_RELEASE: release(ps, p, x, event); break;
    case MASC_DO_NOTIFY: notify(ps, p, x, event, step.code || !fault ? table_fault : *fault); break;
    case MASC_DO_CONFIRM: confirm(ps, p, x); break;
    case MASC_DO_ESTABLISH: establish(ps, p, x); break;
    case MASC_DO_KEEPALIVE: keepalive_due(ps, x); break;
    case MASC_DO_ALIVE: hold_restart(ps, x); break;
    case MASC_DO_UPDATE:
        p->count.updates_in++;
        hold_restart(ps, x);
        break;
    case MASC_DO_HEED:
        /* 8.6: an erroneous one is answered by 6/0, which closes */
        if (fault)
            notify(ps, p, x, event, *fault);
        else
            hold_restart(ps, x);
        break;
    case MASC_DO_HANGUP: hang_up(ps, p, x, event, fault); break;
    case MASC_DO_ANSWER: masc_session_answer(ps, x, fault); break;
    }
    note_state(ps, p);
    masc_collision_resume(ps, p);
}

void masc_session_stop(struct masc_peers *ps, struct masc_peering *p)
{
    if (p->accepted != MASC_NO_INDEX)
        masc_session_event(ps, p, &ps->conn[p->accepted], MASC_EV_STOP, NULL);
    if (p->outgoing != MASC_NO_INDEX)
        masc_session_event(ps, p, &ps->conn[p->outgoing], MASC_EV_STOP, NULL);
    masc_session_event(ps, p, NULL, MASC_EV_STOP, NULL);
    p->boot_wait = false;
    p->start_at = MONO_NEVER;
}
