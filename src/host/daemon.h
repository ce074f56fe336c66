/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon: all that one mascotd owns, and its life: start, turn after turn, reload, stop.
 *
 * daemon.c starts and reloads, loop.c turns, execute.c gives events to the node and makes its
 * actions happen. Everything is made in daemon_start() and given back in daemon_stop(); in between
 * nothing is allocated but queues that grow to a maximum of their own.
 *
 * Order of the start: configuration; directories, ports and control socket (which may need root);
 * root given up; the store locked, judged and read; the node booted from it; then the world.
 */
#ifndef HOST_DAEMON_H
#define HOST_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/time.h"
#include "base/wr.h"
#include "host/conf.h"
#include "host/conn.h"
#include "host/ctl.h"
#include "host/log.h"
#include "host/privilege.h"
#include "host/store.h"
#include "node/node.h"

/* How long connections may take to say good-bye when the daemon stops. */
#define DAEMON_STOP_MS 2000

struct daemon {
    const char *file;          /* of the configuration */
    struct conf *conf;         /* in effect; the node borrows it */
    struct conf *next;         /* room to read another */
    struct conf_report *report;
    struct privilege privilege;
    struct log log;
    struct conns *conns;
    struct store *store;
    struct ctl *ctl;
    struct node *node;
    size_t node_octets;
    struct out out;
    int epoll, signals, clock;
    struct now now;            /* of this turn */
    bool storing_failed;       /* as last told */
    bool stopping;
    mono_t stop_by;
    int64_t watchdog_ms;       /* 0: none */
    mono_t watchdog_at;
};

/* Everything up to the first turn. False: *why says what is wrong and what to do; what was made is
 * given back. `file` is kept. */
bool daemon_start(struct daemon *d, const char *file, bool log_json, struct wr *why);
void daemon_stop(struct daemon *d);

/* Reads the configuration again and takes it over (then *why has the first warning, if there is
 * one), or changes nothing: then *why says why. */
bool daemon_reload(struct daemon *d, struct wr *why);

/* Tells log and watchers. */
void daemon_say(struct daemon *d, const char *event, const char *subject, const char *text);

/* execute.c: one event for the node (ev->now is filled in), and all that follows from it. */
void daemon_step(struct daemon *d, struct event *ev);
void daemon_configure(struct daemon *d, const struct node_config *c);

/* loop.c: turns until a signal or an error of the loop itself; 0 or -errno. */
int loop_run(struct daemon *d);
/* Reads both clocks. */
struct now loop_now(void);

#endif
