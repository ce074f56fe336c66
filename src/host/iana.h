/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iana: which multicast addresses IANA keeps for other purposes, as far as it concerns the choice
 * of a range to claim from. RFC 2909's global pool, 228/6, is among them today: the
 * daemon uses what its operator wrote, and says so.
 *
 * Only whole blocks (RFC 5771, RFC 6034, RFC 4607, RFC 3306, RFC 4291); single groups are not
 * listed here.
 */
#ifndef HOST_IANA_H
#define HOST_IANA_H

#include <stdbool.h>

#include "base/prefix.h"
#include "base/wr.h"

/* True, and a sentence about it, if `p` meets a block that is not free for local use. */
bool iana_warn(struct prefix p, struct wr *w);

#endif
