/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table: aligned columns that fit the terminal.
 *
 * Rows are gathered in blocks of TABLE_ROWS and printed when a block is full or at the end, so that
 * a long answer runs through bounded memory; later blocks keep at least the widths of the first.
 * When a block is too wide for the terminal, cells first take their short form, then columns are
 * left out, the least important first, and at last the text of the last column is cut. A column
 * that is empty in the whole block is left out too. Without a terminal nothing is cut.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>

#include "cli/term.h"

#define TABLE_COLUMNS 16
#define TABLE_ROWS 512

struct table_cell {
    char *text;   /* owned; harmless; NULL = empty */
    char *brief;  /* owned; NULL = no shorter form */
    enum tone tone;
};

struct table_column {
    const char *head; /* constant */
    unsigned weight;  /* 0: never left out; else the highest goes first */
    bool right;
    unsigned floor;   /* width of earlier blocks */
    /* of the block being laid out */
    unsigned width;
    bool shown, brief;
};

struct table {
    const struct term *term; /* borrowed */
    struct table_column column[TABLE_COLUMNS];
    unsigned columns, rows, at; /* at: next cell of the last row */
    unsigned long total;        /* rows, with those printed */
    struct table_cell (*cell)[TABLE_COLUMNS];
};

struct table *table_new(const struct term *term);
void table_free(struct table *t);

/* `head` is constant. A head that begins with '>' makes a column of numbers. */
void table_column(struct table *t, const char *head, unsigned weight);

/* Begins a row; cells follow from left to right; what is not given is empty. */
void table_row(struct table *t);
void table_cell(struct table *t, enum tone tone, const char *text);
void table_cell_brief(struct table *t, enum tone tone, const char *text, const char *brief);

/* Prints what is gathered. */
void table_flush(struct table *t);

#endif
