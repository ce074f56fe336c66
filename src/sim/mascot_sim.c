/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mascot-sim: mascot nodes by the thousand, on simulated time (world.h).
 *
 * One word for each thing to do; each has its options and its help (swarm_cli.c and so on).
 * Status: 0 all is well, 1 something was violated or differs, 2 wrong usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "sim/cli.h"

static const struct word {
    const char *name;
    int (*main)(int argc, char **argv);
    const char *help;
} words[] = {
    {"swarm", swarm_main, "random worlds with random faults, judged by the invariants"},
    {"story", story_main, "scenarios written as text, with the traces they must leave"},
    {"report", report_main, "demand over a long time: utilization, prefixes, flux, latency"},
    {"scale", scale_main, "how fast it is, and how large a world may be"},
};

enum { WORDS = sizeof words / sizeof words[0] };

_Noreturn void mascot_panic(const char *file, int line, const char *what)
{
    fprintf(stderr, "mascot-sim: panic: %s:%d: %s (a bug of mascot; please report this line)\n",
            file, line, what);
    abort();
}

static int usage(FILE *to)
{
    unsigned i;
    fprintf(to, "usage: mascot-sim WORD [OPTION...]\n\n");
    for (i = 0; i < WORDS; i++)
        fprintf(to, "  %-8s %s\n", words[i].name, words[i].help);
    fprintf(to, "\nmascot-sim WORD --help tells the options of a word.\n");
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    unsigned i;
    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "--version") == 0) {
        printf("mascot-sim " MASCOT_VERSION "\n");
        return 0;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return usage(stdout);
    for (i = 0; i < WORDS; i++)
        if (strcmp(argv[1], words[i].name) == 0)
            return words[i].main(argc - 1, argv + 1);
    fprintf(stderr, "mascot-sim: '%s' is no word of it\n", argv[1]);
    return usage(stderr);
}
