/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log: rows to stderr, one line each: text for people (and the journal), JSON with --log-json.
 *
 * Text lines begin with the time unless stderr is the journal, which has its own. JSON lines are
 * the row plus a last member "time" (seconds since 1970); the first is the "mascot" row.
 *
 * A log must neither drown nor stop the daemon. Rows equal to one that was written less than
 * LOG_REPEAT_MS ago are only counted, and the count is told with the next one that is written; more
 * than LOG_BURST rows in a second are dropped and counted; and when whoever reads stderr does not,
 * lines are dropped and counted rather than waited for.
 */
#ifndef HOST_LOG_H
#define HOST_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/row.h"
#include "base/time.h"

#define LOG_REPEAT_MS 60000
#define LOG_BURST 500
#define LOG_RECENT 64
#define LOG_LINE_MAX 4000 /* less than PIPE_BUF: a line is written whole or not at all */

struct log_recent {
    uint64_t hash;
    mono_t written;
    uint64_t repeats;
};

struct log {
    int fd;
    bool json, journal;
    mono_t second;      /* begin of the second being counted */
    unsigned in_second;
    uint64_t lost;      /* not yet told */
    struct log_recent recent[LOG_RECENT];
    unsigned next;      /* place in recent[] to use next */
};

/* The host's own words: event, subject, text. */
extern const struct row_type log_row_daemon;
extern const struct row_type log_row_mascot; /* version, program, domain, name */
extern const struct row_type log_row_lost;   /* rows */

void log_init(struct log *l, int fd, bool json);
void log_row(struct log *l, const struct row *row, struct now now);

/* A row log_row_daemon; texts may be NULL. */
struct row log_daemon_row(const char *event, const char *subject, const char *text);

#endif
