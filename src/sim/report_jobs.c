/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_jobs: many runs, each in a process of its own.
 *
 * A child writes to its pipe the number of each day that is over, and at the end 0 and the result
 * as it lies in memory: both ends are the same program. The parent reads whichever pipe has
 * something to say, and knows from the days how long all will take.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/report.h"

enum { AT_ONCE_MAX = 64, DRAW_EVERY_S = 1 };

/* ---- the child ---- */

static void write_all(int fd, const void *from, size_t len)
{
    const char *p = from;
    while (len) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(1);
        p += n;
        len -= (size_t)n;
    }
}

static void tell_day(void *self, unsigned day)
{
    write_all(*(int *)self, &day, sizeof day);
}

_Noreturn static void child(const struct report_job *job, int fd)
{
    struct report_result r = report_run(job, tell_day, &fd);
    unsigned end = 0;
    write_all(fd, &end, sizeof end);
    write_all(fd, &r, sizeof r);
    write_all(fd, r.sample, r.samples * sizeof *r.sample);
    _exit(0);
}

/* ---- the parent ---- */

struct worker {
    pid_t pid;
    int fd;
    unsigned job;
};

struct crew {
    const struct report_job *job;
    struct report_result *result;
    unsigned jobs, begun, done;
    struct worker worker[AT_ONCE_MAX];
    struct pollfd fd[AT_ONCE_MAX];
    unsigned workers;
    uint64_t days, days_done;
    time_t began, drawn;
    bool failed;
};

static time_t seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static bool read_all(int fd, void *to, size_t len)
{
    char *p = to;
    while (len) {
        ssize_t n = read(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static void hire(struct crew *c)
{
    struct worker *x = &c->worker[c->workers];
    int end[2];
    if (pipe(end) != 0)
        abort();
    fflush(NULL);
    *x = (struct worker){.pid = fork(), .fd = end[0], .job = c->begun};
    if (x->pid < 0)
        abort();
    if (x->pid == 0) {
        close(end[0]);
        child(&c->job[c->begun], end[1]);
    }
    close(end[1]);
    c->fd[c->workers++] = (struct pollfd){.fd = end[0], .events = POLLIN};
    c->begun++;
}

static void dismiss(struct crew *c, unsigned i)
{
    int status;
    close(c->worker[i].fd);
    if (waitpid(c->worker[i].pid, &status, 0) < 0 || status != 0)
        c->failed = true;
    c->workers--;
    c->worker[i] = c->worker[c->workers];
    c->fd[i] = c->fd[c->workers];
}

static bool read_result(struct crew *c, const struct worker *x)
{
    struct report_result *r = &c->result[x->job];
    size_t size;
    if (!read_all(x->fd, r, sizeof *r))
        return false;
    r->job = &c->job[x->job];
    size = r->samples * sizeof *r->sample;
    r->sample = malloc(size);
    return r->sample && read_all(x->fd, r->sample, size);
}

static void listen_to(struct crew *c, unsigned i)
{
    unsigned day;
    if (!read_all(c->worker[i].fd, &day, sizeof day)) {
        c->failed = true;
        dismiss(c, i);
        return;
    }
    if (day) {
        c->days_done++;
        return;
    }
    c->failed |= !read_result(c, &c->worker[i]);
    c->done++;
    dismiss(c, i);
}

static void draw(struct crew *c)
{
    time_t now = seconds(), gone = now - c->began, left;
    if (!isatty(STDERR_FILENO) || now < c->drawn + DRAW_EVERY_S || !c->days_done)
        return;
    c->drawn = now;
    left = (time_t)((uint64_t)gone * (c->days - c->days_done) / c->days_done);
    fprintf(stderr, "\r\033[K%u of %u runs done, %u under way: %u %% of all days; ", c->done,
            c->jobs, c->workers, (unsigned)(c->days_done * 100 / c->days));
    if (left >= 90)
        fprintf(stderr, "about %ld min left", (long)((left + 30) / 60));
    else
        fprintf(stderr, "about %ld s left", (long)left);
    fflush(stderr);
}

bool report_run_all(const struct report_job *job, unsigned jobs, unsigned at_once,
                    struct report_result *result)
{
    struct crew c = {.job = job, .result = result, .jobs = jobs, .began = seconds()};
    unsigned i;
    at_once = at_once < AT_ONCE_MAX ? at_once : AT_ONCE_MAX;
    memset(result, 0, jobs * sizeof *result);
    for (i = 0; i < jobs; i++)
        c.days += job[i].days;
    while (c.begun < jobs || c.workers) {
        while (c.workers < at_once && c.begun < jobs && !c.failed)
            hire(&c);
        if (!c.workers)
            break;
        if (poll(c.fd, c.workers, 1000) < 0 && errno != EINTR)
            abort();
        for (i = c.workers; i-- > 0;)
            if (c.fd[i].revents)
                listen_to(&c, i);
        draw(&c);
    }
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K");
    return !c.failed;
}
