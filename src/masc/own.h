/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own: what own.c, own_kept.c and own_learn.c share. Not for other files.
 */
#ifndef MASC_OWN_H
#define MASC_OWN_H

#include "masc/speaker.h"

/* ---- own_kept.c ---- */

/* A free place filled with `wish`, or NULL. */
struct own *own_take_place(struct masc *m, const struct own *wish);
/* Frees the place of what the store does not have; takes back what MAASs and G-RIB were told. */
void own_drop(struct masc *m, struct own *o, struct out *out);
/* The same for what the store may have: it is to forget it, and is asked until it did. */
void own_forget(struct masc *m, struct own *o, struct out *out);
/* Stores or removes the record of `o`: something waits for the answer (own_stored). */
void own_store(struct masc *m, struct own *o, bool remove, struct out *out);
/* The record of a prefix in use is to be stored as it is now: by own_store_again, until it is. */
void own_keep(struct masc *m, struct own *o);
/* Writes to the store what is due: own_keep, and what failed. When it is to be called next. */
mono_t own_store_again(struct masc *m, struct out *out);

/* ---- own.c ---- */

/* The store has the claim: it is allocated. */
void own_allocated(struct masc *m, struct own *o, struct out *out);
/* The store has forgotten the prefix: it is withdrawn. */
void own_released(struct masc *m, struct own *o, struct out *out);
void own_log(struct masc *m, const struct own *o, const char *event, const char *reason,
             struct out *out);
/* Tells parents and siblings PREFIX_IN_USE, children PREFIX_MANAGED (5.1 d, A-56). */
void own_announce(struct masc *m, const struct own *o, uint16_t flags, struct out *out);
/* Older own prefixes that `o` covers go; true if there was any. */
bool own_supersede(struct masc *m, struct own *o, struct out *out);
/* What is released is not claimed again by a renewal under way. */
void own_cancel_renewals(struct masc *m, struct prefix released, struct out *out);
/* With a prefix goes what was claimed in it for own hosts. */
void own_release_uncovered(struct masc *m, struct out *out);

#endif
