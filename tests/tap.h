/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tap: the test harness. A test program is one file of
 *
 *     TEST(header_layout, "M-7.1-01 M-7.1-02") { EXPECT_EQ(sizeof_header, 4); }
 *
 * linked with tap.c, which has main(). The second argument names the rows of docs/rfc2909.csv that
 * the test truly proves, "" if none; tests/rows checks both sides. Run without arguments it prints
 * TAP 13; with --list it prints "test<TAB>rows"; any other argument runs the tests whose name
 * contains it.
 *
 * A failed EXPECT is reported and the test goes on; a failed REQUIRE leaves the function it stands
 * in. A test that ran no EXPECT and no REQUIRE fails: it could not have failed.
 */
#ifndef MASCOT_TESTS_TAP_H
#define MASCOT_TESTS_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The build gives each program its name, such as "masc/wire_test". */
#ifndef TAP_BINARY
#define TAP_BINARY "test"
#endif

struct tap_test {
    const char *binary;
    const char *name;
    const char *rows;
    void (*run)(void);
    struct tap_test *next;
};

void tap_register(struct tap_test *test);

#define TEST(name_, rows_)                                                                         \
    static void test_##name_(void);                                                                \
    static struct tap_test tap_test_##name_ = {TAP_BINARY, #name_, rows_, test_##name_, NULL};     \
    __attribute__((constructor)) static void tap_add_##name_(void)                                 \
    {                                                                                              \
        tap_register(&tap_test_##name_);                                                           \
    }                                                                                              \
    static void test_##name_(void)

#define EXPECT(cond_) ((void)tap_expect(__FILE__, __LINE__, (cond_) ? true : false, #cond_))

/* Both sides are shown when they differ; int64_t and uint64_t respectively. */
#define EXPECT_EQ(a_, b_)                                                                          \
    ((void)tap_expect_eq(__FILE__, __LINE__, (int64_t)(a_), (int64_t)(b_), #a_ " == " #b_))
#define EXPECT_UEQ(a_, b_)                                                                         \
    ((void)tap_expect_ueq(__FILE__, __LINE__, (uint64_t)(a_), (uint64_t)(b_), #a_ " == " #b_))

/* NULL equals only NULL. */
#define EXPECT_STR(a_, b_)                                                                         \
    ((void)tap_expect_str(__FILE__, __LINE__, (a_), (b_), #a_ " == " #b_))

/* n_ bytes; the first difference is shown in hexadecimal. */
#define EXPECT_MEM(a_, b_, n_)                                                                     \
    ((void)tap_expect_mem((struct tap_site){__FILE__, __LINE__, #a_ " == " #b_}, (a_), (b_),       \
                          (size_t)(n_)))

/* The statement must end in mascot_panic(), as a failed CHECK() does. It runs in a child process,
   so whatever it changes is lost. */
#define EXPECT_PANIC(statement_)                                                                   \
    do {                                                                                           \
        if (tap_panic_begin(__FILE__, __LINE__, #statement_)) {                                    \
            statement_;                                                                            \
            tap_panic_end();                                                                       \
        }                                                                                          \
    } while (0)

#define REQUIRE(cond_)                                                                             \
    do {                                                                                           \
        if (!tap_expect(__FILE__, __LINE__, (cond_) ? true : false, #cond_))                       \
            return;                                                                                \
    } while (0)

struct tap_site {
    const char *file;
    int line;
    const char *what;
};

bool tap_expect(const char *file, int line, bool good, const char *what);
bool tap_expect_eq(const char *file, int line, int64_t a, int64_t b, const char *what);
bool tap_expect_ueq(const char *file, int line, uint64_t a, uint64_t b, const char *what);
bool tap_expect_str(const char *file, int line, const char *a, const char *b, const char *what);
bool tap_expect_mem(struct tap_site site, const void *a, const void *b, size_t n);
bool tap_panic_begin(const char *file, int line, const char *what);
_Noreturn void tap_panic_end(void);

/* A line for the reader of the log: "# ..." */
void tap_diag(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The source tree, from MASCOT_SOURCE_ROOT or "." when that is not set. */
const char *tap_source_root(void);

#endif
