/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory: allocation that does not return without memory; see memory.h.
 *
 * Used by the command line only: a daemon or a core must never end this way.
 */
#include "cli/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *memory_zeroed(size_t octets)
{
    void *p = calloc(1, octets > 0 ? octets : 1);

    if (p == NULL) {
        fputs("mascot: out of memory\n", stderr);
        exit(1);
    }
    return p;
}

char *memory_text(const char *text)
{
    size_t octets = strlen(text) + 1;

    return memcpy(memory_zeroed(octets), text, octets);
}
