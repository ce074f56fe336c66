/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report: long runs of many domains under demand, and what comes out of them (RFC 2909 Appendix B,
 * and the set-up of the SIGCOMM'98 paper on MASC and BGMP).
 *
 *   report_case.c   the set-ups, and a world made of one     report_idea.c   what is varied
 *   report_run.c    one seed: world, demand, daily samples   report_jobs.c   many, in processes
 *   report_sum.c    what many seeds say together             report_table.c  as text
 *   report_csv.c    as CSV                                   chart.c         as a picture
 *
 * A result is integers alone, so that it is the same on every machine; rates are per ten thousand.
 */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include <stdio.h>

#include "sim/demand.h"
#include "sim/measure.h"

/* ---- what is run ---- */

struct report_case {
    const char *name, *title;
    unsigned tops, children;   /* top-level domains, and children of each */
    const char *pool;          /* that the top-level domains claim from */
    unsigned days, warm_days;  /* by default; statistics begin after warm_days */
    struct demand_model model;
    uint64_t soft, hard;       /* thresholds for a child; 0: none */
};

const struct report_case *report_case_find(const char *name); /* NULL: there is none */
void report_case_list(FILE *to);

/* One way to differ from the defaults. Every node's configuration is edited; `top`: of a top-level
 * domain. Either may be NULL. */
struct report_variant {
    const char *group, *name;
    void (*edit)(struct masc_config *c, bool top);
    void (*demand)(struct demand_model *m);
};

extern const struct report_variant report_plain; /* the defaults */
extern const struct report_variant report_sensitivity[], report_ideas[];
extern const unsigned report_sensitivities, report_ideas_n;

struct report_job {
    const struct report_case *set_up;
    const struct report_variant *variant;
    unsigned days, warm_days;
    uint64_t seed;
};

/* ---- what comes out ---- */

struct report_result {
    const struct report_job *job;
    struct measure_sample *sample; /* one for each day, after it */
    unsigned samples;
    struct demand_counts counts;
    uint64_t hash;
    uint32_t milliseconds;         /* of this machine: not for tables that are to be compared */
};

/* Runs it here. `told` is called after each day; may be NULL. */
struct report_result report_run(const struct report_job *job,
                                void (*told)(void *self, unsigned day), void *self);
void report_result_free(struct report_result *r);

/* Runs all, at most `at_once` at a time, each in a process of its own; progress on stderr if that
 * is a terminal. False if one failed. */
bool report_run_all(const struct report_job *job, unsigned jobs, unsigned at_once,
                    struct report_result *result);

#endif
