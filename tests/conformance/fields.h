/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fields: what a message says, as the keys and texts of rfc2909.vectors, read twice: from the
 * octets by position (also of messages in error) and from the values of our decoders.
 */
#ifndef MASCOT_CONFORMANCE_FIELDS_H
#define MASCOT_CONFORMANCE_FIELDS_H

#include "masc/wire.h"
#include "tests/conformance/vectors.h"

/* `local` is the configured role of the receiver, for aN.updated. */
void fields_of_octets(struct vector_fields *f, const struct hex *message, enum masc_role local);

void fields_of_open(struct vector_fields *f, const struct masc_open *o);
void fields_of_notification(struct vector_fields *f, const struct masc_notification *n);
void fields_of_attr(struct vector_fields *f, unsigned i, const struct masc_attr *a,
                    enum masc_role local);

#endif
