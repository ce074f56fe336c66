/* SPDX-License-Identifier: BSD-2-Clause */
/* out: what a step leaves for its host: joined streams, rows of its own, and room kept back. */
#include "base/event.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/tap.h"

static const struct row_type note = {
    "note",
    3,
    1,
    {{"prefix", FIELD_PREFIX}, {"why", FIELD_TEXT}, {"who", FIELD_TEXT}},
};
static const struct row_type loose = {"loose", 1, 0, {{"n", FIELD_UINT}}};

static const conn_t one = {2}, other = {3};

static struct out new_out(size_t actions, size_t cap)
{
    struct out o;

    out_init(&o, calloc(actions, sizeof(struct action)), actions, malloc(cap), cap);
    return o;
}

static void free_out(struct out *o)
{
    free(o->action);
    free(o->buf);
}

static void send_text(struct out *o, conn_t conn, const char *text)
{
    struct wr w = out_stream_begin(o, strlen(text));

    wr_text(&w, text);
    out_stream_commit(o, conn, &w);
}

static struct row note_row(const char *why, const char *who)
{
    return (struct row){&note,
                        {{.prefix = {0xEF000000, FAMILY_IPV4, 8}}, {.text = why}, {.text = who}}};
}

TEST(starts_empty_and_resets, "")
{
    struct out o = new_out(4, 100);

    EXPECT_UEQ(o.actions, 0);
    send_text(&o, one, "abc");
    EXPECT_UEQ(o.actions, 1);
    EXPECT_UEQ(o.used, 3);
    out_reset(&o);
    EXPECT_UEQ(o.actions, 0);
    EXPECT_UEQ(o.used, 0);
    EXPECT_UEQ(o.actions_max, 4);
    EXPECT_UEQ(o.cap, 100);
    free_out(&o);
}

TEST(connect_and_close, "")
{
    struct out o = new_out(4, 16);
    struct addr to = {0xC0000201, FAMILY_IPV4}, from = {0xC0000202, FAMILY_IPV4};

    out_connect(&o, one, to, 2587, from);
    out_close(&o, other);
    EXPECT_UEQ(o.actions, 2);
    EXPECT_EQ(o.action[0].kind, ACTION_CONNECT);
    EXPECT(conn_equal(o.action[0].conn, one));
    EXPECT(o.action[0].addr.addr == to.addr && o.action[0].local.addr == from.addr);
    EXPECT_UEQ(o.action[0].port, 2587);
    EXPECT_EQ(o.action[1].kind, ACTION_CLOSE);
    EXPECT(conn_equal(o.action[1].conn, other));
    EXPECT_PANIC(out_connect(&o, other, to, 2587, from)); /* odd: the host's to choose */
    EXPECT_PANIC(out_connect(&o, CONN_NONE, to, 2587, from));
    free_out(&o);
}

TEST(streams_of_one_conn_are_joined, "")
{
    struct out o = new_out(8, 100);

    send_text(&o, one, "abc");
    send_text(&o, one, "def");
    send_text(&o, other, "x");
    send_text(&o, one, "y");
    EXPECT_UEQ(o.actions, 3);
    EXPECT_UEQ(o.action[0].len, 6);
    EXPECT_MEM(o.action[0].bytes, "abcdef", 6);
    EXPECT(conn_equal(o.action[0].conn, one));
    EXPECT_MEM(o.action[1].bytes, "x", 1);
    EXPECT(conn_equal(o.action[1].conn, other));
    EXPECT_UEQ(o.action[2].len, 1);
    EXPECT_MEM(o.action[2].bytes, "y", 1);
    free_out(&o);
}

/* What stands between two messages stays between them. */
TEST(streams_are_not_joined_over_something_else, "")
{
    struct out o = new_out(8, 4096);
    struct row row = note_row(NULL, NULL);

    send_text(&o, one, "a");
    out_close(&o, other);
    send_text(&o, one, "b");
    out_log(&o, &row);
    send_text(&o, one, "c");
    EXPECT_UEQ(o.actions, 5);
    EXPECT_EQ(o.action[0].kind, ACTION_STREAM);
    EXPECT_EQ(o.action[1].kind, ACTION_CLOSE);
    EXPECT_EQ(o.action[2].kind, ACTION_STREAM);
    EXPECT_EQ(o.action[3].kind, ACTION_LOG);
    EXPECT_EQ(o.action[4].kind, ACTION_STREAM);
    EXPECT_MEM(o.action[4].bytes, "c", 1);
    free_out(&o);
}

TEST(streams_after_reset_are_not_joined, "")
{
    struct out o = new_out(8, 100);

    send_text(&o, one, "abc");
    out_reset(&o);
    send_text(&o, one, "d");
    EXPECT_UEQ(o.actions, 1);
    EXPECT_UEQ(o.action[0].len, 1);
    EXPECT(o.action[0].bytes == o.buf);
    free_out(&o);
}

TEST(failed_or_empty_writer_leaves_nothing, "")
{
    struct out o = new_out(8, 100);
    struct wr w = out_stream_begin(&o, 2);

    EXPECT_UEQ(w.cap, 2);
    wr_u8(&w, 1);
    wr_u16(&w, 2);
    out_stream_commit(&o, one, &w);
    w = out_stream_begin(&o, 0);
    out_stream_commit(&o, one, &w);
    EXPECT_UEQ(o.actions, 0);
    EXPECT_UEQ(o.used, 0);
    free_out(&o);
}

/* Two writers at once, or a row under a writer, would write over each other. */
TEST(interrupted_stream_is_caught, "")
{
    struct out o = new_out(8, 4096);
    struct row row = note_row(NULL, NULL);
    struct wr w = out_stream_begin(&o, 10);

    wr_u8(&w, 1);
    out_log(&o, &row);
    EXPECT_PANIC(out_stream_commit(&o, one, &w));
    out_reset(&o);
    w = out_stream_begin(&o, 10);
    wr_u8(&w, 1);
    out_stream_commit(&o, one, &w);
    EXPECT_PANIC(out_stream_commit(&o, one, &w));
    free_out(&o);
}

TEST(rows_and_texts_are_copied, "")
{
    struct out o = new_out(8, 8192);
    char why[] = "collision", who[] = "peer";
    struct row row = note_row(why, who);

    out_log(&o, &row);
    out_store(&o, &row, 7, true);
    out_answer(&o, 9, &row);
    memset(why, 'x', sizeof(why) - 1);
    memset(&row, 0xEE, sizeof(row));
    for (size_t i = 0; i < 3; i++) {
        const struct row *copy = o.action[i].row;
        EXPECT(copy->type == &note);
        EXPECT(copy->v[0].prefix.addr == 0xEF000000 && copy->v[0].prefix.len == 8);
        EXPECT_STR(copy->v[1].text, "collision");
        EXPECT_STR(copy->v[2].text, "peer");
        EXPECT((const uint8_t *)copy->v[2].text >= o.buf &&
               (const uint8_t *)copy->v[2].text < o.buf + o.used);
    }
    EXPECT_EQ(o.action[0].kind, ACTION_LOG);
    EXPECT_EQ(o.action[1].kind, ACTION_STORE);
    EXPECT_UEQ(o.action[1].ticket, 7);
    EXPECT(o.action[1].remove);
    EXPECT_EQ(o.action[2].kind, ACTION_ANSWER);
    EXPECT_UEQ(o.action[2].ask_id, 9);
    free_out(&o);
}

TEST(missing_texts_stay_missing, "")
{
    struct out o = new_out(8, 8192);
    struct row row = note_row(NULL, "");

    out_log(&o, &row);
    EXPECT(o.action[0].row->v[1].text == NULL);
    EXPECT_STR(o.action[0].row->v[2].text, "");
    free_out(&o);
}

/* Rows hold 128-bit values, whose loads may fault when they are not aligned. */
TEST(rows_are_aligned_in_any_buffer, "")
{
    uint8_t *memory = malloc(4096 + 16);
    struct action action[4];
    struct row row = note_row("odd", NULL);

    for (size_t shift = 0; shift < 16; shift++) {
        struct out o;
        out_init(&o, action, 4, memory + shift, 4096);
        send_text(&o, one, "abc");
        out_log(&o, &row);
        out_log(&o, &row);
        for (size_t i = 1; i < 3; i++) {
            EXPECT_UEQ((uintptr_t)o.action[i].row % _Alignof(struct row), 0);
            EXPECT(o.action[i].row->v[0].prefix.addr == 0xEF000000);
        }
        EXPECT_MEM(o.action[0].bytes, "abc", 3);
    }
    EXPECT_UEQ(_Alignof(struct row), 16);
    free(memory);
}

TEST(stored_rows_have_keys, "")
{
    struct out o = new_out(8, 8192);
    struct row row = {&loose, {{.u = 1}}};

    out_log(&o, &row);
    EXPECT_UEQ(o.actions, 1);
    EXPECT_PANIC(out_store(&o, &row, 1, false));
    free_out(&o);
}

TEST(end, "")
{
    struct out o = new_out(8, 100);
    char text[] = "no such peer";

    out_end(&o, 5, END_REFUSED, text, 0);
    out_end(&o, 6, END_DONE, NULL, 77);
    text[0] = 'x';
    EXPECT_EQ(o.action[0].kind, ACTION_END);
    EXPECT_UEQ(o.action[0].ask_id, 5);
    EXPECT_EQ(o.action[0].status, END_REFUSED);
    EXPECT_STR(o.action[0].text, "no such peer");
    EXPECT_UEQ(o.action[0].cursor, 0);
    EXPECT(o.action[1].text == NULL);
    EXPECT_UEQ(o.action[1].cursor, 77);
    free_out(&o);
}

TEST(overflow_is_our_bug, "")
{
    struct out o = new_out(2, 64);
    struct row row = note_row(NULL, NULL);

    EXPECT_PANIC(out_log(&o, &row)); /* a row is larger than the buffer */
    EXPECT_PANIC(out_stream_begin(&o, 65));
    EXPECT_PANIC(out_stream_begin(&o, SIZE_MAX));
    send_text(&o, one, "0123456789012345678901234567890123456789012345678901234567890123");
    EXPECT_UEQ(o.used, 64);
    EXPECT_PANIC(out_end(&o, 1, END_DONE, "", 0));
    out_end(&o, 1, END_DONE, NULL, 0);
    EXPECT_UEQ(o.actions, 2);
    EXPECT_PANIC(out_close(&o, one));
    free_out(&o);
}

/* Padding before a row counts too. */
TEST(row_that_fits_exactly, "")
{
    size_t size = sizeof(struct row) + 16;
    struct out o = new_out(4, size);
    struct row row = note_row(NULL, NULL);

    send_text(&o, one, "x");
    out_log(&o, &row);
    EXPECT_UEQ(o.used, size);
    o.cap--;
    out_reset(&o);
    send_text(&o, one, "x");
    EXPECT_PANIC(out_log(&o, &row));
    free_out(&o);
}

TEST(room_counts_bytes_and_actions, "")
{
    struct out o = new_out(OUT_ACTIONS, OUT_BYTES);

    EXPECT_UEQ(out_room(&o), OUT_BYTES - OUT_BYTES_RESERVE);
    send_text(&o, one, "abc");
    EXPECT_UEQ(out_room(&o), OUT_BYTES - OUT_BYTES_RESERVE - 3);
    while (o.actions < OUT_ACTIONS - OUT_ACTIONS_RESERVE)
        out_close(&o, one);
    EXPECT_UEQ(out_room(&o), OUT_BYTES - OUT_BYTES_RESERVE - 3);
    out_close(&o, one);
    EXPECT_UEQ(out_room(&o), 0);
    free_out(&o);
}

/* When a core that heeds out_room() has used all of it, small things still fit. */
TEST(reserve_holds_small_actions, "")
{
    struct out o = new_out(OUT_ACTIONS, OUT_BYTES);
    struct row row = note_row("a reason of some words, as they are in logs and answers", "peer");
    int extra = 0;

    while (out_room(&o) > 0) {
        size_t n = out_room(&o) < 4096 ? out_room(&o) : 4096;
        struct wr w = out_stream_begin(&o, n);
        memset(wr_take(&w, n), 'r', n);
        out_stream_commit(&o, (conn_t){(uint32_t)(o.actions % 64)}, &w);
    }
    for (; extra < OUT_ACTIONS_RESERVE; extra++) {
        if (extra % 2)
            out_log(&o, &row);
        else
            send_text(&o, one, "a notification");
    }
    EXPECT_UEQ(out_room(&o), 0);
    EXPECT(o.used <= o.cap);
    free_out(&o);
}

/* Handles and limits of event.h. */
TEST(conn_names, "")
{
    EXPECT(conn_equal(one, (conn_t){2}));
    EXPECT(!conn_equal(one, other));
    EXPECT(CONN_NONE.id % 2 == 1);
    EXPECT(sizeof(struct row) + 15 < OUT_BYTES_RESERVE / OUT_ACTIONS_RESERVE);
}
