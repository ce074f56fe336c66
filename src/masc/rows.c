/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Row types of the sessions; what their fields mean is told in rows.h.
 *
 * Scripts read the names: a field may be added at the end, none may be renamed.
 */
#include "masc/rows.h"

const struct row_type masc_row_session = {
    .name = "session",
    .fields = MASC_ROW_SESSION_FIELDS,
    .keys = 0,
    .field =
        {
            [MASC_ROW_SESSION_PEER] = {"peer", FIELD_TEXT},
            [MASC_ROW_SESSION_ADDRESS] = {"address", FIELD_ADDR},
            [MASC_ROW_SESSION_DOMAIN] = {"domain", FIELD_DOMAIN},
            [MASC_ROW_SESSION_NODE] = {"node", FIELD_NODE},
            [MASC_ROW_SESSION_EVENT] = {"event", FIELD_TEXT},
            [MASC_ROW_SESSION_STATE] = {"state", FIELD_TEXT},
            [MASC_ROW_SESSION_DIRECTION] = {"direction", FIELD_TEXT},
            [MASC_ROW_SESSION_CODE] = {"code", FIELD_UINT},
            [MASC_ROW_SESSION_SUBCODE] = {"subcode", FIELD_UINT},
            [MASC_ROW_SESSION_REASON] = {"reason", FIELD_TEXT},
            [MASC_ROW_SESSION_RETRY] = {"retry", FIELD_SECONDS},
            [MASC_ROW_SESSION_AGAIN] = {"again", FIELD_UINT},
        },
};
