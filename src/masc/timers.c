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

static void run_conn(struct masc_peers *ps, struct masc_conn *x)
{
    mono_t now = ps->now.mono;

    if (mono_due(x->hold_at, now)) {
        /* One that waits has had no OPEN of ours: it just goes. */
        if (x->peer == MASC_NO_INDEX)
            masc_conn_free(ps, x);
        else
            masc_session_event(ps, &ps->peering[x->peer], x, MASC_EV_HOLD_TIMER, NULL);
        return;
    }
    if (mono_due(x->stall_at, now)) {
        masc_session_drop(ps, x);
        return;
    }
    if (mono_due(x->keepalive_at, now))
        masc_session_event(ps, &ps->peering[x->peer], x, MASC_EV_KEEPALIVE_TIMER, NULL);
}

static mono_t earliest(const struct masc_peers *ps)
{
    mono_t due = ps->boot_until;

    for (uint16_t i = 0; i < ps->peers_max; i++) {
        const struct masc_peering *p = &ps->peering[i];
        if (p->used)
            due = mono_min(due, mono_min(p->start_at, p->retry_at));
    }
    for (uint16_t i = 0; i < ps->conns_max; i++) {
        const struct masc_conn *x = &ps->conn[i];
        if (x->state != MASC_IDLE)
            due = mono_min(due, mono_min(x->hold_at, mono_min(x->stall_at, x->keepalive_at)));
    }
    return due;
}

void masc_timers_run(struct masc_peers *ps)
{
    if (!mono_due(ps->due, ps->now.mono))
        return;
    for (uint16_t i = 0; i < ps->conns_max; i++)
        if (ps->conn[i].state != MASC_IDLE)
            run_conn(ps, &ps->conn[i]);
    for (uint16_t i = 0; i < ps->peers_max; i++)
        if (ps->peering[i].used)
            run_peering(ps, &ps->peering[i]);
    if (mono_due(ps->boot_until, ps->now.mono))
        boot_end(ps);
    ps->due = earliest(ps);
}
