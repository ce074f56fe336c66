/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show_node: the words about the node itself and its neighbours: status, peers.
 *
 * `status` is a page, not a table: what a person asks first comes first, and what is wrong says so
 * in red. Its rows are "status" and "counters" (node/rows.h).
 */
#include "cli/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- status ---- */

static void label(const struct show *s, const char *name)
{
    term_tone(s->term, TONE_DIM);
    fprintf(s->term->out, "  %-10s", name);
    term_plain(s->term);
    fputc(' ', s->term->out);
}

static void who(const struct show *s, const json_t *row)
{
    FILE *out = s->term->out;
    char text[64];

    term_put(s->term, TONE_HEAD, term_clean(s->term, text, sizeof(text), row_text(row, "name")));
    fprintf(out, "  domain %s", term_clean(s->term, text, sizeof(text), row_text(row, "domain")));
    fprintf(out, "  node %s", term_clean(s->term, text, sizeof(text), row_text(row, "node")));
    fputs(row_true(row, "top_level") ? "  top level" : "", out);
    fputs(row_true(row, "leaf") ? "  leaf\n" : "  with children\n", out);
}

static void health(const struct show *s, const json_t *row)
{
    int64_t clashes = row_count(row, "clashes");
    bool good = true;

    label(s, "state");
    if (!row_true(row, "ready")) {
        term_put(s->term, TONE_WAIT, "starting");
        good = false;
    }
    if (row_text_is(row, "storage", "failing")) {
        term_put(s->term, TONE_BAD, good ? "cannot store" : ", cannot store");
        fputs(" (no new prefix is taken; look at disk and log)", s->term->out);
        good = false;
    }
    if (clashes > 0) {
        term_tone(s->term, TONE_BAD);
        fprintf(s->term->out, "%s%" PRId64 " clash%s", good ? "" : ", ", clashes,
                clashes == 1 ? "" : "es");
        term_plain(s->term);
        fputs(" (mascot clashes)", s->term->out);
        good = false;
    }
    if (good)
        term_put(s->term, TONE_GOOD, "good");
    fputc('\n', s->term->out);
}

static void sessions(const struct show *s, const json_t *row)
{
    int64_t all = row_count(row, "peers"), up = row_count(row, "established");

    label(s, "sessions");
    term_tone(s->term, up == all ? TONE_PLAIN : up > 0 ? TONE_WAIT : TONE_BAD);
    fprintf(s->term->out, "%" PRId64 " of %" PRId64 " established", up, all);
    term_plain(s->term);
    fputc('\n', s->term->out);
}

static void status(struct show *s, const json_t *row)
{
    FILE *out = s->term->out;
    char span[WHEN_TEXT_MAX];

    who(s, row);
    health(s, row);
    sessions(s, row);
    label(s, "prefixes");
    fprintf(out, "%" PRId64 " in use, %" PRId64 " on the way; a claim waits %s\n",
            row_count(row, "in_use"), row_count(row, "waiting"),
            when_span(span, (uint64_t)row_count(row, "waiting_period")));
    label(s, "addresses");
    fprintf(out, "%" PRId64 " held, %" PRId64 " needed\n", row_count(row, "managed"),
            row_count(row, "needed"));
    label(s, "table");
    fprintf(out, "%" PRId64 " claims, %" PRId64 " of them live; room for %" PRId64 "\n",
            row_count(row, "claims"), row_count(row, "live"), row_count(row, "claims_max"));
}

/* A number that should be 0 is named only if it is not. */
static void unwelcome(const struct show *s, const json_t *row, const char *name, const char *words)
{
    int64_t n = row_count(row, name);

    if (n == 0)
        return;
    term_tone(s->term, TONE_WAIT);
    fprintf(s->term->out, ", %" PRId64 " %s", n, words);
    term_plain(s->term);
}

static void counters(struct show *s, const json_t *row)
{
    FILE *out = s->term->out;

    label(s, "heard");
    fprintf(out, "%" PRId64 " claims, %" PRId64 " twice", row_count(row, "received"),
            row_count(row, "duplicates"));
    unwelcome(s, row, "expired_on_arrival", "too late");
    unwelcome(s, row, "refused", "refused");
    unwelcome(s, row, "unassociated", "outside of every known space");
    unwelcome(s, row, "table_full", "without room");
    fprintf(out, "; %" PRId64 " passed on\n", row_count(row, "relayed"));
    label(s, "collisions");
    fprintf(out, "%" PRId64 " won, %" PRId64 " lost", row_count(row, "collisions_won"),
            row_count(row, "collisions_lost"));
    unwelcome(s, row, "strangers", "connections from strangers");
    fputc('\n', out);
}

static void status_row(struct show *s, const json_t *row)
{
    if (row_is(row, "status"))
        status(s, row);
    else if (row_is(row, "counters"))
        counters(s, row);
    else
        show_any(s, row);
}

static void status_end(struct show *s)
{
    (void)s;
}

/* ---- peers ---- */

static void peers_begin(struct show *s)
{
    s->table = table_new(s->term);
    table_column(s->table, "NAME", 0);
    table_column(s->table, "RELATION", 3);
    table_column(s->table, "DOMAIN", 2);
    table_column(s->table, "ADDRESS", 4);
    table_column(s->table, "STATE", 0);
    table_column(s->table, "SINCE", 1);
    table_column(s->table, "NEXT TRY", 1);
    table_column(s->table, ">HOLD", 8);
    table_column(s->table, ">IN", 6);
    table_column(s->table, ">OUT", 6);
    table_column(s->table, ">QUEUED", 7);
    table_column(s->table, "LAST ERROR", 5);
}

/* When both sides connect at once, one of the two connections is closed with Cease (8.8, A-47):
 * under a session that stands this is no error. */
static void peer_error(struct show *s, const json_t *row)
{
    const char *error = row_text(row, "error");
    bool up = row_text_is(row, "state", "Established");
    char text[200];

    if (error == NULL || (up && strcmp(error, "Cease") == 0)) {
        table_cell(s->table, TONE_PLAIN, NULL);
        return;
    }
    snprintf(text, sizeof(text), "%s: %s",
             row_text_is(row, "error_from", "us") ? "sent" : "received", error);
    table_cell(s->table, up ? TONE_DIM : TONE_BAD, text);
}

static void peer_address(struct show *s, const json_t *row)
{
    const char *address = row_text(row, "address");
    int64_t port = row_count(row, "port");
    char text[80];

    if (port == 2587)
        snprintf(text, sizeof(text), "%s", address != NULL ? address : "");
    else
        snprintf(text, sizeof(text), "%s port %" PRId64, address != NULL ? address : "", port);
    table_cell_brief(s->table, TONE_PLAIN, text, address);
}

static void peer_state(struct show *s, const json_t *row)
{
    const char *state = row_text(row, "state");

    if (row_true(row, "stopped"))
        table_cell(s->table, TONE_BAD, "stopped");
    else
        table_cell(s->table, show_state_tone(state), state);
}

/* 0: no session or one without keepalives. */
static void peer_hold(struct show *s, const json_t *row)
{
    char span[WHEN_TEXT_MAX];
    int64_t hold;

    if (!row_number(row, "hold_time", &hold))
        table_cell(s->table, TONE_PLAIN, NULL);
    else
        table_cell(s->table, TONE_PLAIN, hold == 0 ? "never" : when_span(span, (uint64_t)hold));
}

/* "0" is said only where something could be: an idle queue is an empty cell. */
static void peer_queue(struct show *s, const json_t *row)
{
    char text[32];
    int64_t queued = row_count(row, "queued");

    snprintf(text, sizeof(text), "%" PRId64, queued);
    table_cell(s->table, TONE_WAIT, queued > 0 ? text : NULL);
}

static void peers_row(struct show *s, const json_t *row)
{
    if (s->table == NULL)
        peers_begin(s);
    table_row(s->table);
    cell_text(s, TONE_NAME, row, "name");
    cell_text(s, TONE_PLAIN, row, "relation");
    cell_text(s, TONE_PLAIN, row, "domain");
    peer_address(s, row);
    peer_state(s, row);
    cell_when(s, row, "since");
    cell_when(s, row, "retry");
    peer_hold(s, row);
    cell_count(s, row, "updates_in");
    cell_count(s, row, "updates_out");
    peer_queue(s, row);
    peer_error(s, row);
}

static void peers_end(struct show *s)
{
    if (s->table != NULL)
        table_flush(s->table);
    else
        fputs("no peers are configured\n", s->term->out);
}

const struct painter show_painters_node[] = {
    {"status", status_row, status_end},
    {"peers", peers_row, peers_end},
    {NULL, NULL, NULL},
};
