/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop: the turns of the daemon.
 *
 * One turn: wait for a descriptor or the node's deadline; read both clocks once; give the node an
 * event for everything that is ready; TIME if its deadline has come; hand queues to the kernel;
 * commit what was to be stored and tell the node; hand over what follows from that; tell what was
 * sent. What is not finished then (pending()) makes the next wait a glance.
 *
 * Queues go out before the commit, for it waits for the disk and a KEEPALIVE need not. Nothing that
 * depends on a record is among them: the node emits that when it hears STORED (base/event.h), and
 * hears that from commit() alone, after the COMMIT succeeded; it leaves in send_queued().
 *
 * So a thousand messages that arrive together cost one clock reading, at most ROUNDS_MAX commits
 * and two writes per connection. Every loop inside a turn has a bound: a peer that never stops
 * cannot keep signals, other peers or the control socket waiting. The bounds are here, but for
 * CONN_READS and CONN_ACCEPTS of conn.h; a client of ctl.h is given one ask or part of an answer in
 * a turn; the records of a commit are what the steps before it made.
 *
 * The wall clock may be set while we wait. A timer on it that is cancelled by that (timerfd with
 * TFD_TIMER_CANCEL_ON_SET) wakes the loop, and the node gets a TIME to reckon anew.
 */
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "host/daemon.h"
#include "host/notify.h"
#include "host/watch.h"

#define EVENTS_MAX 256
#define TIMES_MAX 64
#define SIGNALS_MAX 8
#define ROUNDS_MAX 4
#define WAIT_MAX_MS 60000

struct now loop_now(void)
{
    struct timespec mono, wall;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &mono) == 0);
    CHECK(clock_gettime(CLOCK_REALTIME, &wall) == 0);
    return (struct now){
        .mono = {(int64_t)mono.tv_sec * 1000 + mono.tv_nsec / 1000000},
        .wall = {wall.tv_sec},
    };
}

/* ---- signals ---- */

static void begin_stop(struct daemon *d)
{
    struct event ev = {.kind = EVENT_STOP};

    if (d->stopping)
        return;
    d->stopping = true;
    d->stop_by = mono_add_ms(d->now.mono, DAEMON_STOP_MS);
    notify_stopping();
    daemon_say(d, "stop", NULL, "ending sessions");
    conns_listen_none(d->conns);
    daemon_step(d, &ev);
}

static void take_signals(struct daemon *d)
{
    struct signalfd_siginfo info;
    char text[CONF_REPORT_MAX];

    for (int i = 0; i < SIGNALS_MAX && read(d->signals, &info, sizeof(info)) == sizeof(info); i++) {
        struct wr why = wr_init(text, sizeof(text));
        if (info.ssi_signo == SIGHUP)
            daemon_reload(d, &why);
        else
            begin_stop(d);
    }
}

static void clock_was_set(struct daemon *d)
{
    struct event ev = {.kind = EVENT_TIME};
    uint64_t expirations;

    if (read(d->clock, &expirations, sizeof(expirations)) < 0 && errno != ECANCELED)
        return;
    daemon_say(d, "clock", NULL, "the wall clock was set");
    daemon_step(d, &ev);
}

/* ---- one turn ---- */

static bool pending(const struct daemon *d)
{
    return conns_pending(d->conns) || ctl_pending(d->ctl) || store_pending(d->store);
}

static int wait_ms(const struct daemon *d)
{
    mono_t until = mono_min(node_deadline(d->node), conns_deadline(d->conns));

    if (pending(d))
        return 0;
    if (d->watchdog_ms > 0)
        until = mono_min(until, d->watchdog_at);
    if (d->stopping)
        until = mono_min(until, d->stop_by);
    /* The clock of the last turn is old by now. */
    int64_t left = until.ms == INT64_MAX ? WAIT_MAX_MS : until.ms - loop_now().mono.ms;
    return left < 0 ? 0 : left > WAIT_MAX_MS ? WAIT_MAX_MS : (int)left;
}

/* Notes what is ready; signals and the clock are handled by the caller: what is returned tells. */
static unsigned note(struct daemon *d, const struct epoll_event *ev, int n)
{
    unsigned other = 0;

    for (int i = 0; i < n; i++) {
        uint64_t data = ev[i].data.u64;
        switch (watch_kind(data)) {
        case WATCH_SIGNAL:
        case WATCH_CLOCK: other |= 1u << watch_kind(data); break;
        case WATCH_LISTEN:
        case WATCH_CONN: conns_ready(d->conns, data, ev[i].events); break;
        case WATCH_CTL_LISTEN:
        case WATCH_CTL: ctl_ready(d->ctl, data, ev[i].events); break;
        }
    }
    return other;
}

static void read_connections(struct daemon *d)
{
    struct event ev = {.kind = EVENT_STREAM};

    conns_turn(d->conns);
    while (conns_next(d->conns, &ev)) {
        daemon_step(d, &ev);
        ev = (struct event){.kind = EVENT_STREAM};
    }
}

static void ask_host(struct daemon *d, const struct ask *ask)
{
    char text[CONF_REPORT_MAX];
    struct wr why = wr_init(text, sizeof(text));
    uint32_t id = ask->id;
    bool good = daemon_reload(d, &why);

    wr_nul(&why);
    ctl_end(d->ctl, id, good ? END_DONE : END_REFUSED, text[0] == '\0' ? NULL : text, 0);
}

static void answer_people(struct daemon *d)
{
    const struct ask *ask;
    bool host;

    ctl_turn(d->ctl);
    while (ctl_next(d->ctl, &ask, &host)) {
        struct event ev = {.kind = EVENT_ASK, .ask = ask};
        if (host)
            ask_host(d, ask);
        else
            daemon_step(d, &ev);
    }
}

static void tell_time(struct daemon *d)
{
    for (int i = 0; i < TIMES_MAX && mono_due(node_deadline(d->node), d->now.mono); i++) {
        struct event ev = {.kind = EVENT_TIME};
        daemon_step(d, &ev);
    }
}

/* Says it once when storing begins to fail, and once when it works again. */
static void watch_store(struct daemon *d)
{
    bool failed = store_trouble(d->store)[0] != '\0';

    if (failed == d->storing_failed)
        return;
    d->storing_failed = failed;
    daemon_say(d, "store", d->conf->state_directory,
               failed ? store_trouble(d->store) : "works again");
}

static void commit(struct daemon *d)
{
    for (int i = 0; i < ROUNDS_MAX && store_pending(d->store); i++) {
        struct event ev = {.kind = EVENT_STORED};
        store_commit(d->store);
        watch_store(d);
        while (store_next(d->store, &ev.ticket, &ev.stored))
            daemon_step(d, &ev);
    }
}

static void send_queued(struct daemon *d)
{
    struct event ev = {.kind = EVENT_SENT};

    conns_flush(d->conns, d->now);
    while (conns_next_sent(d->conns, &ev))
        daemon_step(d, &ev);
}

static void watchdog(struct daemon *d)
{
    if (d->watchdog_ms == 0 || !mono_due(d->watchdog_at, d->now.mono))
        return;
    d->watchdog_at = mono_add_ms(d->now.mono, d->watchdog_ms);
    notify_watchdog();
}

static int turn(struct daemon *d)
{
    struct epoll_event ev[EVENTS_MAX];
    int n = epoll_wait(d->epoll, ev, EVENTS_MAX, wait_ms(d));

    if (n < 0 && errno != EINTR)
        return -errno;
    d->now = loop_now();
    unsigned other = note(d, ev, n);
    if (other & 1u << WATCH_CLOCK)
        clock_was_set(d);
    if (other & 1u << WATCH_SIGNAL)
        take_signals(d);
    read_connections(d);
    answer_people(d);
    tell_time(d);
    conns_flush(d->conns, d->now);
    commit(d);
    send_queued(d);
    ctl_flush(d->ctl);
    conns_expire(d->conns, d->now);
    watchdog(d);
    return 0;
}

static bool finished(const struct daemon *d)
{
    return d->stopping && (conns_open(d->conns) == 0 || mono_due(d->stop_by, d->now.mono));
}

int loop_run(struct daemon *d)
{
    int error = 0;

    while (error == 0 && !finished(d))
        error = turn(d);
    return error;
}
