/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tap: the runner behind tap.h. Tests register themselves before main() starts, in the order in
 * which they stand in their file. Output is line buffered and every line is complete, so that a
 * crash leaves a readable log: the plan says how many tests were to come.
 *
 * mascot_panic() is weak here: a program that links the daemon's library keeps that one.
 */
#include "tests/tap.h"

#include "base/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PANIC_STATUS = 77 };

static struct tap_test *first;
static struct tap_test **last = &first;
static unsigned expects;
static unsigned failures;
static bool in_panic_child;

void tap_register(struct tap_test *test)
{
    *last = test;
    last = &test->next;
}

_Noreturn __attribute__((weak)) void mascot_panic(const char *file, int line, const char *what)
{
    if (in_panic_child)
        _exit(PANIC_STATUS);
    printf("Bail out! %s:%d: %s\n", file, line, what);
    fflush(stdout);
    abort();
}

static bool expected(bool good)
{
    expects++;
    if (!good)
        failures++;
    return good;
}

bool tap_expect(const char *file, int line, bool good, const char *what)
{
    if (!good)
        tap_diag("%s:%d: %s", file, line, what);
    return expected(good);
}

bool tap_expect_eq(const char *file, int line, int64_t a, int64_t b, const char *what)
{
    if (a != b)
        tap_diag("%s:%d: %s: %" PRId64 " != %" PRId64, file, line, what, a, b);
    return expected(a == b);
}

bool tap_expect_ueq(const char *file, int line, uint64_t a, uint64_t b, const char *what)
{
    if (a != b)
        tap_diag("%s:%d: %s: %" PRIu64 " != %" PRIu64 " (0x%" PRIx64 ", 0x%" PRIx64 ")", file, line,
                 what, a, b, a, b);
    return expected(a == b);
}

bool tap_expect_str(const char *file, int line, const char *a, const char *b, const char *what)
{
    bool good = a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);

    if (!good) {
        tap_diag("%s:%d: %s", file, line, what);
        tap_diag("  left:  %s%s", a == NULL ? "" : "|", a == NULL ? "NULL" : a);
        tap_diag("  right: %s%s", b == NULL ? "" : "|", b == NULL ? "NULL" : b);
    }
    return expected(good);
}

static void dump(const char *side, const unsigned char *bytes, size_t from, size_t to, size_t at)
{
    char line[16 * 3 + 4];
    size_t used = 0;

    for (size_t i = from; i < to; i++)
        used += (size_t)snprintf(line + used, sizeof(line) - used, i == at ? ">%02x" : " %02x",
                                 (unsigned)bytes[i]);
    tap_diag("  %s +%04zx:%s", side, from, used > 0 ? line : "");
}

bool tap_expect_mem(struct tap_site site, const void *a, const void *b, size_t n)
{
    const unsigned char *left = (const unsigned char *)a;
    const unsigned char *right = (const unsigned char *)b;
    size_t at = 0;

    if (n > 0 && (left == NULL || right == NULL)) {
        tap_diag("%s:%d: %s: NULL", site.file, site.line, site.what);
        return expected(false);
    }
    while (at < n && left[at] == right[at])
        at++;
    if (at == n)
        return expected(true);
    tap_diag("%s:%d: %s: differ at byte %zu of %zu", site.file, site.line, site.what, at, n);
    size_t from = at - at % 16;
    size_t to = n - from > 16 ? from + 16 : n;
    dump("left: ", left, from, to, at);
    dump("right:", right, from, to, at);
    return expected(false);
}

/* True in the child, which runs the statement; false in the parent, which has judged the child. */
bool tap_panic_begin(const char *file, int line, const char *what)
{
    int status = 0;

    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        in_panic_child = true;
        return true;
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        status = 0;
    bool good = WIFEXITED(status) && WEXITSTATUS(status) == PANIC_STATUS;
    if (!good)
        tap_diag("%s:%d: no panic: %s", file, line, what);
    expected(good);
    return false;
}

_Noreturn void tap_panic_end(void)
{
    _exit(0);
}

void tap_diag(const char *format, ...)
{
    va_list args;

    fputs("# ", stdout);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

const char *tap_source_root(void)
{
    const char *root = getenv("MASCOT_SOURCE_ROOT");

    return root == NULL ? "." : root;
}

static bool run_one(const struct tap_test *test, unsigned number)
{
    expects = 0;
    failures = 0;
    test->run();
    if (expects == 0)
        tap_diag("%s: nothing was expected: this test cannot fail", test->name);
    bool good = expects > 0 && failures == 0;
    printf("%sok %u - %s:%s\n", good ? "" : "not ", number, test->binary, test->name);
    return good;
}

static int run_matching(const char *pattern)
{
    unsigned planned = 0;
    unsigned number = 0;
    bool good = true;

    for (const struct tap_test *t = first; t != NULL; t = t->next)
        planned += strstr(t->name, pattern) != NULL;
    printf("TAP version 13\n1..%u\n", planned);
    for (const struct tap_test *t = first; t != NULL; t = t->next)
        if (strstr(t->name, pattern) != NULL)
            good = run_one(t, ++number) && good;
    if (planned == 0)
        tap_diag("no test to run");
    return good && planned > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (const struct tap_test *t = first; t != NULL; t = t->next)
            printf("%s\t%s\n", t->name, t->rows);
        return EXIT_SUCCESS;
    }
    if (argc > 2) {
        fprintf(stderr, "usage: %s [--list | PART-OF-A-NAME]\n", argv[0]);
        return EXIT_FAILURE;
    }
    return run_matching(argc == 2 ? argv[1] : "");
}
