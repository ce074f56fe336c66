/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_test: records survive, damage is refused and left alone, a full disk is no end.
 */
#include "tests/tap.h"

#include "base/text.h"
#include "host/store.h"
#include "host/test_dir.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

static const struct row_type thing = {
    .name = "thing-1",
    .fields = 9,
    .keys = 2,
    .field = {{"prefix", FIELD_PREFIX},
              {"at", FIELD_WALL},
              {"n", FIELD_UINT},
              {"word", FIELD_TEXT},
              {"on", FIELD_BOOL},
              {"addr", FIELD_ADDR},
              {"domain", FIELD_DOMAIN},
              {"node", FIELD_NODE},
              {"for", FIELD_SECONDS}},
};

static const struct row_type other = {
    .name = "other", .fields = 2, .keys = 1, .field = {{"k", FIELD_UINT}, {"v", FIELD_TEXT}}};

static const struct row_type *const types[] = {&thing, &other};

static char reason[1024];

static struct store *open_in(const struct test_dir *d)
{
    struct wr why = wr_init(reason, sizeof(reason));
    struct store *s = store_open(d->path, types, 2, &why);

    wr_nul(&why);
    return s;
}

static struct row a_thing(const char *prefix, int64_t at)
{
    struct row r = {.type = &thing};

    prefix_parse(&r.v[0].prefix, prefix);
    r.v[1].wall.s = at;
    r.v[2].u = UINT64_MAX;
    r.v[3].text = "it's \"quoted\"";
    r.v[4].u = 1;
    addr_parse(&r.v[5].addr, "2001:db8::1");
    r.v[6].id = 65001;
    r.v[7].id = 0x7F00000A;
    r.v[8].u = 90;
    return r;
}

/* Rows booted: JSON lines one after the other. */
static char booted[8192];
static struct wr boot_writer;

static void boot_one(void *arg, const struct row *row)
{
    (void)arg;
    row_write_json(&boot_writer, row);
    wr_u8(&boot_writer, '\n');
}

static bool boot(struct store *s)
{
    struct wr why = wr_init(reason, sizeof(reason));

    boot_writer = wr_init(booted, sizeof(booted));
    bool good = store_boot(s, boot_one, NULL, &why);
    wr_nul(&boot_writer);
    wr_nul(&why);
    return good;
}

static void expect_result(struct store *s, uint64_t ticket, enum stored stored)
{
    uint64_t t = 0;
    enum stored got = STORED_CONFLICT;

    EXPECT(store_next(s, &t, &got));
    EXPECT_UEQ(t, ticket);
    EXPECT_EQ(got, stored);
}

TEST(round_trip, "M-13-02")
{
    struct test_dir d;
    struct row r = a_thing("239.1.0.0/16", 1795197725);
    char json[1024];
    struct wr w = wr_init(json, sizeof(json));

    REQUIRE(test_dir_make(&d));
    struct store *s = open_in(&d);
    REQUIRE(s != NULL);
    store_put(s, &r, 7, false);
    EXPECT(store_pending(s));
    EXPECT(store_commit(s));
    expect_result(s, 7, STORED_OK);
    EXPECT(!store_pending(s));
    store_close(s);

    s = open_in(&d);
    REQUIRE(s != NULL);
    EXPECT(boot(s));
    row_write_json(&w, &r);
    wr_u8(&w, '\n');
    EXPECT_STR(booted, wr_nul(&w));
    store_close(s);
    test_dir_remove(&d);
}

TEST(missing_values, "")
{
    struct test_dir d;
    struct row r = a_thing("ff1e::/32", -5);

    REQUIRE(test_dir_make(&d));
    struct store *s = open_in(&d);
    REQUIRE(s != NULL);
    r.v[3].text = NULL;
    r.v[5].addr.family = 0;
    r.v[6].id = (u128)0x20010db8 << 96;
    r.v[8].u = UINT64_MAX;
    store_put(s, &r, 1, false);
    store_commit(s);
    EXPECT(boot(s));
    EXPECT(strstr(booted, "\"prefix\":\"ff1e::/32\",\"at\":-5,") != NULL);
    EXPECT(strstr(booted, "\"word\":null,\"on\":true,\"addr\":null,") != NULL);
    EXPECT(strstr(booted, "\"domain\":\"2001:db8::\"") != NULL);
    EXPECT(strstr(booted, "\"for\":null}") != NULL);
    store_close(s);
    test_dir_remove(&d);
}

/* A key is one record; removing takes it away; order of keys, tables in turn. */
TEST(replace_and_remove, "")
{
    struct test_dir d;
    struct row a = a_thing("239.1.0.0/16", 1), b = a_thing("239.0.0.0/16", 1);
    struct row o = {.type = &other, .v = {{.u = 3}, {.text = "x"}}};

    REQUIRE(test_dir_make(&d));
    struct store *s = open_in(&d);
    REQUIRE(s != NULL);
    store_put(s, &a, 1, false);
    store_put(s, &o, 2, false);
    store_put(s, &b, 3, false);
    a.v[3].text = "again";
    store_put(s, &a, 4, false);
    EXPECT(store_commit(s));
    for (uint64_t t = 1; t <= 4; t++)
        expect_result(s, t, STORED_OK);
    EXPECT(boot(s));
    const char *first = strstr(booted, "239.0.0.0/16"), *second = strstr(booted, "again");
    EXPECT(first != NULL && second != NULL && first < second);
    EXPECT(strstr(booted, "{\"row\":\"other\",\"k\":3,\"v\":\"x\"}") > second);
    store_put(s, &a, 5, true);
    store_put(s, &o, 6, true);
    EXPECT(store_commit(s));
    EXPECT(boot(s));
    EXPECT(strstr(booted, "again") == NULL && strstr(booted, "other") == NULL);
    EXPECT(strstr(booted, "239.0.0.0/16") != NULL);
    store_close(s);
    test_dir_remove(&d);
}

TEST(uncommitted_is_committed_at_close, "")
{
    struct test_dir d;
    struct row r = a_thing("239.1.0.0/16", 1);

    REQUIRE(test_dir_make(&d));
    struct store *s = open_in(&d);
    REQUIRE(s != NULL);
    store_put(s, &r, 1, false);
    store_close(s);
    s = open_in(&d);
    REQUIRE(s != NULL);
    EXPECT(boot(s) && booted[0] == '{');
    store_close(s);
    test_dir_remove(&d);
}

/* A long text that does not fit into the pages left. */
TEST(full_disk_fails_and_goes_on, "")
{
    struct test_dir d;
    static char text[200000];
    struct row big = {.type = &other, .v = {{.u = 1}, {.text = text}}};
    struct row small = {.type = &other, .v = {{.u = 2}, {.text = "x"}}};

    memset(text, 'x', sizeof(text) - 1);
    REQUIRE(test_dir_make(&d));
    struct store *s = open_in(&d);
    REQUIRE(s != NULL);
    store_limit_pages(s, 16);
    store_put(s, &small, 1, false);
    store_put(s, &big, 2, false);
    store_commit(s);
    expect_result(s, 1, STORED_FAILED);
    expect_result(s, 2, STORED_FAILED);
    EXPECT(store_trouble(s)[0] != '\0');
    store_put(s, &small, 3, false);
    EXPECT(store_commit(s));
    expect_result(s, 3, STORED_OK);
    EXPECT_STR(store_trouble(s), "");
    EXPECT(boot(s));
    EXPECT_STR(booted, "{\"row\":\"other\",\"k\":2,\"v\":\"x\"}\n");
    store_close(s);
    test_dir_remove(&d);
}

TEST(two_never_share, "")
{
    struct test_dir d;

    REQUIRE(test_dir_make(&d));
    struct store *s = open_in(&d);
    REQUIRE(s != NULL);
    EXPECT(open_in(&d) == NULL);
    EXPECT(strstr(reason, "another mascotd uses this state-directory") != NULL);
    store_close(s);
    s = open_in(&d);
    EXPECT(s != NULL);
    store_close(s);
    test_dir_remove(&d);
}

TEST(no_directory, "")
{
    struct test_dir d = {.path = "/nonexistent"};

    EXPECT(open_in(&d) == NULL);
    EXPECT_STR(reason, "/nonexistent/lock: cannot be opened: No such file or directory");
}

/* ---- what is refused stays as it is ---- */

static uint64_t fingerprint(const char *file)
{
    uint64_t h = 14695981039346656037u;
    FILE *f = fopen(file, "r");
    int c;

    while (f != NULL && (c = fgetc(f)) != EOF)
        h = (h ^ (uint64_t)c) * 1099511628211u;
    if (f != NULL)
        fclose(f);
    return h;
}

static void expect_refused(struct test_dir *d, const char *because)
{
    uint64_t before = fingerprint(test_dir_file(d, STORE_FILE));

    EXPECT(open_in(d) == NULL);
    EXPECT(strstr(reason, because) != NULL);
    if (strstr(reason, because) == NULL)
        tap_diag("reason: %s", reason);
    EXPECT(strstr(reason, STORE_FILE ": ") != NULL);
    EXPECT(strstr(reason, "move it away") != NULL);
    EXPECT_UEQ(fingerprint(test_dir_file(d, STORE_FILE)), before);
}

static void copy_file(struct test_dir *from, struct test_dir *to, const char *name)
{
    FILE *in = fopen(test_dir_file(from, name), "r"), *out = fopen(test_dir_file(to, name), "w");
    int c;

    EXPECT(in != NULL && out != NULL);
    while (in != NULL && out != NULL && (c = fgetc(in)) != EOF)
        fputc(c, out);
    if (in != NULL)
        fclose(in);
    if (out != NULL)
        EXPECT(fclose(out) == 0);
}

static void run_sql(struct test_dir *d, const char *sql)
{
    sqlite3 *db;

    EXPECT(sqlite3_open(test_dir_file(d, STORE_FILE), &db) == SQLITE_OK);
    EXPECT(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
}

/* A closed store with `n` records. */
static bool make_store(struct test_dir *d, unsigned n)
{
    if (!test_dir_make(d))
        return false;
    struct store *s = open_in(d);
    for (unsigned i = 0; s != NULL && i < n; i++) {
        struct row r = a_thing("239.1.0.0/16", i);
        store_put(s, &r, i, false);
    }
    store_close(s);
    return s != NULL;
}

TEST(no_database, "")
{
    struct test_dir d;

    REQUIRE(test_dir_make(&d));
    REQUIRE(test_dir_write(&d, STORE_FILE, "These are notes, and no database, but long enough to "
                                           "hold what would be the header of one: 100 octets."));
    expect_refused(&d, "is no SQLite database");
    test_dir_remove(&d);
}

TEST(damaged_pages, "")
{
    struct test_dir d;
    uint8_t noise[4096];

    memset(noise, 0xA5, sizeof(noise));
    REQUIRE(make_store(&d, 500));
    int fd = open(test_dir_file(&d, STORE_FILE), O_WRONLY);
    REQUIRE(fd >= 0);
    for (int page = 3; page < 8; page++)
        EXPECT(pwrite(fd, noise, sizeof(noise), page * 4096) == sizeof(noise));
    close(fd);
    expect_refused(&d, "damaged: ");
    test_dir_remove(&d);
}

TEST(cut_file, "")
{
    struct test_dir d;

    REQUIRE(make_store(&d, 500));
    EXPECT(truncate(test_dir_file(&d, STORE_FILE), 9000) == 0);
    expect_refused(&d, "");
    test_dir_remove(&d);
}

TEST(foreign_version, "")
{
    struct test_dir d;

    REQUIRE(make_store(&d, 1));
    run_sql(&d, "UPDATE schema SET version = 2");
    expect_refused(&d, "has schema version 2, this mascot understands 1");
    test_dir_remove(&d);
}

TEST(other_columns, "")
{
    struct test_dir d;

    REQUIRE(make_store(&d, 1));
    run_sql(&d, "ALTER TABLE other ADD COLUMN w TEXT");
    expect_refused(&d, "other columns in table other");
    test_dir_remove(&d);
}

TEST(somebody_elses_database, "")
{
    struct test_dir d;

    REQUIRE(test_dir_make(&d));
    run_sql(&d, "CREATE TABLE t (a)");
    expect_refused(&d, "but not a store of mascot");
    test_dir_remove(&d);
}

static void expect_edit_refused(const char *sql, const char *because)
{
    struct test_dir d;

    REQUIRE(make_store(&d, 1));
    run_sql(&d, sql);
    expect_refused(&d, because);
    test_dir_remove(&d);
}

TEST(edited_value, "")
{
    expect_edit_refused("UPDATE \"thing-1\" SET addr = 'here'",
                        "table thing-1, column addr: a value that mascot did not write; correct or "
                        "delete the record");
    expect_edit_refused("UPDATE \"thing-1\" SET prefix = '1.2.3.4/8'", "column prefix: ");
    expect_edit_refused("UPDATE \"thing-1\" SET \"on\" = 2", "column on: ");
    expect_edit_refused("INSERT INTO other VALUES ('k', 'v')", "table other, column k: ");
}

/* The bad value is in the log of a store that crashed, not in the file: it is seen there, too, and
 * both stay as they are. */
TEST(edited_value_in_the_log, "")
{
    struct test_dir d, crashed;
    sqlite3 *db;

    REQUIRE(make_store(&d, 1) && test_dir_make(&crashed));
    EXPECT(sqlite3_open(test_dir_file(&d, STORE_FILE), &db) == SQLITE_OK);
    EXPECT(sqlite3_exec(db, "UPDATE \"thing-1\" SET addr = 'here'", NULL, NULL, NULL) == SQLITE_OK);
    copy_file(&d, &crashed, STORE_FILE);
    copy_file(&d, &crashed, STORE_FILE "-wal");
    sqlite3_close(db);
    uint64_t before = fingerprint(test_dir_file(&crashed, STORE_FILE "-wal"));
    expect_refused(&crashed, "column addr: ");
    EXPECT_UEQ(fingerprint(test_dir_file(&crashed, STORE_FILE "-wal")), before);
    test_dir_remove(&crashed);
    test_dir_remove(&d);
}

/* A start that is cut short leaves no empty file: one that is empty has lost what it had. */
TEST(empty_file, "")
{
    struct test_dir d;

    REQUIRE(test_dir_make(&d));
    REQUIRE(test_dir_write(&d, STORE_FILE, ""));
    expect_refused(&d, "is empty: what it had is lost");
    test_dir_remove(&d);
}

TEST(empty_file_with_a_log, "")
{
    struct test_dir d;

    REQUIRE(test_dir_make(&d));
    REQUIRE(test_dir_write(&d, STORE_FILE, "") && test_dir_write(&d, STORE_FILE "-wal", "rest"));
    uint64_t before = fingerprint(test_dir_file(&d, STORE_FILE "-wal"));
    expect_refused(&d, "is empty");
    EXPECT_UEQ(fingerprint(test_dir_file(&d, STORE_FILE "-wal")), before);
    test_dir_remove(&d);
}

TEST(log_without_its_file, "")
{
    struct test_dir d;

    REQUIRE(test_dir_make(&d));
    REQUIRE(test_dir_write(&d, STORE_FILE "-wal", "rest"));
    EXPECT(open_in(&d) == NULL);
    EXPECT(strstr(reason, STORE_FILE ": is not there, but its last records are, in ") != NULL);
    EXPECT(access(test_dir_file(&d, STORE_FILE), F_OK) < 0);
    EXPECT(access(test_dir_file(&d, STORE_FILE "-wal"), F_OK) == 0);
    test_dir_remove(&d);
}

/* What is left of a start that was cut short is no store yet, and in nobody's way. */
TEST(first_start_cut_short, "")
{
    struct test_dir d;

    REQUIRE(test_dir_make(&d));
    REQUIRE(test_dir_write(&d, STORE_LOCK, "1\n") && test_dir_write(&d, STORE_FILE ".new", "SQL"));
    struct store *s = open_in(&d);
    EXPECT(s != NULL && boot(s));
    store_close(s);
    EXPECT(access(test_dir_file(&d, STORE_FILE ".new"), F_OK) < 0);
    test_dir_remove(&d);
}

TEST(private_file, "")
{
    struct test_dir d;
    struct stat st;

    REQUIRE(make_store(&d, 1));
    REQUIRE(stat(test_dir_file(&d, STORE_FILE), &st) == 0);
    EXPECT_UEQ(st.st_mode & 0077, 0);
    test_dir_remove(&d);
}
