/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * demand: see demand.h.
 *
 * A request goes through three moments in a heap of (time, order): KNOWN, when it becomes known and
 * the next request of the domain is drawn (at its beginning, or `ahead` before it for all requests
 * of a model with bookings, so that the stream is the same for every share that is booked); BEGINS;
 * ENDS, a life after it got its place, not after it was asked for. While it waits it has no end.
 */
#include "sim/demand.h"

#include <stdlib.h>
#include <string.h>

#include "masc/masc.h"

enum moment_kind { MOMENT_KNOWN, MOMENT_BEGINS, MOMENT_ENDS };

struct moment {
    int64_t at;
    uint64_t order;
    uint32_t site;
    uint32_t request;
    enum moment_kind kind;
};

enum request_state { REQUEST_FREE, REQUEST_BOOKED, REQUEST_SECRET, REQUEST_WAITING, REQUEST_LIVE };

struct request {
    enum request_state state;
    int64_t begins; /* asked for at */
    int64_t ends;   /* of a live one, and of one that was lost and waits; 0: not known yet */
};

/* A domain with hosts. */
struct site {
    unsigned node;
    struct demand_gap gap;
    struct prng rng;
    int64_t last;             /* beginning of the request drawn last */
    struct pool pool;
    struct request *request;
    uint32_t requests;        /* places */
    uint32_t *queue;          /* waiting, in order; as many places */
    uint32_t waiting, live;
    uint64_t told;            /* to the node */
};

struct demand {
    struct world *w;
    const struct demand_model *model;
    struct prng rng;
    struct watch watch;
    struct site *site;
    uint32_t sites;
    uint32_t *site_of;        /* node to site + 1; 0: has no hosts */
    struct moment *heap;
    size_t moments, moments_max;
    uint64_t orders;
    struct demand_counts counts;
};

/* ---- the heap ---- */

static bool sooner(const struct moment *a, const struct moment *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void push(struct demand *d, struct moment m)
{
    size_t i = d->moments++;
    m.order = ++d->orders;
    if (i == d->moments_max) {
        d->moments_max = i ? i * 2 : 1024;
        d->heap = realloc(d->heap, d->moments_max * sizeof *d->heap);
        if (!d->heap)
            abort();
    }
    for (; i > 0 && sooner(&m, &d->heap[(i - 1) / 2]); i = (i - 1) / 2)
        d->heap[i] = d->heap[(i - 1) / 2];
    d->heap[i] = m;
}

static struct moment pop(struct demand *d)
{
    struct moment first = d->heap[0], last = d->heap[--d->moments];
    size_t i = 0, child;
    while ((child = 2 * i + 1) < d->moments) {
        if (child + 1 < d->moments && sooner(&d->heap[child + 1], &d->heap[child]))
            child++;
        if (!sooner(&d->heap[child], &last))
            break;
        d->heap[i] = d->heap[child];
        i = child;
    }
    if (d->moments)
        d->heap[i] = last;
    return first;
}

/* ---- requests ---- */

static uint32_t new_request(struct site *s)
{
    uint32_t i, more = s->requests ? s->requests * 2 : 16;
    for (i = 0; i < s->requests; i++)
        if (s->request[i].state == REQUEST_FREE)
            return i;
    s->request = realloc(s->request, more * sizeof *s->request);
    s->queue = realloc(s->queue, more * sizeof *s->queue);
    if (!s->request || !s->queue)
        abort();
    memset(s->request + s->requests, 0, (more - s->requests) * sizeof *s->request);
    i = s->requests;
    s->requests = more;
    return i;
}

/* Draws the next request of the domain. */
static void draw(struct demand *d, uint32_t site)
{
    const struct demand_model *m = d->model;
    struct site *s = &d->site[site];
    uint64_t spread = (uint64_t)((int64_t)(s->gap.max_h - s->gap.min_h) * HOUR) + 1;
    uint32_t i = new_request(s);
    bool booked;
    int64_t known;
    s->last += (int64_t)s->gap.min_h * HOUR + (int64_t)prng_below(&s->rng, spread);
    booked = prng_below(&s->rng, 1000) < m->booked_permille;
    known = m->booked_permille ? s->last - m->booked_ahead_ms : s->last;
    s->request[i] = (struct request){.state = REQUEST_SECRET, .begins = s->last};
    if (known < world_now(d->w))
        known = world_now(d->w);
    push(d, (struct moment){.at = known, .site = site, .request = i, .kind = MOMENT_KNOWN});
    if (booked)
        s->request[i].state = REQUEST_BOOKED;
}

static void count_latency(struct demand *d, int64_t ms)
{
    struct demand_counts *c = &d->counts;
    int64_t bin = ms / LATENCY_BIN_MS;
    c->placed++;
    c->latency_ms += (uint64_t)ms;
    if ((uint64_t)ms > c->latency_max_ms)
        c->latency_max_ms = (uint64_t)ms;
    c->latency[bin < LATENCY_BINS ? bin : LATENCY_BINS - 1]++;
}

/* As many of those that wait as find room, in order. */
static void serve(struct demand *d, uint32_t site)
{
    struct site *s = &d->site[site];
    int64_t now = world_now(d->w);
    while (s->waiting) {
        uint32_t i = s->queue[0];
        struct request *r = &s->request[i];
        if (!pool_place(&s->pool, d->model->block, i))
            return;
        memmove(s->queue, s->queue + 1, --s->waiting * sizeof *s->queue);
        d->counts.waiting--;
        r->state = REQUEST_LIVE;
        s->live++;
        d->counts.live++;
        if (r->ends) /* its end was set when it had a place before */
            continue;
        r->ends = now + d->model->life_ms;
        count_latency(d, now - r->begins);
        push(d, (struct moment){.at = r->ends, .site = site, .request = i, .kind = MOMENT_ENDS});
    }
}

static void wait(struct demand *d, struct site *s, uint32_t i)
{
    s->request[i].state = REQUEST_WAITING;
    s->queue[s->waiting++] = i;
    d->counts.waiting++;
}

static void stop_waiting(struct demand *d, struct site *s, uint32_t i)
{
    uint32_t k = 0;
    while (s->queue[k] != i)
        k++;
    memmove(s->queue + k, s->queue + k + 1, (--s->waiting - k) * sizeof *s->queue);
    d->counts.waiting--;
}

static void end(struct demand *d, struct site *s, uint32_t i)
{
    if (s->request[i].state == REQUEST_LIVE) {
        pool_release(&s->pool, i);
        s->live--;
        d->counts.live--;
    } else {
        stop_waiting(d, s, i);
    }
    d->counts.ended++;
    s->request[i] = (struct request){.state = REQUEST_FREE};
}

/* ---- what the node says, and what it is told ---- */

static void evict(struct demand *d, struct site *s)
{
    uint32_t i;
    while (pool_evict(&s->pool, d->model->block, &i)) {
        s->live--;
        d->counts.live--;
        d->counts.lost++;
        wait(d, s, i);
    }
}

/* A fading prefix gets no new block while there is another place. */
static void see_life(struct site *s, const struct row *row)
{
    const char *event = row->v[0].text;
    struct prefix p = row->v[1].prefix;
    if (strcmp(event, "deprecated") == 0)
        pool_fate(&s->pool, p, true);
    else if (strcmp(event, "in-use") == 0 || strcmp(event, "renewed") == 0 ||
             strcmp(event, "expanded") == 0)
        pool_fate(&s->pool, p, false);
    else if (strcmp(event, "expired") == 0 || strcmp(event, "released") == 0)
        pool_forget(&s->pool, p);
}

static void see(void *self, const struct happening *h)
{
    struct demand *d = self;
    bool changed = false;
    struct site *s;
    size_t i;
    if (h->sight != SIGHT_DONE || !d->site_of[h->node])
        return;
    s = &d->site[d->site_of[h->node] - 1];
    for (i = 0; i < h->out->actions; i++) {
        const struct action *a = &h->out->action[i];
        if (a->kind == ACTION_LOG && a->row->type == &masc_row_life &&
            a->row->v[2].id == world_config(d->w, h->node)->domain)
            see_life(s, a->row);
        if (a->kind != ACTION_LOG || a->row->type != &masc_row_output ||
            a->row->v[0].text[0] != 'm') /* "maas" */
            continue;
        if (a->row->v[1].text[0] == 'a') /* "add" */
            ranges_add(&s->pool.ranges, a->row->v[2].prefix);
        else
            ranges_remove(&s->pool.ranges, a->row->v[2].prefix);
        changed = true;
    }
    if (!changed)
        return;
    evict(d, s);
    serve(d, (uint32_t)(s - d->site));
}

/* The one place where a node hears of demand. */
static void tell(struct demand *d, const struct site *s)
{
    struct masc_config *c;
    if (!d->model->forecast) {
        world_need(d->w, s->node, demand_wanted(d, s->node));
        return;
    }
    c = world_edit(d->w, s->node);
    c->demand[0].family = FAMILY_IPV4;
    c->demand[0].lifetime_s = c->lifetime_s;
    c->demand[0].addresses = demand_wanted(d, s->node);
    c->demand[0].forecast = demand_peak(d, s->node, d->model->forecast_ms);
    c->demands = 1;
    world_apply(d->w, s->node);
}

/* 5.4: what is not used any more is given back before its end. */
static void vacate(struct demand *d, struct site *s)
{
    uint64_t keep = demand_wanted(d, s->node) + (uint64_t)d->model->vacate_spare * d->model->block;
    struct prefix p;
    if (d->model->forecast)
        keep = demand_peak(d, s->node, d->model->forecast_ms);
    if (!d->model->vacate || !pool_vacant(&s->pool, d->model->block, keep, &p))
        return;
    if (world_release(d->w, s->node, p))
        pool_fate(&s->pool, p, true);
}

/* ---- time ---- */

static void happen(struct demand *d, const struct moment *m)
{
    struct site *s = &d->site[m->site];
    struct request *r = &s->request[m->request];
    switch (m->kind) {
    case MOMENT_KNOWN:
        push(d, (struct moment){.at = r->begins, .site = m->site, .request = m->request,
                                .kind = MOMENT_BEGINS});
        draw(d, m->site);
        if (!d->model->forecast)
            return;
        break;
    case MOMENT_BEGINS:
        d->counts.requests++;
        wait(d, s, m->request);
        serve(d, m->site);
        break;
    case MOMENT_ENDS:
        end(d, s, m->request);
        serve(d, m->site);
        vacate(d, s);
        break;
    }
    tell(d, s);
}

void demand_run(struct demand *d, int64_t ms)
{
    int64_t until = world_now(d->w) + ms;
    while (d->moments && d->heap[0].at <= until) {
        struct moment m = pop(d);
        world_run(d->w, m.at - world_now(d->w));
        happen(d, &m);
    }
    world_run(d->w, until - world_now(d->w));
}

/* ---- what is known ---- */

const struct demand_counts *demand_counts(const struct demand *d)
{
    return &d->counts;
}

void demand_wait_anew(struct demand *d)
{
    struct demand_counts *c = &d->counts;
    c->placed = c->latency_ms = c->latency_max_ms = 0;
    memset(c->latency, 0, sizeof c->latency);
}

static const struct site *site_of(const struct demand *d, unsigned node)
{
    return d->site_of[node] ? &d->site[d->site_of[node] - 1] : NULL;
}

uint64_t demand_live(const struct demand *d, unsigned node)
{
    const struct site *s = site_of(d, node);
    return s ? (uint64_t)s->live * d->model->block : 0;
}

uint64_t demand_wanted(const struct demand *d, unsigned node)
{
    const struct site *s = site_of(d, node);
    return s ? ((uint64_t)s->live + s->waiting) * d->model->block : 0;
}

/* Blocks wanted at time `at`, of what is known now. */
static uint64_t wanted_at(const struct demand *d, const struct site *s, int64_t at)
{
    uint64_t n = 0;
    uint32_t i;
    for (i = 0; i < s->requests; i++) {
        const struct request *r = &s->request[i];
        switch (r->state) {
        case REQUEST_FREE:
        case REQUEST_SECRET:
            break;
        case REQUEST_BOOKED:
            n += r->begins <= at && at < r->begins + d->model->life_ms;
            break;
        case REQUEST_WAITING:
        case REQUEST_LIVE:
            n += !r->ends || at < r->ends;
            break;
        }
    }
    return n * d->model->block;
}

/* Demand rises only where something begins. */
uint64_t demand_peak(const struct demand *d, unsigned node, int64_t ms)
{
    const struct site *s = site_of(d, node);
    int64_t now = world_now(d->w);
    uint64_t peak = demand_wanted(d, node);
    uint32_t i;
    for (i = 0; s && i < s->requests; i++) {
        const struct request *r = &s->request[i];
        if (r->state == REQUEST_BOOKED && r->begins > now && r->begins <= now + ms &&
            wanted_at(d, s, r->begins) > peak)
            peak = wanted_at(d, s, r->begins);
    }
    return peak;
}

/* ---- birth and end ---- */

struct demand *demand_new(struct world *w, const struct demand_model *model, uint64_t seed)
{
    struct demand *d = calloc(1, sizeof *d);
    unsigned nodes = world_nodes(w);
    if (!d)
        abort();
    *d = (struct demand){.w = w, .model = model, .rng = prng_init(seed),
                         .site = calloc(nodes, sizeof *d->site),
                         .site_of = calloc(nodes + 1, sizeof *d->site_of)};
    if (!d->site || !d->site_of)
        abort();
    d->watch = (struct watch){.self = d, .see = see};
    world_watch(w, &d->watch);
    return d;
}

void demand_hosts(struct demand *d, unsigned node)
{
    uint32_t i = d->sites++;
    struct site *s = &d->site[i];
    *s = (struct site){.node = node,
                       .gap = d->model->gap[prng_below(&d->rng, d->model->classes)],
                       .last = world_now(d->w)};
    s->rng = prng_init(prng_u64(&d->rng));
    d->site_of[node] = i + 1;
    draw(d, i);
}

void demand_free(struct demand *d)
{
    uint32_t i;
    for (i = 0; i < d->sites; i++) {
        pool_free(&d->site[i].pool);
        free(d->site[i].request);
        free(d->site[i].queue);
    }
    free(d->site);
    free(d->site_of);
    free(d->heap);
    free(d);
}
