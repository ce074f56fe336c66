/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * role: who is what to whom (RFC 2909 4, 11.1 Table 1, 8.3; send-side legality A-59).
 */
#ifndef MASC_ROLE_H
#define MASC_ROLE_H

#include <stdbool.h>

#include "masc/wire.h"

/* Table 1 of 11.1: the Updated Origin Role of an UPDATE with Rol `origin` received where the
 * configured role is `local`. Returns false for the cells '---'. */
bool masc_role_update(enum masc_role origin, enum masc_role local, enum masc_role *updated);

/* The table of 8.3: which Rol is legal on the wire with which type (else 3/14). */
bool masc_role_fits_type(enum masc_role origin, enum masc_type type);

/* May an UPDATE of `type` whose origin is `origin` to us be sent to a peer towards which our role
 * is `local`? The matrix of A-59 without its conditions on parents and scopes. PARENT to a parent
 * is legal here: the caller limits it to the origin itself (exceptions 2 and 3 of 11.1). */
bool masc_role_may_send(enum masc_role origin, enum masc_type type, enum masc_role local);

/* The role a peer must have in its OPEN when ours is `local` (8.2 2/8, A-20). */
enum masc_role masc_role_counterpart(enum masc_role local);

#endif
