/* SPDX-License-Identifier: BSD-2-Clause */
/* table_test: alignment, and what gives way when the terminal is narrow. */
#include "tests/tap.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"

static char *printed;
static size_t printed_len;

static struct term paper(unsigned width)
{
    static FILE *out;

    setlocale(LC_ALL, "C.UTF-8");
    if (out != NULL)
        fclose(out);
    free(printed);
    printed = NULL;
    out = open_memstream(&printed, &printed_len);
    return (struct term){.out = out, .utf8 = true, .width = width};
}

/* A name, a number, a time with a short form, remarks. */
static struct table *sample(const struct term *t)
{
    struct table *table = table_new(t);

    table_column(table, "NAME", 0);
    table_column(table, ">SIZE", 2);
    table_column(table, "UNTIL", 1);
    table_column(table, "NOTE", 3);
    table_row(table);
    table_cell(table, TONE_NAME, "a");
    table_cell(table, TONE_PLAIN, "7");
    table_cell_brief(table, TONE_PLAIN, "in 2d, tomorrow", "in 2d");
    table_row(table);
    table_cell(table, TONE_NAME, "\xC3\xA4pfel");
    table_cell(table, TONE_PLAIN, "1234567");
    return table;
}

static const char *print(struct table *table, const struct term *t)
{
    table_flush(table);
    table_free(table);
    fflush(t->out);
    return printed;
}

TEST(columns_are_aligned, "")
{
    struct term t = paper(0);

    EXPECT_STR(print(sample(&t), &t), "NAME      SIZE  UNTIL\n"
                                      "a            7  in 2d, tomorrow\n"
                                      "\xC3\xA4pfel  1234567\n");
}

TEST(short_forms_come_first, "")
{
    struct term t = paper(24);

    EXPECT_STR(print(sample(&t), &t), "NAME      SIZE  UNTIL\n"
                                      "a            7  in 2d\n"
                                      "\xC3\xA4pfel  1234567\n");
}

TEST(then_columns_go, "")
{
    struct term t = paper(14);

    EXPECT_STR(print(sample(&t), &t), "NAME   UNTIL\na      in 2d\n\xC3\xA4pfel\n");
    t = paper(8);
    EXPECT_STR(print(sample(&t), &t), "NAME\na\n\xC3\xA4pfel\n");
}

TEST(at_last_text_is_cut, "")
{
    struct term t = paper(4);

    EXPECT_STR(print(sample(&t), &t), "NAME\na\n\xC3\xA4pf\xE2\x80\xA6\n");
}

TEST(blocks_keep_widths, "")
{
    struct term t = paper(0);
    struct table *table = table_new(&t);
    unsigned lines = 0;

    table_column(table, "A", 0);
    table_column(table, "B", 0);
    for (unsigned i = 0; i < 2 * TABLE_ROWS + 3; i++) {
        table_row(table);
        table_cell(table, TONE_PLAIN, i == 0 ? "wide cell" : "x");
        table_cell(table, TONE_PLAIN, "y");
    }
    print(table, &t);
    for (const char *at = printed; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    EXPECT_UEQ(lines, 2 * TABLE_ROWS + 4);
    REQUIRE(strlen(printed) > 14);
    EXPECT_STR(printed + strlen(printed) - 14, "\nx          y\n");
}

TEST(harmless_cells, "")
{
    struct term t = paper(0);
    struct table *table = table_new(&t);

    table_column(table, "A", 0);
    table_row(table);
    table_cell(table, TONE_PLAIN, "a\033[2Jb\xFFz\n");
    EXPECT_STR(print(table, &t),
               "A\na\xEF\xBF\xBD[2Jb\xEF\xBF\xBDz\xEF\xBF\xBD\n");
}

TEST(more_cells_than_columns, "")
{
    struct term t = paper(0);
    struct table *table = table_new(&t);

    table_column(table, "A", 0);
    table_cell(table, TONE_PLAIN, "before any row");
    table_row(table);
    table_cell(table, TONE_PLAIN, "1");
    table_cell(table, TONE_PLAIN, "2");
    EXPECT_STR(print(table, &t), "A\n1\n");
}

TEST(bars, "")
{
    struct term t = paper(0);
    char bar[64];

    t.utf8 = false;
    EXPECT_STR(term_bar(&t, bar, sizeof(bar), 8, 0.5), "####----");
    EXPECT_STR(term_bar(&t, bar, sizeof(bar), 4, -1), "----");
    EXPECT_STR(term_bar(&t, bar, sizeof(bar), 4, 7), "####");
    EXPECT_STR(term_bar(&t, bar, 3, 4, 1), "##");
}
