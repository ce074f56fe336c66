/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ask: one question to one daemon: send the words, show the rows, return the status.
 *
 * With --json the lines of the daemon are passed through unchanged, the first ("mascot") and the
 * last ("end") with them. `watch` is a question whose answer does not end.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <stdbool.h>

#include "cli/term.h"
#include "cli/words.h"

/* Exit status of the command line. */
enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_UNREACHABLE = 3 };

struct options {
    const char *socket; /* NULL: not given */
    bool json, no_color, help;
};

/* `word` are those after `w`, `words` of them. Returns the exit status. */
int ask_run(const struct options *o, const struct word *w, unsigned words, char **word);

/* Everything that was printed has arrived: 0; the reader is gone: 0 as well, nobody misses it;
 * else a message and EXIT_REFUSED. */
int ask_flush(void);

#endif
