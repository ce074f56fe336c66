/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of rows: what lies on each disk, what address servers and routers were told, and what
 * was logged of the life of claims.
 *
 * A range that was told may have holes: parts that were taken back for a time (12.4). A part that
 * is added again closes its hole; a range that is removed takes its holes with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/witness_impl.h"

/* ---- disks ---- */

/* The order of fields of masc_row_own. */
enum {
    OWN_PREFIX,
    OWN_TIMESTAMP,
    OWN_NODE,
    OWN_USE,
    OWN_LIFETIME,
    OWN_PARENT,
    OWN_RENEW,
    OWN_OPERATOR,
    OWN_DEPRECATED,
};

static struct record record_of(const struct row *row)
{
    const char *use = row->v[OWN_USE].text;
    return (struct record){
        .prefix = row->v[OWN_PREFIX].prefix,
        .timestamp_s = row->v[OWN_TIMESTAMP].wall.s,
        .node = row->v[OWN_NODE].id,
        .lifetime_s = (uint32_t)row->v[OWN_LIFETIME].u,
        .local = use && strcmp(use, "local") == 0,
        .keep = row->v[OWN_RENEW].u != 0,
        .by_operator = row->v[OWN_OPERATOR].u != 0,
        .deprecated = row->v[OWN_DEPRECATED].u != 0,
        .parent = row->v[OWN_PARENT].id,
    };
}

static bool is_same(const struct record *a, const struct record *b)
{
    return prefix_equal(a->prefix, b->prefix) && a->timestamp_s == b->timestamp_s &&
           a->node == b->node && a->local == b->local;
}

uint64_t record_key(unsigned n, struct prefix p, int64_t timestamp_s)
{
    return mark_mix(mark_prefix(mark_mix(MARK_STORED, n), p), (uint64_t)timestamp_s);
}

void rows_committed(struct witness *x, const struct happening *h)
{
    struct about *a = &x->about[h->node];
    struct record r;
    size_t i;
    if (h->row->type != &masc_row_own)
        return;
    r = record_of(h->row);
    for (i = 0; i < a->records && !is_same(&a->record[i], &r); i++)
        ;
    if (h->remove) {
        if (!a->up)
            check_store_lost(x);
        if (i < a->records)
            a->record[i] = a->record[--a->records];
        return;
    }
    if (i == a->records) {
        a->record = witness_grow(a->record, a->records, &a->records_max, sizeof r);
        a->records++;
    }
    a->record[i] = r;
    if (mark_find(&x->marks, record_key(h->node, r.prefix, r.timestamp_s)))
        return;
    check_claim_stored(x, h->node, &r);
    mark_put(&x->marks, record_key(h->node, r.prefix, r.timestamp_s), world_now(x->w));
}

bool record_is_live(const struct witness *x, unsigned n, const struct record *r)
{
    return r->timestamp_s + r->lifetime_s > witness_wall(x, n);
}

/* ---- outputs ---- */

static size_t find_told(const struct told *t, struct prefix p, bool hole)
{
    size_t i = 0;
    while (i < t->n && !(t->hole[i] == hole && prefix_equal(t->range[i], p)))
        i++;
    return i;
}

static void forget_told(struct told *t, size_t i)
{
    t->n--;
    t->range[i] = t->range[t->n];
    t->hole[i] = t->hole[t->n];
}

static void put_told(struct told *t, struct prefix p, bool hole)
{
    t->range = witness_grow(t->range, t->n, &t->max, sizeof *t->range);
    t->hole = witness_grow(t->hole, t->n, &t->holes_max, sizeof *t->hole);
    t->range[t->n] = p;
    t->hole[t->n++] = hole;
}

static bool told_covers(const struct told *t, struct prefix p)
{
    size_t i;
    for (i = 0; i < t->n; i++)
        if (!t->hole[i] && prefix_covers(t->range[i], p))
            return true;
    return false;
}

static void tell_add(struct witness *x, unsigned n, struct told *t, struct prefix p)
{
    size_t i = find_told(t, p, true);
    char text[PREFIX_TEXT_MAX];
    if (i < t->n) { /* a part that comes back */
        forget_told(t, i);
        return;
    }
    if (find_told(t, p, false) < t->n) {
        witness_violate(x, "I-15", n, "%s added twice", prefix_format(p, text));
        return;
    }
    /* what was taken out of others before is said again of this one */
    for (i = 0; i < t->n;)
        if (t->hole[i] && prefix_covers(p, t->range[i]))
            forget_told(t, i);
        else
            i++;
    put_told(t, p, false);
}

static void tell_remove(struct witness *x, unsigned n, struct told *t, struct prefix p)
{
    size_t i = find_told(t, p, false);
    char text[PREFIX_TEXT_MAX];
    if (i < t->n) {
        forget_told(t, i);
        for (i = 0; i < t->n;)
            if (t->hole[i] && !told_covers(t, t->range[i]))
                forget_told(t, i);
            else
                i++;
        return;
    }
    if (!told_covers(t, p) || find_told(t, p, true) < t->n) {
        witness_violate(x, "I-15", n, "%s removed without being there", prefix_format(p, text));
        return;
    }
    put_told(t, p, true);
}

/* Address servers and routers forget what a dead node told them. */
void rows_forgotten(struct witness *x, unsigned n)
{
    x->about[n].maas.n = x->about[n].g_rib.n = 0;
}

bool told_has(const struct told *t, struct prefix p)
{
    bool covered = false;
    size_t i;
    for (i = 0; i < t->n; i++) {
        if (t->hole[i] && prefix_overlaps(t->range[i], p))
            return false;
        covered |= prefix_covers(t->range[i], p);
    }
    return covered;
}

/* ---- log rows ---- */

static void keep(struct witness *x, const struct logged *l)
{
    x->logged = witness_grow(x->logged, x->loggeds, &x->loggeds_max, sizeof *l);
    x->logged[x->loggeds++] = *l;
}

static void output_told(struct witness *x, unsigned n, const struct row *row)
{
    struct about *a = &x->about[n];
    bool maas = strcmp(row->v[0].text, "maas") == 0, add = strcmp(row->v[1].text, "add") == 0;
    struct logged l = {.at = world_now(x->w), .node = n, .prefix = row->v[2].prefix};
    snprintf(l.event, sizeof l.event, "%s", row->v[0].text);
    snprintf(l.what, sizeof l.what, "%s", row->v[1].text);
    keep(x, &l);
    if (add)
        tell_add(x, n, maas ? &a->maas : &a->g_rib, l.prefix);
    else
        tell_remove(x, n, maas ? &a->maas : &a->g_rib, l.prefix);
    if (!a->liar)
        check_output(x, &l);
}

static void life_told(struct witness *x, unsigned n, const struct row *row)
{
    struct logged l = {.at = world_now(x->w), .node = n, .prefix = row->v[1].prefix};
    snprintf(l.event, sizeof l.event, "%s", row->v[0].text);
    l.domain = row->v[2].id;
    l.other = row->v[3].id == ID_NONE ? 0 : row->v[3].id;
    l.ready_s = row->v[4].wall.s;
    snprintf(l.reason, sizeof l.reason, "%s", row->v[6].text ? row->v[6].text : "");
    keep(x, &l);
    if (x->about[n].liar)
        return;
    check_claim_logged(x, &l);
    check_life_logged(x, &l);
    if (strcmp(l.event, "in-use") == 0 || strcmp(l.event, "renewed") == 0 ||
        strcmp(l.event, "expanded") == 0)
        check_allocated(x, n, l.prefix);
}

void rows_told(struct witness *x, const struct happening *h)
{
    size_t i;
    for (i = 0; i < h->out->actions; i++) {
        const struct action *a = &h->out->action[i];
        if (a->kind != ACTION_LOG)
            continue;
        if (a->row->type == &masc_row_output)
            output_told(x, h->node, a->row);
        else if (a->row->type == &masc_row_life)
            life_told(x, h->node, a->row);
    }
}
