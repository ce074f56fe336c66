/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * liar: a peer that is no mascot and means harm: garbage, and well-formed lies.
 *
 * It has the shape of a core (event.h), so that a world runs it in the place of a node: its host
 * has a configuration, which tells it whom it may speak to and as what, and a `liar` instead of a
 * `node`. It stores nothing and expects nothing.
 *
 * What must hold with a liar around: nobody crashes or keeps more than its limits allow, everything
 * that others say and tell is of right form, and whom its word does not reach is not harmed. MASC
 * has no proofs (RFC 2909 14): what a child, sibling or parent says about the space that it shares
 * with others may be believed by all who have part in that space, and is then as bad as if it were
 * true. So with a liar of the last three kinds no promise is made inside the space of its parents
 * (plot_is_reached_by_lies()), nor in its own domain and below it, which may be made to believe
 * that they have any space: not who holds what, not that anybody gets anything.
 *
 *   liar.c        connections, what is read, when to speak    liar_words.c   what is said
 */
#ifndef SIM_LIAR_H
#define SIM_LIAR_H

#include "node/node.h"

enum liar_kind {
    LIAR_SILENT,  /* takes connections and never says a word */
    LIAR_GARBAGE, /* random octets, sometimes after a right OPEN */
    LIAR_DRIP,    /* says what is right, one octet at a time */
    LIAR_FLAPPER, /* connects and closes, for ever */
    LIAR_MANGLER, /* a right OPEN, then messages with wrong bits, lengths, types */
    LIAR_GREEDY,  /* flawless MASC that claims what others hold, and heeds nothing */
    LIAR_FORGER,  /* speaks for others, also back to themselves */
};
#define LIAR_KINDS (LIAR_FORGER + 1)

/* It says things that can be believed. */
static inline bool liar_is_credible(enum liar_kind kind)
{
    return kind >= LIAR_MANGLER;
}

struct liar;

/* `cfg` is borrowed. Aborts when there is no memory. */
struct liar *liar_new(enum liar_kind kind, const struct node_config *cfg, uint64_t seed);
void liar_free(struct liar *l); /* NULL is well */
void liar_step(struct liar *l, const struct event *ev, struct out *out);
mono_t liar_deadline(const struct liar *l);

#endif
