/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_run: one run: a world, hosts that want addresses of every child domain, a sample a day.
 *
 * Waits are those of requests served after the warm days: at the beginning nobody holds anything,
 * and all wait for the first claims of parents and children. The time that it takes is measured,
 * and is all that differs from machine to machine.
 */
#include <stdlib.h>
#include <time.h>

#include "sim/report_case.h"

static int64_t milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void people(struct world *w, const struct report_case *k, struct demand *d,
                   struct measure *m)
{
    unsigned n;
    for (n = 1; n <= world_nodes(w); n++) {
        measure_domain(m, n, n <= k->tops ? MEASURE_TOP : MEASURE_LEAF);
        if (n > k->tops)
            demand_hosts(d, n);
    }
}

struct report_result report_run(const struct report_job *job,
                                void (*told)(void *self, unsigned day), void *self)
{
    struct report_result r = {.job = job, .sample = calloc(job->days, sizeof *r.sample)};
    struct demand_model model = job->set_up->model;
    struct world *w = report_world(job);
    int64_t began = milliseconds();
    struct demand *d;
    struct measure *m;
    if (!r.sample)
        abort();
    if (job->variant->demand)
        job->variant->demand(&model);
    d = demand_new(w, &model, job->seed);
    m = measure_new(w, d);
    people(w, job->set_up, d, m);
    world_start(w);
    while (r.samples < job->days) {
        if (r.samples == job->warm_days)
            demand_wait_anew(d);
        demand_run(d, DAY);
        r.sample[r.samples++] = measure_sample(m);
        if (told)
            told(self, r.samples);
    }
    r.counts = *demand_counts(d);
    r.hash = world_hash(w);
    r.milliseconds = (uint32_t)(milliseconds() - began);
    measure_free(m);
    demand_free(d);
    world_free(w);
    return r;
}

void report_result_free(struct report_result *r)
{
    free(r->sample);
    r->sample = NULL;
}
