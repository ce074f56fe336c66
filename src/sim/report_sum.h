/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_sum: what a run, or several of different seeds, amount to: one table of measures, which
 * the text, the CSV and the comparisons share. Integers throughout.
 */
#ifndef SIM_REPORT_SUM_H
#define SIM_REPORT_SUM_H

#include "sim/report.h"

enum report_format {
    REPORT_PERCENT,  /* value: per ten thousand */
    REPORT_NUMBER,   /* value: hundredths */
    REPORT_COUNT,    /* value: as it is */
    REPORT_TIME,     /* value: seconds */
};

/* `part` heads a group in a table. Values are of the days after warm_days, or of the whole run
 * where the title says so. */
struct report_measure {
    const char *part, *key, *title;
    enum report_format format;
    int64_t (*of)(const struct report_result *r);
};

extern const struct report_measure report_measures[];
extern const unsigned report_measures_n;

/* The measure of that key; aborts if there is none. */
const struct report_measure *report_measure_find(const char *key);

struct report_spread {
    int64_t mean, least, most;
};

struct report_spread report_spread(const struct report_measure *m, const struct report_result *r,
                                   unsigned n);

#define REPORT_TEXT_MAX 32

/* Writes the value as people read it ("78.21 %", "174.60", "3h 20m"); returns `text`. */
char *report_format(char *text, enum report_format format, int64_t value);

/* Of one day of one run, per ten thousand: hosts' use of what top-level domains hold, of what
 * children hold, and children's share of what top-level domains hold. */
int64_t report_use(const struct measure_sample *s);
int64_t report_use_leaf(const struct measure_sample *s);
int64_t report_use_top(const struct measure_sample *s);
/* Events of that kind on both levels between two samples. */
int64_t report_events(const struct measure_sample *from, const struct measure_sample *to,
                      enum measure_event event);

/* The latency in milliseconds within which `permyriad` per ten thousand of the requests got their
 * block, rounded up to a bin; 0: at once. */
int64_t report_latency(const struct demand_counts *c, unsigned permyriad);

#endif
