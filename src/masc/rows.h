/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows: the row types of the sessions. Names and order of fields are part of the JSON format.
 */
#ifndef MASC_ROWS_H
#define MASC_ROWS_H

#include "base/row.h"

/*
 * session: something happened to a peering or to a connection. `event` is one of
 *   established, down (left Established), idle (an error before Established), closed (one of two
 *   connections ended, the other goes on), stopped, error (a NOTIFICATION that left the session
 *   open), unreachable (the first failed connect since the last success), version (no common
 *   version, 9), refused (an accepted connection that was never joined to a peering), stranger
 *   (14: no peering has that address; name is missing).
 * `state` is that of the peering after it. `direction` tells who sent the NOTIFICATION with `code`
 * and `subcode`: "sent", "received", or missing if there was none. `again` counts rows of this kind
 * that were left out since the last one.
 */
extern const struct row_type masc_row_session;

enum masc_row_session_field {
    MASC_ROW_SESSION_PEER,
    MASC_ROW_SESSION_ADDRESS,
    MASC_ROW_SESSION_DOMAIN,
    MASC_ROW_SESSION_NODE,
    MASC_ROW_SESSION_EVENT,
    MASC_ROW_SESSION_STATE,
    MASC_ROW_SESSION_DIRECTION,
    MASC_ROW_SESSION_CODE,
    MASC_ROW_SESSION_SUBCODE,
    MASC_ROW_SESSION_REASON,
    MASC_ROW_SESSION_RETRY,
    MASC_ROW_SESSION_AGAIN,
    MASC_ROW_SESSION_FIELDS,
};

#endif
