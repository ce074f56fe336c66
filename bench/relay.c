/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * relay: measures how fast a daemon passes announcements on from one neighbour to another.
 *
 *   feeder --- TCP ---> device under test (DUT) --- TCP ---> sink        all on loopback
 *
 * One process is feeder and sink, in one thread: on a machine of two cores the DUT has a core to
 * itself. All messages are encoded before the clock starts. Every announcement must reach the sink
 * exactly once and with the right content (one bit for each, checked as it arrives); anything else
 * is an error, and no number is printed.
 *
 * Phases: start the DUT, both sessions up, rest, feed, wait for the last, rest (late duplicates
 * show up, transient memory is given back), measure memory. With --restart: kill -9, start it
 * again, try to connect every 20 ms, feed the moment both sessions are up, wait for the last. There
 * the DUT may still be busy telling the sink all it knows when the feed comes in, so an
 * announcement may come twice by rights: after the restart repeats are counted, not refused.
 *
 * Output: one line for each quantity, "name value"; names end in their unit.
 */
#include "relay.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static const int64_t second_ns = 1000000000;

struct bench {
    struct plan plan;
    struct side feeder;
    struct side sink;
    struct tally tally;
    struct tally nothing; /* of the feeder: nothing may come back */
    uint8_t *feed;
    size_t feed_octets;
    int epoll;
    int64_t deadline_ns;
    const char *doing; /* for the message of the deadline */
};

/* Times of one pass, ns by CLOCK_MONOTONIC. */
struct pass {
    int64_t started;
    int64_t up;    /* both sessions up */
    int64_t first; /* before the first octet of the feed */
    int64_t last;  /* after the last announcement */
};

static volatile pid_t dut = -1; /* global for the exit and signal handlers */

static void dut_end(void)
{
    if (dut > 0)
        dut_kill(dut);
    dut = -1;
}

static void on_signal(int number)
{
    dut_end();
    _exit(128 + number);
}

static void bench_encode(struct bench *b)
{
    const struct plan *p = &b->plan;
    uint64_t updates = ((uint64_t)p->count + p->per_update - 1) / p->per_update;
    uint8_t message[MESSAGE_MAX];
    size_t longest =
        p->protocol->update(p, 0, p->per_update < p->count ? p->per_update : p->count, message);

    b->feed = malloc(updates * longest);
    if (!b->feed)
        die("out of memory");
    for (uint32_t k = 0; k < p->count; k += p->per_update) {
        uint32_t n = p->count - k < p->per_update ? p->count - k : p->per_update;
        size_t len = p->protocol->update(p, k, n, message);

        memcpy(b->feed + b->feed_octets, message, len);
        b->feed_octets += len;
    }
}

static void bench_alive(struct bench *b)
{
    int status = 0;

    if (dut_ended(dut, &status)) {
        dut = -1;
        die("the DUT ended by itself (status 0x%x) while %s; see its output in %s",
            (unsigned)status, b->doing, b->plan.log_path);
    }
    if (clock_ns() > b->deadline_ns)
        die("out of time while %s: %u of %u announcements arrived; feeder: %s; sink: %s", b->doing,
            b->tally.seen, b->tally.count, b->feeder.state == SIDE_UP ? "up" : b->feeder.why_down,
            b->sink.state == SIDE_UP ? "up" : b->sink.why_down);
}

static void bench_lost(const struct bench *b, const struct side *s, bool was_up)
{
    if (was_up && s->state != SIDE_UP)
        die("%s lost while %s, after %u of %u announcements: %s",
            s->who == WHO_SINK ? "sink" : "feeder", b->doing, b->tally.seen, b->tally.count,
            s->why_down);
}

/* One turn: wait at most until `until_ns`, handle what is ready. A session that was up and is lost
 * ends the program. */
static void bench_turn(struct bench *b, int64_t until_ns)
{
    struct epoll_event ready[2];
    bool feeder_up = b->feeder.state == SIDE_UP;
    bool sink_up = b->sink.state == SIDE_UP;
    int64_t now = clock_ns();
    int64_t wait_ms = (until_ns - now + 999999) / 1000000;
    int n;

    side_tick(&b->feeder, &b->plan, b->epoll, now);
    side_tick(&b->sink, &b->plan, b->epoll, now);
    wait_ms = wait_ms < 0 ? 0 : wait_ms > 1000 ? 1000 : wait_ms;
    if ((b->feeder.state == SIDE_DOWN || b->sink.state == SIDE_DOWN) && wait_ms > 5)
        wait_ms = 5;
    n = epoll_wait(b->epoll, ready, 2, (int)wait_ms);
    for (int i = 0; i < n; i++) {
        struct side *s = ready[i].data.u32 == WHO_FEEDER ? &b->feeder : &b->sink;
        bool connecting = s->state == SIDE_CONNECTING;

        if (s->fd < 0)
            continue;
        side_ready(s, &b->plan, ready[i].events, s == &b->sink ? &b->tally : &b->nothing);
        if (connecting && s->state == SIDE_OPEN_SENT)
            side_watch(s, b->epoll, false);
    }
    bench_lost(b, &b->feeder, feeder_up);
    bench_lost(b, &b->sink, sink_up);
    bench_alive(b);
}

static void bench_start(struct bench *b, struct pass *t)
{
    t->started = clock_ns();
    dut = dut_start(&b->plan);
    if (dut < 0)
        die("fork: %s", strerror((int)-dut));
}

static void bench_wait_up(struct bench *b, struct pass *t)
{
    while (b->feeder.state != SIDE_UP || b->sink.state != SIDE_UP)
        bench_turn(b, b->deadline_ns);
    t->up = clock_ns();
}

/* Gives the feeder its stream; from here on it must not lose its session. */
static void bench_feed(struct bench *b, struct pass *t)
{
    b->feeder.feed = b->feed;
    b->feeder.feed_octets = b->feed_octets;
    side_watch(&b->feeder, b->epoll, true);
    t->first = clock_ns();
}

static void bench_wait_last(struct bench *b, struct pass *t)
{
    bool feeding = true;

    while (b->tally.seen < b->tally.count) {
        bench_turn(b, b->deadline_ns);
        if (feeding && b->feeder.feed_octets == 0) {
            feeding = false;
            side_watch(&b->feeder, b->epoll, false);
        }
    }
    t->last = clock_ns();
}

static void bench_rest(struct bench *b)
{
    int64_t end = clock_ns() + b->plan.rest_ms * INT64_C(1000000);

    b->doing = "resting";
    while (clock_ns() < end)
        bench_turn(b, end);
}

static double seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

static int64_t own_cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * second_ns + t.tv_nsec;
}

static void dut_must_measure(struct dut_usage *usage)
{
    if (!dut_measure(dut, usage))
        die("cannot read the memory or CPU time of the DUT (process %ld)", (long)dut);
}

static void bench_first_pass(struct bench *b)
{
    struct pass t = {0};
    struct dut_usage before, at_last, after;
    int64_t own, others;
    double n = b->plan.count;

    b->doing = "waiting for both sessions";
    bench_start(b, &t);
    bench_wait_up(b, &t);
    bench_rest(b);
    dut_must_measure(&before);
    b->doing = "relaying";
    others = clock_machine_ns();
    own = own_cpu_ns();
    bench_feed(b, &t);
    bench_wait_last(b, &t);
    own = own_cpu_ns() - own;
    dut_must_measure(&at_last);
    others = clock_machine_ns() - others - own - (at_last.cpu_ns - before.cpu_ns);
    bench_rest(b);
    dut_must_measure(&after);
    printf("start_s %.3f\n", seconds(t.up - t.started));
    printf("relay_s %.3f\n", seconds(t.last - t.first));
    printf("relay_per_s %.0f\n", n / seconds(t.last - t.first));
    printf("dut_cpu_s %.3f\n", seconds(at_last.cpu_ns - before.cpu_ns));
    printf("load_cpu_s %.3f\n", seconds(own));
    printf("others_cpu_s %.3f\n", seconds(others > 0 ? others : 0));
    printf("rss_before_kib %llu\n", (unsigned long long)before.rss_kib);
    printf("rss_after_kib %llu\n", (unsigned long long)after.rss_kib);
    printf("pss_before_kib %llu\n", (unsigned long long)before.pss_kib);
    printf("pss_after_kib %llu\n", (unsigned long long)after.pss_kib);
    printf("peak_kib %llu\n", (unsigned long long)after.peak_kib);
    printf("octets_per_announcement %.1f\n",
           ((double)after.rss_kib - (double)before.rss_kib) * 1024 / n);
}

static void bench_restart_pass(struct bench *b)
{
    struct pass t = {0};

    b->doing = "waiting for both sessions after the restart";
    dut_end();
    side_close(&b->feeder, "");
    side_close(&b->sink, "");
    b->feeder.retry_ns = b->sink.retry_ns = 0;
    tally_reset(&b->tally);
    b->tally.repeats_allowed = true;
    bench_start(b, &t);
    bench_wait_up(b, &t);
    b->doing = "relaying after the restart";
    bench_feed(b, &t);
    bench_wait_last(b, &t);
    bench_rest(b);
    printf("restart_s %.3f\n", seconds(t.last - t.started));
    printf("restart_accept_s %.3f\n", seconds(t.up - t.started));
    printf("restart_relay_s %.3f\n", seconds(t.last - t.first));
    printf("restart_repeats %u\n", b->tally.repeats);
}

int main(int argc, char **argv)
{
    struct bench b = {.plan = plan_parse(argc, argv), .doing = "starting"};

    atexit(dut_end);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGHUP, on_signal);
    b.deadline_ns = clock_ns() + (int64_t)b.plan.timeout_s * second_ns;
    b.plan.timestamp_s = (uint32_t)(time(NULL) - 1000);
    b.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (b.epoll < 0 || !side_init(&b.feeder, WHO_FEEDER) || !side_init(&b.sink, WHO_SINK) ||
        !tally_init(&b.tally, b.plan.count) || !tally_init(&b.nothing, 0))
        die("out of memory or file descriptors");
    plan_order(&b.plan);
    bench_encode(&b);
    printf("protocol %s\ncount %u\nper_update %u\nfeed_octets %zu\n", b.plan.protocol->name,
           b.plan.count, b.plan.per_update, b.feed_octets);
    bench_first_pass(&b);
    if (b.plan.restart)
        bench_restart_pass(&b);
    side_fini(&b.feeder);
    side_fini(&b.sink);
    tally_fini(&b.tally);
    tally_fini(&b.nothing);
    free(b.feed);
    free(b.plan.order);
    close(b.epoll);
    return 0;
}
