/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own_kept: the places of own claims and prefixes, and what the store has of them (RFC 2909 13).
 *
 * Three kinds of writing, by who waits for the answer:
 *
 *   own_store()   a claim that matured, or the release of a prefix: nothing is announced before
 *                 the store says so, and its answer goes on in own.c.
 *   own_keep()    a prefix that is in use already: learnt from a node that stored it, or
 *                 deprecated. The domain has made the promise, so nothing waits; but this node must
 *                 not forget it in a crash, so its own copy is written until it is stored.
 *   own_forget()  a prefix that ended, was superseded or withdrawn. If the record stayed, a restart
 *                 would bring back what another domain may hold by then. The place stays behind as
 *                 a tombstone, `present` for nobody, until the store has forgotten.
 *
 * A write that failed is repeated after STORE_RETRY_MS, a few in one step. There are never more of
 * them than places. Writes of one record are answered in order and the last one counts: a record
 * that is stored anew takes its tombstone away; a prefix under release is not written meanwhile.
 */
#include "masc/own.h"

enum { STORE_RETRY_MS = 5000, WRITES_MAX = 64 };

/* ---- places ---- */

struct own *own_take_place(struct masc *m, const struct own *wish)
{
    unsigned i;
    for (i = 0; i < m->own_max; i++) {
        if (m->own[i].present || m->own[i].forgetting)
            continue;
        m->own[i] = *wish;
        m->own[i].present = true;
        m->own[i].serial = ++m->serials;
        m->own_top = i < m->own_top ? m->own_top : i + 1;
        return &m->own[i];
    }
    return NULL;
}

static void free_place(struct masc *m, struct own *o)
{
    *o = (struct own){.present = false};
    while (m->own_top && !m->own[m->own_top - 1].present && !m->own[m->own_top - 1].forgetting)
        m->own_top--;
}

void own_drop(struct masc *m, struct own *o, struct out *out)
{
    outputs_drop(m, o, out);
    free_place(m, o);
    m->stale_outputs = m->dirty = true;
}

/* ---- writing ---- */

static bool same_record(const struct own *a, const struct own *b)
{
    return prefix_equal(a->prefix, b->prefix) && a->timestamp_s == b->timestamp_s &&
           a->node == b->node && own_role(a) == own_role(b);
}

static void drop_tombstone(struct masc *m, const struct own *stored)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (m->own[i].forgetting && same_record(&m->own[i], stored))
            free_place(m, &m->own[i]);
}

void own_store(struct masc *m, struct own *o, bool remove, struct out *out)
{
    struct row row = own_row(m, o);
    if (!remove)
        drop_tombstone(m, o);
    o->ticket = ++m->tickets;
    out_store(out, &row, o->ticket, remove);
}

static void write_at(struct masc *m, struct own *o, mono_t when)
{
    o->retry = when;
    m->own_due = mono_min(m->own_due, when);
}

void own_keep(struct masc *m, struct own *o)
{
    CHECK(own_in_use(o));
    if (!o->storing_removal)
        o->ticket = 0; /* what is being written is out of date */
    o->unstored = true;
    write_at(m, o, m->now.mono);
}

void own_forget(struct masc *m, struct own *o, struct out *out)
{
    if (o->state != MASC_OWN_IN_USE && o->state != MASC_OWN_STORING) {
        own_drop(m, o, out);
        return;
    }
    outputs_drop(m, o, out);
    *o = (struct own){
        .prefix = o->prefix,
        .purpose = o->purpose,
        .forgetting = true,
        .unstored = true,
        .space = o->space,
        .node = o->node,
        .timestamp_s = o->timestamp_s,
        .lifetime_s = o->lifetime_s,
        .due = MONO_NEVER,
        .retry = MONO_NEVER,
    };
    own_store(m, o, true, out);
    m->stale_outputs = m->dirty = true;
}

mono_t own_store_again(struct masc *m, struct out *out)
{
    mono_t next = MONO_NEVER;
    unsigned i, n = 0;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!o->unstored || o->ticket)
            continue;
        if (mono_due(o->retry, m->now.mono) && n++ < WRITES_MAX)
            own_store(m, o, o->forgetting, out);
        else
            next = mono_min(next, o->retry);
    }
    return next;
}

/* ---- answers ---- */

/* A prefix in use whose copy was written. What it covers could not go before: a crash would
 * have left neither. */
static void kept(struct masc *m, struct own *o, struct out *out)
{
    o->unstored = false;
    if (o->store_failed)
        own_log(m, o, "stored", NULL, out);
    o->store_failed = false;
    (void)own_supersede(m, o, out);
}

static void not_written(struct masc *m, struct own *o, struct out *out)
{
    if (!o->store_failed)
        own_log(m, o, "unstored",
                o->forgetting ? "it ended, but the store could not forget it; trying again"
                              : "it is in use, but could not be stored; trying again", out);
    o->store_failed = true;
    write_at(m, o, mono_add_ms(m->now.mono, STORE_RETRY_MS));
}

/* A matured claim: a full disk stops new promises, not the daemon. */
static void claim_not_stored(struct masc *m, struct own *o, enum stored result, struct out *out)
{
    if (result == STORED_CONFLICT) {
        own_cancel(m, o, &(struct ending){"lost", 0, "another node of the domain stored it first"},
                   out);
        return;
    }
    o->state = MASC_OWN_WAITING;
    o->due = mono_add_ms(m->now.mono, STORE_RETRY_MS);
    m->own_due = mono_min(m->own_due, o->due);
    own_log(m, o, "unstored", "could not be stored, so it is not announced; trying again", out);
}

static void not_released(struct masc *m, struct own *o, struct out *out)
{
    o->storing_removal = false;
    own_log(m, o, "kept", "the store could not forget it: release it again later", out);
    if (o->unstored) /* it waited for the answer */
        write_at(m, o, m->now.mono);
}

static void claim_stored(struct masc *m, struct own *o, enum stored result, struct out *out)
{
    if (result == STORED_OK)
        own_allocated(m, o, out);
    else
        claim_not_stored(m, o, result, out);
}

static void release_stored(struct masc *m, struct own *o, enum stored result, struct out *out)
{
    if (result == STORED_OK)
        own_released(m, o, out);
    else
        not_released(m, o, out);
}

static struct own *find_ticket(const struct masc *m, uint64_t ticket)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (m->own[i].ticket == ticket)
            return &m->own[i];
    return NULL;
}

void own_stored(struct masc *m, uint64_t ticket, enum stored result, struct out *out)
{
    struct own *o = find_ticket(m, ticket);
    m->store_failing = result == STORED_FAILED;
    if (!o)
        return;
    o->ticket = 0;
    if (o->storing_removal)
        release_stored(m, o, result, out);
    else if (own_is_pending(o))
        claim_stored(m, o, result, out);
    else if (result != STORED_OK)
        not_written(m, o, out);
    else if (o->forgetting)
        free_place(m, o);
    else
        kept(m, o, out);
}
