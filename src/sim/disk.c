/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * disk: the store of each node.
 *
 * A record is a row with keys; the disk knows no more of it than that. Writing takes a while, in
 * order; it is done when STORED is told, and not before: a crash in between leaves the first few of
 * what was under way, how many is chance, for a real disk promises nothing either.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/world_impl.h"

/* ---- records ---- */

static bool value_equal(enum field_kind kind, const union value *a, const union value *b)
{
    switch (kind) {
    case FIELD_UINT:
    case FIELD_BOOL:
    case FIELD_SECONDS: return a->u == b->u;
    case FIELD_TEXT: return a->text && b->text ? strcmp(a->text, b->text) == 0 : a->text == b->text;
    case FIELD_PREFIX: return prefix_equal(a->prefix, b->prefix);
    case FIELD_ADDR: return a->addr.family == b->addr.family && a->addr.addr == b->addr.addr;
    case FIELD_DOMAIN:
    case FIELD_NODE: return a->id == b->id;
    case FIELD_WALL: return a->wall.s == b->wall.s;
    }
    abort();
}

static bool is_same(const struct row *a, const struct row *b)
{
    uint8_t i;
    if (a->type != b->type)
        return false;
    for (i = 0; i < a->type->keys; i++)
        if (!value_equal(a->type->field[i].kind, &a->v[i], &b->v[i]))
            return false;
    return true;
}

static size_t text_octets(const struct row *row, uint8_t i)
{
    bool text = row->type->field[i].kind == FIELD_TEXT && row->v[i].text;
    return text ? strlen(row->v[i].text) + 1 : 0;
}

/* Values past the last field are not kept: there are many records. */
static struct kept *keep(const struct row *row)
{
    size_t fixed = offsetof(struct kept, row.v) + row->type->fields * sizeof row->v[0];
    size_t octets = fixed;
    struct kept *k;
    char *text;
    uint8_t i;
    for (i = 0; i < row->type->fields; i++)
        octets += text_octets(row, i);
    k = calloc(1, octets);
    if (!k)
        abort();
    k->row.type = row->type;
    text = (char *)k + fixed;
    for (i = 0; i < row->type->fields; i++) {
        k->row.v[i] = row->v[i];
        octets = text_octets(row, i);
        if (octets) {
            k->row.v[i].text = memcpy(text, row->v[i].text, octets);
            text += octets;
        }
    }
    return k;
}

static void commit(struct world *w, unsigned n, struct writing *a)
{
    struct disk *d = &w->host[n]->disk;
    struct kept **at = &d->first, *old;
    while (*at && !is_same(&(*at)->row, &a->kept->row))
        at = &(*at)->next;
    old = *at;
    if (old) {
        *at = old->next;
        d->records--;
    }
    free(old);
    world_see(w, &(struct happening){.sight = SIGHT_COMMITTED, .node = n, .row = &a->kept->row,
                                     .remove = a->remove});
    if (a->remove)
        return;
    while (*at)
        at = &(*at)->next;
    *at = a->kept;
    a->kept = NULL;
    d->records++;
}

/* ---- writing ---- */

void disk_write(struct world *w, unsigned n, const struct action *a)
{
    struct host *h = w->host[n];
    struct inside *in = &w->inside[n];
    struct writing *x = malloc(sizeof *x);
    if (!x)
        abort();
    *x = (struct writing){.at = w->now + h->disk.latency_ms, .ticket = a->ticket, .life = h->life,
                          .remove = a->remove, .kept = keep(a->row)};
    if (in->last_write && in->last_write->at > x->at)
        x->at = in->last_write->at;
    if (in->last_write)
        in->last_write->next = x;
    else
        in->first_write = x;
    in->last_write = x;
    world_push(w, x->at, 0, (struct fate){.kind = FATE_DISK, .what = n});
}

static struct writing *take(struct world *w, unsigned n)
{
    struct inside *in = &w->inside[n];
    struct writing *x = in->first_write;
    if (x)
        in->first_write = x->next;
    if (!in->first_write)
        in->last_write = NULL;
    return x;
}

static void drop(struct writing *x)
{
    if (x)
        free(x->kept);
    free(x);
}

void disk_done(struct world *w, unsigned n)
{
    struct writing *x = w->inside[n].first_write;
    struct event ev = {.kind = EVENT_STORED, .stored = STORED_OK};
    if (!x || x->at > w->now || w->host[n]->disk.mode == DISK_MUTE)
        return;
    x = take(w, n);
    ev.ticket = x->ticket;
    if (w->host[n]->disk.mode == DISK_FAILING)
        ev.stored = STORED_FAILED;
    else
        commit(w, n, x);
    drop(x);
    world_step(w, n, &ev, SIDE_NONE);
}

void disk_died(struct world *w, unsigned n)
{
    bool lost = w->host[n]->disk.mode != DISK_GOOD;
    struct writing *x;
    while ((x = take(w, n)) != NULL) {
        lost = lost || prng_below(&w->rng, 2);
        if (!lost)
            commit(w, n, x);
        drop(x);
    }
}

void world_disk(struct world *w, unsigned n, enum disk_mode mode)
{
    struct disk *d = &w->host[n]->disk;
    if ((d->mode == DISK_GOOD) != (mode == DISK_GOOD))
        world_fault(w, "disk", (unsigned[2]){n, 0}, mode == DISK_GOOD);
    d->mode = mode;
}

/* The node may write while it is told what is there. */
void disk_replay(struct world *w, unsigned n)
{
    struct disk *d = &w->host[n]->disk;
    unsigned i = 0, records = d->records;
    const struct row **row = malloc((records + 1) * sizeof *row);
    struct kept *k;
    if (!row)
        abort();
    for (k = d->first; k; k = k->next)
        row[i++] = &k->row;
    for (i = 0; i < records; i++)
        world_step(w, n, &(struct event){.kind = EVENT_BOOT, .row = row[i]}, SIDE_NONE);
    free(row);
}

void world_forget(struct world *w, unsigned n)
{
    struct disk *d = &w->host[n]->disk;
    while (d->first) {
        struct kept *k = d->first;
        d->first = k->next;
        world_see(w, &(struct happening){.sight = SIGHT_COMMITTED, .node = n, .row = &k->row,
                                         .remove = true});
        free(k);
    }
    d->records = 0;
}

void disk_free(struct world *w, unsigned n)
{
    struct writing *x;
    while ((x = take(w, n)) != NULL)
        drop(x);
    while (w->host[n]->disk.first) {
        struct kept *k = w->host[n]->disk.first;
        w->host[n]->disk.first = k->next;
        free(k);
    }
}
