/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * row: all that a person or a script reads: logs, answers, traces, stored records.
 *
 * A row is a type (a constant table of named fields) and one value per field. Cores make rows;
 * hosts render them with one writer, store them in one table per type, and know nothing of what
 * they mean. Field order is the order of columns. A row borrows the texts it points to: they live
 * as long as the step that made it promises (event.h).
 *
 * JSON: one object per row, {"row":"<type>","<field>":value,...}; numbers for FIELD_UINT,
 * FIELD_SECONDS and FIELD_WALL (seconds since 1970), true/false for FIELD_BOOL, strings for the
 * rest; a missing value is null. Domain Identifiers are decimal strings if they fit 32 bits, else
 * IPv6 text; Node Identifiers are IPv4 text if they fit 32 bits, else IPv6 text. The first line of
 * every stream is a "mascot" row that carries the version of this format.
 */
#ifndef BASE_ROW_H
#define BASE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prefix.h"
#include "base/time.h"
#include "base/wr.h"

enum field_kind {
    FIELD_UINT,    /* .u */
    FIELD_TEXT,    /* .text, borrowed, UTF-8; NULL = missing */
    FIELD_BOOL,    /* .u: 0 or 1 */
    FIELD_PREFIX,  /* .prefix; family 0 = missing */
    FIELD_ADDR,    /* .addr; family 0 = missing */
    FIELD_DOMAIN,  /* .id: a Domain Identifier, usually an AS number; ID_NONE = missing */
    FIELD_NODE,    /* .id: a Node Identifier, usually an IPv4 address: shown as an address */
    FIELD_WALL,    /* .wall: a point in time; s = INT64_MAX = missing */
    FIELD_SECONDS, /* .u: a length of time; UINT64_MAX = missing */
};

struct field {
    const char *name; /* stable: part of the JSON format */
    enum field_kind kind;
};

/* A missing identifier: 0 means something (a top-level domain). */
#define ID_NONE (~(u128)0)

#define ROW_FIELDS_MAX 20

struct row_type {
    const char *name; /* stable: the "row" member of the JSON */
    uint8_t fields;
    uint8_t keys; /* of a stored type: the first `keys` fields identify a record; else 0 */
    struct field field[ROW_FIELDS_MAX];
};

union value {
    uint64_t u;
    const char *text;
    struct prefix prefix;
    struct addr addr;
    u128 id;
    wall_t wall;
};

struct row {
    const struct row_type *type;
    union value v[ROW_FIELDS_MAX];
};

/* One line of JSON without newline. */
void row_write_json(struct wr *w, const struct row *row);

/* One line for a log, without newline: "type field=value ...", missing values left out, times as
 * 2026-11-20T14:00:00Z, durations as 29d4h, booleans as yes and no. Texts that are empty or hold
 * blanks, quotes, "=" or control characters are written as JSON strings. */
void row_write_text(struct wr *w, const struct row *row);

/* One value as a person reads it (the same forms as in row_write_text, but no text is quoted: each
 * control character and what is not UTF-8 becomes U+FFFD); nothing if missing. */
void row_write_value(struct wr *w, enum field_kind kind, const union value *v);

/* A length of time as its two largest units, the rest cut off: "29d 4h", "12m 5s", "0s"; a second
 * unit of zero is left out ("2h" also for 2h 0m 9s); `sep` is "" or " ". */
void row_write_duration(struct wr *w, uint64_t seconds, const char *sep);

/* UTC as 2026-11-20T14:00:00Z; any int64 of seconds in years 1..9999, else the number. */
void row_write_wall(struct wr *w, wall_t t);

/* A text as a JSON string with quotes; invalid UTF-8 becomes U+FFFD. */
void row_write_json_text(struct wr *w, const char *text);

#endif
