/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_open: locking the state directory, judging the file that lies there, creating a new one.
 *
 * The order matters. The lock comes first, so that nobody else writes meanwhile. Then the file is
 * opened read-only and judged: is it SQLite, is it sound (PRAGMA quick_check), is it ours
 * (application_id), has it our version, our columns, and in every column what its field wants? Only
 * then is it opened for writing. The lock is on a file of its own that is never removed: removing
 * it would let two daemons hold locks on two files of one name.
 *
 * A new store is made under another name, and renamed when it is whole: so no start that was cut
 * short leaves an empty file, and one that is found empty has lost what it had.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "host/store_impl.h"

#define MOVE_AWAY                                                                                  \
    "; the file was not changed: move it away to start with nothing, or put a copy back"

static void say(struct wr *why, const char *file, const char *what, const char *more)
{
    wr_text(why, file);
    wr_text(why, ": ");
    wr_text(why, what);
    wr_text(why, more);
}

int store_lock(const char *directory, struct wr *why)
{
    char path[4096], pid[32];

    snprintf(path, sizeof(path), "%s/%s", directory, STORE_LOCK);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        say(why, path, "cannot be opened: ", strerror(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        say(why, directory, "another mascotd uses this state-directory",
            "; stop it, or give this one a directory of its own");
        close(fd);
        return -1;
    }
    int len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    /* For people only: the lock, not the number, keeps others out. */
    if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)len, 0) != len)
        errno = 0;
    return fd;
}

/* ---- judging ---- */

/* The first column of the first row of `sql` as a number; false if there is none. */
static bool query_number(sqlite3 *db, const char *sql, int64_t *n)
{
    sqlite3_stmt *stmt = NULL;
    bool got = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
               sqlite3_step(stmt) == SQLITE_ROW;

    if (got)
        *n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return got;
}

static bool quick_check(sqlite3 *db, const char *file, struct wr *why)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
    bool good = false;

    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        good = text != NULL && strcmp(text, "ok") == 0;
        if (!good)
            say(why, file, "damaged: ", text == NULL ? "unreadable" : text);
    } else if (rc == SQLITE_NOTADB) {
        say(why, file, "is no SQLite database", "");
    } else {
        say(why, file, "cannot be read: ", sqlite3_errmsg(db));
    }
    sqlite3_finalize(stmt);
    return good;
}

/* The columns of a table that is there are those of the type, in order. */
static bool columns_match(sqlite3 *db, const struct row_type *type, bool *there)
{
    sqlite3_stmt *stmt = NULL;
    unsigned at = 0;
    bool good = true;

    if (sqlite3_prepare_v2(db, "SELECT name FROM pragma_table_info(?1) ORDER BY cid", -1, &stmt,
                           NULL) != SQLITE_OK)
        return false;
    sqlite3_bind_text(stmt, 1, type->name, -1, SQLITE_STATIC);
    for (; sqlite3_step(stmt) == SQLITE_ROW; at++) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        good = good && name != NULL && at < type->fields && strcmp(name, type->field[at].name) == 0;
    }
    sqlite3_finalize(stmt);
    *there = at > 0;
    return at == 0 || (good && at == type->fields);
}

/* Every value of a table that is there is one that we write. */
static bool judge_values(sqlite3 *db, const char *file, const struct row_type *type,
                         struct wr *why)
{
    struct row row = {.type = type};
    sqlite3_stmt *stmt = store_prepare(db, store_write_select, type);
    int rc = SQLITE_ERROR;
    bool good = stmt != NULL;

    while (good && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *column = store_row(stmt, &row);
        good = column == NULL;
        if (!good) {
            say(why, file, "table ", type->name);
            wr_text(why, ", column ");
            say(why, column, "a value that mascot did not write; correct or delete the record", "");
        }
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        say(why, file, "cannot be read: ", sqlite3_errmsg(db));
        good = false;
    }
    sqlite3_finalize(stmt);
    return good;
}

static bool judge_tables(sqlite3 *db, const char *file, const struct row_type *const *types,
                         size_t n, struct wr *why)
{
    bool there;

    for (size_t i = 0; i < n; i++) {
        if (!columns_match(db, types[i], &there)) {
            say(why, file, "was made by another version of mascot: other columns in table ",
                types[i]->name);
            return false;
        }
        if (there && !judge_values(db, file, types[i], why))
            return false;
    }
    return true;
}

static bool judge_version(sqlite3 *db, const char *file, struct wr *why)
{
    int64_t application = 0, version = 0;

    if (!query_number(db, "PRAGMA application_id", &application)) {
        say(why, file, "cannot be read: ", sqlite3_errmsg(db));
        return false;
    }
    if (application != STORE_APPLICATION ||
        !query_number(db, "SELECT max(version) FROM schema", &version)) {
        say(why, file, "is an SQLite database, but not a store of mascot", "");
        return false;
    }
    if (version == STORE_VERSION)
        return true;
    char text[96];
    snprintf(text, sizeof(text), "has schema version %lld, this mascot understands %d",
             (long long)version, STORE_VERSION);
    say(why, file, text, "");
    return false;
}

/* No file is a new start, unless the records that were written last lie there without it. */
static bool judge_absence(const char *file, struct wr *why)
{
    char wal[4096];
    struct stat st;

    snprintf(wal, sizeof(wal), "%s-wal", file);
    if (stat(wal, &st) < 0 || st.st_size == 0)
        return true;
    say(why, file, "is not there, but its last records are, in ", wal);
    wr_text(why, "; nothing was changed: put a copy back, or move that away to start with nothing");
    return false;
}

bool store_judge(const char *file, const struct row_type *const *types, size_t n, struct wr *why)
{
    sqlite3 *db = NULL;
    struct stat st;
    bool good = false;

    if (stat(file, &st) < 0) {
        if (errno == ENOENT)
            return judge_absence(file, why);
        say(why, file, "cannot be looked at: ", strerror(errno));
        return false;
    }
    if (st.st_size == 0)
        say(why, file, "is empty: what it had is lost", "");
    else if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        say(why, file, "cannot be opened: ", db == NULL ? "no memory" : sqlite3_errmsg(db));
    else
        good = quick_check(db, file, why) && judge_version(db, file, why) &&
               judge_tables(db, file, types, n, why);
    if (!good)
        wr_text(why, MOVE_AWAY);
    sqlite3_close(db);
    return good;
}

/* ---- creating ---- */

static void write_table(struct wr *w, const struct row_type *type)
{
    wr_text(w, "CREATE TABLE IF NOT EXISTS ");
    store_write_name(w, type->name);
    wr_text(w, " (");
    for (unsigned i = 0; i < type->fields; i++) {
        store_write_name(w, type->field[i].name);
        wr_u8(w, ' ');
        wr_text(w, store_column_type(type->field[i].kind));
        wr_text(w, i < type->keys ? " NOT NULL, " : ", ");
    }
    wr_text(w, "PRIMARY KEY (");
    for (unsigned i = 0; i < type->keys; i++) {
        wr_text(w, i == 0 ? "" : ", ");
        store_write_name(w, type->field[i].name);
    }
    wr_text(w, ")) WITHOUT ROWID;\n");
}

/* All in one transaction: either there is a whole schema or none. */
static bool make_schema(sqlite3 *db, const struct row_type *const *types, size_t n)
{
    char sql[STORE_SQL_MAX * 2], head[256];
    struct wr w = wr_init(sql, sizeof(sql));

    snprintf(head, sizeof(head),
             "BEGIN IMMEDIATE;\n"
             "PRAGMA application_id = %d;\n"
             "CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL, program TEXT);\n",
             STORE_APPLICATION);
    wr_text(&w, head);
    snprintf(head, sizeof(head),
             "INSERT INTO schema SELECT %d, 'mascot " MASCOT_VERSION "'\n"
             "  WHERE NOT EXISTS (SELECT 1 FROM schema);\n",
             STORE_VERSION);
    wr_text(&w, head);
    for (size_t i = 0; i < n; i++)
        write_table(&w, types[i]);
    wr_text(&w, "COMMIT;");
    CHECK(wr_ok(&w));
    return sqlite3_exec(db, wr_nul(&w), NULL, NULL, NULL) == SQLITE_OK;
}

/* So that the name of a new file survives a power cut. */
static bool sync_directory(const char *file)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s", file);
    int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static bool make_new(const char *file, const struct row_type *const *types, size_t n,
                     struct wr *why)
{
    static const char *const left[] = {"", "-journal"}; /* by a start that was cut short */
    char fresh[4096], path[4096 + 16];
    sqlite3 *db = NULL;

    snprintf(fresh, sizeof(fresh), "%s.new", file);
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", fresh, left[i]);
        unlink(path);
    }
    int rc = sqlite3_open_v2(fresh, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    bool good = rc == SQLITE_OK && make_schema(db, types, n);
    if (!good)
        say(why, file, "cannot be written: ", db == NULL ? "no memory" : sqlite3_errmsg(db));
    sqlite3_close(db);
    if (good && (rename(fresh, file) < 0 || !sync_directory(file))) {
        say(why, file, "cannot be written: ", strerror(errno));
        good = false;
    }
    return good;
}

static sqlite3 *open_to_write(const char *file, const struct row_type *const *types, size_t n,
                              struct wr *why)
{
    static const char setup[] = "PRAGMA journal_mode = WAL;"
                                "PRAGMA synchronous = FULL;"
                                "PRAGMA trusted_schema = OFF;"
                                "PRAGMA journal_size_limit = 4194304;";
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, setup, NULL, NULL, NULL);
    if (rc == SQLITE_OK && make_schema(db, types, n))
        return db;
    say(why, file, "cannot be written: ", db == NULL ? "no memory" : sqlite3_errmsg(db));
    sqlite3_close(db);
    return NULL;
}

sqlite3 *store_create(const char *file, const struct row_type *const *types, size_t n,
                      struct wr *why)
{
    mode_t mask = umask(0077);
    sqlite3 *db = NULL;

    if (access(file, F_OK) == 0 || make_new(file, types, n, why))
        db = open_to_write(file, types, n, why);
    umask(mask);
    return db;
}
