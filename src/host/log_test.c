/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_test: lines of the log, repeats, floods and a reader that sleeps.
 */
#include "tests/tap.h"

#include "host/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fd[2];
static struct log lg;

static void begin(bool json)
{
    EXPECT(pipe2(fd, O_NONBLOCK | O_CLOEXEC) == 0);
    unsetenv("JOURNAL_STREAM");
    log_init(&lg, fd[1], json);
}

static void end(void)
{
    close(fd[0]);
    close(fd[1]);
}

static const char *written(void)
{
    static char text[1 << 17];
    ssize_t n = read(fd[0], text, sizeof(text) - 1);

    text[n < 0 ? 0 : n] = '\0';
    return text;
}

static struct now at(int64_t ms)
{
    return (struct now){{ms}, {1795197725 + ms / 1000}};
}

static void put(const char *event, int64_t ms)
{
    struct row row = log_daemon_row(event, NULL, "two words");

    log_row(&lg, &row, at(ms));
}

TEST(text_line, "")
{
    begin(false);
    put("start", 5);
    EXPECT_STR(written(), "2026-11-20T18:02:05Z daemon event=start text=\"two words\"\n");
    end();
    setenv("JOURNAL_STREAM", "1:2", 1);
    EXPECT(pipe2(fd, O_NONBLOCK | O_CLOEXEC) == 0);
    log_init(&lg, fd[1], false);
    put("start", 5);
    EXPECT_STR(written(), "daemon event=start text=\"two words\"\n");
    end();
}

TEST(json_line, "")
{
    begin(true);
    put("start", 5);
    EXPECT_STR(written(), "{\"row\":\"daemon\",\"event\":\"start\",\"subject\":null,"
                          "\"text\":\"two words\",\"time\":1795197725}\n");
    end();
}

TEST(repeats_are_counted, "")
{
    begin(false);
    put("a", 1000);
    put("b", 1000);
    for (int i = 0; i < 9; i++)
        put("a", 2000 + i);
    EXPECT(strstr(written(), "event=b") != NULL);
    EXPECT_STR(written(), "");
    put("a", 1000 + LOG_REPEAT_MS);
    EXPECT(strstr(written(), "event=a text=\"two words\" (and 9 more times)\n") != NULL);
    put("a", 1001 + 2 * LOG_REPEAT_MS);
    EXPECT(strstr(written(), "more times") == NULL);
    end();
    begin(true);
    put("a", 1000);
    put("a", 1000);
    put("a", 1000 + LOG_REPEAT_MS);
    EXPECT(strstr(written(), "\"repeats\":1,\"time\":") != NULL);
    end();
}

TEST(floods_are_cut_and_counted, "")
{
    char event[32];
    unsigned lines = 0;

    begin(false);
    for (int i = 0; i < LOG_BURST + 300; i++) {
        snprintf(event, sizeof(event), "e%d", i);
        put(event, 1000);
    }
    for (const char *text = written(); (text = strchr(text, '\n')) != NULL; text++)
        lines++;
    EXPECT_UEQ(lines, LOG_BURST);
    put("later", 2000);
    EXPECT(strstr(written(), "lost rows=300\n") != NULL);
    end();
}

/* Nobody reads: nothing is waited for, and the loss is told when somebody does. */
TEST(sleeping_reader, "")
{
    char event[2000];

    begin(false);
    memset(event, 'e', sizeof(event) - 1);
    event[sizeof(event) - 1] = '\0';
    for (int i = 0; i < 100; i++) {
        event[0] = (char)('0' + i % 10);
        event[1] = (char)('0' + i / 10);
        put(event, 1000);
    }
    EXPECT(lg.lost > 0);
    written();
    put("awake", 3000);
    EXPECT(strstr(written(), "lost rows=") != NULL);
    end();
}

TEST(over_long_rows, "")
{
    static char event[2 * LOG_LINE_MAX];

    memset(event, 'e', sizeof(event) - 1);
    begin(false);
    put(event, 1);
    const char *text = written();
    EXPECT_UEQ(strlen(text), LOG_LINE_MAX);
    EXPECT(text[LOG_LINE_MAX - 1] == '\n');
    end();
    begin(true);
    put(event, 1);
    EXPECT_STR(written(), "");
    EXPECT_UEQ(lg.lost, 1);
    end();
}
