/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_impl: what the files behind store.h share: store.c (records and groups), store_open.c
 * (locking, judging and creating the file), store_value.c (fields to and from columns).
 * Nothing is written before store_judge() has looked at all of it.
 */
#ifndef HOST_STORE_IMPL_H
#define HOST_STORE_IMPL_H

#include <sqlite3.h>

#include "host/store.h"

#define STORE_SQL_MAX 4096
#define STORE_TROUBLE_MAX 256

/* PRAGMA application_id of our files: "masc". */
#define STORE_APPLICATION 0x6d617363

struct store_table {
    const struct row_type *type;
    sqlite3_stmt *put, *remove;
};

struct store_result {
    uint64_t ticket;
    enum stored stored;
};

struct store {
    sqlite3 *db;
    int lock; /* descriptor of the lock file */
    size_t tables;
    struct store_table table[STORE_TYPES_MAX];
    bool open; /* a transaction is */
    struct store_result *result; /* [taken, done) can be fetched, [done, used) are in the group */
    size_t taken, done, used, cap;
    char trouble[STORE_TROUBLE_MAX];
};

/* Takes the exclusive lock of the directory: a descriptor, or -1 and *why. */
int store_lock(const char *directory, struct wr *why);
/* Looks at the file without writing: true if it is absent, or ours and sound to the last value. */
bool store_judge(const char *file, const struct row_type *const *types, size_t n, struct wr *why);
/* Opens for writing and makes the tables that are not there. NULL: *why. */
sqlite3 *store_create(const char *file, const struct row_type *const *types, size_t n,
                      struct wr *why);

/* The declared type of a column. */
const char *store_column_type(enum field_kind kind);
int store_bind(sqlite3_stmt *stmt, int index, enum field_kind kind, const union value *v);
/* False: the column does not hold what the field wants. Texts live until the statement steps. */
bool store_column(sqlite3_stmt *stmt, int index, enum field_kind kind, union value *v);

/* The record that the statement stands on: NULL, or the name of the column that store_column() does
 * not take. */
const char *store_row(sqlite3_stmt *stmt, struct row *row);
/* Appends the SELECT of all records in the order of their keys. */
void store_write_select(struct wr *w, const struct row_type *type);
/* A statement as `write` words it; NULL: sqlite3_errmsg(). */
sqlite3_stmt *store_prepare(sqlite3 *db, void (*write)(struct wr *, const struct row_type *),
                            const struct row_type *type);

/* Appends a name as SQL wants it: in quotes, '-' allowed. */
void store_write_name(struct wr *w, const char *name);

#endif
