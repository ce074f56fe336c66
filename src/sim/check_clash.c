/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clashes: only the loser withdraws (I-11), only when the operator said so in manual mode (I-12),
 * and never where no partition lasted a waiting period (I-02).
 *
 * Why a WITHDRAW was originated is told by its Timestamp: that of the winner's
 * prefix, of a WITHDRAW by the parent, of the claim that it cancels, or now.
 */
#include "sim/witness_impl.h"

/* The winner's prefix for the sake of which `s` was originated; NULL: it was not by a clash. */
static const struct known *winner_of(const struct witness *x, const struct sent *s)
{
    const struct about *a = &x->about[s->from];
    size_t i;
    for (i = 0; i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        if (k->a.type == MASC_PREFIX_IN_USE && k->a.domain != s->a.domain &&
            (k->a.role == MASC_SIBLING || k->a.role == MASC_CHILD) &&
            k->timestamp_s == s->timestamp_s && prefix_covers(k->a.prefix, s->a.prefix))
            return k;
    }
    return NULL;
}

/* By any node of the domain. */
static bool cancels(const struct witness *x, const struct sent *s)
{
    unsigned n;
    for (n = 1; n <= x->nodes; n++) {
        uint64_t key = mark_prefix(mark_mix(MARK_CLAIMED, n), s->a.prefix);
        if (witness_config(x, n)->domain == s->a.domain &&
            mark_find(&x->marks, mark_mix(key, (uint64_t)s->timestamp_s)))
            return true;
    }
    return false;
}

static bool has_other_cause(const struct witness *x, const struct sent *s)
{
    const struct about *a = &x->about[s->from];
    size_t i;
    if (s->timestamp_s == witness_wall(x, s->from) || cancels(x, s))
        return true;
    for (i = 0; i < a->knowns; i++)
        if (a->known[i].a.type == MASC_WITHDRAW && a->known[i].a.domain != s->a.domain &&
            a->known[i].timestamp_s == s->timestamp_s)
            return true;
    return false;
}

/* 5.1.1 of two prefixes in use; the newest own one counts. */
static bool loses(const struct witness *x, unsigned n, struct prefix range, const struct known *w)
{
    const struct about *a = &x->about[n];
    const struct record *newest = NULL;
    size_t i;
    for (i = 0; i < a->records; i++) {
        const struct record *r = &a->record[i];
        if ((w->a.role == MASC_CHILD) == r->local && prefix_overlaps(r->prefix, range) &&
            (!newest || r->timestamp_s > newest->timestamp_s))
            newest = r;
    }
    return !newest || w->timestamp_s < newest->timestamp_s ||
           (w->timestamp_s == newest->timestamp_s && w->a.node < newest->node);
}

enum cause check_cause(const struct witness *x, const struct sent *s)
{
    if (cancels(x, s))
        return CAUSE_CANCEL;
    return !has_other_cause(x, s) && winner_of(x, s) ? CAUSE_CLASH : CAUSE_OTHER;
}

static bool clocks_are_right(const struct witness *x)
{
    unsigned n;
    for (n = 1; n <= x->nodes; n++) {
        int64_t offset = world_host(x->w, n)->offset_s;
        offset = offset < 0 ? -offset : offset;
        if (offset > witness_config(x, n)->retention_s || x->about[n].liar)
            return false;
    }
    return true;
}

void check_clash_sent(struct witness *x, const struct sent *s)
{
    const struct masc_config *c = witness_config(x, s->from);
    const struct known *w;
    char text[PREFIX_TEXT_MAX];
    if (s->a.type != MASC_WITHDRAW || s->a.domain != c->domain ||
        mark_find(&x->marks, mark_attr(mark_mix(MARK_COPY, 0), &s->a)) || has_other_cause(x, s))
        return;
    w = winner_of(x, s);
    if (!w)
        return;
    prefix_format(s->a.prefix, text);
    if (!loses(x, s->from, s->a.prefix, w))
        witness_violate(x, "I-11", s->from, "withdraws %s and is older than %u", text,
                        (unsigned)w->a.domain);
    if (c->clash == MASC_CLASH_MANUAL && !x->resolving)
        witness_violate(x, "I-12", s->from, "withdraws %s and nobody said so", text);
    if (!x->long_faults && x->clash_until == 0 && clocks_are_right(x))
        witness_violate(x, "I-02", s->from, "withdraws %s for %u though nobody was cut off", text,
                        (unsigned)w->a.domain);
}
