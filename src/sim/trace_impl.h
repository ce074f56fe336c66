/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace_impl: what trace.c (the watch, the shape of a line) and trace_words.c (messages and rows)
 * share.
 */
#ifndef SIM_TRACE_IMPL_H
#define SIM_TRACE_IMPL_H

#include "sim/trace.h"

struct trace {
    struct world *w;
    FILE *to;
    enum trace_level level;
    struct watch watch;
    size_t widest;    /* name of a node */
    unsigned *remote; /* by stream * 2 + side: the node at the other end */
    size_t remotes;
    char line[400];
};

/* The first columns; node 0: the teller; other 0 and prefix.family 0: nothing there. */
struct trace_head {
    unsigned node, other;
    const char *arrow, *what;
    struct prefix prefix;
};

/* Whoever begins a line writes the rest and ends it; what is too long is cut. */
struct wr trace_begin(struct trace *t, const struct trace_head *h);
void trace_end(struct trace *t, struct wr *to);

void trace_logged(struct trace *t, const struct happening *h); /* the LOG rows of a step */
void trace_wrote(struct trace *t, const struct happening *h, unsigned other);
void trace_stored(struct trace *t, const struct happening *h);

#endif
