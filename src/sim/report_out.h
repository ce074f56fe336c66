/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_out: results as text, CSV and pictures.
 */
#ifndef SIM_REPORT_OUT_H
#define SIM_REPORT_OUT_H

#include "sim/report_sum.h"

/* Results of `n` seeds of one set-up: the table, and the literature beside it. */
void report_print(FILE *to, const struct report_result *r, unsigned n);

/* Results of several variants, `seeds` of each one after the other: a line for each variant. */
void report_compare(FILE *to, const struct report_result *r, unsigned variants, unsigned seeds);

/* The days of one run; the summary of several; the comparison. */
void report_csv_days(FILE *to, const struct report_result *r);
void report_csv_summary(FILE *to, const struct report_result *r, unsigned n);
void report_csv_compare(FILE *to, const struct report_result *r, unsigned variants, unsigned seeds);

/* Draws the picture of `n` seeds into a file, whose name ends in .svg or .png. False, and why on
 * stderr, if gnuplot is not there or fails. */
bool chart_draw(const char *path, const struct report_result *r, unsigned n);

#endif
