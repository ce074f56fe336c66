/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table: aligned columns; see table.h.
 *
 * Layout is done per block: widths in the long form, then as many short forms as needed from the
 * right, then leaving out. Nothing here knows what the cells mean.
 */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "cli/memory.h"

#define GAP 2

struct table *table_new(const struct term *term)
{
    struct table *t = memory_zeroed(sizeof(*t));

    t->term = term;
    t->cell = memory_zeroed(TABLE_ROWS * sizeof(*t->cell));
    return t;
}

static void clear(struct table *t)
{
    for (unsigned r = 0; r < t->rows; r++)
        for (unsigned c = 0; c < t->columns; c++) {
            free(t->cell[r][c].text);
            free(t->cell[r][c].brief);
            t->cell[r][c] = (struct table_cell){0};
        }
    t->rows = 0;
}

void table_free(struct table *t)
{
    if (t == NULL)
        return;
    clear(t);
    free(t->cell);
    free(t);
}

void table_column(struct table *t, const char *head, unsigned weight)
{
    bool right = head[0] == '>';

    if (t->columns == TABLE_COLUMNS)
        return;
    t->column[t->columns] =
        (struct table_column){.head = head + right, .weight = weight, .right = right};
    t->columns++;
}

void table_row(struct table *t)
{
    if (t->rows == TABLE_ROWS)
        table_flush(t);
    t->rows++;
    t->total++;
    t->at = 0;
}

static char *harmless(const struct table *t, const char *text)
{
    size_t cap;
    char *clean;

    if (text == NULL || text[0] == '\0')
        return NULL;
    cap = strlen(text) * 3 + 4; /* a bad octet becomes three; three are for term_cut() */
    clean = memory_zeroed(cap);
    return term_clean(t->term, clean, cap, text);
}

void table_cell_brief(struct table *t, enum tone tone, const char *text, const char *brief)
{
    if (t->rows == 0 || t->at == t->columns)
        return;
    t->cell[t->rows - 1][t->at] = (struct table_cell){
        .text = harmless(t, text), .brief = harmless(t, brief), .tone = tone};
    t->at++;
}

void table_cell(struct table *t, enum tone tone, const char *text)
{
    table_cell_brief(t, tone, text, NULL);
}

static char *form(const struct table_cell *cell, bool brief)
{
    return brief && cell->brief != NULL ? cell->brief : cell->text;
}

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static void measure(struct table *t, unsigned c)
{
    struct table_column *column = &t->column[c];

    column->width = 0;
    for (unsigned r = 0; r < t->rows; r++) {
        const char *text = form(&t->cell[r][c], column->brief);
        if (text != NULL)
            column->width = larger(column->width, term_columns(t->term, text));
    }
    column->shown = column->width > 0 || column->floor > 0;
    column->width = larger(column->width, term_columns(t->term, column->head));
    column->width = larger(column->width, column->brief ? 0 : column->floor);
}

static unsigned width(const struct table *t)
{
    unsigned sum = 0;

    for (unsigned c = 0; c < t->columns; c++)
        if (t->column[c].shown)
            sum += t->column[c].width + (sum > 0 ? GAP : 0);
    return sum;
}

static bool fits(const struct table *t)
{
    return t->term->width == 0 || width(t) <= t->term->width;
}

/* The shown column that matters least; TABLE_COLUMNS if all that are left must stay. */
static unsigned least(const struct table *t)
{
    unsigned found = TABLE_COLUMNS, weight = 0;

    for (unsigned c = 0; c < t->columns; c++)
        if (t->column[c].shown && t->column[c].weight > weight) {
            weight = t->column[c].weight;
            found = c;
        }
    return found;
}

static void lay_out(struct table *t)
{
    for (unsigned c = 0; c < t->columns; c++) {
        t->column[c].brief = false;
        measure(t, c);
    }
    for (unsigned c = t->columns; c > 0 && !fits(t); c--) {
        t->column[c - 1].brief = true;
        measure(t, c - 1);
    }
    while (!fits(t)) {
        unsigned c = least(t);
        if (c == TABLE_COLUMNS)
            return;
        t->column[c].shown = false;
    }
}

static void pad(const struct table *t, unsigned columns)
{
    fprintf(t->term->out, "%*s", (int)columns, "");
}

static void print_cell(const struct table *t, unsigned c, char *text, enum tone tone)
{
    const struct table_column *column = &t->column[c];
    unsigned own = text != NULL ? term_columns(t->term, text) : 0;
    unsigned left = column->width > own ? column->width - own : 0;

    if (column->right)
        pad(t, left);
    if (text != NULL)
        term_put(t->term, tone, text);
    if (!column->right)
        pad(t, left);
}

static unsigned last_shown(const struct table *t)
{
    unsigned last = 0;

    for (unsigned c = 0; c < t->columns; c++)
        if (t->column[c].shown)
            last = c;
    return last;
}

/* No blanks at the end of a line: the last cell is not padded, and cut if the line is too long. */
static void print_last(const struct table *t, unsigned c, char *text, enum tone tone)
{
    const struct table_column *column = &t->column[c];
    unsigned before = width(t) - column->width;

    if (text == NULL)
        return;
    if (c == last_shown(t) && t->term->width > before)
        term_cut(t->term, text, t->term->width - before);
    if (column->right && term_columns(t->term, text) < column->width)
        pad(t, column->width - term_columns(t->term, text));
    term_put(t->term, tone, text);
}

static void print_heads(struct table *t)
{
    unsigned last = last_shown(t);
    char head[64];

    for (unsigned c = 0; c <= last; c++) {
        if (!t->column[c].shown)
            continue;
        snprintf(head, sizeof(head), "%s", t->column[c].head);
        if (c == last) {
            print_last(t, c, head, TONE_DIM);
        } else {
            print_cell(t, c, head, TONE_DIM);
            pad(t, GAP);
        }
    }
    fputc('\n', t->term->out);
}

/* The last shown column of a row that has a text. */
static unsigned end_of(const struct table *t, unsigned r)
{
    unsigned end = 0;

    for (unsigned c = 0; c < t->columns; c++)
        if (t->column[c].shown && t->cell[r][c].text != NULL)
            end = c;
    return end;
}

static void print_row(const struct table *t, unsigned r)
{
    unsigned end = end_of(t, r);

    for (unsigned c = 0; c <= end; c++) {
        const struct table_cell *cell = &t->cell[r][c];
        if (!t->column[c].shown)
            continue;
        if (c == end) {
            print_last(t, c, form(cell, t->column[c].brief), cell->tone);
        } else {
            print_cell(t, c, form(cell, t->column[c].brief), cell->tone);
            pad(t, GAP);
        }
    }
    fputc('\n', t->term->out);
}

void table_flush(struct table *t)
{
    bool first = t->total == t->rows;

    if (t->rows == 0)
        return;
    lay_out(t);
    if (first)
        print_heads(t);
    for (unsigned r = 0; r < t->rows; r++)
        print_row(t, r);
    for (unsigned c = 0; c < t->columns; c++)
        if (t->column[c].shown)
            t->column[c].floor = t->column[c].width;
    clear(t);
}
