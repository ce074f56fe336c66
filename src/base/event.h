/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event and action: the few words that cores and hosts share.
 *
 * A host turns the world into events and actions into the world; it knows nothing of protocols.
 * A step takes one event and fills one list of actions (struct out). Bytes in an event are borrowed
 * until the step returns; everything in the list is valid until the next step. A step never fails.
 *
 * Streams. The core names a connection by conn_t: even numbers are chosen by the core in CONNECT,
 * odd ones by the host in CONN_UP for what it accepted; a number is not used again while open.
 * CLOSE means: send what is queued, then close; the host answers nothing to it. CONN_DOWN is sent
 * for a connection that failed to come up or ended by itself, and never after CLOSE. The host
 * reports with SENT how many octets left its buffer for the kernel, so that the core bounds what is
 * queued for a slow peer.
 *
 * Storage. STORE puts or removes one record (a row whose type has keys). The host may group
 * records into one commit; it answers each with STORED, in order. Nothing that depends on a record
 * may be sent before STORED says ok.
 *
 * Asks. A host passes a question from a person as words; the core answers with rows and one END. An
 * answer that is long ends with a cursor: the host asks again with it when it wants more.
 */
#ifndef BASE_EVENT_H
#define BASE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/row.h"
#include "base/time.h"
#include "base/wr.h"

typedef struct { uint32_t id; } conn_t;

#define CONN_NONE ((conn_t){UINT32_MAX})

static inline bool conn_equal(conn_t a, conn_t b)
{
    return a.id == b.id;
}

/* The most octets one STREAM event carries. */
#define EVENT_STREAM_MAX 16384

enum event_kind {
    EVENT_BOOT,      /* .row: one stored record, before READY */
    EVENT_READY,     /* all records are in; the node may act */
    EVENT_CONN_UP,   /* .conn .addr (remote); an odd conn was accepted */
    EVENT_CONN_DOWN, /* .conn */
    EVENT_STREAM,    /* .conn .bytes .len (1..EVENT_STREAM_MAX), any cut of the stream */
    EVENT_SENT,      /* .conn .len octets handed to the kernel */
    EVENT_TIME,      /* the deadline came */
    EVENT_STORED,    /* .ticket .stored */
    EVENT_ASK,       /* .ask: what is asked */
    EVENT_STOP,      /* shut down in good order: Cease to every peer */
};

enum stored { STORED_OK, STORED_CONFLICT, STORED_FAILED };

#define ASK_WORDS_MAX 16

struct ask {
    uint32_t id;                      /* chosen by the host; in every ANSWER */
    uint64_t cursor;                  /* 0 at first; then what END gave */
    uint8_t words;
    const char *word[ASK_WORDS_MAX];  /* borrowed; word[0] is a full word of asks.def */
};

struct event {
    enum event_kind kind;
    struct now now;
    conn_t conn;
    struct addr addr;
    const uint8_t *bytes;
    size_t len;
    const struct row *row;
    uint64_t ticket;
    enum stored stored;
    const struct ask *ask;
};

enum action_kind {
    ACTION_CONNECT, /* .conn .addr .port .local (family 0: any) */
    ACTION_STREAM,  /* .conn .bytes .len */
    ACTION_CLOSE,   /* .conn */
    ACTION_STORE,   /* .row .ticket .remove */
    ACTION_ANSWER,  /* .ask_id .row */
    ACTION_END,     /* .ask_id .status .text (may be NULL) .cursor (0 = complete) */
    ACTION_LOG,     /* .row: something a person may want to know; also feeds `watch` */
};

/* Exit status of an answer: what the command line returns. */
enum end_status { END_DONE = 0, END_REFUSED = 1, END_USAGE = 2 };

struct action {
    enum action_kind kind;
    conn_t conn;
    struct addr addr;
    struct addr local;
    uint16_t port;
    const uint8_t *bytes;
    size_t len;
    const struct row *row;
    uint64_t ticket;
    bool remove;
    uint32_t ask_id;
    enum end_status status;
    const char *text;
    uint64_t cursor;
};

/*
 * The list of actions of one step: an array of actions and a buffer for their bytes and rows, both
 * given by the host once. out_room() tells how many octets of payload fit; a core that sees little
 * room stops relaying and asks to be stepped again at once (deadline = now). Overflow is our bug.
 *
 * out_room() keeps a reserve back: when it says 0 because of bytes or of actions, there are still
 * 1024 actions with 1 KiB each, for what a core does whether there is room or not (a NOTIFICATION
 * and a CLOSE per connection, a STORE, the LOG rows and the END of a step). A host that gives less
 * than the reserve has a core that never sees room.
 */
struct out {
    struct action *action;
    size_t actions, actions_max;
    uint8_t *buf;
    size_t used, cap;
};

/* Sizes every host gives: enough for the worst answer to one STREAM event. */
#define OUT_ACTIONS 16384
#define OUT_BYTES ((size_t)8 << 20)

/* What out_room() keeps back. */
#define OUT_ACTIONS_RESERVE 1024
#define OUT_BYTES_RESERVE ((size_t)1 << 20)

/* `buf` is untyped storage (from malloc, or an array of octets) of any alignment. */
void out_init(struct out *o, struct action *action, size_t actions_max, void *buf, size_t cap);

/* Empties the list before a step. */
void out_reset(struct out *o);

/* Octets of payload that still fit without the reserve; 0 when fewer than OUT_ACTIONS_RESERVE
 * actions are left. A row takes sizeof(struct row) + 15 octets and its texts with their NULs. */
size_t out_room(const struct out *o);

/* `conn` is even. */
void out_connect(struct out *o, conn_t conn, struct addr to, uint16_t port, struct addr from);
void out_close(struct out *o, conn_t conn);

/* Bytes for a connection are written in place: begin gives a writer with `max` octets of room (from
 * the reserve if it must be; CHECKs that they are there), commit makes what was written one STREAM
 * action (joined with a preceding STREAM of the same conn when they lie side by side). A writer
 * that failed or is empty leaves no action. Between the two no other out_ function that takes
 * buffer may be called; commit CHECKs that. */
struct wr out_stream_begin(struct out *o, size_t max);
void out_stream_commit(struct out *o, conn_t conn, const struct wr *w);

/* Rows are copied; their texts too. The type of a stored row has keys. */
void out_store(struct out *o, const struct row *row, uint64_t ticket, bool remove);
void out_answer(struct out *o, uint32_t ask_id, const struct row *row);
void out_end(struct out *o, uint32_t ask_id, enum end_status status, const char *text,
             uint64_t cursor);
void out_log(struct out *o, const struct row *row);

#endif
