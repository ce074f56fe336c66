/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn_test: connections over the loopback interface, as the loop drives them.
 *
 * The harness turns one struct conns until an event of a kind comes; it is both ends, or one end
 * with a plain socket as the other.
 */
#include "tests/tap.h"

#include "host/conn.h"
#include "host/sockaddr.h"
#include "host/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOME ((struct addr){0x7F000001, FAMILY_IPV4})

static int epoll;
static struct conns *cs;
static uint16_t port;

static struct now now_is(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (struct now){{t.tv_sec * 1000 + t.tv_nsec / 1000000}, {0}};
}

/* Listens on a free port of the loopback address. */
static bool begin(unsigned accepts)
{
    size_t failed;

    epoll = epoll_create1(EPOLL_CLOEXEC);
    cs = conns_new(epoll, 4, accepts);
    for (unsigned tries = 0; tries < 100; tries++) {
        port = (uint16_t)(20000 + (unsigned)(getpid() * 7 + (int)tries * 13) % 20000);
        struct conn_address a = {HOME, port, false};
        if (conns_listen(cs, &a, 1, &failed) == 0)
            return true;
    }
    return false;
}

static void end(void)
{
    conns_free(cs);
    close(epoll);
}

/* Lets epoll tell, and begins a turn. */
static void note(int ms)
{
    struct epoll_event ev[64];
    int n = epoll_wait(epoll, ev, 64, conns_pending(cs) ? 0 : ms);

    for (int i = 0; i < n; i++)
        conns_ready(cs, ev[i].data.u64, ev[i].events);
    conns_turn(cs);
}

/* Turns until something is to be told; false after a second of silence. */
static bool next(struct event *ev)
{
    *ev = (struct event){.kind = EVENT_TIME};
    for (int i = 0; i < 100; i++) {
        if (conns_next(cs, ev))
            return true;
        conns_flush(cs, now_is());
        note(10);
    }
    return false;
}

static int dial(void)
{
    struct sockaddr_storage s;
    socklen_t len = sockaddr_of(&s, HOME, port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (const struct sockaddr *)&s, len) == 0)
        return fd;
    close(fd);
    return -1;
}

static void connect_to(conn_t id, struct addr to, uint16_t to_port)
{
    struct action a = {.kind = ACTION_CONNECT, .conn = id, .addr = to, .port = to_port};

    conns_connect(cs, &a);
}

/* A plain socket and our side of it. */
static bool accept_one(int *fd, conn_t *id)
{
    struct event ev;

    *id = CONN_NONE;
    *fd = dial();
    if (*fd < 0 || !next(&ev) || ev.kind != EVENT_CONN_UP)
        return false;
    *id = ev.conn;
    return true;
}

TEST(accepts_with_odd_numbers, "M-4-06")
{
    struct event ev;

    REQUIRE(begin(4));
    int a = dial(), b = dial();
    REQUIRE(next(&ev));
    EXPECT_EQ(ev.kind, EVENT_CONN_UP);
    EXPECT_UEQ(ev.conn.id % 2, 1);
    EXPECT(ev.addr.family == FAMILY_IPV4 && ev.addr.addr == 0x7F000001);
    uint32_t first = ev.conn.id;
    REQUIRE(next(&ev));
    EXPECT(ev.conn.id % 2 == 1 && ev.conn.id != first);
    close(a);
    close(b);
    end();
}

TEST(connects_and_talks, "")
{
    struct event ev;
    conn_t ours = {2}, theirs = CONN_NONE;
    bool up = false, got = false;

    REQUIRE(begin(4));
    connect_to(ours, HOME, port);
    for (int i = 0; i < 2 && next(&ev); i++) {
        EXPECT_EQ(ev.kind, EVENT_CONN_UP);
        if (conn_equal(ev.conn, ours))
            up = true;
        else
            theirs = ev.conn;
    }
    EXPECT(up && !conn_equal(theirs, CONN_NONE));
    conns_send(cs, ours, (const uint8_t *)"hello ", 6);
    conns_send(cs, ours, (const uint8_t *)"world", 5);
    conns_flush(cs, now_is());
    REQUIRE(conns_next_sent(cs, &ev));
    EXPECT(ev.kind == EVENT_SENT && conn_equal(ev.conn, ours));
    EXPECT_UEQ(ev.len, 11);
    EXPECT(!conns_next_sent(cs, &ev));
    REQUIRE(next(&ev));
    got = ev.kind == EVENT_STREAM && conn_equal(ev.conn, theirs);
    EXPECT(got);
    EXPECT_UEQ(ev.len, 11);
    EXPECT_MEM(ev.bytes, "hello world", 11);
    end();
}

TEST(refused_connect_is_told, "")
{
    struct event ev;

    REQUIRE(begin(4));
    conns_listen_none(cs);
    connect_to((conn_t){4}, HOME, port);
    REQUIRE(next(&ev));
    EXPECT_EQ(ev.kind, EVENT_CONN_DOWN);
    EXPECT_UEQ(ev.conn.id, 4);
    EXPECT_UEQ(conns_open(cs), 0);
    /* A source address that is not ours fails at once; it is told all the same. */
    struct action a = {.kind = ACTION_CONNECT, .conn = {6}, .addr = HOME, .port = port,
                       .local = {0xC0000201, FAMILY_IPV4}};
    conns_connect(cs, &a);
    REQUIRE(next(&ev));
    EXPECT_EQ(ev.kind, EVENT_CONN_DOWN);
    EXPECT_UEQ(ev.conn.id, 6);
    end();
}

TEST(closed_by_the_other, "")
{
    struct event ev;
    conn_t id = CONN_NONE;
    int fd = -1;

    REQUIRE(begin(4));
    REQUIRE(accept_one(&fd, &id));
    EXPECT(write(fd, "bye", 3) == 3);
    close(fd);
    REQUIRE(next(&ev));
    EXPECT_EQ(ev.kind, EVENT_STREAM);
    REQUIRE(next(&ev));
    EXPECT_EQ(ev.kind, EVENT_CONN_DOWN);
    EXPECT(conn_equal(ev.conn, id));
    EXPECT_UEQ(conns_open(cs), 0);
    end();
}

TEST(close_of_silent_connection_holds_nothing, "M-10.1-01")
{
    conn_t id = CONN_NONE;
    char octet;
    int fd = -1;

    REQUIRE(begin(4));
    REQUIRE(accept_one(&fd, &id));
    conns_close(cs, id, now_is());
    EXPECT_UEQ(conns_open(cs), 0);
    EXPECT(read(fd, &octet, 1) == 0);
    close(fd);
    end();
}

/* Reads from a plain socket, turning all the while, until its end or `want` octets. */
static size_t drain(int fd, size_t want, bool *ended)
{
    static uint8_t buf[65536];
    struct event ev;
    size_t sum = 0;

    *ended = false;
    for (int i = 0; i < 20000 && sum < want; i++) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        conns_flush(cs, now_is());
        while (conns_next_sent(cs, &ev))
            continue;
        note(0);
        while (conns_next(cs, &ev))
            continue;
        if (poll(&p, 1, 1) <= 0)
            continue;
        ssize_t n = read(fd, buf, sizeof(buf));
        if (n <= 0) {
            *ended = n == 0;
            break;
        }
        sum += (size_t)n;
    }
    return sum;
}

/* More than the kernel takes: SENT tells only what left, and the rest follows. */
TEST(slow_reader, "")
{
    static uint8_t block[100000];
    const size_t blocks = 120;
    struct event ev;
    size_t sent = 0;
    conn_t id = CONN_NONE;
    bool ended;
    int fd = -1;

    REQUIRE(begin(4));
    REQUIRE(accept_one(&fd, &id));
    for (size_t i = 0; i < blocks; i++)
        conns_send(cs, id, block, sizeof(block));
    conns_flush(cs, now_is());
    while (conns_next_sent(cs, &ev))
        sent += ev.len;
    EXPECT(sent > 0 && sent < blocks * sizeof(block));
    EXPECT(!conns_next(cs, &ev));
    EXPECT(!conns_pending(cs));
    EXPECT_UEQ(drain(fd, blocks * sizeof(block), &ended), blocks * sizeof(block));
    close(fd);
    end();
}

/* What is queued is sent before the end; octets that the core will never read do no harm. */
TEST(close_flushes_first, "")
{
    static uint8_t block[1000000];
    conn_t id = CONN_NONE;
    bool ended;
    int fd = -1;

    REQUIRE(begin(4));
    REQUIRE(accept_one(&fd, &id));
    EXPECT(write(fd, block, 1000) == 1000);
    for (int i = 0; i < 4; i++)
        conns_send(cs, id, block, sizeof(block));
    conns_close(cs, id, now_is());
    EXPECT_UEQ(conns_open(cs), 1);
    EXPECT_UEQ(drain(fd, SIZE_MAX, &ended), 4 * sizeof(block));
    EXPECT(ended);
    close(fd);
    struct event ev;
    EXPECT(!next(&ev));
    EXPECT_UEQ(conns_open(cs), 0);
    end();
}

/* One who neither reads nor closes is waited for a while, not for ever. */
TEST(linger_is_bounded, "")
{
    static uint8_t block[1000000];
    struct now now = now_is();
    conn_t id = CONN_NONE;
    int fd = -1;

    REQUIRE(begin(4));
    REQUIRE(accept_one(&fd, &id));
    for (int i = 0; i < 20; i++)
        conns_send(cs, id, block, sizeof(block));
    conns_close(cs, id, now);
    conns_flush(cs, now);
    EXPECT_EQ(conns_deadline(cs).ms, now.mono.ms + CONN_LINGER_MS);
    now.mono.ms += CONN_LINGER_MS - 1;
    conns_expire(cs, now);
    EXPECT_UEQ(conns_open(cs), 1);
    now.mono.ms++;
    conns_expire(cs, now);
    EXPECT_UEQ(conns_open(cs), 0);
    EXPECT_EQ(conns_deadline(cs).ms, INT64_MAX);
    close(fd);
    end();
}

/* The number may be used again as soon as the core closed. */
TEST(number_is_free_after_close, "")
{
    struct event ev;
    conn_t id = {8};

    REQUIRE(begin(4));
    connect_to(id, HOME, port);
    REQUIRE(next(&ev) && next(&ev));
    conns_send(cs, id, (const uint8_t *)"x", 1);
    conns_close(cs, id, now_is());
    connect_to(id, HOME, port);
    for (int i = 0; i < 6 && next(&ev); i++)
        if (ev.kind == EVENT_CONN_UP && conn_equal(ev.conn, id))
            break;
    EXPECT(ev.kind == EVENT_CONN_UP && conn_equal(ev.conn, id));
    end();
}

TEST(too_many_are_turned_away, "")
{
    struct event ev;
    char octet;

    REQUIRE(begin(1));
    int a = dial();
    REQUIRE(next(&ev));
    int b = dial();
    EXPECT(!next(&ev));
    EXPECT_UEQ(conns_turned_away(cs), 1);
    EXPECT(read(b, &octet, 1) == 0);
    EXPECT_UEQ(conns_open(cs), 1);
    close(a);
    close(b);
    end();
}

/* No descriptor is left: the connection is turned away and does not come back for ever. */
TEST(out_of_descriptors, "")
{
    struct rlimit was, none;
    struct event ev;
    char octet;

    REQUIRE(begin(4));
    int a = dial();
    int highest = dup(a);
    close(highest);
    REQUIRE(getrlimit(RLIMIT_NOFILE, &was) == 0);
    none = was;
    none.rlim_cur = (rlim_t)highest;
    EXPECT(setrlimit(RLIMIT_NOFILE, &none) == 0);
    EXPECT(!next(&ev));
    EXPECT_UEQ(conns_turned_away(cs), 1);
    EXPECT(setrlimit(RLIMIT_NOFILE, &was) == 0);
    EXPECT(read(a, &octet, 1) == 0);
    close(a);
    a = dial();
    EXPECT(next(&ev));
    close(a);
    end();
}

/* Those who do not read while we wait for them are at most CONN_LINGERS. */
TEST(lingers_are_bounded, "")
{
    static uint8_t block[500000];
    int fd[CONN_LINGERS + 8];
    conn_t id = CONN_NONE;

    REQUIRE(begin(CONN_LINGERS));
    for (int i = 0; i < CONN_LINGERS + 8; i++) {
        REQUIRE(accept_one(&fd[i], &id));
        for (int k = 0; k < 20; k++)
            conns_send(cs, id, block, sizeof(block));
        conns_close(cs, id, now_is());
    }
    EXPECT_UEQ(conns_open(cs), CONN_LINGERS);
    for (int i = 0; i < CONN_LINGERS + 8; i++)
        close(fd[i]);
    end();
}

/* A connection that always has more gets its share of a turn and no more. */
TEST(reading_is_fair, "")
{
    static uint8_t block[4 << 20];
    struct event ev;
    conn_t busy = CONN_NONE, calm = CONN_NONE;
    int fd = -1, other = -1;
    unsigned busy_reads = 0, calm_reads = 0;

    REQUIRE(begin(4));
    REQUIRE(accept_one(&fd, &busy));
    REQUIRE(accept_one(&other, &calm));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    EXPECT(write(fd, block, sizeof(block)) > 0);
    EXPECT(write(other, "x", 1) == 1);
    note(100);
    while (conns_next(cs, &ev)) {
        EXPECT(ev.len <= EVENT_STREAM_MAX);
        if (conn_equal(ev.conn, busy))
            busy_reads++;
        else
            calm_reads++;
    }
    EXPECT(busy_reads <= CONN_READS && busy_reads > 1);
    EXPECT_UEQ(calm_reads, 1);
    close(fd);
    close(other);
    end();
}

TEST(listeners_change_whole_or_not, "")
{
    size_t failed = 9;

    REQUIRE(begin(4));
    struct conn_address bad[2] = {{HOME, (uint16_t)(port + 1), false},
                                  {{0xC0000201, FAMILY_IPV4}, port, false}};
    EXPECT_EQ(conns_listen(cs, bad, 2, &failed), -EADDRNOTAVAIL);
    EXPECT_UEQ(failed, 1);
    int fd = dial();
    EXPECT(fd >= 0);
    close(fd);
    bad[1].optional = true;
    EXPECT_EQ(conns_listen(cs, bad, 2, &failed), 0);
    EXPECT_EQ(dial(), -1);
    port++;
    fd = dial();
    EXPECT(fd >= 0);
    close(fd);
    end();
}

TEST(many_open_and_close_leave_nothing, "M-8-02")
{
    struct event ev;
    int before = dup(0), after;

    close(before);
    REQUIRE(begin(4));
    for (int i = 0; i < 10000; i++) {
        conn_t id = CONN_NONE;
        int fd = -1;
        REQUIRE(accept_one(&fd, &id));
        if (i % 2 == 0)
            conns_send(cs, id, (const uint8_t *)"n", 1);
        conns_close(cs, id, now_is());
        conns_flush(cs, now_is());
        close(fd);
        for (int k = 0; k < 50 && conns_open(cs) > 0; k++) {
            note(10);
            EXPECT(!conns_next(cs, &ev));
        }
        EXPECT_UEQ(conns_open(cs), 0);
    }
    end();
    after = dup(0);
    close(after);
    EXPECT_EQ(after, before);
}
