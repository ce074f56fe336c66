/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many seeds, several at a time, each in a process of its own: what kills one is a verdict on its
 * seed and no end of the run. A child writes its verdict into a pipe and is gone.
 *
 * Verdicts are taken in the order of seeds, so that the output is the same however many processes
 * there are. A failure is shrunk at once, before the next verdict is taken; the other processes go
 * on meanwhile.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/swarm.h"

enum { JOBS_MAX = 64, HANG_S = 120, SHRINK_PLAYS = 150, PROGRESS_MS = 500, SPOKEN_MS = 10000 };

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- one process ---- */

struct job {
    pid_t pid;     /* 0: none */
    int fd;
    uint64_t seed;
};

static void start_job(struct job *job, const struct plot *p, const struct swarm_how *how)
{
    int fd[2];
    struct swarm_verdict v;
    fflush(NULL);
    if (pipe(fd) != 0)
        abort();
    job->seed = p->seed;
    job->fd = fd[0];
    job->pid = fork();
    if (job->pid < 0)
        abort();
    if (job->pid > 0) {
        close(fd[1]);
        return;
    }
    close(fd[0]);
    alarm(HANG_S);
    v = swarm_play(p, how);
    fflush(NULL);
    _exit(write(fd[1], &v, sizeof v) == (ssize_t)sizeof v ? 0 : 3);
}

static struct swarm_verdict dead(uint64_t seed, int status)
{
    struct swarm_verdict v = {.seed = seed, .recovery_ms = -1};
    bool hangs = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
    char line[SWARM_LINE_OCTETS];
    snprintf(line, sizeof line, "violated %s: %s", hangs ? "hang" : "panic",
             hangs                 ? "it takes too long"
             : WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
                                   : "the process ended without a verdict");
    swarm_violate(&v, hangs ? "hang" : "panic", line);
    return v;
}

/* Of a process that wrote its verdict or died. */
static struct swarm_verdict end_job(struct job *job)
{
    struct swarm_verdict v;
    size_t got = 0;
    ssize_t n;
    int status = 0;
    while (got < sizeof v && (n = read(job->fd, (char *)&v + got, sizeof v - got)) != 0) {
        if (n < 0 && errno != EINTR)
            break;
        got += n > 0 ? (size_t)n : 0;
    }
    close(job->fd);
    while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
        ;
    job->pid = 0;
    return got == sizeof v ? v : dead(job->seed, status);
}

struct swarm_verdict swarm_play_apart(const struct plot *p, const struct swarm_how *how)
{
    struct job job;
    start_job(&job, p, how);
    return end_job(&job);
}

/* ---- many ---- */

struct crowd {
    const struct swarm_many *many;
    struct job job[JOBS_MAX];
    unsigned jobs;
    uint64_t next;            /* seed to begin */
    int64_t begun_ms, told_ms;
    struct swarm_sum sum;
    bool on_terminal;
};

static void begin_next(struct crowd *c, struct job *job)
{
    struct plot p = plot_make(c->next++, c->many->nodes_max);
    start_job(job, &p, &c->many->how);
}

static void wipe(const struct crowd *c)
{
    if (c->on_terminal)
        fprintf(stderr, "\r\033[K");
}

static void tell_failure(struct crowd *c, const struct swarm_verdict *v)
{
    struct plot p = plot_make(v->seed, c->many->nodes_max);
    unsigned i;
    wipe(c);
    printf("seed %llu failed: %u violations\n", (unsigned long long)v->seed, v->violations);
    for (i = 0; i < v->lines; i++)
        printf("  %s\n", v->line[i]);
    fflush(stdout);
    (void)swarm_shrink(&p, &c->many->how, v->invariant,
                       strcmp(v->invariant, "hang") == 0 ? 0 : SHRINK_PLAYS);
    printf("  to see it: ");
    swarm_tell_command(&p, stdout);
}

static void tell_progress(struct crowd *c)
{
    int64_t gone = now_ms() - c->begun_ms, left;
    uint64_t done = c->sum.seeds;
    if (c->many->quiet || now_ms() - c->told_ms < (c->on_terminal ? PROGRESS_MS : SPOKEN_MS) ||
        !done)
        return;
    c->told_ms = now_ms();
    left = gone * (int64_t)(c->many->seeds - done) / (int64_t)done;
    if (c->many->milliseconds && left > c->many->milliseconds - gone)
        left = c->many->milliseconds > gone ? c->many->milliseconds - gone : 0;
    fprintf(stderr, "%s%llu of %llu seeds, %llu failed, %lld s left%s",
            c->on_terminal ? "\r\033[K" : "", (unsigned long long)done,
            (unsigned long long)c->many->seeds, (unsigned long long)c->sum.failed,
            (long long)(left / 1000), c->on_terminal ? "" : "\n");
}

static void take_verdict(struct crowd *c, const struct swarm_verdict *v)
{
    struct swarm_sum *s = &c->sum;
    s->seeds++;
    s->steps += v->steps;
    s->simulated_ms += v->simulated_ms;
    if (c->many->hashes)
        printf("%llu %016llx\n", (unsigned long long)v->seed, (unsigned long long)v->hash);
    if (v->recovery_ms > s->worst_recovery_ms) {
        s->worst_recovery_ms = v->recovery_ms;
        s->worst_seed = v->seed;
    }
    if (v->violations) {
        if (!s->failed++)
            s->first_failed = v->seed;
        tell_failure(c, v);
    }
    tell_progress(c);
}

static bool may_begin(const struct crowd *c)
{
    const struct swarm_many *m = c->many;
    return c->next < m->first + m->seeds &&
           (!m->milliseconds || now_ms() - c->begun_ms < m->milliseconds);
}

/* In order of seeds: the ring of jobs is as long as the number of processes, and the oldest is
 * waited for. Seeds take about as long as each other, so little is lost. */
struct swarm_sum swarm_run(const struct swarm_many *many)
{
    struct crowd c = {.many = many, .next = many->first, .begun_ms = now_ms(),
                      .on_terminal = isatty(STDERR_FILENO) == 1};
    unsigned oldest = 0, i;
    c.told_ms = c.begun_ms;
    c.jobs = many->jobs < 1 ? 1 : many->jobs > JOBS_MAX ? JOBS_MAX : many->jobs;
    for (i = 0; i < c.jobs && may_begin(&c); i++)
        begin_next(&c, &c.job[i]);
    while (c.job[oldest].pid) {
        struct swarm_verdict v = end_job(&c.job[oldest]);
        if (may_begin(&c))
            begin_next(&c, &c.job[oldest]);
        oldest = (oldest + 1) % c.jobs;
        take_verdict(&c, &v);
    }
    wipe(&c);
    c.sum.took_ms = now_ms() - c.begun_ms;
    return c.sum;
}
