/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table_time: what time and later UPDATEs make of an entry: expiry (7.3, 12.3), superseding
 * and hiding by WITHDRAWs.
 *
 * An entry changes by time twice: it is DEAD once its life or its hold is over, and forgotten when
 * hold plus retention is over. The heap is keyed by the next of the two. Once DEAD it stays DEAD,
 * also when the wall clock is set back.
 */
#include "base/check.h"
#include "masc/origin.h"

static int64_t die_at(const struct entry *e)
{
    /* the Lifetime of a CLAIM_DENIED is a limit for others */
    bool lives = e->lifetime_s < e->holdtime_s && (e->type & 7) != MASC_CLAIM_DENIED;
    return e->timestamp_s + (lives ? e->lifetime_s : e->holdtime_s);
}

static struct due due_of(const struct table *t, uint32_t at)
{
    const struct entry *e = &t->entry[at];
    return (struct due){
        e->flags & ENTRY_DEAD ? e->timestamp_s + e->holdtime_s + t->retention_s : die_at(e), at};
}

/* Finds the place of `due` from the place `i` downwards, which is free. */
static void sift_down(struct table *t, uint32_t i, struct due due)
{
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= t->heap_n)
            break;
        if (child + 1 < t->heap_n && t->heap[child + 1].s < t->heap[child].s)
            child++;
        if (t->heap[child].s >= due.s)
            break;
        t->heap[i] = t->heap[child];
        i = child;
    }
    t->heap[i] = due;
}

static void note_due(struct table *t)
{
    t->due_s = t->heap_n ? t->heap[0].s : INT64_MAX;
}

void table_heap_push(struct table *t, uint32_t at)
{
    uint32_t i = t->heap_n++;
    struct due due = due_of(t, at);
    while (i > 0 && t->heap[(i - 1) / 2].s > due.s) {
        t->heap[i] = t->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    t->heap[i] = due;
    note_due(t);
}

void table_retain(struct table *t, int64_t retention_s)
{
    uint32_t i;
    if (retention_s == t->retention_s)
        return;
    t->retention_s = retention_s;
    for (i = t->heap_n; i-- > 0;) /* those below are in order already */
        sift_down(t, i, due_of(t, t->heap[i].at));
    note_due(t);
}

bool table_expire(struct table *t, uint32_t at)
{
    struct entry *e = &t->entry[at];
    CHECK(t->heap_n && t->heap[0].at == at);
    if (!(e->flags & ENTRY_DEAD)) {
        origin_unlist(t, at);
        e->flags |= ENTRY_DEAD;
        origin_list(t, at);
        t->live_kinds[e->role][e->type & 7]--;
        sift_down(t, 0, due_of(t, at));
        note_due(t);
        return false;
    }
    if (--t->heap_n)
        sift_down(t, 0, t->heap[t->heap_n]);
    note_due(t);
    table_remove(t, at);
    return true;
}

bool table_live(const struct table *t, uint32_t at, int64_t now_s)
{
    const struct entry *e = &t->entry[at];
    const unsigned gone = ENTRY_DEAD | ENTRY_LOST | ENTRY_DENIED;
    return !(e->flags & gone) && die_at(e) > now_s;
}

static bool is_newer(const struct entry *n, const struct entry *e)
{
    if (n->timestamp_s != e->timestamp_s)
        return n->timestamp_s > e->timestamp_s;
    /* equal but for the D-bit: D = 1 wins */
    return n->addr == e->addr && n->len == e->len && n->type & 0x80 && !(e->type & 0x80);
}

/* newest wins per address; on `range`, a part of the entry or all of it. One of the two kinds
 * held does not supersede the other: who hears only the one must not lose it. */
bool table_superseded_on(const struct table *t, uint32_t at, struct prefix range, int64_t now_s)
{
    const struct entry *e = &t->entry[at];
    struct cover c;
    uint32_t by;
    if (!table_is_held(t, at))
        return false;
    c = table_cover_of(t, range, at);
    while ((by = table_cover_next(&c)) != TABLE_NONE) {
        const struct entry *n = &t->entry[by];
        /* equal roles: a parent's PREFIX_MANAGED is not superseded by its local use */
        if (by != at && (n->type & 7) == (e->type & 7) && is_newer(n, e) && n->role == e->role &&
            table_live(t, by, now_s))
            return true;
    }
    return false;
}

bool table_superseded(const struct table *t, uint32_t at, int64_t now_s)
{
    return table_superseded_on(t, at, table_prefix(t, at), now_s);
}

bool table_hidden(const struct table *t, uint32_t at, struct prefix range, int64_t now_s)
{
    const struct entry *e = &t->entry[at];
    struct cover c;
    uint32_t by;
    if (!t->live_kinds[e->role][MASC_WITHDRAW])
        return false;
    c = table_cover_of(t, range, at);
    while ((by = table_cover_next(&c)) != TABLE_NONE) {
        const struct entry *w = &t->entry[by];
        /* a clash hides whatever comes, a release only what is not newer than it. */
        if ((w->type & 7) == MASC_WITHDRAW && !(w->flags & ENTRY_CANCEL) &&
            w->role == e->role && table_live(t, by, now_s) &&
            (w->flags & ENTRY_CLASH || w->timestamp_s >= e->timestamp_s))
            return true;
    }
    return false;
}

bool table_effective(const struct table *t, uint32_t at, struct prefix range, int64_t now_s)
{
    return table_live(t, at, now_s) && !table_superseded_on(t, at, range, now_s) &&
           !table_hidden(t, at, range, now_s);
}

/* An entry of that domain: held in that role, and live. */
static bool is_in_use(const struct table *t, uint32_t at, enum masc_role role, int64_t now_s)
{
    return table_is_held(t, at) && t->entry[at].role == role && table_live(t, at, now_s);
}

uint32_t table_in_use_overlapping(const struct table *t, struct holder who, struct prefix p,
                                  int64_t now_s)
{
    struct asked asked = table_ask(t, who.domain);
    struct cover c;
    struct inside in;
    uint32_t at;
    if (asked.domain == TABLE_NONE || !t->domain[asked.domain].holds[who.role])
        return TABLE_NONE;
    c = table_cover_asked(t, p, asked);
    while ((at = table_cover_next(&c)) != TABLE_NONE)
        if (is_in_use(t, at, who.role, now_s))
            return at;
    in = table_inside(t, p, who.domain);
    while ((at = table_inside_next(&in)) != TABLE_NONE)
        if (is_in_use(t, at, who.role, now_s))
            return at;
    return TABLE_NONE;
}
