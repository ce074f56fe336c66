/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon: start, reload, stop; see daemon.h for the order and why.
 *
 * The node's memory and the list of actions are mapped once at the size of the worst case; pages
 * that are never touched cost nothing. Two configurations are kept: the node borrows one while the
 * other is there to be read into.
 */
#include "host/daemon.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/text.h"
#include "host/notify.h"
#include "host/watch.h"

/* Accepted connections at once: two per peering while a collision is resolved (8.8), and room for
 * strangers to be refused. */
#define STRANGERS 64

static bool bad(struct wr *why, const char *what, const char *more)
{
    wr_text(why, what);
    wr_text(why, ": ");
    wr_text(why, more);
    return false;
}

static void *map(size_t octets)
{
    void *p = mmap(NULL, octets, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

/* ---- descriptors ---- */

static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    /* SIGXFSZ: a limit on the size of files is a full disk to us, no end. */
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
        signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* A timer that never ends but by a change of the wall clock. */
static int open_clock(void)
{
    struct itimerspec far = {.it_value = {.tv_sec = INT32_MAX}};
    int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

    if (fd >= 0 &&
        timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool open_descriptors(struct daemon *d, struct wr *why)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    d->epoll = epoll_create1(EPOLL_CLOEXEC);
    d->signals = open_signals();
    d->clock = open_clock();
    if (d->epoll < 0 || d->signals < 0)
        return bad(why, "cannot begin", strerror(errno));
    watch_set(d->epoll, EPOLL_CTL_ADD, d->signals, watch_make(WATCH_SIGNAL, 0), EPOLLIN);
    /* Some containers forbid it; then the node notices a set clock at its next deadline. */
    if (d->clock >= 0)
        watch_set(d->epoll, EPOLL_CTL_ADD, d->clock, watch_make(WATCH_CLOCK, 0), EPOLLIN);
    return true;
}

/* ---- the parts ---- */

static bool allocate(struct daemon *d, struct wr *why)
{
    struct action *action = map(OUT_ACTIONS * sizeof(*action));
    void *buf = map(OUT_BYTES);

    d->conf = calloc(1, sizeof(*d->conf));
    d->next = calloc(1, sizeof(*d->next));
    d->report = calloc(1, sizeof(*d->report));
    if (action == NULL || buf == NULL || d->conf == NULL || d->next == NULL || d->report == NULL)
        return bad(why, "cannot begin", "no memory");
    out_init(&d->out, action, OUT_ACTIONS, buf, OUT_BYTES);
    return true;
}

static bool read_conf(struct daemon *d, struct conf *c, struct wr *why)
{
    conf_report_init(d->report);
    if (conf_read(c, d->file, d->report))
        return true;
    wr_text(why, d->report->buf);
    return false;
}

static bool listen_all(struct daemon *d, const struct conf *c, struct wr *why)
{
    struct conn_address a[CONN_LISTENERS_MAX];
    size_t n = conf_listeners(c, a), failed = 0;
    char text[PREFIX_TEXT_MAX], where[96];
    int error = conns_listen(d->conns, a, n, &failed);

    if (error == 0)
        return true;
    snprintf(where, sizeof(where), "cannot listen on %s port %u",
             addr_format(a[failed].addr, text), a[failed].port);
    return bad(why, where, strerror(-error));
}

/* What may need root. */
static bool open_world(struct daemon *d, struct wr *why)
{
    const struct conf *c = d->conf;
    unsigned peers = c->node.masc.peers_max;
    char control[CONF_CONTROL_MAX];

    text_copy(control, sizeof(control), c->control);
    d->conns = conns_new(d->epoll, peers, 2 * peers + STRANGERS);
    if (d->conns == NULL)
        return bad(why, "cannot begin", "no memory");
    if (!privilege_find(&d->privilege, c->user, c->control_group, why) ||
        !privilege_directory(&d->privilege, c->state_directory, 0700, why) ||
        !privilege_directory(&d->privilege, dirname(control), 0755, why) ||
        !listen_all(d, c, why))
        return false;
    d->ctl = ctl_new(d->epoll, c->control, d->privilege.uid, d->privilege.control, why);
    if (d->ctl == NULL)
        return false;
    ctl_identify(d->ctl, c->node.masc.domain, c->node.name);
    return privilege_drop(&d->privilege, c->port < 1024, why);
}

/* What the node does not take up again it asks to be forgotten: that is said by name, since it is
 * something that was held. */
static void say_forgotten(struct daemon *d, const struct row *row)
{
    char key[256];
    struct wr w = wr_init(key, sizeof(key));

    for (size_t i = 0; i < d->out.actions; i++) {
        const struct action *a = &d->out.action[i];
        if (a->kind != ACTION_STORE || !a->remove)
            continue;
        row_write_value(&w, row->type->field[0].kind, &row->v[0]);
        daemon_say(d, "forgotten", wr_nul(&w),
                   "a stored record is not taken up again: it has ended, or there is no place for "
                   "it");
        return;
    }
}

static void boot_one(void *arg, const struct row *row)
{
    struct event ev = {.kind = EVENT_BOOT, .row = row};

    daemon_step(arg, &ev);
    say_forgotten(arg, row);
}

static bool boot(struct daemon *d, struct wr *why)
{
    struct event ready = {.kind = EVENT_READY};
    uint64_t seed;

    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
        return bad(why, "no random numbers", strerror(errno));
    d->node_octets = node_octets(&d->conf->node);
    void *mem = map(d->node_octets);
    if (mem == NULL)
        return bad(why, "no memory for the node; lower limits.claims", strerror(errno));
    d->node = node_init(mem, &d->conf->node, seed);
    d->store = store_open(d->conf->state_directory, node_stored, NODE_STORED, why);
    if (d->store == NULL)
        return false;
    if (!store_boot(d->store, boot_one, d, why))
        return false;
    daemon_step(d, &ready);
    return true;
}

/* ---- start and stop ---- */

static void say_mascot(struct daemon *d)
{
    const struct node_config *c = &d->conf->node;
    struct row row = {
        .type = &log_row_mascot,
        .v = {{.u = 1}, {.text = MASCOT_VERSION}, {.id = c->masc.domain}, {.text = c->name}},
    };

    log_row(&d->log, &row, d->now);
}

/* The warnings of the file, a row each. */
static void say_report(struct daemon *d)
{
    char line[1024];

    for (const char *at = d->report->buf; *at != '\0';) {
        size_t n = strcspn(at, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)n, at);
        daemon_say(d, "configuration", NULL, line);
        at += at[n] == '\n' ? n + 1 : n;
    }
}

static void say_started(struct daemon *d)
{
    say_report(d);
    if (d->conf->control_group[0] != '\0' && d->privilege.control == (gid_t)-1)
        daemon_say(d, "control", d->conf->control,
                   "there is no such control-group: only the daemon's user and root may ask");
    daemon_say(d, "start", d->file, NULL);
}

bool daemon_start(struct daemon *d, const char *file, bool log_json, struct wr *why)
{
    *d = (struct daemon){.file = file, .epoll = -1, .signals = -1, .clock = -1};
    log_init(&d->log, STDERR_FILENO, log_json);
    d->now = loop_now();
    if (!allocate(d, why) || !read_conf(d, d->conf, why) || !open_descriptors(d, why) ||
        !open_world(d, why))
        goto failed;
    say_mascot(d);
    if (!boot(d, why))
        goto failed;
    say_started(d);
    d->watchdog_ms = notify_watchdog_ms();
    d->watchdog_at = d->now.mono;
    notify_ready(d->conf->node.name);
    return true;

failed:
    daemon_stop(d);
    return false;
}

static void close_one(int fd)
{
    if (fd >= 0)
        close(fd);
}

void daemon_stop(struct daemon *d)
{
    store_close(d->store);
    ctl_free(d->ctl);
    conns_free(d->conns);
    if (d->node != NULL)
        munmap(d->node, d->node_octets);
    if (d->out.action != NULL) {
        munmap(d->out.action, OUT_ACTIONS * sizeof(*d->out.action));
        munmap(d->out.buf, OUT_BYTES);
    }
    close_one(d->signals);
    close_one(d->clock);
    close_one(d->epoll);
    free(d->conf);
    free(d->next);
    free(d->report);
    *d = (struct daemon){.epoll = -1, .signals = -1, .clock = -1};
}

/* ---- reload ---- */

static bool take_over(struct daemon *d, struct wr *why)
{
    struct conf *old = d->conf;

    if (!read_conf(d, d->next, why) || !conf_can_follow(old, d->next, why) ||
        !listen_all(d, d->next, why))
        return false;
    d->conf = d->next;
    d->next = old;
    ctl_identify(d->ctl, d->conf->node.masc.domain, d->conf->node.name);
    daemon_configure(d, &d->conf->node);
    return true;
}

bool daemon_reload(struct daemon *d, struct wr *why)
{
    char text[1200];
    bool good;

    notify_reloading(d->now);
    good = take_over(d, why);
    /* A report ends with a newline; an answer or a row does not. */
    if (why->len > 0 && why->buf[why->len - 1] == '\n')
        why->len--;
    if (good)
        say_report(d);
    snprintf(text, sizeof(text), "%.*s", (int)why->len, (const char *)why->buf);
    daemon_say(d, good ? "reloaded" : "reload refused", d->file, good ? NULL : text);
    if (good)
        wr_bytes(why, d->report->buf, strcspn(d->report->buf, "\n"));
    notify_ready(d->conf->node.name);
    return good;
}
