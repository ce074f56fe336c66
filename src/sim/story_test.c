/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines that cannot be understood are named, and stories fail where something is not so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/story_golden.h"
#include "sim/story_impl.h"
#include "tests/tap.h"

#define PAIR                                                                                       \
    "seed 1\nnode T domain 1\nnode C domain 11 # a child\ntld T 228.0.0.0/6 sole\nparent C T\n"

/* The fault of reading it, or of playing it; "" if there is none. */
static struct story_fault fault_of(const char *text)
{
    struct story_fault f;
    struct story *s = story_read(text, &f);
    FILE *nowhere;
    if (!s)
        return f;
    nowhere = fopen("/dev/null", "w");
    if (nowhere && story_play(s, nowhere, TRACE_ALL, &f))
        EXPECT_STR(f.text, "");
    if (nowhere)
        fclose(nowhere);
    story_free(s);
    return f;
}

static void expect_fault(const char *text, unsigned line, const char *part)
{
    struct story_fault f = fault_of(text);
    EXPECT_UEQ(f.line, line);
    EXPECT(strstr(f.text, part) != NULL);
    if (!strstr(f.text, part))
        tap_diag("'%s' is not in: %s", part, f.text);
}

static void expect_good(const char *text)
{
    struct story_fault f = fault_of(text);
    EXPECT_UEQ(f.line, 0);
    EXPECT_STR(f.text, "");
}

TEST(times, "")
{
    static const struct { const char *text; int64_t ms; } good[] = {
        {"1s", SECOND}, {"2h30m", 2 * HOUR + 30 * MINUTE}, {"30d", 30 * DAY}, {"15ms", 15},
        {"-23h", -23 * HOUR}, {"+1m1s1ms", MINUTE + SECOND + 1}, {"0s", 0},
    };
    static const char *const bad[] = {"", "5", "h", "-", "+", "5x", "5s5", "1s ", "9999999999s"};
    int64_t ms;
    unsigned i;
    for (i = 0; i < sizeof good / sizeof good[0]; i++) {
        ms = -1;
        EXPECT(story_time(good[i].text, &ms));
        EXPECT_EQ(ms, good[i].ms);
    }
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ms = 77;
        EXPECT(!story_time(bad[i], &ms));
        EXPECT_EQ(ms, 77);
    }
}

TEST(lines_that_are_not_understood, "")
{
    expect_fault("sed 1\n", 1, "'sed': expected");
    expect_fault("\n# nothing\nseed x\n", 3, "'x': expected a number");
    expect_fault("seed\n", 1, "the line ends: expected a number");
    expect_fault("seed 1 2\n", 1, "'2': expected the end of the line");
    expect_fault("trace loud\n", 1, "'loud': expected quiet|normal|all");
    expect_fault("node A dmain 1\n", 1, "'dmain': expected domain");
    expect_fault("node A domain 1\nnode A domain 2\n", 2, "'A': expected a new name");
    expect_fault("node a-name-of-sixteen domain 1\n", 1, "expected a new name");
    expect_fault(PAIR "parent C X\n", 6, "'X': expected a node");
    expect_fault(PAIR "tld C 228.0.0.1/6\n", 6, "expected a prefix");
    expect_fault(PAIR "wait\n", 6, "the line ends: expected a time");
    expect_fault(PAIR "wait -5s\n", 6, "'-5s': expected a time");
    expect_fault(PAIR "at 1h ct C T\n", 6, "'ct': expected");
    expect_fault(PAIR "expect C1 holds nothing\n", 6, "'C1': expected a node, sent, hints");
    expect_fault(PAIR "expect C hlds nothing\n", 6, "'hlds': expected holds, inside, usable");
    expect_fault(PAIR "expect sent NEWCLAIM by C = 0\n", 6, "'NEWCLAIM': expected a type");
    expect_fault(PAIR "expect sent NEW_CLAIM by C == 0\n", 6, "= or >= or <=");
    expect_fault(PAIR "peer C T defend-only maybe\n", 6, "'maybe': expected yes|no");
}

TEST(lines_that_come_too_late, "")
{
    expect_fault(PAIR "wait 1s\nnode D domain 12\n", 7, "'node' must come before");
    expect_fault(PAIR "seed 2\n", 6, "the seed must come before");
    expect_fault(PAIR "times rfc\n", 6, "the times must come before");
    expect_fault(PAIR "at 5s cut C T\nat 4s heal C T\n", 7, "that time is over");
}

TEST(what_is_not_so, "")
{
    expect_good(PAIR);
    expect_good(PAIR "wait 10s\nexpect C connected T\nexpect not C holds something\n");
    expect_fault(PAIR "expect C connected T\n", 6, "expect C connected T: but they have no");
    expect_fault(PAIR "wait 5s\nexpect C holds something\n", 7, "but C holds nothing");
    expect_fault(PAIR "wait 5s\nexpect not C connected T\n", 7, "expect not C connected T");
    expect_fault(PAIR "within 3m T holds something\n", 6, "but T holds nothing");
    expect_good(PAIR "demand T 200\nwithin 3m T holds something\n");
    expect_fault(PAIR "wait 5s\nexpect logged claim >= 1\n", 7, "but it is 0");
}

TEST(orders_and_what_becomes_of_them, "")
{
    expect_fault(PAIR "wait 5s\nclaim T 10.0.0.0/8\n", 7, "refused: ");
    expect_good(PAIR "wait 5s\nrefused claim T 10.0.0.0/8\n");
    expect_fault(PAIR "wait 5s\nrefused claim T 228.0.0.0/24\n", 7, "it was not refused");
    expect_good(PAIR "claim T 228.0.0.0/24\nwait 3m\nexpect T holds only 228.0.0.0/24\n"
                     "expect T usable 228.0.0.0/24\nexpect T routed 228.0.0.0/24\n"
                     "expect not T holds within 239.0.0.0/8\nexpect T holds 1 prefixes\n");
    expect_fault(PAIR "crash C\ncrash C\n", 7, "it is down already");
    expect_fault(PAIR "start\nboot C\n", 7, "it is up already");
    expect_fault(PAIR "start\nforget C\n", 7, "does not lose its store");
    expect_good(PAIR "crash C silent\nforget C\nwait 5s\nboot C\nwait 20s\nexpect C connected T\n");
}

TEST(settings_are_checked, "")
{
    expect_fault(PAIR "set T lifetime-max 1m\nstart\n", 7, "lifetime_max");
    expect_fault(PAIR "start\nset T lifetime-max 1m\n", 7, "lifetime_max");
    expect_fault(PAIR "boundary zone C T\n", 6, "not in a scope of that name");
    expect_fault(PAIR "node D domain 12\npeer D T trust-own yes\n", 7, "no such peering");
    expect_fault("wait 1s\n", 1, "nobody is there");
    expect_fault("# nothing\n", 0, "nobody is there");
    expect_good(PAIR "node D domain 12\nstart\n"
                     "parent D T\nwait 10s\nexpect D connected T\npart D T\nwait 10s\n"
                     "expect not D connected T\n");
}

static char *traced(const char *text, enum trace_level level)
{
    struct story_fault f;
    struct story *s = story_read(text, &f);
    char *trace = NULL;
    size_t len;
    FILE *to = open_memstream(&trace, &len);
    if (s && to)
        EXPECT(story_play(s, to, level, &f));
    if (to)
        fclose(to);
    story_free(s);
    return trace;
}

/* The levels of a trace (trace.h), and what its lines look like. */
TEST(traces_tell_what_happened, "")
{
    static const char *const story = PAIR "trace all\nat 10s claim T 228.0.0.0/24\nat 3m cut C T\n"
                                          "say that is all\n";
    char *quiet = traced(story, TRACE_QUIET), *normal = traced(story, TRACE_NORMAL);
    char *all = traced(story, TRACE_ALL), *again = traced(story, TRACE_ALL);
    EXPECT(strncmp(quiet, "  0d 00:00:00.000  T         boots\n", 34) == 0);
    EXPECT(strstr(quiet, "  0d 00:03:00.000  --        that is all\n") != NULL);
    EXPECT(strstr(quiet, "C  ## T   cut") != NULL);
    EXPECT(strstr(quiet, "in-use           228.0.0.0/24") != NULL);
    EXPECT(strstr(quiet, "maas +           228.0.0.0/24") != NULL);
    EXPECT(!strstr(quiet, "->") && !strstr(quiet, "<>"));
    EXPECT(strstr(normal, "T  -> C   PREFIX_MANAGED   228.0.0.0/24        by T as internal"));
    EXPECT(strstr(normal, "established") && !strstr(normal, "KEEPALIVE"));
    EXPECT(strstr(all, "KEEPALIVE") && strstr(all, "OPEN") && strstr(all, "stores"));
    EXPECT(strstr(all, "reads            5 octets") || strstr(all, "reads            4 octets"));
    EXPECT_STR(all, again);
    EXPECT(strspn(all, " !\"#$%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                       "abcdefghijklmnopqrstuvwxyz\n") == strlen(all));
    free(quiet);
    free(normal);
    free(all);
    free(again);
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (file) {
        fputs(text, file);
        fclose(file);
    }
}

TEST(golden_traces, "")
{
    char dir[] = "/tmp/mascot-story-XXXXXX", story[64], trace[64];
    struct story_fault f;
    REQUIRE(mkdtemp(dir) != NULL);
    snprintf(story, sizeof story, "%s/a.story", dir);
    snprintf(trace, sizeof trace, "%s/a.trace", dir);
    EXPECT(!story_check(story, &f) && strstr(f.text, "cannot be read"));
    EXPECT(!story_check("a.text", &f) && strstr(f.text, "ends with .story"));
    put(story, PAIR "wait 5s\n");
    EXPECT(!story_check(story, &f) && strstr(f.text, "cannot read"));
    EXPECT(story_update(story, &f));
    EXPECT(story_check(story, &f));
    /* another word, a line less, a line more */
    put(trace, "  0d 00:00:00.000  T         boots\n  0d 00:00:00.000  C         falls\n");
    EXPECT(!story_check(story, &f) && strstr(f.text, "differs in line 2") &&
           strstr(f.text, "must     0d 00:00:00.000  C         falls\n") &&
           strstr(f.text, "is       0d 00:00:00.000  C         boots"));
    put(trace, "  0d 00:00:00.000  T         boots\n");
    EXPECT(!story_check(story, &f) && strstr(f.text, "must   (the end)"));
    put(story, PAIR "trace normal\nwait 5s\n");
    EXPECT(story_update(story, &f));
    put(story, PAIR "trace quiet\nwait 5s\n");
    EXPECT(!story_check(story, &f) && strstr(f.text, "is     (the end)"));
    /* a story that fails leaves the trace as it is */
    put(story, PAIR "expect C connected T\n");
    EXPECT(!story_update(story, &f) && f.line == 6);
    (void)unlink(story);
    (void)unlink(trace);
    (void)rmdir(dir);
}
