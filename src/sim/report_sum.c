/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_sum: see report_sum.h.
 *
 * Means of rates are means of the daily samples; per-day figures are the difference of two counts
 * over the days between them. A new measure is a function and a row of the table at the end: text,
 * CSV and comparisons then have it.
 */
#include "sim/report_sum.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"

/* ---- samples ---- */

static int64_t share(uint64_t part, uint64_t of)
{
    return of ? (int64_t)(part * 10000 / of) : 0;
}

int64_t report_use(const struct measure_sample *s)
{
    return share(s->live, s->held[MEASURE_TOP].addresses);
}

int64_t report_use_leaf(const struct measure_sample *s)
{
    return share(s->live, s->held[MEASURE_LEAF].addresses);
}

int64_t report_use_top(const struct measure_sample *s)
{
    return share(s->held[MEASURE_LEAF].addresses, s->held[MEASURE_TOP].addresses);
}

int64_t report_events(const struct measure_sample *from, const struct measure_sample *to,
                      enum measure_event event)
{
    uint64_t n = 0;
    unsigned level;
    for (level = 0; level < MEASURE_LEVELS; level++)
        n += to->events[level][event] - from->events[level][event];
    return (int64_t)n;
}

int64_t report_latency(const struct demand_counts *c, unsigned permyriad)
{
    uint64_t seen = 0, wanted = (c->placed * permyriad + 9999) / 10000;
    unsigned i;
    for (i = 0; i < LATENCY_BINS && c->placed; i++) {
        seen += c->latency[i];
        if (seen >= wanted)
            break;
    }
    if (i == LATENCY_BINS - 1)
        return (int64_t)c->latency_max_ms;
    return i == 0 ? 0 : (int64_t)(i + 1) * LATENCY_BIN_MS;
}

/* ---- over the days that count ---- */

static unsigned first_day(const struct report_result *r)
{
    return r->job->warm_days < r->samples ? r->job->warm_days : 0;
}

static int64_t mean_of(const struct report_result *r,
                       int64_t (*value)(const struct measure_sample *s))
{
    unsigned i, first = first_day(r);
    int64_t sum = 0;
    for (i = first; i < r->samples; i++)
        sum += value(&r->sample[i]);
    return sum / (int64_t)(r->samples - first);
}

static int64_t extreme_of(const struct report_result *r, bool most,
                          int64_t (*value)(const struct measure_sample *s))
{
    unsigned i, first = first_day(r);
    int64_t best = value(&r->sample[first]);
    for (i = first; i < r->samples; i++) {
        int64_t v = value(&r->sample[i]);
        if (most ? v > best : v < best)
            best = v;
    }
    return best;
}

/* In hundredths per day. */
static int64_t rate_of(const struct report_result *r,
                       uint64_t (*count)(const struct measure_sample *s))
{
    unsigned first = first_day(r);
    const struct measure_sample *to = &r->sample[r->samples - 1];
    uint64_t days = r->samples - 1 - first;
    if (!days)
        return 0;
    return (int64_t)((count(to) - count(&r->sample[first])) * 100 / days);
}

static int64_t events_of(const struct report_result *r, enum measure_event event)
{
    unsigned first = first_day(r);
    int64_t days = (int64_t)r->samples - 1 - first;
    if (days < 1)
        return 0;
    return report_events(&r->sample[first], &r->sample[r->samples - 1], event) * 100 / days;
}

/* ---- the measures ---- */

static int64_t prefixes_top(const struct measure_sample *s)
{
    return (int64_t)s->held[MEASURE_TOP].prefixes;
}

static int64_t hundred_prefixes_top(const struct measure_sample *s)
{
    return (int64_t)s->held[MEASURE_TOP].prefixes * 100;
}

static int64_t hundred_prefixes_leaf(const struct measure_sample *s)
{
    return (int64_t)s->held[MEASURE_LEAF].prefixes * 100;
}

static int64_t most_top(const struct measure_sample *s)
{
    return (int64_t)s->held[MEASURE_TOP].most;
}

static int64_t most_leaf(const struct measure_sample *s)
{
    return (int64_t)s->held[MEASURE_LEAF].most;
}

static int64_t hundred_live(const struct measure_sample *s)
{
    return (int64_t)(s->live * 100);
}

static uint64_t routes_top(const struct measure_sample *s)
{
    return s->routes[MEASURE_TOP];
}

static uint64_t messages(const struct measure_sample *s)
{
    return s->messages;
}

static uint64_t updates(const struct measure_sample *s)
{
    return s->updates;
}

static uint64_t octets(const struct measure_sample *s)
{
    return s->octets;
}

static uint64_t requests(const struct measure_sample *s)
{
    return s->requests;
}

static int64_t use_mean(const struct report_result *r)
{
    return mean_of(r, report_use);
}

static int64_t use_least(const struct report_result *r)
{
    return extreme_of(r, false, report_use);
}

static int64_t use_most(const struct report_result *r)
{
    return extreme_of(r, true, report_use);
}

static int64_t leaf_mean(const struct report_result *r)
{
    return mean_of(r, report_use_leaf);
}

static int64_t top_mean(const struct report_result *r)
{
    return mean_of(r, report_use_top);
}

static int64_t blocks_mean(const struct report_result *r)
{
    return mean_of(r, hundred_live) / r->job->set_up->model.block;
}

static int64_t g_rib_mean(const struct report_result *r)
{
    return mean_of(r, hundred_prefixes_top);
}

static int64_t g_rib_most(const struct report_result *r)
{
    return extreme_of(r, true, prefixes_top);
}

static int64_t each_top(const struct report_result *r)
{
    return g_rib_mean(r) / (int64_t)r->job->set_up->tops;
}

static int64_t each_leaf(const struct report_result *r)
{
    const struct report_case *k = r->job->set_up;
    return mean_of(r, hundred_prefixes_leaf) / (int64_t)(k->tops * k->children);
}

static int64_t top_most(const struct report_result *r)
{
    return extreme_of(r, true, most_top);
}

static int64_t leaf_most(const struct report_result *r)
{
    return extreme_of(r, true, most_leaf);
}

#define EVENT_RATE(function_, event_)                                                              \
    static int64_t function_(const struct report_result *r)                                        \
    {                                                                                              \
        return events_of(r, event_);                                                               \
    }
EVENT_RATE(claims, MEASURE_CLAIM)
EVENT_RATE(gained, MEASURE_NEW)
EVENT_RATE(expanded, MEASURE_EXPANDED)
EVENT_RATE(renewed, MEASURE_RENEWED)
EVENT_RATE(collided, MEASURE_LOST)
EVENT_RATE(withdrawn, MEASURE_WITHDRAWN)
EVENT_RATE(expired, MEASURE_EXPIRED)
EVENT_RATE(denied, MEASURE_DENIED)
EVENT_RATE(hints, MEASURE_HINT)
EVENT_RATE(thresholds, MEASURE_THRESHOLD)
#undef EVENT_RATE

static int64_t flux(const struct report_result *r)
{
    return rate_of(r, routes_top);
}

static int64_t messages_rate(const struct report_result *r)
{
    return rate_of(r, messages);
}

static int64_t updates_rate(const struct report_result *r)
{
    return rate_of(r, updates);
}

static int64_t octets_rate(const struct report_result *r)
{
    const struct report_case *k = r->job->set_up;
    return rate_of(r, octets) / (int64_t)(k->tops * (k->children + 1));
}

static int64_t requests_rate(const struct report_result *r)
{
    return rate_of(r, requests);
}

static int64_t at_once(const struct report_result *r)
{
    return share(r->counts.latency[0], r->counts.placed);
}

static int64_t latency_mean(const struct report_result *r)
{
    uint64_t n = r->counts.placed;
    return n ? (int64_t)(r->counts.latency_ms / n / 1000) : 0;
}

static int64_t latency_half(const struct report_result *r)
{
    return report_latency(&r->counts, 5000) / 1000;
}

static int64_t latency_99(const struct report_result *r)
{
    return report_latency(&r->counts, 9900) / 1000;
}

static int64_t latency_most(const struct report_result *r)
{
    return (int64_t)(r->counts.latency_max_ms / 1000);
}

static int64_t blocks_lost(const struct report_result *r)
{
    return share(r->counts.lost, r->counts.requests);
}

static int64_t full(const struct report_result *r)
{
    const struct measure_sample none = {.at_ms = 0};
    return report_events(&none, &r->sample[r->samples - 1], MEASURE_TABLE_FULL);
}

#define USE "Use of addresses"
#define WHO "Prefixes"
#define FLUX "Changes per day, in all domains together"
#define WAIT "What who asks for a block sees"
#define COST "Cost"

const struct report_measure report_measures[] = {
    {USE, "use", "used of what top-level domains hold", REPORT_PERCENT, use_mean},
    {USE, "use_least", "... on the day of least use", REPORT_PERCENT, use_least},
    {USE, "use_most", "... on the day of most use", REPORT_PERCENT, use_most},
    {USE, "use_leaf", "used of what children hold", REPORT_PERCENT, leaf_mean},
    {USE, "use_top", "held by children of what top-level domains hold", REPORT_PERCENT, top_mean},
    {USE, "blocks", "live blocks", REPORT_NUMBER, blocks_mean},
    {WHO, "g_rib", "globally visible (G-RIB), mean", REPORT_NUMBER, g_rib_mean},
    {WHO, "g_rib_most", "globally visible (G-RIB), maximum", REPORT_COUNT, g_rib_most},
    {WHO, "per_top", "of a top-level domain, mean", REPORT_NUMBER, each_top},
    {WHO, "per_top_most", "of a top-level domain, maximum", REPORT_COUNT, top_most},
    {WHO, "per_leaf", "of a child, mean", REPORT_NUMBER, each_leaf},
    {WHO, "per_leaf_most", "of a child, maximum", REPORT_COUNT, leaf_most},
    {FLUX, "claims", "claims sent, renewals too", REPORT_NUMBER, claims},
    {FLUX, "renewed", "renewed", REPORT_NUMBER, renewed},
    {FLUX, "gained", "new prefixes", REPORT_NUMBER, gained},
    {FLUX, "expanded", "expanded prefixes", REPORT_NUMBER, expanded},
    {FLUX, "expired", "prefixes that ran out", REPORT_NUMBER, expired},
    {FLUX, "withdrawn", "withdrawn", REPORT_NUMBER, withdrawn},
    {FLUX, "collided", "claims lost in collisions", REPORT_NUMBER, collided},
    {FLUX, "denied", "claims denied", REPORT_NUMBER, denied},
    {FLUX, "hints", "hints given and heard", REPORT_NUMBER, hints},
    {FLUX, "thresholds", "thresholds passed", REPORT_NUMBER, thresholds},
    {FLUX, "flux", "G-RIB: prefixes that came or went", REPORT_NUMBER, flux},
    {WAIT, "requests", "blocks asked for, per day", REPORT_NUMBER, requests_rate},
    {WAIT, "at_once", "given within a minute", REPORT_PERCENT, at_once},
    {WAIT, "latency", "wait, mean", REPORT_TIME, latency_mean},
    {WAIT, "latency_median", "wait, median", REPORT_TIME, latency_half},
    {WAIT, "latency_99", "wait, 99 % wait no longer", REPORT_TIME, latency_99},
    {WAIT, "latency_most", "wait, maximum", REPORT_TIME, latency_most},
    {WAIT, "lost", "blocks lost with their range", REPORT_PERCENT, blocks_lost},
    {COST, "messages", "messages per day", REPORT_NUMBER, messages_rate},
    {COST, "updates", "of them UPDATEs", REPORT_NUMBER, updates_rate},
    {COST, "octets", "octets written per domain and day", REPORT_NUMBER, octets_rate},
    {COST, "full", "nodes that met a limit of the simulation (whole run)", REPORT_COUNT, full},
};

const unsigned report_measures_n = sizeof report_measures / sizeof report_measures[0];

const struct report_measure *report_measure_find(const char *key)
{
    unsigned i;
    for (i = 0; i < report_measures_n; i++)
        if (strcmp(report_measures[i].key, key) == 0)
            return &report_measures[i];
    abort();
}

struct report_spread report_spread(const struct report_measure *m, const struct report_result *r,
                                   unsigned n)
{
    struct report_spread s = {0, INT64_MAX, INT64_MIN};
    unsigned i;
    for (i = 0; i < n; i++) {
        int64_t v = m->of(&r[i]);
        s.mean += v;
        s.least = v < s.least ? v : s.least;
        s.most = v > s.most ? v : s.most;
    }
    s.mean /= (int64_t)n;
    return s;
}

char *report_format(char *text, enum report_format format, int64_t value)
{
    struct wr w = wr_init(text, REPORT_TEXT_MAX - 1);
    switch (format) {
    case REPORT_PERCENT:
        snprintf(text, REPORT_TEXT_MAX, "%" PRId64 ".%02" PRId64 " %%", value / 100, value % 100);
        break;
    case REPORT_NUMBER:
        snprintf(text, REPORT_TEXT_MAX, "%" PRId64 ".%02" PRId64, value / 100, value % 100);
        break;
    case REPORT_COUNT:
        snprintf(text, REPORT_TEXT_MAX, "%" PRId64, value);
        break;
    case REPORT_TIME:
        row_write_duration(&w, (uint64_t)value, " ");
        text[w.len] = 0;
        break;
    }
    return text;
}
