/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * panic: how the daemon ends when a CHECK fails: one line that names the place, then SIGABRT, so
 * that systemd restarts it and a core dump is kept. Nothing is written to the store: what was
 * promised is already there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

_Noreturn void mascot_panic(const char *file, int line, const char *what)
{
    fprintf(stderr, "mascotd: panic: %s:%d: %s (a bug of mascot; please report this line)\n", file,
            line, what);
    abort();
}
