/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * liar_impl: what liar.c and liar_words.c share. Not for others.
 */
#ifndef SIM_LIAR_IMPL_H
#define SIM_LIAR_IMPL_H

#include "base/prng.h"
#include "sim/liar.h"

enum { LIAR_LINES = 24, LIAR_HEARD = 32, LIAR_UNSENT_MAX = 16384 };

/* A connection. */
struct line {
    bool used, up;
    conn_t conn;
    unsigned peer;          /* in cfg->masc.peer[] */
    bool opened, heard_open, confirmed; /* we said OPEN; it did; it said KEEPALIVE */
    size_t unsent;          /* octets not yet taken by the host */
    uint8_t in[MASC_MESSAGE_MAX];
    size_t in_len;
    uint8_t drip[256];      /* what waits to be said octet by octet */
    size_t drip_len, drip_at;
};

struct liar {
    enum liar_kind kind;
    const struct node_config *cfg;
    struct prng rng;
    uint32_t next_conn;     /* even */
    int64_t due_ms, keepalive_ms; /* monotonic */
    struct line line[LIAR_LINES];
    struct masc_attr heard[LIAR_HEARD];
    unsigned heard_n, heard_next;
};

static inline unsigned liar_below(struct liar *l, unsigned n)
{
    return (unsigned)prng_below(&l->rng, n);
}

/* Writes into the line what a liar of this kind says now; nothing if it has no more room. */
void liar_speak(struct liar *l, struct line *c, const struct event *ev, struct out *out);
/* OPEN and KEEPALIVE as a conforming node would say them. */
void liar_write_open(const struct liar *l, const struct line *c, struct wr *w);

#endif
