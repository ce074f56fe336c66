/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows: the tables of rows.h.
 *
 * Nothing here but the lists of fields, turned into constant data. The number of fields is checked
 * when compiled; that hosts can render every kind is the business of base/row.
 */
#include "node/rows.h"

#define ROW_TYPE_(variable_, name_, TYPE_)                                                         \
    _Static_assert(TYPE_##_FIELDS <= ROW_FIELDS_MAX, "too many fields in " name_);                 \
    const struct row_type variable_ = {                                                            \
        .name = (name_),                                                                           \
        .fields = TYPE_##_FIELDS,                                                                  \
        .keys = 0,                                                                                 \
        .field = {ROW_##TYPE_##_FIELDS(ROW_FIELD_)},                                               \
    }

ROW_TYPE_(node_row_status, "status", STATUS);
ROW_TYPE_(node_row_counters, "counters", COUNTERS);
ROW_TYPE_(node_row_peer, "peer", PEERS);
ROW_TYPE_(node_row_claim, "claim", CLAIM);
ROW_TYPE_(node_row_prefix, "prefix", PREFIX);
ROW_TYPE_(node_row_tree, "tree", TREE);
ROW_TYPE_(node_row_clash, "clash", CLASH);
