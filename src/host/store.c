/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store: records and groups; see store.h. Opening is in store_open.c, columns in store_value.c.
 *
 * A statement that fails may or may not take the whole transaction with it (a full disk does, a
 * refused value does not): sqlite3_get_autocommit() tells. When it does, every record of the group
 * so far has failed; records that follow begin a new group, so that the order of results stays the
 * order of puts.
 */
#include "host/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "host/store_impl.h"

/* More records in one turn than this are our bug: a core stores its own few prefixes. */
#define RESULTS_MAX ((size_t)1 << 20)

static void write_put(struct wr *w, const struct row_type *type)
{
    wr_text(w, "INSERT OR REPLACE INTO ");
    store_write_name(w, type->name);
    wr_text(w, " VALUES (");
    for (unsigned i = 0; i < type->fields; i++)
        wr_text(w, i == 0 ? "?" : ", ?");
    wr_text(w, ")");
}

static void write_remove(struct wr *w, const struct row_type *type)
{
    wr_text(w, "DELETE FROM ");
    store_write_name(w, type->name);
    for (unsigned i = 0; i < type->keys; i++) {
        wr_text(w, i == 0 ? " WHERE " : " AND ");
        store_write_name(w, type->field[i].name);
        wr_text(w, " = ?");
    }
}

static bool prepare_tables(struct store *s, const struct row_type *const *types, size_t n)
{
    CHECK(n <= STORE_TYPES_MAX);
    for (size_t i = 0; i < n; i++) {
        CHECK(types[i]->keys > 0 && types[i]->keys <= types[i]->fields);
        s->table[i] = (struct store_table){
            .type = types[i],
            .put = store_prepare(s->db, write_put, types[i]),
            .remove = store_prepare(s->db, write_remove, types[i]),
        };
        s->tables++;
        if (s->table[i].put == NULL || s->table[i].remove == NULL)
            return false;
    }
    return true;
}

struct store *store_open(const char *directory, const struct row_type *const *types, size_t n,
                         struct wr *why)
{
    char file[4096];
    struct store *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        wr_text(why, "no memory");
        return NULL;
    }
    snprintf(file, sizeof(file), "%s/%s", directory, STORE_FILE);
    s->lock = store_lock(directory, why);
    if (s->lock < 0 || !store_judge(file, types, n, why) ||
        (s->db = store_create(file, types, n, why)) == NULL)
        goto failed;
    if (prepare_tables(s, types, n))
        return s;
    wr_text(why, file);
    wr_text(why, ": ");
    wr_text(why, sqlite3_errmsg(s->db));

failed:
    store_close(s);
    return NULL;
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    store_commit(s);
    for (size_t i = 0; i < s->tables; i++) {
        sqlite3_finalize(s->table[i].put);
        sqlite3_finalize(s->table[i].remove);
    }
    sqlite3_close(s->db);
    if (s->lock >= 0)
        close(s->lock);
    free(s->result);
    free(s);
}

void store_limit_pages(struct store *s, unsigned pages)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %u", pages);
    sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

/* ---- boot ---- */

static bool boot_table(struct store *s, const struct row_type *type,
                       void (*each)(void *, const struct row *), void *arg, struct wr *why)
{
    sqlite3_stmt *stmt = store_prepare(s->db, store_write_select, type);
    struct row row = {.type = type};
    int rc = SQLITE_ERROR;
    bool good = true;

    while (good && stmt != NULL && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        good = store_row(stmt, &row) == NULL; /* as judged by store_judge() */
        if (good)
            each(arg, &row);
    }
    if (rc != SQLITE_DONE) {
        wr_text(why, rc == SQLITE_ROW ? "the store was changed meanwhile" : sqlite3_errmsg(s->db));
        good = false;
    }
    sqlite3_finalize(stmt);
    return good;
}

bool store_boot(struct store *s, void (*each)(void *arg, const struct row *row), void *arg,
                struct wr *why)
{
    for (size_t i = 0; i < s->tables; i++)
        if (!boot_table(s, s->table[i].type, each, arg, why))
            return false;
    return true;
}

/* ---- groups ---- */

static void result_add(struct store *s, uint64_t ticket, enum stored stored)
{
    if (s->used == s->cap) {
        s->cap = s->cap == 0 ? 256 : 2 * s->cap;
        CHECK(s->cap <= RESULTS_MAX);
        s->result = realloc(s->result, s->cap * sizeof(*s->result));
        CHECK(s->result != NULL);
    }
    s->result[s->used++] = (struct store_result){ticket, stored};
}

static void note_trouble(struct store *s)
{
    snprintf(s->trouble, sizeof(s->trouble), "%s", sqlite3_errmsg(s->db));
}

/* Everything since the last commit is lost. */
static void fail_group(struct store *s)
{
    note_trouble(s);
    if (!sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->open = false;
    for (size_t i = s->done; i < s->used; i++)
        s->result[i].stored = STORED_FAILED;
    s->done = s->used;
}

static const struct store_table *find_table(const struct store *s, const struct row_type *type)
{
    for (size_t i = 0; i < s->tables; i++)
        if (s->table[i].type == type)
            return &s->table[i];
    return NULL;
}

static int run(sqlite3_stmt *stmt, const struct row *row, unsigned fields)
{
    int rc = SQLITE_OK;

    for (unsigned i = 0; i < fields && rc == SQLITE_OK; i++)
        rc = store_bind(stmt, (int)i + 1, row->type->field[i].kind, &row->v[i]);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    return rc;
}

void store_put(struct store *s, const struct row *row, uint64_t ticket, bool remove)
{
    const struct store_table *t = find_table(s, row->type);

    CHECK(t != NULL);
    result_add(s, ticket, STORED_OK);
    if (!s->open && sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
        fail_group(s);
        return;
    }
    s->open = true;
    sqlite3_stmt *stmt = remove ? t->remove : t->put;
    int rc = run(stmt, row, remove ? row->type->keys : row->type->fields);
    if (rc != SQLITE_DONE) {
        note_trouble(s);
        s->result[s->used - 1].stored = STORED_FAILED;
    }
    sqlite3_reset(stmt);
    if (rc != SQLITE_DONE && sqlite3_get_autocommit(s->db))
        fail_group(s);
}

bool store_commit(struct store *s)
{
    if (!s->open)
        return true;
    if (sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
        fail_group(s);
        return false;
    }
    bool good = true;
    for (size_t i = s->done; i < s->used; i++)
        good = good && s->result[i].stored == STORED_OK;
    if (good)
        s->trouble[0] = '\0';
    s->open = false;
    s->done = s->used;
    return true;
}

bool store_pending(const struct store *s)
{
    return s->open || s->taken < s->done;
}

bool store_next(struct store *s, uint64_t *ticket, enum stored *stored)
{
    if (s->taken == s->done) {
        if (s->taken == s->used)
            s->taken = s->done = s->used = 0;
        return false;
    }
    *ticket = s->result[s->taken].ticket;
    *stored = s->result[s->taken].stored;
    s->taken++;
    return true;
}

const char *store_trouble(const struct store *s)
{
    return s->trouble;
}
