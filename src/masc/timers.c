/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timers: what is due, and the order in which a booting node starts its peerings.
 *
 * Boot (RFC 2909 12.1, A-38): peerings with parents and internal peers start at once; siblings and
 * children when each of those was Established or failed once, and after twice ConnectRetry in any
 * case, so that a parent that is away does not keep the subtree down. Until then they rest in Idle
 * and refuse what comes in.
 */
#include "masc/session.h"

/* Started first: remotes that are our parents or of our own domain. */
static bool is_first(const struct masc_peering *p)
{
    return p->config.role == MASC_CHILD || p->config.role == MASC_INTERNAL;
}

static void boot_end(struct masc_peers *ps)
{
    ps->boot_until = MONO_NEVER;
    for (uint16_t i = 0; i < ps->peers_max; i++) {
        struct masc_peering *p = &ps->peering[i];
        if (!p->used || !p->boot_wait)
            continue;
        p->boot_wait = false;
        masc_session_event(ps, p, NULL, MASC_EV_START, NULL);
    }
}

void masc_boot_check(struct masc_peers *ps)
{
    if (ps->boot_until.ms == MONO_NEVER.ms)
        return;
    for (uint16_t i = 0; i < ps->peers_max; i++) {
        const struct masc_peering *p = &ps->peering[i];
        if (p->used && is_first(p) && !p->tried && !p->stopped)
            return;
    }
    boot_end(ps);
}

void masc_boot_start(struct masc_peers *ps, struct masc_peering *p)
{
    if (!ps->started || ps->stopping || p->stopped)
        return;
    if (ps->boot_until.ms != MONO_NEVER.ms && !is_first(p)) {
        p->boot_wait = true;
        return;
    }
    masc_session_event(ps, p, NULL, MASC_EV_START, NULL);
}

void masc_boot_begin(struct masc_peers *ps)
{
    ps->started = true;
    masc_timer_set(ps, &ps->boot_until,
                   mono_add_ms(ps->now.mono, 2000 * (int64_t)ps->config->connect_retry_s));
    for (uint16_t i = 0; i < ps->peers_max; i++)
        if (ps->peering[i].used)
            masc_boot_start(ps, &ps->peering[i]);
    masc_boot_check(ps);
}

static void run_peering(struct masc_peers *ps, struct masc_peering *p)
{
    mono_t now = ps->now.mono;

    if (mono_due(p->start_at, now)) {
        p->start_at = MONO_NEVER;
        masc_session_event(ps, p, NULL, MASC_EV_START, NULL);
    }
    if (mono_due(p->retry_at, now)) {
        p->retry_at = MONO_NEVER;
        masc_session_event(ps, p, NULL, MASC_EV_CONNECT_RETRY, NULL);
    }
}

/* True if that may have changed timers of others: a KEEPALIVE does not. */
static bool run_conn(struct masc_peers *ps, struct masc_conn *x)
{
    mono_t now = ps->now.mono;
    enum masc_state before = x->state;

    if (mono_due(x->hold_at, now)) {
        /* One that waits has had no OPEN of ours: it just goes. */
        if (x->peer == MASC_NO_INDEX)
            masc_conn_free(ps, x);
        else
            masc_session_event(ps, &ps->peering[x->peer], x, MASC_EV_HOLD_TIMER, NULL);
        return true;
    }
    if (mono_due(x->stall_at, now)) {
        masc_session_drop(ps, x);
        return true;
    }
    if (mono_due(x->keepalive_at, now))
        masc_session_event(ps, &ps->peering[x->peer], x, MASC_EV_KEEPALIVE_TIMER, NULL);
    return x->state != before;
}

static mono_t first_of_conn(const struct masc_conn *x)
{
    return mono_min(x->hold_at, mono_min(x->stall_at, x->keepalive_at));
}

static mono_t first_of_peering(const struct masc_peering *p)
{
    return mono_min(p->start_at, p->retry_at);
}

static mono_t earliest(const struct masc_peers *ps)
{
    mono_t due = ps->boot_until;

    for (uint16_t i = 0; i < ps->peers_max; i++) {
        const struct masc_peering *p = &ps->peering[i];
        if (p->used)
            due = mono_min(due, first_of_peering(p));
    }
    for (uint16_t i = 0; i < ps->conns_top; i++) {
        const struct masc_conn *x = &ps->conn[i];
        if (x->state != MASC_IDLE)
            due = mono_min(due, first_of_conn(x));
    }
    return due;
}

void masc_timers_run(struct masc_peers *ps)
{
    mono_t now = ps->now.mono, due = MONO_NEVER;
    bool others = false; /* timers may have changed of what was passed already */

    if (!mono_due(ps->due, now))
        return;
    for (uint16_t i = 0; i < ps->conns_top; i++) {
        struct masc_conn *x = &ps->conn[i];
        mono_t first = x->state == MASC_IDLE ? MONO_NEVER : first_of_conn(x);
        if (mono_due(first, now)) {
            others |= run_conn(ps, x);
            first = first_of_conn(x);
        }
        due = mono_min(due, first);
    }
    for (uint16_t i = 0; i < ps->peers_max; i++) {
        struct masc_peering *p = &ps->peering[i];
        mono_t first = p->used ? first_of_peering(p) : MONO_NEVER;
        if (mono_due(first, now)) {
            run_peering(ps, p);
            others = true;
        }
        due = mono_min(due, first);
    }
    if (mono_due(ps->boot_until, now)) {
        boot_end(ps);
        others = true;
    }
    ps->due = others ? earliest(ps) : mono_min(due, ps->boot_until);
}
