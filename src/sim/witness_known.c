/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each node knows: the UPDATEs that arrived at it in its present life, and its own.
 *
 * Nobody asks the node. An UPDATE that the node refused with a NOTIFICATION is remembered as
 * refused; one that it could not associate (3/24 .. 3/27) it may take later, when it heard more
 * . From this follows what is live: not past its end, not replaced by a
 * newer claim of its domain, not hidden by a WITHDRAW, and not cancelled.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/witness_impl.h"

enum { PRUNE_FIRST = 256 };

static uint64_t key_of(const struct witness *x, unsigned n, const struct masc_attr *a)
{
    uint64_t h = mark_mix(mark_mix(MARK_KNOWN, n), x->about[n].life);
    return mark_attr(h, a);
}

/* Past its Claim Holdtime and the retention (12.3), with a margin. */
static bool is_gone(const struct witness *x, unsigned n, const struct known *k)
{
    const struct masc_config *c = witness_config(x, n);
    int64_t hold = k->timestamp_s + k->a.holdtime_s, end = k->timestamp_s + k->a.lifetime_s;
    return (hold > end ? hold : end) + c->retention_s + 60 < witness_wall(x, n);
}

static void prune(struct witness *x, unsigned n)
{
    struct about *a = &x->about[n];
    size_t i, kept = 0;
    for (i = 0; i < a->knowns; i++) {
        uint64_t key = key_of(x, n, &a->known[i].a);
        if (is_gone(x, n, &a->known[i])) {
            mark_drop(&x->marks, key);
            continue;
        }
        mark_put(&x->marks, key, (int64_t)kept);
        a->known[kept++] = a->known[i];
    }
    a->knowns = kept;
    a->pruned_at = 2 * kept < PRUNE_FIRST ? PRUNE_FIRST : 2 * kept;
}

struct known *known_find(const struct witness *x, unsigned n, const struct masc_attr *attr)
{
    const int64_t *i = mark_find(&x->marks, key_of(x, n, attr));
    return i ? &x->about[n].known[*i] : NULL;
}

/* Table 1: what the origin is to us, from what it is to the sender and what we are to that. What
 * has no place in it is as it came. */
static enum masc_role updated_role(const struct witness *x, unsigned n, const struct sent *s)
{
    const struct masc_peer_config *p;
    if (s->from == n)
        return s->a.role;
    p = witness_peering(x, &x->track[s->stream], 1u - s->side);
    switch (p ? p->role : MASC_INTERNAL) {
    case MASC_INTERNAL: return s->a.role;
    case MASC_CHILD:
        return s->a.role == MASC_INTERNAL ? MASC_PARENT
               : s->a.role == MASC_CHILD  ? MASC_SIBLING
                                          : s->a.role;
    case MASC_SIBLING: return s->a.role == MASC_INTERNAL ? MASC_SIBLING : s->a.role;
    case MASC_PARENT: return s->a.role == MASC_PARENT ? MASC_INTERNAL : MASC_CHILD;
    }
    return s->a.role;
}

/* Of a domain as a child of itself: known as such inside it and to its children. */
static bool is_local(const struct witness *x, unsigned n, const struct masc_attr *a)
{
    u128 domain = witness_config(x, n)->domain;
    if (a->domain == domain)
        return a->role == MASC_CHILD;
    return a->role == MASC_SIBLING && check_is_parent(x, a->domain, domain);
}

bool known_is_ignored(const struct witness *x, const struct sent *s)
{
    const struct masc_config *c = witness_config(x, s->to);
    const struct masc_peer_config *p = witness_peering(x, &x->track[s->stream], 1u - s->side);
    unsigned i;
    for (i = 0; i < c->ignored; i++)
        if (c->ignore[i].domain == s->a.domain &&
            (!c->ignore[i].node || c->ignore[i].node == s->a.node))
            return true;
    if (!p || p->role == MASC_INTERNAL || p->role == MASC_CHILD)
        return false;
    if (s->a.domain == c->domain && !p->trust_own)
        return true;
    if (!c->strict_third_party)
        return false;
    return p->role == MASC_SIBLING
               ? p->parent != 0 && s->a.domain != p->domain && s->a.role != MASC_PARENT
               : s->a.domain != p->domain || s->a.node != witness_config(x, s->from)->node;
}

/* What was refused once and comes again by another way may be taken now. */
void known_add(struct witness *x, unsigned n, const struct sent *s)
{
    struct about *a = &x->about[n];
    struct known *old = known_find(x, n, &s->a);
    if (old && s->from != n && old->refused) {
        old->refused = false;
        old->stream = s->stream;
        old->at = world_now(x->w);
        return;
    }
    if (old)
        return;
    if (a->knowns >= a->pruned_at)
        prune(x, n);
    mark_put(&x->marks, key_of(x, n, &s->a), (int64_t)a->knowns);
    a->known = witness_grow(a->known, a->knowns, &a->knowns_max, sizeof *a->known);
    a->known[a->knowns++] = (struct known){.a = s->a,
                                           .from = s->from,
                                           .stream = s->stream,
                                           .timestamp_s = s->timestamp_s,
                                           .at = world_now(x->w)};
    a->known[a->knowns - 1].a.role = updated_role(x, n, s);
    a->known[a->knowns - 1].doubtful =
        mark_find(&x->marks, mark_attr(mark_mix(MARK_LIED, 0), &s->a)) != NULL;
    a->known[a->knowns - 1].local = is_local(x, n, &a->known[a->knowns - 1].a);
}

/* Data of an UPDATE error are the attributes that it is about. */
void known_refused(struct witness *x, const struct track *t, unsigned side, const uint8_t *m,
                   size_t len)
{
    unsigned n = t->node[side];
    struct masc_fault fault;
    struct masc_attr attr;
    struct rd rest = rd_init(m + MASC_NOTIFICATION_MIN_OCTETS, len - MASC_NOTIFICATION_MIN_OCTETS);
    uint8_t subcode = m[5];
    if ((m[4] & 0x7F) != MASC_E_UPDATE)
        return;
    while (masc_update_next(&rest, m, len, &attr, &fault)) {
        struct known *k = masc_fault_is(&fault) ? NULL : known_find(x, n, &attr);
        if (!k || k->from == n || k->at != world_now(x->w))
            continue;
        k->refused = true;
        k->unassociated =
            subcode >= MASC_UPDATE_NO_PARENT_PREFIX && subcode <= MASC_UPDATE_NO_SIBLING_PREFIX;
    }
}

void known_forget(struct witness *x, unsigned n)
{
    x->about[n].knowns = 0;
    x->about[n].pruned_at = PRUNE_FIRST;
}

/* ---- what is live ---- */

static bool is_allocation(const struct masc_attr *a)
{
    return a->type == MASC_PREFIX_IN_USE || a->type == MASC_PREFIX_MANAGED;
}

bool known_is_expired(const struct witness *x, unsigned n, const struct known *k)
{
    int64_t now = witness_wall(x, n);
    return k->timestamp_s + k->a.holdtime_s <= now || k->timestamp_s + k->a.lifetime_s <= now;
}

/* A newer allocation of the same domain covers it all. Own use inside is a thing apart. */
static bool supersedes(const struct known *newer, const struct known *k)
{
    return is_allocation(&newer->a) && newer->timestamp_s > k->timestamp_s &&
           prefix_covers(newer->a.prefix, k->a.prefix) && newer->local == k->local;
}

/* a claim that is withdrawn matches exactly. An allocation that it covers is hidden
 * until the end of the WITHDRAW; a newer one only if the WITHDRAW came after it: then it is that of
 * a clash. The list is in order of arrival. */
static bool hides(const struct known *w, const struct known *k)
{
    if (w->a.type != MASC_WITHDRAW || w->local != k->local)
        return false;
    if (!is_allocation(&k->a))
        return prefix_equal(w->a.prefix, k->a.prefix) && w->timestamp_s == k->timestamp_s;
    return prefix_covers(w->a.prefix, k->a.prefix) && (k->timestamp_s <= w->timestamp_s || k < w);
}

/* A release is over when a newer allocation covers it. */
static bool is_obsolete(const struct known *w, const struct known *k)
{
    return is_allocation(&k->a) && k->local == w->local && k->timestamp_s > w->timestamp_s &&
           k > w && prefix_covers(k->a.prefix, w->a.prefix);
}

static bool denies(const struct known *d, const struct known *k)
{
    return d->a.type == MASC_CLAIM_DENIED && d->timestamp_s == k->timestamp_s &&
           (k->a.type == MASC_NEW_CLAIM || k->a.type == MASC_CLAIM_TO_EXPAND) &&
           prefix_equal(d->a.prefix, k->a.prefix);
}

static bool ends(const struct witness *x, unsigned n, const struct known *other,
                 const struct known *k)
{
    if (k->a.type == MASC_WITHDRAW)
        return is_obsolete(k, other);
    if (denies(other, k))
        return true;
    if (hides(other, k))
        return known_is_live(x, n, other);
    /* a claim that came true has the Timestamp of its prefix */
    if (!is_allocation(&k->a))
        return is_allocation(&other->a) && other->local == k->local &&
               other->timestamp_s == k->timestamp_s && prefix_equal(other->a.prefix, k->a.prefix);
    return !known_is_expired(x, n, other) && supersedes(other, k);
}

bool known_would_be_live(const struct witness *x, unsigned n, const struct known *k)
{
    const struct about *a = &x->about[n];
    size_t i;
    if (k->refused)
        return false;
    for (i = 0; i < a->knowns; i++) {
        const struct known *other = &a->known[i];
        if (other != k && other->a.domain == k->a.domain && !other->refused && ends(x, n, other, k))
            return false;
    }
    return true;
}

bool known_is_live(const struct witness *x, unsigned n, const struct known *k)
{
    return !k->refused && !known_is_expired(x, n, k) && known_would_be_live(x, n, k);
}

bool known_is_allocation(const struct known *k)
{
    return is_allocation(&k->a);
}
