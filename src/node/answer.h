/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * answer: how node.c, answer.c, asks.c and tree.c share the work of answering a question. Not for
 * others: the contract of the part is node.h.
 *
 * A question is handled in one step, without memory of its own: what a long answer has to remember
 * travels in its cursor, and its words come again with it. A handler ends its answer exactly once.
 */
#ifndef NODE_ANSWER_H
#define NODE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "masc/config.h"
#include "masc/masc.h"
#include "node/node.h"

/* Rows of one step at most; a longer answer goes on with a cursor. */
#define ANSWER_ROWS 200

/* Entries of a tree, and covering entries of one address, at most; the end says how many were left
 * out. */
#define TREE_ITEMS 2048
#define COVERING_MAX 200

enum tree_rank {
    RANK_RANGE, /* space given from above: configured ranges, PREFIX_MANAGED of parents */
    RANK_DOMAIN,/* own prefixes and those of siblings */
    RANK_CHILD, /* in own space: of children, and for own hosts */
};
#define RANKS 3

struct tree_item {
    struct prefix prefix;
    enum tree_rank rank;
    uint8_t depth;
    uint16_t path[RANKS]; /* places, in order of prefixes and from 1, of what covers it, the widest
                             first, and its own at the end; then zeros */
    u128 domain;
    const char *relation, *state, *purpose; /* constants */
    wall_t since, ready, until;
    uint64_t wait_s;
};

struct tree {
    struct tree_item item[TREE_ITEMS];
    size_t items;
    uint64_t left_out;
    uint16_t order[TREE_ITEMS], spare[TREE_ITEMS];
};

struct node {
    const struct node_config *config; /* borrowed */
    struct masc *masc;
    struct masc_claim_view *covering; /* COVERING_MAX of them; scratch of `claims` */
    struct tree *tree;                /* scratch of `tree` */
    char text[512];                   /* of the END of this step */
};

/* One question in the middle of being answered. */
struct asking {
    struct node *node;
    const struct ask *ask;
    struct now now;
    struct out *out;
};

void answer_row(const struct asking *a, const struct row *row);
void answer_done(const struct asking *a);
void answer_more(const struct asking *a, uint64_t cursor);

/* The text of an end, written in place: begin, wr_text() ..., end. */
struct wr answer_text(const struct asking *a);
void answer_end(const struct asking *a, enum end_status status, struct wr *text);

/* The row of one own prefix or claim. */
void answer_prefix(const struct asking *a, const struct masc_own_view *v);

/* "<word>: '<given>' is not <expected>", END_USAGE. */
void answer_usage(const struct asking *a, const char *given, const char *expected);

/* answer.c: reading */
void answer_status(const struct asking *a);
void answer_peers(const struct asking *a);
void answer_claims(const struct asking *a);
void answer_prefixes(const struct asking *a);
void answer_clashes(const struct asking *a);

/* tree.c */
void answer_tree(const struct asking *a);

/* asks.c: doing */
void ask_claim(const struct asking *a);
void ask_release(const struct asking *a);
void ask_resolve(const struct asking *a);
void ask_peer(const struct asking *a);

/* Helpers that rows and tree share. */
#define WALL_MISSING ((wall_t){INT64_MAX})

/* The point of wall time at which the monotonic clock reads `due`; missing for MONO_NEVER. */
wall_t answer_wall_of(struct now now, mono_t due);

/* Length of a pending own wait in seconds, rounded up, and its end; missing if it waits no more. */
void answer_wait(const struct masc_own_view *v, struct now now, wall_t *ready, uint64_t *wait_s);

/* "self", "parent", "child", "sibling". */
const char *answer_relation(enum masc_role role, bool own);

#endif
