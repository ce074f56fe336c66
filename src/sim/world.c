/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world: see world.h. Here: time, the heap, and a step of a node.
 *
 * The heap has four children to a place: most of its work is sinking, and its upper levels stay in
 * the cache. A node's deadline is an entry that is never moved: when it comes too early, because
 * the deadline moved away meanwhile, it is put in again; when the deadline came nearer there is a
 * second, and the one that finds nothing due is dropped.
 */
#include "sim/world_impl.h"

#include <stdlib.h>
#include <string.h>

#include "sim/liar.h"

enum { WAYS = 4, STEPS_AT_ONCE = 20000 };

void *world_grow(void *array, size_t n, size_t *max, size_t size)
{
    if (n < *max)
        return array;
    *max = *max ? *max * 2 : 64;
    array = realloc(array, *max * size);
    if (!array)
        abort();
    return array;
}

/* ---- the heap ---- */

void world_push(struct world *w, int64_t at, uint64_t order, struct fate f)
{
    size_t i = w->fates++;
    f.when = u128_of((uint64_t)at, order ? order : ++w->orders);
    w->fate = world_grow(w->fate, i, &w->fates_max, sizeof f);
    for (; i > 0 && f.when < w->fate[(i - 1) / WAYS].when; i = (i - 1) / WAYS)
        w->fate[i] = w->fate[(i - 1) / WAYS];
    w->fate[i] = f;
}

static size_t soonest_child(const struct fate *fate, size_t child, size_t end)
{
    size_t best = child;
    if (end > child + WAYS)
        end = child + WAYS;
    while (++child < end)
        best = fate[child].when < fate[best].when ? child : best;
    return best;
}

static struct fate pop(struct world *w)
{
    struct fate *fate = w->fate, first = fate[0], last = fate[--w->fates];
    size_t i = 0, n = w->fates;
    while (WAYS * i + 1 < n) {
        size_t child = soonest_child(fate, WAYS * i + 1, n);
        if (fate[child].when > last.when)
            break;
        fate[i] = fate[child];
        i = child;
    }
    if (n)
        fate[i] = last;
    return first;
}

/* ---- what is seen ---- */

void world_watch(struct world *w, const struct watch *watch)
{
    if (w->watches == WORLD_WATCHES)
        abort();
    w->watch[w->watches++] = watch;
}

void world_see(struct world *w, const struct happening *h)
{
    unsigned i;
    for (i = 0; i < w->watches; i++)
        w->watch[i]->see(w->watch[i]->self, h);
}

void world_fault(struct world *w, const char *what, const unsigned node[2], bool ends)
{
    world_see(w, &(struct happening){.sight = SIGHT_FAULT, .node = node[0], .other = node[1],
                                     .what = what, .ends = ends});
}

/* ---- the hash ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

static uint64_t mix_bytes(uint64_t h, const uint8_t *p, size_t len)
{
    uint64_t word;
    for (; len >= 8; p += 8, len -= 8) {
        memcpy(&word, p, 8);
        h = mix(h, word);
    }
    word = 0;
    memcpy(&word, p, len);
    return mix(h, word ^ (uint64_t)len << 56);
}

static uint64_t mix_row(uint64_t h, const struct row *row)
{
    char text[600];
    struct wr to = wr_init(text, sizeof text);
    row_write_text(&to, row);
    return mix_bytes(h, (const uint8_t *)text, to.len);
}

/* Rows are hashed by their text, which costs more than the step that made them: not in large
 * worlds. */
uint64_t world_hash_action(const struct world *w, uint64_t h, const struct action *a)
{
    h = mix(h, (uint64_t)a->kind << 32 | a->conn.id);
    if (a->kind == ACTION_STREAM)
        return mix_bytes(h, a->bytes, a->len);
    return a->row && !w->plain ? mix_row(h, a->row) : h;
}

static void hash_step(struct world *w, unsigned n, const struct event *ev)
{
    w->hash = mix(w->hash, (uint64_t)w->now << 24 ^ (uint64_t)n << 4 ^ (uint64_t)ev->kind);
    w->hash = mix(w->hash, ev->len);
}

/* ---- steps ---- */

static void carry_out(struct world *w, unsigned n, const struct action *a)
{
    w->hash = world_hash_action(w, w->hash, a);
    switch (a->kind) {
    case ACTION_CONNECT: stream_connect(w, n, a); return;
    case ACTION_STREAM: stream_write(w, n, a); return;
    case ACTION_CLOSE: stream_close(w, n, a); return;
    case ACTION_STORE: disk_write(w, n, a); return;
    case ACTION_ANSWER:
    case ACTION_END:
    case ACTION_LOG: return;
    }
}

static void set_alarm(struct world *w, unsigned n)
{
    struct host *h = w->host[n];
    int64_t at;
    if (h->due.ms == MONO_NEVER.ms)
        return;
    at = life_time_of(w, n, h->due);
    at = at < w->now ? w->now : at;
    if (at >= h->alarm)
        return;
    h->alarm = at;
    world_push(w, at, 0, (struct fate){.kind = FATE_ALARM, .what = n});
}

void world_after(struct world *w, unsigned n, const struct event *ev, uint32_t side)
{
    struct host *h = w->host[n];
    size_t i;
    w->steps++;
    h->due = h->liar ? liar_deadline(h->liar) : node_deadline(h->node);
    if (w->watches)
        world_see(w, &(struct happening){.sight = SIGHT_DONE, .node = n, .event = ev,
                                         .out = &w->out, .stream = side / 2,
                                         .side = (uint8_t)(side & 1)});
    for (i = 0; i < w->out.actions; i++)
        carry_out(w, n, &w->out.action[i]);
    set_alarm(w, n);
}

static bool is_stuck(struct world *w, unsigned n)
{
    struct inside *in = &w->inside[n];
    if (in->moment != w->now) {
        in->moment = w->now;
        in->steps_at_moment = 0;
    }
    if (++in->steps_at_moment != STEPS_AT_ONCE)
        return w->stuck;
    w->stuck = true;
    world_see(w, &(struct happening){.sight = SIGHT_WORLD, .node = n,
                                     .what = "too many steps at one instant"});
    return true;
}

void world_step(struct world *w, unsigned n, struct event *ev, uint32_t side)
{
    struct host *h = w->host[n];
    if (is_stuck(w, n))
        return;
    ev->now = world_clock(w, n);
    hash_step(w, n, ev);
    out_reset(&w->out);
    if (w->watches)
        world_see(w, &(struct happening){.sight = SIGHT_STEP, .node = n, .event = ev,
                                         .stream = side / 2, .side = (uint8_t)(side & 1)});
    if (h->liar)
        liar_step(h->liar, ev, &w->out);
    else
        twice_step(w, n, ev);
    world_after(w, n, ev, side);
}

static void alarm_rings(struct world *w, unsigned n, int64_t at)
{
    struct host *h = w->host[n];
    if (h->alarm != at)
        return;
    h->alarm = INT64_MAX;
    if (!h->up)
        return;
    if (h->due.ms <= world_clock(w, n).mono.ms)
        world_step(w, n, &(struct event){.kind = EVENT_TIME}, SIDE_NONE);
    else
        set_alarm(w, n);
}

static void happen(struct world *w, const struct fate *f)
{
    switch ((enum fate_kind)f->kind) {
    case FATE_FLOW: stream_flow(w, f->what, f); return;
    case FATE_SENT: stream_sent(w, f->what); return;
    case FATE_DISK: disk_done(w, f->what); return;
    case FATE_ALARM: alarm_rings(w, f->what, fate_at(f)); return;
    }
}

void world_run(struct world *w, int64_t ms)
{
    int64_t until = w->now + ms;
    while (w->fates && fate_at(&w->fate[0]) <= until && !w->stuck) {
        struct fate f = pop(w);
        if (fate_at(&f) > w->now)
            w->now = fate_at(&f);
        happen(w, &f);
    }
    w->now = until;
}

int64_t world_now(const struct world *w)
{
    return w->now;
}

uint64_t world_steps(const struct world *w)
{
    return w->steps;
}

uint64_t world_hash(const struct world *w)
{
    return w->hash;
}

uint64_t world_octets(const struct world *w)
{
    return w->octets;
}

/* ---- birth and end ---- */

struct world *world_new(uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    w->rng = prng_init(seed);
    w->hosts_max = 0;
    out_init(&w->out, malloc(OUT_ACTIONS * sizeof(struct action)), OUT_ACTIONS, malloc(OUT_BYTES),
             OUT_BYTES);
    if (!w->out.action || !w->out.buf)
        abort();
    return w;
}

void world_plain(struct world *w)
{
    w->plain = true;
}

void world_free(struct world *w)
{
    unsigned n;
    stream_free(w);
    twice_free(w);
    for (n = 1; n <= w->hosts; n++) {
        struct host *h = w->host[n];
        disk_free(w, n);
        life_free(w, n);
        free(h->cfg);
        free(h->spare);
        free(h->stream);
        free(h->link);
        liar_free(h->liar);
        free(h);
    }
    free(w->host);
    free(w->inside);
    free(w->fate);
    free(w->stream);
    free(w->link);
    free(w->out.action);
    free(w->out.buf);
    free(w);
}
