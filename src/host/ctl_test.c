/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl_test: the control socket: its lines, who may say what, and clients that do not read.
 *
 * The node is played by the test: it takes asks from ctl_next() and answers them.
 */
#include "tests/tap.h"

#include "base/text.h"
#include "host/ctl.h"
#include "host/test_dir.h"
#include "host/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define HEAD "{\"row\":\"mascot\",\"version\":1,\"program\":\"" MASCOT_VERSION                     \
             "\",\"domain\":\"65001\",\"name\":\"north\"}\n"

static const struct row_type row_x = {.name = "x", .fields = 1, .field = {{"v", FIELD_TEXT}}};

static int epoll;
static struct ctl *ctl;
static struct test_dir dir;
static char reason[512];

static struct ctl *make(gid_t group)
{
    struct wr why = wr_init(reason, sizeof(reason));
    struct ctl *c = ctl_new(epoll, test_dir_file(&dir, "control"), getuid(), group, &why);

    wr_nul(&why);
    return c;
}

static bool begin(void)
{
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!test_dir_make(&dir) || (ctl = make((gid_t)-1)) == NULL)
        return false;
    ctl_identify(ctl, 65001, "north");
    return true;
}

static void end(void)
{
    ctl_free(ctl);
    close(epoll);
    test_dir_remove(&dir);
}

/* A client with these rights; the test's end of the line, nonblocking. */
static int client(bool may_read, bool may_write)
{
    int fd[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) < 0)
        return -1;
    ctl_adopt(ctl, fd[1], may_read, may_write);
    return fd[0];
}

/* One turn of the loop; the ask, if there is one. */
static const struct ask *turn(bool *host)
{
    struct epoll_event ev[64];
    const struct ask *ask = NULL;
    int n = epoll_wait(epoll, ev, 64, 0);

    for (int i = 0; i < n; i++)
        ctl_ready(ctl, ev[i].data.u64, ev[i].events);
    ctl_turn(ctl);
    return ctl_next(ctl, &ask, host) ? ask : NULL;
}

static void say(int fd, const char *text)
{
    EXPECT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

/* What has come so far; "EOF" at the end of all. */
static const char *hear(int fd)
{
    static char text[1 << 20];
    ssize_t n;

    ctl_flush(ctl);
    n = read(fd, text, sizeof(text) - 1);
    if (n < 0)
        return "";
    text[n] = '\0';
    return n == 0 ? "EOF" : text;
}

static void answer(uint32_t id, const char *text)
{
    struct row row = {.type = &row_x, .v = {{.text = text}}};

    ctl_answer(ctl, id, &row);
}

TEST(ask_and_answer, "")
{
    bool host = true;

    REQUIRE(begin());
    int fd = client(true, true);
    EXPECT(turn(&host) == NULL);
    say(fd, "peers\tno");
    EXPECT(turn(&host) == NULL);
    say(fd, "rth\n");
    const struct ask *ask = turn(&host);
    REQUIRE(ask != NULL);
    EXPECT(!host);
    EXPECT_UEQ(ask->words, 2);
    EXPECT_UEQ(ask->cursor, 0);
    EXPECT_STR(ask->word[0], "peers");
    EXPECT_STR(ask->word[1], "north");
    answer(ask->id, "a\n\"b");
    ctl_end(ctl, ask->id, END_DONE, NULL, 0);
    EXPECT_STR(hear(fd), HEAD "{\"row\":\"x\",\"v\":\"a\\n\\\"b\"}\n"
                              "{\"row\":\"end\",\"status\":0,\"text\":null}\n");
    close(fd);
    end();
}

TEST(asks_one_after_another, "")
{
    bool host;

    REQUIRE(begin());
    int fd = client(true, true);
    say(fd, "status\r\nreload\nstat");
    const struct ask *ask = turn(&host);
    REQUIRE(ask != NULL);
    EXPECT_STR(ask->word[0], "status");
    EXPECT(turn(&host) == NULL);
    ctl_end(ctl, ask->id, END_REFUSED, "no", 0);
    EXPECT_STR(hear(fd), HEAD "{\"row\":\"end\",\"status\":1,\"text\":\"no\"}\n");
    EXPECT(ctl_pending(ctl));
    ask = turn(&host);
    REQUIRE(ask != NULL);
    EXPECT(host);
    EXPECT_STR(ask->word[0], "reload");
    ctl_end(ctl, ask->id, END_DONE, NULL, 0);
    hear(fd);
    say(fd, "us\n");
    ask = turn(&host);
    REQUIRE(ask != NULL);
    EXPECT_STR(ask->word[0], "status");
    close(fd);
    end();
}

TEST(words_that_are_none, "")
{
    static char many[256] = "status";
    static char endless[CTL_LINE_MAX + 1];
    bool host;

    REQUIRE(begin());
    int fd = client(true, true);
    say(fd, "stat\n");
    EXPECT(turn(&host) == NULL);
    EXPECT_STR(hear(fd), HEAD
               "{\"row\":\"end\",\"status\":2,\"text\":\"unknown word; see mascot help\"}\n");
    memset(many + 6, '\t', 100);
    many[106] = '\n';
    say(fd, many);
    EXPECT(turn(&host) == NULL);
    EXPECT_STR(hear(fd), HEAD "{\"row\":\"end\",\"status\":2,\"text\":\"too many words\"}\n");
    memset(endless, 'x', CTL_LINE_MAX);
    say(fd, endless);
    turn(&host);
    turn(&host);
    EXPECT_STR(hear(fd), HEAD "{\"row\":\"end\",\"status\":2,\"text\":\"the line is too long\"}\n");
    EXPECT_STR(hear(fd), "EOF");
    close(fd);
    end();
}

/* READ words for the group, WRITE words for the owner. */
TEST(permission, "")
{
    bool host;

    REQUIRE(begin());
    int group = client(true, false), nobody = client(false, false);
    say(group, "claim\t239.1.0.0/24\n");
    say(nobody, "status\n");
    EXPECT(turn(&host) == NULL);
    EXPECT_STR(hear(group), HEAD "{\"row\":\"end\",\"status\":1,\"text\":\"permission denied: this "
                                 "needs the daemon's user or root\"}\n");
    EXPECT_STR(hear(nobody), HEAD
               "{\"row\":\"end\",\"status\":1,\"text\":\"permission denied: this needs the "
               "daemon's user, root or a member of control-group\"}\n");
    say(group, "reload\n");
    EXPECT(turn(&host) == NULL);
    EXPECT(strstr(hear(group), "permission denied") != NULL);
    say(group, "status\n");
    EXPECT(turn(&host) != NULL);
    close(group);
    close(nobody);
    end();
}

static int dial(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    text_copy(at.sun_path, sizeof(at.sun_path), test_dir_file(&dir, "control"));
    if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
        return fd;
    close(fd);
    return -1;
}

TEST(socket_is_private, "")
{
    struct stat st;
    bool host;

    REQUIRE(begin());
    REQUIRE(stat(test_dir_file(&dir, "control"), &st) == 0);
    EXPECT_UEQ(st.st_mode & 0777, 0600);
    int fd = dial();
    REQUIRE(fd >= 0);
    say(fd, "claim\tx\n");
    turn(&host);
    EXPECT(turn(&host) != NULL); /* the owner may write */
    close(fd);
    ctl_free(ctl);
    ctl = make(getgid());
    REQUIRE(ctl != NULL);
    REQUIRE(stat(test_dir_file(&dir, "control"), &st) == 0);
    EXPECT_UEQ(st.st_mode & 0777, 0660);
    EXPECT_UEQ(st.st_gid, getgid());
    end();
}

TEST(path_in_use, "")
{
    REQUIRE(begin());
    EXPECT(make((gid_t)-1) == NULL);
    EXPECT(strstr(reason, "another daemon answers there") != NULL);
    /* A socket that is left over is replaced. */
    struct ctl *old = ctl;
    char path[TEST_PATH_MAX], aside[TEST_PATH_MAX + 8];
    snprintf(path, sizeof(path), "%s", test_dir_file(&dir, "control"));
    snprintf(aside, sizeof(aside), "%s.aside", path);
    EXPECT(rename(path, aside) == 0);
    ctl_free(old);
    EXPECT(rename(aside, path) == 0);
    ctl = make((gid_t)-1);
    REQUIRE(ctl != NULL);
    ctl_free(ctl);
    /* A file is not. */
    EXPECT(test_dir_write(&dir, "control", "x"));
    ctl = make((gid_t)-1);
    EXPECT(ctl == NULL);
    EXPECT(strstr(reason, "no socket") != NULL);
    close(epoll);
    test_dir_remove(&dir);
}

/* While the client does not read, the node is not asked for more. */
TEST(long_answer_waits_for_the_reader, "")
{
    static char text[2000];
    bool host;
    unsigned asked = 1;

    memset(text, 'y', sizeof(text) - 1);
    REQUIRE(begin());
    int fd = client(true, true);
    say(fd, "claims\n");
    const struct ask *ask = turn(&host);
    REQUIRE(ask != NULL);
    for (; asked < 1000 && ask != NULL; asked++) {
        EXPECT_UEQ(ask->cursor, asked - 1);
        for (int i = 0; i < 20; i++)
            answer(ask->id, text);
        ctl_end(ctl, ask->id, END_DONE, NULL, asked);
        ctl_flush(ctl);
        ask = turn(&host);
    }
    EXPECT(asked > 1 && asked < 100);
    EXPECT(!ctl_pending(ctl));
    for (int i = 0; i < 1000 && ask == NULL; i++) {
        hear(fd);
        ask = turn(&host);
    }
    REQUIRE(ask != NULL);
    EXPECT_UEQ(ask->cursor, asked - 1);
    close(fd);
    end();
}

/* Reads all there is, turning meanwhile. */
static size_t hear_all(int fd, unsigned *lost)
{
    static char text[1 << 16];
    size_t rows = 0;
    bool host;

    for (int idle = 0; idle < 10;) {
        turn(&host);
        ctl_flush(ctl);
        ssize_t n = read(fd, text, sizeof(text) - 1);
        if (n <= 0) {
            idle++;
            continue;
        }
        text[n] = '\0';
        for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
            rows++;
        const char *told = strstr(text, "{\"row\":\"lost\",\"rows\":");
        if (told != NULL)
            *lost = (unsigned)strtoul(told + 21, NULL, 10);
    }
    return rows;
}

TEST(slow_watcher_loses_rows_and_is_told, "")
{
    const unsigned rows = 20000;
    static char text[200];
    unsigned lost = 0;
    bool host;

    memset(text, 'z', sizeof(text) - 1);
    struct row row = {.type = &row_x, .v = {{.text = text}}};
    REQUIRE(begin());
    int fd = client(true, false), other = client(true, false);
    say(fd, "watch\n");
    EXPECT(turn(&host) == NULL);
    EXPECT_STR(hear(fd), HEAD);
    for (unsigned i = 0; i < rows; i++) {
        ctl_log(ctl, &row);
        ctl_flush(ctl);
    }
    size_t got = hear_all(fd, &lost);
    EXPECT(lost > 0);
    EXPECT_UEQ(got - 1 + lost, rows);
    ctl_log(ctl, &row);
    EXPECT(strstr(hear(fd), "zzz") != NULL);
    EXPECT_STR(hear(other), "");
    close(fd);
    close(other);
    turn(&host);
    end();
}

TEST(client_that_leaves, "")
{
    bool host;

    REQUIRE(begin());
    int fd = client(true, true);
    say(fd, "claims\n");
    const struct ask *ask = turn(&host);
    REQUIRE(ask != NULL);
    uint32_t id = ask->id;
    close(fd);
    turn(&host);
    answer(id, "x");
    ctl_end(ctl, id, END_DONE, NULL, 5);
    ctl_flush(ctl);
    EXPECT(!ctl_pending(ctl));
    /* Half a close after the question: the answer still comes. */
    fd = client(true, true);
    say(fd, "status\n");
    EXPECT(shutdown(fd, SHUT_WR) == 0);
    ask = turn(&host);
    REQUIRE(ask != NULL);
    ctl_end(ctl, ask->id, END_DONE, NULL, 0);
    EXPECT(strstr(hear(fd), "\"end\"") != NULL);
    turn(&host);
    turn(&host);
    EXPECT_STR(hear(fd), "EOF");
    close(fd);
    end();
}

/* All places taken by idle clients: the oldest makes room. */
TEST(idle_clients_make_room, "")
{
    int fd[CTL_CLIENTS_MAX + 1];
    bool host;

    REQUIRE(begin());
    for (int i = 0; i <= CTL_CLIENTS_MAX; i++)
        fd[i] = client(true, true);
    EXPECT_STR(hear(fd[0]), "EOF");
    EXPECT_STR(hear(fd[1]), "");
    say(fd[CTL_CLIENTS_MAX], "status\n");
    EXPECT(turn(&host) != NULL);
    for (int i = 0; i <= CTL_CLIENTS_MAX; i++)
        close(fd[i]);
    end();
}
