/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_csv: results for other programs.
 *
 * Numbers are plain: rates per ten thousand and hundredths become decimals, times are seconds, and
 * counts of events are since the beginning. Written from integers, so that the files of a seed are
 * the same everywhere.
 */
#include <inttypes.h>

#include "sim/report_out.h"

static void put_value(FILE *to, const struct report_measure *m, int64_t value)
{
    switch (m->format) {
    case REPORT_PERCENT:
    case REPORT_NUMBER:
        fprintf(to, ",%" PRId64 ".%02" PRId64, value / 100, value % 100);
        return;
    case REPORT_COUNT:
    case REPORT_TIME:
        fprintf(to, ",%" PRId64, value);
        return;
    }
}

static const char *const event_key[MEASURE_EVENT_KINDS] = {
#define EVENT_KEY_(name_, text_) [MEASURE_##name_] = text_,
    MEASURE_EVENTS(EVENT_KEY_)
#undef EVENT_KEY_
};

static void put_held(FILE *to, const struct measure_held *h)
{
    fprintf(to, ",%" PRIu64 ",%u,%u", h->addresses, h->prefixes, h->most);
}

void report_csv_days(FILE *to, const struct report_result *r)
{
    unsigned i, e;
    fprintf(to, "day,live_addresses,waiting_blocks,top_addresses,top_prefixes,top_most,"
                "child_addresses,child_prefixes,child_most,g_rib_changes,requests,lost_blocks,"
                "messages,updates,octets");
    for (e = 0; e < MEASURE_EVENT_KINDS; e++)
        fprintf(to, ",top_%s,child_%s", event_key[e], event_key[e]);
    fputc('\n', to);
    for (i = 0; i < r->samples; i++) {
        const struct measure_sample *s = &r->sample[i];
        fprintf(to, "%u,%" PRIu64 ",%" PRIu64, i + 1, s->live, s->waiting);
        put_held(to, &s->held[MEASURE_TOP]);
        put_held(to, &s->held[MEASURE_LEAF]);
        fprintf(to, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64,
                s->routes[MEASURE_TOP], s->requests, s->lost, s->messages, s->updates, s->octets);
        for (e = 0; e < MEASURE_EVENT_KINDS; e++)
            fprintf(to, ",%" PRIu64 ",%" PRIu64, s->events[MEASURE_TOP][e],
                    s->events[MEASURE_LEAF][e]);
        fputc('\n', to);
    }
}

void report_csv_summary(FILE *to, const struct report_result *r, unsigned n)
{
    unsigned i, k;
    fprintf(to, "measure,title,mean,least,most");
    for (k = 0; k < n; k++)
        fprintf(to, ",seed_%" PRIu64, r[k].job->seed);
    fputc('\n', to);
    for (i = 0; i < report_measures_n; i++) {
        const struct report_measure *m = &report_measures[i];
        struct report_spread s = report_spread(m, r, n);
        fprintf(to, "%s,\"%s\"", m->key, m->title);
        put_value(to, m, s.mean);
        put_value(to, m, s.least);
        put_value(to, m, s.most);
        for (k = 0; k < n; k++)
            put_value(to, m, m->of(&r[k]));
        fputc('\n', to);
    }
}

void report_csv_compare(FILE *to, const struct report_result *r, unsigned variants, unsigned seeds)
{
    unsigned i, k;
    fprintf(to, "group,variant,seed");
    for (k = 0; k < report_measures_n; k++)
        fprintf(to, ",%s", report_measures[k].key);
    fputc('\n', to);
    for (i = 0; i < variants * seeds; i++) {
        fprintf(to, "\"%s\",\"%s\",%" PRIu64, r[i].job->variant->group, r[i].job->variant->name,
                r[i].job->seed);
        for (k = 0; k < report_measures_n; k++)
            put_value(to, &report_measures[k], report_measures[k].of(&r[i]));
        fputc('\n', to);
    }
}
