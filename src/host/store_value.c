/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_value: one field to and from one column, one row from a table; the table of forms is in
 * store.h.
 *
 * SQLite integers are signed: a FIELD_UINT above 2^63 is kept with its bits, as a negative number.
 * Reading is strict, since a person may have edited the file: a value of another type or form is an
 * error, never zero.
 */
#include <string.h>

#include "base/text.h"
#include "host/store_impl.h"

const char *store_column_type(enum field_kind kind)
{
    switch (kind) {
    case FIELD_UINT:
    case FIELD_BOOL:
    case FIELD_WALL:
    case FIELD_SECONDS: return "INTEGER";
    case FIELD_TEXT:
    case FIELD_PREFIX:
    case FIELD_ADDR:
    case FIELD_DOMAIN:
    case FIELD_NODE: return "TEXT";
    }
    return "TEXT";
}

static int bind_text(sqlite3_stmt *stmt, int index, const char *text)
{
    return sqlite3_bind_text(stmt, index, text, -1, SQLITE_TRANSIENT);
}

static struct addr addr_of_id(u128 id)
{
    return (struct addr){id, id >> 32 == 0 ? FAMILY_IPV4 : FAMILY_IPV6};
}

static int bind_domain(sqlite3_stmt *stmt, int index, u128 id)
{
    char text[PREFIX_TEXT_MAX];
    struct wr w = wr_init(text, sizeof(text));

    if (id >> 32 != 0)
        return bind_text(stmt, index, addr_format(addr_of_id(id), text));
    wr_decimal(&w, (uint64_t)id);
    return bind_text(stmt, index, wr_nul(&w));
}

int store_bind(sqlite3_stmt *stmt, int index, enum field_kind kind, const union value *v)
{
    char text[PREFIX_TEXT_MAX];

    switch (kind) {
    case FIELD_UINT:
    case FIELD_BOOL: return sqlite3_bind_int64(stmt, index, (sqlite3_int64)v->u);
    case FIELD_SECONDS:
        return v->u == UINT64_MAX ? sqlite3_bind_null(stmt, index)
                                  : sqlite3_bind_int64(stmt, index, (sqlite3_int64)v->u);
    case FIELD_WALL:
        return v->wall.s == INT64_MAX ? sqlite3_bind_null(stmt, index)
                                      : sqlite3_bind_int64(stmt, index, v->wall.s);
    case FIELD_TEXT:
        return v->text == NULL ? sqlite3_bind_null(stmt, index) : bind_text(stmt, index, v->text);
    case FIELD_PREFIX:
        return v->prefix.family == 0 ? sqlite3_bind_null(stmt, index)
                                     : bind_text(stmt, index, prefix_format(v->prefix, text));
    case FIELD_ADDR:
        return v->addr.family == 0 ? sqlite3_bind_null(stmt, index)
                                   : bind_text(stmt, index, addr_format(v->addr, text));
    case FIELD_DOMAIN: return bind_domain(stmt, index, v->id);
    case FIELD_NODE: return bind_text(stmt, index, addr_format(addr_of_id(v->id), text));
    }
    return SQLITE_MISUSE;
}

/* What a missing value is. */
static bool missing(enum field_kind kind, union value *v)
{
    switch (kind) {
    case FIELD_TEXT: v->text = NULL; return true;
    case FIELD_PREFIX: v->prefix = (struct prefix){0, 0, 0}; return true;
    case FIELD_ADDR: v->addr = (struct addr){0, 0}; return true;
    case FIELD_WALL: v->wall = (wall_t){INT64_MAX}; return true;
    case FIELD_SECONDS: v->u = UINT64_MAX; return true;
    case FIELD_UINT:
    case FIELD_BOOL:
    case FIELD_DOMAIN:
    case FIELD_NODE: return false;
    }
    return false;
}

static bool id_parse(u128 *id, const char *text)
{
    uint64_t number;
    struct addr a;

    if (text_parse_u64(&number, text)) {
        *id = number;
        return number >> 32 == 0;
    }
    if (!addr_parse(&a, text))
        return false;
    *id = a.addr;
    return true;
}

static bool column_integer(int type, sqlite3_int64 n, enum field_kind kind, union value *v)
{
    if (type != SQLITE_INTEGER || (kind == FIELD_BOOL && n != 0 && n != 1))
        return false;
    if (kind == FIELD_WALL)
        v->wall = (wall_t){n};
    else
        v->u = (uint64_t)n;
    return true;
}

static bool column_text(const char *text, enum field_kind kind, union value *v)
{
    switch (kind) {
    case FIELD_TEXT: v->text = text; return true;
    case FIELD_PREFIX: return prefix_parse(&v->prefix, text);
    case FIELD_ADDR: return addr_parse(&v->addr, text);
    case FIELD_DOMAIN:
    case FIELD_NODE: return id_parse(&v->id, text);
    case FIELD_UINT:
    case FIELD_BOOL:
    case FIELD_WALL:
    case FIELD_SECONDS: return false;
    }
    return false;
}

bool store_column(sqlite3_stmt *stmt, int index, enum field_kind kind, union value *v)
{
    int type = sqlite3_column_type(stmt, index);
    const char *text;

    memset(v, 0, sizeof(*v));
    if (type == SQLITE_NULL)
        return missing(kind, v);
    if (strcmp(store_column_type(kind), "INTEGER") == 0)
        return column_integer(type, sqlite3_column_int64(stmt, index), kind, v);
    if (type != SQLITE_TEXT)
        return false;
    text = (const char *)sqlite3_column_text(stmt, index);
    return text != NULL && column_text(text, kind, v);
}

void store_write_name(struct wr *w, const char *name)
{
    wr_u8(w, '"');
    wr_text(w, name);
    wr_u8(w, '"');
}

const char *store_row(sqlite3_stmt *stmt, struct row *row)
{
    for (unsigned i = 0; i < row->type->fields; i++)
        if (!store_column(stmt, (int)i, row->type->field[i].kind, &row->v[i]))
            return row->type->field[i].name;
    return NULL;
}

void store_write_select(struct wr *w, const struct row_type *type)
{
    wr_text(w, "SELECT * FROM ");
    store_write_name(w, type->name);
    wr_text(w, " ORDER BY ");
    for (unsigned i = 0; i < type->keys; i++) {
        wr_text(w, i == 0 ? "" : ", ");
        store_write_name(w, type->field[i].name);
    }
}

sqlite3_stmt *store_prepare(sqlite3 *db, void (*write)(struct wr *, const struct row_type *),
                            const struct row_type *type)
{
    char sql[STORE_SQL_MAX];
    struct wr w = wr_init(sql, sizeof(sql));
    sqlite3_stmt *stmt = NULL;

    write(&w, type);
    CHECK(wr_ok(&w));
    if (sqlite3_prepare_v3(db, wr_nul(&w), -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
        return NULL;
    return stmt;
}
