/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * panic: how a fuzzing program ends when a CHECK fails: the fuzzer, or the replay, sees SIGABRT
 * and keeps the input that led there.
 */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void mascot_panic(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, what);
    abort();
}
