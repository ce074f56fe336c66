/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * open: what our OPEN says, and whether another's is acceptable (RFC 2909 7.2, 8.2).
 *
 * masc_open_decode() has judged what the octets show; here is what needs the configuration, in the
 * order of A-24: Hold Time policy (2/6), Domain (2/2), Node (2/3), Role (2/8), then 2/7 between
 * internal peers, or 2/9 and 2/10 between siblings. The parent field is ignored on CHILD and PARENT
 * sessions. Collisions come after all errors and are not judged here.
 */
#ifndef MASC_OPEN_H
#define MASC_OPEN_H

#include "base/rd.h"
#include "masc/config.h"
#include "masc/wire.h"

/* Room for the Data of any judgement: all parents as 16-octet identifiers. */
#define MASC_OPEN_DATA_MAX ((MASC_PARENTS_MAX + 1) * 16)

/* Our OPEN to the remote of `p`, never with optional parameters; identifiers in the family that is
 * configured, else that of the address; IPv6 if one does not fit in 4 octets. */
struct masc_open masc_open_make(const struct masc_config *c, const struct masc_peer_config *p,
                                uint8_t version);

/* The fault of a decoded OPEN whose octets after the header are `body`, or none. Code 7 (Cease): a
 * sibling named another parent than ours for this connection, and both are common. Data may
 * point into `body` or into `data`. */
struct masc_fault masc_open_judge(const struct masc_config *c, const struct masc_peer_config *p,
                                  const struct masc_open *o, struct rd body,
                                  uint8_t data[MASC_OPEN_DATA_MAX]);

/* How far that judgement got: the more, the likelier the OPEN was meant for this peering. */
unsigned masc_open_nearness(const struct masc_fault *fault);

#endif
