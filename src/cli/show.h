/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show: how answers look. Each group of words has a file show_*.c with a painter per word: it is
 * given the rows of the answer one by one and says at the end what is to be said of them together.
 *
 * Rows are JSON objects (row.h says what they look like). A painter reads members by name and takes
 * what is missing as not known: a newer daemon may say more, an older one less.
 */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/table.h"
#include "cli/term.h"
#include "cli/when.h"

struct show {
    const struct term *term;
    int64_t now_s;
    struct table *table;  /* of the painter; NULL before its first row */
    json_t *held;         /* an array: rows a painter has to see together; NULL: none */
    unsigned long rows;
    const char *own;      /* domain of the daemon, NULL: not known */
    const json_t *names;  /* an object: names of domains; NULL: none */
};

struct painter {
    const char *word;
    void (*row)(struct show *s, const json_t *row);
    void (*end)(struct show *s);
};

/* The painter of a word of asks.def; one that prints "name: value" for others. Never NULL. */
const struct painter *show_painter(const char *word);

extern const struct painter show_painters_node[], show_painters_space[]; /* end with word NULL */

/* Any row as one line, "type field=value ...". */
void show_any(struct show *s, const json_t *row);

/* ---- members of a row ---- */

/* NULL if missing or no string. */
const char *row_text(const json_t *row, const char *name);
/* False, *v untouched, if missing or no number. */
bool row_number(const json_t *row, const char *name, int64_t *v);
/* 0 if missing. */
int64_t row_count(const json_t *row, const char *name);
bool row_true(const json_t *row, const char *name);
bool row_is(const json_t *row, const char *type);
bool row_text_is(const json_t *row, const char *name, const char *text);

/* ---- cells ---- */

/* A point in time in both forms. */
void cell_when(struct show *s, const json_t *row, const char *name);
/* A number; nothing if it is missing. */
void cell_count(struct show *s, const json_t *row, const char *name);
void cell_text(struct show *s, enum tone tone, const json_t *row, const char *name);
/* A bar, per cent and what is left of a wait ("ready", "wait"); nothing if it does not wait. */
void cell_wait(struct show *s, const json_t *row);

/* The words of cell_wait() with a bar of `cells`; false, and an empty text, if it does not wait. */
bool show_wait(const struct show *s, const json_t *row, unsigned cells, char *dst, size_t cap);

/* A prefix as it is said: "any /24" for a hint (address 0), which has a size but no place. */
const char *show_place(const char *prefix, char *dst, size_t cap);

/* The tone of a state: of prefixes and of sessions. */
enum tone show_state_tone(const char *state);

/* ---- what happened (show_event.c) ---- */

/* Is it one of the life of prefixes, or of sessions, that a person follows? */
bool show_event_is_life(const json_t *row);
bool show_event_is_session(const json_t *row);

/* One line without time: "claim  239.1.0.0/16  ours in 20s". The tone says how good it is. */
enum tone show_event(const struct show *s, const json_t *row, char *dst, size_t cap);

/* What the routing and the address servers are told, as a sentence: "hosts may use 239.1.0.0/24".
 * False: the row is something else. */
bool show_output(const struct show *s, const json_t *row, char *dst, size_t cap);

/* "domain 65001", or its name if one is known; "" for a missing one. */
const char *show_domain(const struct show *s, const char *domain, char *dst, size_t cap);

#endif
