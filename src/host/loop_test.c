/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop_test: the daemon with a node of the test's own, in a child process.
 *
 * The fake node has the functions of node.h, so the linker takes no other. It echoes what it hears,
 * stores what it is asked to, counts events, and says good-bye at the end. The test speaks to it
 * over TCP and the control socket, as the world does.
 */
#include "tests/tap.h"

#include "base/text.h"
#include "host/daemon.h"
#include "host/test_dir.h"
#include "masc/masc.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

/* ---- the fake node ---- */

static const struct row_type row_own = {
    .name = "own", .fields = 2, .keys = 1, .field = {{"k", FIELD_UINT}, {"word", FIELD_TEXT}}};

const struct row_type *const node_stored[NODE_STORED] = {&row_own};

static const struct row_type row_counts = {
    .name = "counts",
    .fields = 5,
    .field = {{"boot", FIELD_UINT}, {"ready", FIELD_UINT}, {"streamed", FIELD_UINT},
              {"sent", FIELD_UINT}, {"time", FIELD_UINT}},
};

struct node {
    struct node_config config;
    uint64_t boot, ready, streamed, sent, time;
    mono_t deadline;
    conn_t conn;
    uint32_t ask_id; /* of the claim being stored */
    uint64_t ticket;
};

size_t node_octets(const struct node_config *c)
{
    (void)c;
    return sizeof(struct node);
}

struct node *node_init(void *mem, const struct node_config *c, uint64_t seed)
{
    struct node *n = mem;

    (void)seed;
    n->config = *c;
    n->deadline = MONO_NEVER;
    n->conn = CONN_NONE;
    return n;
}

mono_t node_deadline(const struct node *n)
{
    return n->deadline;
}

void node_configure(struct node *n, const struct node_config *c, struct now now, struct out *out)
{
    (void)now;
    (void)out;
    n->config = *c;
}

static void say(struct node *n, const void *bytes, size_t len, struct out *out)
{
    struct wr w = out_stream_begin(out, len);

    wr_bytes(&w, bytes, len);
    out_stream_commit(out, n->conn, &w);
}

static void log_word(const char *word, uint64_t k, struct out *out)
{
    struct row row = {.type = &row_own, .v = {{.u = k}, {.text = word}}};

    out_log(out, &row);
}

static struct row counts(const struct node *n)
{
    return (struct row){
        .type = &row_counts,
        .v = {{.u = n->boot}, {.u = n->ready}, {.u = n->streamed}, {.u = n->sent}, {.u = n->time}},
    };
}

/* status: counts; claims: two parts; claim WORD: store it; peer: a TIME in 50 ms. */
static void answer(struct node *n, const struct event *ev, struct out *out)
{
    const struct ask *a = ev->ask;
    struct row row = counts(n);
    bool more = text_equal(a->word[0], "claims") && a->cursor == 0;

    if (text_equal(a->word[0], "claim")) {
        struct row own = {.type = &row_own, .v = {{.u = ++n->ticket}, {.text = a->word[1]}}};
        n->ask_id = a->id;
        out_store(out, &own, n->ticket, false);
        return;
    }
    if (text_equal(a->word[0], "peer"))
        n->deadline = mono_add_ms(ev->now.mono, 50);
    out_answer(out, a->id, &row);
    out_end(out, a->id, END_DONE, n->config.name, more ? 1 : 0);
}

void node_step(struct node *n, const struct event *ev, struct out *out)
{
    switch (ev->kind) {
    case EVENT_BOOT:
        n->boot++;
        log_word(ev->row->v[1].text, ev->row->v[0].u, out);
        return;
    case EVENT_READY: n->ready++; return;
    case EVENT_CONN_UP: n->conn = ev->conn; return;
    case EVENT_CONN_DOWN: n->conn = CONN_NONE; return;
    case EVENT_STREAM:
        n->streamed += ev->len;
        say(n, ev->bytes, ev->len, out);
        return;
    case EVENT_SENT: n->sent += ev->len; return;
    case EVENT_TIME:
        n->time++;
        n->deadline = MONO_NEVER;
        log_word("time", n->time, out);
        return;
    case EVENT_STORED:
        out_end(out, n->ask_id, ev->stored == STORED_OK ? END_DONE : END_REFUSED, "stored", 0);
        return;
    case EVENT_ASK: answer(n, ev, out); return;
    case EVENT_STOP:
        say(n, "bye", 3, out);
        out_close(out, n->conn);
        return;
    }
}

/* ---- the world around it ---- */

static struct test_dir dir;
static pid_t child;
static uint16_t port;

static void run_daemon(void)
{
    static struct daemon d;
    char text[1024];
    struct wr why = wr_init(text, sizeof(text));

    if (freopen("/dev/null", "w", stderr) == NULL ||
        !daemon_start(&d, test_dir_file(&dir, "conf"), false, &why))
        _exit(3);
    int error = loop_run(&d);
    daemon_stop(&d);
    _exit(error == 0 ? 0 : 4);
}

static int dial_control(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    text_copy(at.sun_path, sizeof(at.sun_path), test_dir_file(&dir, "control"));
    if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
        return fd;
    close(fd);
    return -1;
}

static int dial(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval limit = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(0x7F000001);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Starts the child and waits until it answers. */
static bool start(void)
{
    struct timespec nap = {.tv_nsec = 10000000};

    child = fork();
    if (child == 0)
        run_daemon();
    for (int i = 0; i < 500; i++) {
        int fd = dial_control();
        if (fd >= 0) {
            close(fd);
            return true;
        }
        nanosleep(&nap, NULL);
    }
    return false;
}

static int stop(int number)
{
    int status = 0;

    kill(child, number);
    waitpid(child, &status, 0);
    return status;
}

static bool begin(void)
{
    char text[1024];

    if (!test_dir_make(&dir))
        return false;
    port = (uint16_t)(40000 + (unsigned)getpid() * 11 % 20000);
    snprintf(text, sizeof(text),
             "domain = 1; node-id = \"127.0.0.1\"; families = \"ipv4\"; user = \"root\";\n"
             "listen = \"127.0.0.1\"; port = %u; name = \"fake\";\n"
             "tld = true; ranges = ( { prefix = \"239.1.0.0/16\"; } );\n"
             "state-directory = \"%s\"; control = \"%s/control\";\n",
             port, dir.path, dir.path);
    return test_dir_write(&dir, "conf", text) && start();
}

/* Asks, and gives all that came up to the end row. */
static const char *ask(const char *line)
{
    static char text[8192];
    int fd = dial_control();
    size_t len = 0;

    text[0] = '\0';
    if (fd < 0 || write(fd, line, strlen(line)) != (ssize_t)strlen(line))
        return "";
    while (len < sizeof(text) - 1 && strstr(text, "\"row\":\"end\"") == NULL) {
        ssize_t n = read(fd, text + len, sizeof(text) - 1 - len);
        if (n <= 0)
            break;
        len += (size_t)n;
        text[len] = '\0';
    }
    close(fd);
    return text;
}

TEST(echo_and_sent, "")
{
    static uint8_t out[300000], in[sizeof(out)];
    size_t got = 0, sent = 0;

    REQUIRE(begin());
    for (size_t i = 0; i < sizeof(out); i++)
        out[i] = (uint8_t)(i * 31 + i / 256);
    int fd = dial();
    REQUIRE(fd >= 0);
    while (got < sizeof(in)) {
        size_t part = sizeof(out) - sent < 20000 ? sizeof(out) - sent : 20000;
        EXPECT(write(fd, out + sent, part) == (ssize_t)part);
        sent += part;
        while (got < sent) {
            ssize_t n = read(fd, in + got, sizeof(in) - got);
            REQUIRE(n > 0);
            got += (size_t)n;
        }
    }
    EXPECT_MEM(in, out, sizeof(in));
    EXPECT(strstr(ask("status\n"), "\"ready\":1,\"streamed\":300000,\"sent\":300000,") != NULL);
    close(fd);
    EXPECT_EQ(stop(SIGTERM), 0);
    test_dir_remove(&dir);
}

/* The answer waits for the commit; what was committed survives SIGKILL. */
TEST(stored_before_answered, "M-13-02")
{
    REQUIRE(begin());
    EXPECT(strstr(ask("claim\tone\n"), "\"status\":0,\"text\":\"stored\"}") != NULL);
    EXPECT(strstr(ask("claim\ttwo\n"), "\"text\":\"stored\"") != NULL);
    EXPECT(WIFSIGNALED(stop(SIGKILL)));
    REQUIRE(start());
    EXPECT(strstr(ask("status\n"), "{\"row\":\"counts\",\"boot\":2,\"ready\":1,") != NULL);
    EXPECT_EQ(stop(SIGTERM), 0);
    test_dir_remove(&dir);
}

TEST(time_and_watch, "")
{
    char text[4096];
    size_t len = 0;

    REQUIRE(begin());
    int fd = dial_control();
    REQUIRE(fd >= 0);
    EXPECT(write(fd, "watch\n", 6) == 6);
    ask("peer\tx\n");
    while (len < sizeof(text) - 1) {
        ssize_t n = read(fd, text + len, sizeof(text) - 1 - len);
        REQUIRE(n > 0);
        len += (size_t)n;
        text[len] = '\0';
        if (strstr(text, "\"word\":\"time\"") != NULL)
            break;
    }
    EXPECT(strstr(text, "{\"row\":\"own\",\"k\":1,\"word\":\"time\"}\n") != NULL);
    EXPECT(strstr(ask("status\n"), "\"time\":1}") != NULL);
    close(fd);
    EXPECT_EQ(stop(SIGINT), 0);
    test_dir_remove(&dir);
}

TEST(answer_in_parts, "")
{
    REQUIRE(begin());
    const char *text = ask("claims\n");
    const char *first = strstr(text, "\"counts\"");
    REQUIRE(first != NULL);
    EXPECT(strstr(first + 1, "\"counts\"") != NULL);
    EXPECT(strstr(text, "{\"row\":\"end\",\"status\":0,\"text\":\"fake\"}\n") != NULL);
    EXPECT_EQ(stop(SIGTERM), 0);
    test_dir_remove(&dir);
}

TEST(good_bye_is_sent, "")
{
    char text[16] = "";
    int status = 0;

    REQUIRE(begin());
    int fd = dial();
    REQUIRE(fd >= 0);
    EXPECT(write(fd, "x", 1) == 1 && read(fd, text, 1) == 1);
    kill(child, SIGTERM);
    EXPECT_EQ(recv(fd, text, 4, MSG_WAITALL), 3);
    EXPECT_MEM(text, "bye", 3);
    close(fd);
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT(access(test_dir_file(&dir, "control"), F_OK) != 0);
    test_dir_remove(&dir);
}

TEST(reload_by_hand_and_by_signal, "")
{
    REQUIRE(begin());
    EXPECT(strstr(ask("reload\n"), "\"status\":0,\"text\":null") != NULL);
    EXPECT(test_dir_write(&dir, "conf", "domain = 1;\nnod = 2;\n"));
    EXPECT(strstr(ask("reload\n"), "\"status\":1,\"text\":\"") != NULL);
    kill(child, SIGHUP);
    EXPECT(strstr(ask("status\n"), "\"text\":\"fake\"") != NULL);
    EXPECT_EQ(stop(SIGTERM), 0);
    test_dir_remove(&dir);
}
