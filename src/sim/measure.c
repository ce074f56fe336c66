/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * measure: see measure.h.
 *
 * What is told to routing is kept per domain in ranges (demand_pool.h); a sample looks at each
 * domain once. Messages are counted when they are written, by their headers alone: a node writes
 * whole messages.
 */
#include "sim/measure.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "masc/masc.h"
#include "masc/wire.h"

struct subject {
    bool known;
    enum measure_level level;
    u128 domain;
    struct ranges routed;
};

struct measure {
    struct world *w;
    const struct demand *demand;
    struct watch watch;
    struct subject *subject; /* by node */
    uint64_t events[MEASURE_LEVELS][MEASURE_EVENT_KINDS];
    uint64_t routes[MEASURE_LEVELS];
    uint64_t messages, updates;
};

static const char *const event_name[MEASURE_EVENT_KINDS] = {
#define MEASURE_TEXT_(name_, text_) [MEASURE_##name_] = text_,
    MEASURE_EVENTS(MEASURE_TEXT_)
#undef MEASURE_TEXT_
};

/* Fields of the rows of masc.h, in their order. */
enum { LIFE_EVENT = 0, LIFE_DOMAIN = 2 };
enum { OUTPUT_TO = 0, OUTPUT_WHAT = 1, OUTPUT_PREFIX = 2 };

/* Of a child's claim only what its parent had to do about it counts here. */
static bool counts(const struct subject *s, const struct row *row, unsigned event)
{
    return row->v[LIFE_DOMAIN].id == s->domain || event == MEASURE_THRESHOLD ||
           event == MEASURE_TABLE_FULL;
}

static void see_life(struct measure *m, const struct subject *s, const struct row *row)
{
    unsigned i;
    for (i = 0; i < MEASURE_EVENT_KINDS; i++)
        if (text_equal(row->v[LIFE_EVENT].text, event_name[i])) {
            m->events[s->level][i] += counts(s, row, i);
            return;
        }
}

static void see_output(struct measure *m, struct subject *s, const struct row *row)
{
    if (!text_equal(row->v[OUTPUT_TO].text, "g-rib"))
        return;
    if (text_equal(row->v[OUTPUT_WHAT].text, "add"))
        ranges_add(&s->routed, row->v[OUTPUT_PREFIX].prefix);
    else
        ranges_remove(&s->routed, row->v[OUTPUT_PREFIX].prefix);
    m->routes[s->level]++;
}

static void see_wrote(struct measure *m, const uint8_t *bytes, size_t len)
{
    size_t at = 0, length;
    for (; at + MASC_HEADER_OCTETS <= len; at += length) {
        length = (size_t)bytes[at] << 8 | bytes[at + 1];
        m->messages++;
        m->updates += bytes[at + 2] == MASC_UPDATE;
        if (length < MASC_HEADER_OCTETS)
            abort();
    }
}

static void see(void *self, const struct happening *h)
{
    struct measure *m = self;
    struct subject *s = &m->subject[h->node];
    size_t i;
    if (h->sight == SIGHT_WROTE)
        see_wrote(m, h->bytes, h->len);
    if (h->sight != SIGHT_DONE || !s->known)
        return;
    for (i = 0; i < h->out->actions; i++) {
        const struct action *a = &h->out->action[i];
        if (a->kind != ACTION_LOG)
            continue;
        if (a->row->type == &masc_row_life)
            see_life(m, s, a->row);
        else if (a->row->type == &masc_row_output)
            see_output(m, s, a->row);
    }
}

struct measure_sample measure_sample(const struct measure *m)
{
    const struct demand_counts *c = demand_counts(m->demand);
    struct measure_sample x = {
        .at_ms = world_now(m->w), .waiting = c->waiting, .requests = c->requests,
        .lost = c->lost, .messages = m->messages, .updates = m->updates,
        .octets = world_octets(m->w), .steps = world_steps(m->w),
    };
    unsigned n;
    memcpy(x.events, m->events, sizeof x.events);
    memcpy(x.routes, m->routes, sizeof x.routes);
    for (n = 1; n <= world_nodes(m->w); n++) {
        const struct subject *s = &m->subject[n];
        struct measure_held *held = &x.held[s->level];
        uint32_t count = s->known ? ranges_count(&s->routed) : 0;
        x.live += demand_live(m->demand, n);
        held->prefixes += count;
        held->addresses += ranges_size(&s->routed);
        if (count > held->most)
            held->most = count;
    }
    return x;
}

struct measure *measure_new(struct world *w, const struct demand *d)
{
    struct measure *m = calloc(1, sizeof *m);
    if (!m)
        abort();
    *m = (struct measure){.w = w, .demand = d,
                          .subject = calloc(world_nodes(w) + 1, sizeof *m->subject)};
    if (!m->subject)
        abort();
    m->watch = (struct watch){.self = m, .see = see};
    world_watch(w, &m->watch);
    return m;
}

void measure_free(struct measure *m)
{
    free(m->subject);
    free(m);
}

void measure_domain(struct measure *m, unsigned node, enum measure_level level)
{
    m->subject[node] = (struct subject){.known = true, .level = level,
                                        .domain = world_config(m->w, node)->domain};
}
