/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store: what a node must not forget, in one SQLite file (readings A-97, RFC 2909 section 13).
 *
 * One table per stored row type, one column per field in the form a person would write, so that the
 * sqlite3 shell is a sufficient tool to look inside:
 *
 *     FIELD_UINT BOOL SECONDS WALL    INTEGER (WALL: seconds since 1970)
 *     FIELD_TEXT PREFIX ADDR NODE     TEXT ("239.1.0.0/16")
 *     FIELD_DOMAIN                    TEXT (a decimal number, or IPv6 text if above 32 bits)
 *
 * and NULL for what is missing. The key fields are the primary key. Table `schema` has the version
 * of this arrangement and the program that made it.
 *
 * Records are grouped: store_put() adds to the open transaction, store_commit() ends it, and
 * store_next() then gives one result per record, in order. WAL with synchronous=FULL: a result
 * STORED_OK means that the record survives a power cut. A full or failing disk gives STORED_FAILED
 * for every record of the group, and the daemon goes on.
 *
 * At start nothing is repaired and nothing is guessed: a file that is damaged or empty, is no
 * mascot store, has another version or a value that mascot does not write is refused with a
 * message, and not one octet of it is changed.
 */
#ifndef HOST_STORE_H
#define HOST_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/row.h"
#include "base/wr.h"

#define STORE_VERSION 1
#define STORE_FILE "mascot.db"
#define STORE_LOCK "lock"
#define STORE_TYPES_MAX 8

struct store;

/* Locks `directory` and opens the store in it, creating the file if there is none. `types` (n <=
 * STORE_TYPES_MAX, keys > 0) outlive the store. NULL: *why says which file, what is wrong and what
 * to do. */
struct store *store_open(const char *directory, const struct row_type *const *types, size_t n,
                         struct wr *why);
/* Commits what is open. */
void store_close(struct store *s);

/* Calls `each` with every record, table by table in the order of their keys; a row lives until the
 * call returns. False: *why says what could not be read. */
bool store_boot(struct store *s, void (*each)(void *arg, const struct row *row), void *arg,
                struct wr *why);

void store_put(struct store *s, const struct row *row, uint64_t ticket, bool remove);
/* Ends the group; false if it failed. Nothing to do: true. */
bool store_commit(struct store *s);
/* A group is open or results wait. */
bool store_pending(const struct store *s);
bool store_next(struct store *s, uint64_t *ticket, enum stored *stored);
/* Why the last failure failed; "" if nothing failed since the last success. */
const char *store_trouble(const struct store *s);

/* For tests: the file may not grow beyond so many pages. */
void store_limit_pages(struct store *s, unsigned pages);

#endif
