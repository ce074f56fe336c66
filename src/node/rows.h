/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows: the rows with which a node answers asks.def, as constant tables.
 *
 * Each type is written once, as a list of fields; from it come the table that hosts render by
 * (row.h) and an enum with which the node fills a row: row.v[PEERS_STATE]. Names of types and
 * fields are part of the JSON format: they may be added to, not changed.
 *
 * Words in these rows: `relation` is what the other is to this domain ("self", "parent", "child",
 * "sibling"); `since` of a prefix or claim is its Claim Timestamp; `until` is the end of its life;
 * `ready` is when a pending claim or delay is over and `wait` how long it lasts altogether, so that
 * a reader can tell how much of it is done. A domain 0 is MASC's virtual parent of the top level.
 */
#ifndef NODE_ROWS_H
#define NODE_ROWS_H

#include "base/row.h"

#define ROW_ENUM_(type_, id_, name_, kind_) type_##_##id_,
#define ROW_FIELD_(type_, id_, name_, kind_) {name_, FIELD_##kind_},

/* ready: stored records are read and sessions may start. leaf: no child has claimed anything
 * (12.2). storage: "ok" or "failing". own: own prefixes and claims; in_use, waiting: of them.
 * managed, needed: addresses (masc.h). claims: entries in the table, claims_max its bound, live: of
 * them. */
#define ROW_STATUS_FIELDS(F_)                                                                      \
    F_(STATUS, NAME, "name", TEXT)                                                                 \
    F_(STATUS, DOMAIN, "domain", DOMAIN)                                                           \
    F_(STATUS, NODE, "node", NODE)                                                                 \
    F_(STATUS, READY, "ready", BOOL)                                                               \
    F_(STATUS, TOP, "top_level", BOOL)                                                             \
    F_(STATUS, LEAF, "leaf", BOOL)                                                                 \
    F_(STATUS, STORAGE, "storage", TEXT)                                                           \
    F_(STATUS, PERIOD, "waiting_period", SECONDS)                                                  \
    F_(STATUS, PEERS, "peers", UINT)                                                               \
    F_(STATUS, ESTABLISHED, "established", UINT)                                                   \
    F_(STATUS, OWN, "own", UINT)                                                                   \
    F_(STATUS, IN_USE, "in_use", UINT)                                                             \
    F_(STATUS, WAITING, "waiting", UINT)                                                           \
    F_(STATUS, MANAGED, "managed", UINT)                                                           \
    F_(STATUS, NEEDED, "needed", UINT)                                                             \
    F_(STATUS, CLAIMS, "claims", UINT)                                                             \
    F_(STATUS, CLAIMS_MAX, "claims_max", UINT)                                                     \
    F_(STATUS, LIVE, "live", UINT)                                                                 \
    F_(STATUS, CLASHES, "clashes", UINT)

/* Since start. strangers: connections from addresses of no peering. */
#define ROW_COUNTERS_FIELDS(F_)                                                                    \
    F_(COUNTERS, RECEIVED, "received", UINT)                                                       \
    F_(COUNTERS, DUPLICATES, "duplicates", UINT)                                                   \
    F_(COUNTERS, EXPIRED, "expired_on_arrival", UINT)                                              \
    F_(COUNTERS, REFUSED, "refused", UINT)                                                         \
    F_(COUNTERS, UNASSOCIATED, "unassociated", UINT)                                               \
    F_(COUNTERS, TABLE_FULL, "table_full", UINT)                                                   \
    F_(COUNTERS, RELAYED, "relayed", UINT)                                                         \
    F_(COUNTERS, WON, "collisions_won", UINT)                                                      \
    F_(COUNTERS, LOST, "collisions_lost", UINT)                                                    \
    F_(COUNTERS, CLASHES, "clashes", UINT)                                                         \
    F_(COUNTERS, STRANGERS, "strangers", UINT)

/* hold_time 0 is agreed "never"; missing before an OPEN. retry: the next automatic start.
 * sessions: times established. stopped: by the operator. error: the last one; error_from "us" or
 * "peer". */
#define ROW_PEERS_FIELDS(F_)                                                                       \
    F_(PEERS, NAME, "name", TEXT)                                                                  \
    F_(PEERS, RELATION, "relation", TEXT)                                                          \
    F_(PEERS, DOMAIN, "domain", DOMAIN)                                                            \
    F_(PEERS, ADDRESS, "address", ADDR)                                                            \
    F_(PEERS, PORT, "port", UINT)                                                                  \
    F_(PEERS, STATE, "state", TEXT)                                                                \
    F_(PEERS, SINCE, "since", WALL)                                                                \
    F_(PEERS, RETRY, "retry", WALL)                                                                \
    F_(PEERS, STOPPED, "stopped", BOOL)                                                            \
    F_(PEERS, NODE, "node", NODE)                                                                  \
    F_(PEERS, HOLD_TIME, "hold_time", SECONDS)                                                     \
    F_(PEERS, SESSIONS, "sessions", UINT)                                                          \
    F_(PEERS, UPDATES_IN, "updates_in", UINT)                                                      \
    F_(PEERS, UPDATES_OUT, "updates_out", UINT)                                                    \
    F_(PEERS, QUEUED, "queued", UINT)                                                              \
    F_(PEERS, ERROR, "error", TEXT)                                                                \
    F_(PEERS, ERROR_FROM, "error_from", TEXT)

/* type: the RFC's word. parent: the domain in whose space it lies. held: when it is forgotten by
 * its Claim Holdtime. */
#define ROW_CLAIM_FIELDS(F_)                                                                       \
    F_(CLAIM, PREFIX, "prefix", PREFIX)                                                            \
    F_(CLAIM, TYPE, "type", TEXT)                                                                  \
    F_(CLAIM, STATE, "state", TEXT)                                                                \
    F_(CLAIM, RELATION, "relation", TEXT)                                                          \
    F_(CLAIM, DOMAIN, "domain", DOMAIN)                                                            \
    F_(CLAIM, NODE, "node", NODE)                                                                  \
    F_(CLAIM, PARENT, "parent", DOMAIN)                                                            \
    F_(CLAIM, SINCE, "since", WALL)                                                                \
    F_(CLAIM, UNTIL, "until", WALL)                                                                \
    F_(CLAIM, HELD, "held", WALL)                                                                  \
    F_(CLAIM, DEPRECATED, "deprecated", BOOL)

/* size, used: addresses. usable: told to the address servers; routed: told to the routing.
 * unstored: in use, but not yet written since another node or a change told of it. */
#define ROW_PREFIX_FIELDS(F_)                                                                      \
    F_(PREFIX, PREFIX, "prefix", PREFIX)                                                           \
    F_(PREFIX, STATE, "state", TEXT)                                                               \
    F_(PREFIX, PURPOSE, "purpose", TEXT)                                                           \
    F_(PREFIX, SCOPE, "scope", TEXT)                                                               \
    F_(PREFIX, PARENT, "parent", DOMAIN)                                                           \
    F_(PREFIX, NODE, "node", NODE)                                                                 \
    F_(PREFIX, OPERATOR, "by_operator", BOOL)                                                      \
    F_(PREFIX, SINCE, "since", WALL)                                                               \
    F_(PREFIX, READY, "ready", WALL)                                                               \
    F_(PREFIX, WAIT, "wait", SECONDS)                                                              \
    F_(PREFIX, UNTIL, "until", WALL)                                                               \
    F_(PREFIX, SIZE, "size", UINT)                                                                 \
    F_(PREFIX, USED, "used", UINT)                                                                 \
    F_(PREFIX, USABLE, "usable", BOOL)                                                             \
    F_(PREFIX, ROUTED, "routed", BOOL)                                                             \
    F_(PREFIX, CLASHED, "clashed", BOOL)                                                           \
    F_(PREFIX, DEPRECATED, "deprecated", BOOL)                                                     \
    F_(PREFIX, UNSTORED, "unstored", BOOL)

/* In display order: a row lies under the nearest one before it whose depth is smaller. state:
 * "range", "managed", "in use", "waiting", "storing", "delayed", "claimed" (by others), "wanted" (a
 * hint: a size, no address yet), "lost", "denied", "withdrawn", "clash". name: of the domain, if
 * the configuration knows one. */
#define ROW_TREE_FIELDS(F_)                                                                        \
    F_(TREE, DEPTH, "depth", UINT)                                                                 \
    F_(TREE, PREFIX, "prefix", PREFIX)                                                             \
    F_(TREE, DOMAIN, "domain", DOMAIN)                                                             \
    F_(TREE, NAME, "name", TEXT)                                                                   \
    F_(TREE, RELATION, "relation", TEXT)                                                           \
    F_(TREE, STATE, "state", TEXT)                                                                 \
    F_(TREE, PURPOSE, "purpose", TEXT)                                                             \
    F_(TREE, SINCE, "since", WALL)                                                                 \
    F_(TREE, READY, "ready", WALL)                                                                 \
    F_(TREE, WAIT, "wait", SECONDS)                                                                \
    F_(TREE, UNTIL, "until", WALL)

/* range: where they overlap. result: "won", "lost", or "undecided": the operator has to say. */
#define ROW_CLASH_FIELDS(F_)                                                                       \
    F_(CLASH, RANGE, "range", PREFIX)                                                              \
    F_(CLASH, OURS, "ours", PREFIX)                                                                \
    F_(CLASH, THEIRS, "theirs", PREFIX)                                                            \
    F_(CLASH, DOMAIN, "domain", DOMAIN)                                                            \
    F_(CLASH, NODE, "node", NODE)                                                                  \
    F_(CLASH, RESULT, "result", TEXT)                                                              \
    F_(CLASH, SINCE, "since", WALL)                                                                \
    F_(CLASH, UNTIL, "until", WALL)

enum row_status_field { ROW_STATUS_FIELDS(ROW_ENUM_) STATUS_FIELDS };
enum row_counters_field { ROW_COUNTERS_FIELDS(ROW_ENUM_) COUNTERS_FIELDS };
enum row_peers_field { ROW_PEERS_FIELDS(ROW_ENUM_) PEERS_FIELDS };
enum row_claim_field { ROW_CLAIM_FIELDS(ROW_ENUM_) CLAIM_FIELDS };
enum row_prefix_field { ROW_PREFIX_FIELDS(ROW_ENUM_) PREFIX_FIELDS };
enum row_tree_field { ROW_TREE_FIELDS(ROW_ENUM_) TREE_FIELDS };
enum row_clash_field { ROW_CLASH_FIELDS(ROW_ENUM_) CLASH_FIELDS };

extern const struct row_type node_row_status;
extern const struct row_type node_row_counters;
extern const struct row_type node_row_peer;
extern const struct row_type node_row_claim;
extern const struct row_type node_row_prefix;
extern const struct row_type node_row_tree;
extern const struct row_type node_row_clash;

#endif
