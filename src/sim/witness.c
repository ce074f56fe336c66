/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness: see witness.h. Here: birth and end, what is counted and said, and where each happening
 * goes.
 *
 * A happening is recorded first and judged then. What must hold at every moment is looked at
 * before a step, but not more often than every twenty-fourth of the waiting period: what is wrong
 * stays wrong longer than that.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/witness_impl.h"

enum { SAID_MAX = 40, SAID_OF_ONE_MAX = 4, LOOKS_PER_WAIT = 24, LINE_MAX_OCTETS = 300 };

void *witness_grow(void *array, size_t n, size_t *max, size_t size)
{
    if (n < *max)
        return array;
    *max = *max ? *max * 2 : 16;
    array = realloc(array, *max * size);
    if (!array)
        abort();
    return array;
}

/* ---- verdict ---- */

static struct count *count_of(struct witness *x, const char *invariant)
{
    unsigned i = 0;
    while (i < x->counts && strcmp(x->count[i].name, invariant) != 0)
        i++;
    if (i == INVARIANTS_MAX)
        abort();
    if (i == x->counts) {
        x->count[x->counts++] = (struct count){0};
        snprintf(x->count[i].name, sizeof x->count[i].name, "%s", invariant);
    }
    return &x->count[i];
}

static uint64_t key_of_text(const char *text)
{
    uint64_t h = mark_mix(MARK_SHOWN, 0);
    for (; *text; text++)
        h = mark_mix(h, (uint8_t)*text);
    return h;
}

/* The same sentence about the same node is one violation, however often it is looked at. */
void witness_violate(struct witness *x, const char *invariant, unsigned node, const char *format,
                     ...)
{
    char text[200], line[LINE_MAX_OCTETS];
    struct count *c = count_of(x, invariant);
    int64_t now = world_now(x->w);
    uint64_t key;
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    snprintf(line, sizeof line, "%s %s %s", invariant, witness_name(x, node), text);
    key = key_of_text(line);
    if (mark_find(&x->marks, key))
        return;
    mark_put(&x->marks, key, now);
    c->n++;
    if (c->n > SAID_OF_ONE_MAX || x->violations++ >= SAID_MAX || !x->say)
        return;
    snprintf(line, sizeof line, "violated %s at %lld.%03d %s: %s", invariant,
             (long long)(now / 1000), (int)(now % 1000), witness_name(x, node), text);
    x->say(line);
}

unsigned witness_violations(const struct witness *x)
{
    unsigned i, n = 0;
    for (i = 0; i < x->counts; i++)
        n += x->count[i].n;
    return n;
}

unsigned witness_violated(const struct witness *x, const char *invariant)
{
    unsigned i;
    for (i = 0; i < x->counts; i++)
        if (strcmp(x->count[i].name, invariant) == 0)
            return x->count[i].n;
    return 0;
}

/* ---- who and what ---- */

const struct masc_config *witness_config(const struct witness *x, unsigned n)
{
    return &world_host(x->w, n)->cfg->masc;
}

int64_t witness_wall(const struct witness *x, unsigned n)
{
    return world_wall(x->w, n);
}

const char *witness_name(const struct witness *x, unsigned n)
{
    return n && n <= world_nodes(x->w) ? world_host(x->w, n)->name : "-";
}

struct track *witness_track(struct witness *x, uint32_t stream)
{
    while (stream >= x->tracks) {
        struct track *t;
        x->track = witness_grow(x->track, x->tracks, &x->tracks_max, sizeof *x->track);
        t = &x->track[x->tracks++];
        *t = (struct track){.both_at = -1, .last_sent = UINT32_MAX};
        t->half[0].keepalive_at = t->half[1].keepalive_at = -1;
        t->half[0].spoke_at = t->half[1].spoke_at = -1;
        t->half[0].established_at = t->half[1].established_at = -1;
    }
    return &x->track[stream];
}

/* Several peerings with one address are told apart by the parent in our OPEN (4.4, A-37). */
const struct masc_peer_config *witness_peering(const struct witness *x, const struct track *t,
                                               unsigned side)
{
    const struct masc_config *c = witness_config(x, t->node[side]);
    struct addr there = world_address(t->node[1 - side]);
    const struct masc_peer_config *found = NULL;
    unsigned i;
    for (i = 0; i < c->peers; i++) {
        const struct masc_peer_config *p = &c->peer[i];
        if (p->addr.addr != there.addr)
            continue;
        if (!found || (p->role == MASC_SIBLING && p->parent == t->half[side].open.parent))
            found = p;
    }
    return found;
}

/* With so little place nobody can remember all that it must. */
static bool is_tight(const struct masc_config *c)
{
    return c->own_max < 8 || c->claims_max < 512 || c->per_origin_max < 64 || c->origins_max < 16 ||
           c->unassociated_max < 16;
}

/* New nodes may join after the start. */
static void meet(struct witness *x)
{
    unsigned n = world_nodes(x->w);
    if (n <= x->nodes)
        return;
    x->about = realloc(x->about, (n + 1) * sizeof *x->about);
    if (!x->about)
        abort();
    if (!x->nodes) /* nobody: the other end of what was never connected */
        memset(x->about, 0, sizeof *x->about);
    memset(x->about + x->nodes + 1, 0, (n - x->nodes) * sizeof *x->about);
    x->nodes = n;
    for (n = 1; n <= x->nodes; n++) {
        x->about[n].liar |= world_host(x->w, n)->liar != NULL;
        x->about[n].full |= is_tight(witness_config(x, n));
    }
}

void witness_distrust(struct witness *x, unsigned n)
{
    meet(x);
    x->about[n].liar = true;
}

/* ---- happenings ---- */

static void booted(struct witness *x, unsigned n)
{
    struct about *a = &x->about[n];
    a->up = true;
    a->life++;
    a->booted = a->step_at = world_now(x->w);
    a->step_wall_s = witness_wall(x, n);
    known_forget(x, n);
    rows_forgotten(x, n);
}

static void died(struct witness *x, unsigned n)
{
    x->about[n].up = false;
    rows_forgotten(x, n);
    wire_died(x, n);
}

static void look_sometimes(struct witness *x)
{
    const struct masc_config *c;
    if (!x->look_every) {
        c = witness_config(x, 1);
        x->look_every = (int64_t)c->waiting_period_s * 1000 / LOOKS_PER_WAIT;
        x->look_every = x->look_every < 1000 ? 1000 : x->look_every;
    }
    if (world_now(x->w) >= x->looked + x->look_every)
        witness_look(x);
}

void witness_look(struct witness *x)
{
    x->looked = world_now(x->w);
    check_space(x);
    check_told(x);
    check_sessions(x);
}

/* What a person asks is not told before. */
static void done(struct witness *x, const struct happening *h)
{
    const struct event *e = h->event;
    x->asked = e->kind == EVENT_ASK;
    x->resolving =
        x->asked && e->ask && e->ask->words > 0 && strcmp(e->ask->word[0], "resolve") == 0;
    if (x->asked)
        x->steps++;
    x->about[h->node].step_at = world_now(x->w);
    x->about[h->node].step_wall_s = witness_wall(x, h->node);
    rows_told(x, h);
    if (x->about[h->node].liar)
        return;
    check_connects(x, h);
    check_done(x, h);
}

/* The world names the invariant where there is one: the rest is the contract of cores. */
static void world_told(struct witness *x, const struct happening *h)
{
    bool twice = strncmp(h->what, "I-48", 4) == 0;
    witness_violate(x, twice ? "I-48" : "host", h->node, "%s", twice ? h->what + 5 : h->what);
}

static void see(void *self, const struct happening *h)
{
    struct witness *x = self;
    meet(x);
    switch (h->sight) {
    case SIGHT_STEP:
        look_sometimes(x); /* before it changes what there is */
        x->steps++;
        wire_event(x, h);
        break;
    case SIGHT_DONE: done(x, h); break;
    case SIGHT_WROTE: wire_wrote(x, h); break;
    case SIGHT_CLOSED: wire_closed(x, h); break;
    case SIGHT_COMMITTED: rows_committed(x, h); break;
    case SIGHT_BOOTED: booted(x, h->node); break;
    case SIGHT_DIED: died(x, h->node); break;
    case SIGHT_FAULT: check_fault(x, h); break;
    case SIGHT_WORLD: world_told(x, h); break;
    }
}

/* ---- birth and end ---- */

struct witness *witness_new(struct world *w, void (*say)(const char *line))
{
    struct witness *x = calloc(1, sizeof *x);
    if (!x)
        abort();
    x->w = w;
    x->say = say;
    x->fault_since = x->calm_at = -1;
    x->watch = (struct watch){.self = x, .see = see};
    world_watch(w, &x->watch);
    return x;
}

static void free_told(struct told *t)
{
    free(t->range);
    free(t->hole);
}

void witness_free(struct witness *x)
{
    unsigned n;
    size_t i;
    if (!x)
        return;
    for (n = 1; n <= x->nodes; n++) {
        free(x->about[n].record);
        free(x->about[n].known);
        free(x->about[n].withdrawal);
        free(x->about[n].open);
        free(x->about[n].connect);
        free_told(&x->about[n].maas);
        free_told(&x->about[n].g_rib);
    }
    for (i = 0; i < x->tracks; i++) {
        free(x->track[i].half[0].post);
        free(x->track[i].half[1].post);
        free(x->track[i].half[0].raw);
        free(x->track[i].half[1].raw);
    }
    free(x->about);
    free(x->track);
    free(x->sent);
    free(x->logged);
    mark_free(&x->marks);
    free(x);
}
