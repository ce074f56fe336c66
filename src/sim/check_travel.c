/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What travels where: nothing is altered on the way (I-21), nothing crosses a boundary of a scope
 * or gets into the space of another parent (I-22), hints stay between child and parent (I-23),
 * denied claims are not told to others (I-24), and what takes back is told only to who was told
 * what it takes back (I-34).
 */
#include "sim/witness_impl.h"

/* ---- I-21 ---- */

static uint64_t copy_key(const struct masc_attr *a)
{
    return mark_attr(mark_mix(MARK_COPY, 0), a);
}

static bool any_liar(const struct witness *x)
{
    unsigned n;
    for (n = 1; n <= x->nodes; n++)
        if (x->about[n].liar)
            return true;
    return false;
}

static bool share_parent(const struct witness *x, u128 a, u128 b)
{
    unsigned n;
    for (n = 1; n <= x->nodes; n++) {
        u128 p = witness_config(x, n)->domain;
        if (check_is_parent(x, p, a) && check_is_parent(x, p, b))
            return true;
    }
    return false;
}

static bool are_peers(const struct witness *x, u128 a, u128 b)
{
    unsigned n, i;
    for (n = 1; n <= x->nodes; n++) {
        const struct masc_config *c = witness_config(x, n);
        for (i = 0; c->domain == a && i < c->peers; i++)
            if (c->peer[i].domain == b && c->peer[i].role == MASC_SIBLING)
                return true;
    }
    return false;
}

/* Among top-level domains, and those of a zone, everybody is everybody's sibling. */
static bool is_sibling(const struct witness *x, u128 self, const struct masc_attr *a)
{
    unsigned n, tops = 0;
    if (check_is_parent(x, a->domain, self)) /* the parent as a child of itself */
        return a->type != MASC_PREFIX_MANAGED;
    if (share_parent(x, self, a->domain) || are_peers(x, self, a->domain))
        return true;
    for (n = 1; n <= x->nodes; n++) {
        const struct masc_config *c = witness_config(x, n);
        if ((c->domain == self || c->domain == a->domain) && c->ranges > 0)
            tops |= c->domain == self ? 1u : 2u;
    }
    return tops == 3;
}

static bool role_is_right(const struct witness *x, const struct sent *s)
{
    u128 self = witness_config(x, s->from)->domain;
    const struct masc_attr *a = &s->a;
    if (a->type == MASC_CLAIM_DENIED) /* the role is that of who denies */
        return a->role == MASC_INTERNAL ? check_is_parent(x, self, a->domain)
                                        : a->role == MASC_PARENT;
    switch (a->role) {
    case MASC_INTERNAL: return a->domain == self;
    case MASC_CHILD: return a->domain == self || check_is_parent(x, self, a->domain);
    case MASC_PARENT: return check_is_parent(x, a->domain, self);
    case MASC_SIBLING: return is_sibling(x, self, a);
    }
    return false;
}

static bool may_originate(const struct witness *x, const struct sent *s)
{
    const struct masc_config *c = witness_config(x, s->from);
    if (s->a.type == MASC_CLAIM_DENIED)
        return check_is_parent(x, c->domain, s->a.domain);
    return s->a.domain == c->domain;
}

static void judge_copy(struct witness *x, const struct sent *s)
{
    char text[PREFIX_TEXT_MAX];
    if (!role_is_right(x, s))
        witness_violate(x, "I-21", s->from, "%s %s of %u is told as by %s",
                        masc_type_name(s->a.type), prefix_format(s->a.prefix, text),
                        (unsigned)s->a.domain, masc_role_name(s->a.role));
    if (mark_find(&x->marks, copy_key(&s->a)))
        return;
    if (may_originate(x, s))
        mark_put(&x->marks, copy_key(&s->a), s->at);
    else if (!any_liar(x))
        witness_violate(x, "I-21", s->from, "%s %s of %u is not what its origin said",
                        masc_type_name(s->a.type), prefix_format(s->a.prefix, text),
                        (unsigned)s->a.domain);
}

/* ---- I-22 ---- */

/* The sender knows that the range lies in a prefix of that parent, or of another. */
static void find_space(const struct witness *x, const struct sent *s, u128 parent, bool in[2])
{
    const struct about *a = &x->about[s->from];
    size_t i;
    for (i = 0; i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        if (k->a.type == MASC_PREFIX_MANAGED && k->a.role == MASC_PARENT && !k->refused &&
            prefix_covers(k->a.prefix, s->a.prefix))
            in[k->a.domain == parent] = true;
    }
}

static void judge_boundaries(struct witness *x, const struct sent *s,
                             const struct masc_peer_config *p)
{
    const struct masc_config *c = witness_config(x, s->from);
    bool in[2] = {false, false}, top;
    u128 parent = p->role == MASC_CHILD ? p->domain : p->parent;
    char text[PREFIX_TEXT_MAX];
    prefix_format(s->a.prefix, text);
    if (masc_config_crosses(c, p, s->a.prefix))
        witness_violate(x, "I-22", s->from, "%s crosses a boundary to %s", text,
                        witness_name(x, s->to));
    top = masc_config_is_top_level(c, masc_config_scope(c, s->a.prefix));
    if (prefix_is_hint(s->a.prefix) || top || (p->role != MASC_CHILD && p->role != MASC_SIBLING) ||
        s->a.role == MASC_PARENT)
        return;
    find_space(x, s, parent, in);
    if (in[0] && !in[1])
        witness_violate(x, "I-22", s->from, "%s of another parent is told to %s", text,
                        witness_name(x, s->to));
}

/* ---- I-23, I-24 ---- */

static void judge_recipient(struct witness *x, const struct sent *s,
                            const struct masc_peer_config *p)
{
    u128 to = witness_config(x, s->to)->domain, self = witness_config(x, s->from)->domain;
    const struct about *a = &x->about[s->from];
    char text[PREFIX_TEXT_MAX];
    size_t i;
    if (prefix_is_hint(s->a.prefix) && to != s->a.domain && !check_is_parent(x, to, s->a.domain))
        witness_violate(x, "I-23", s->from, "a hint of %u is told to %s", (unsigned)s->a.domain,
                        witness_name(x, s->to));
    if (p->role != MASC_PARENT || p->domain == s->a.domain || s->a.domain == self ||
        (s->a.type != MASC_NEW_CLAIM && s->a.type != MASC_CLAIM_TO_EXPAND))
        return;
    for (i = 0; i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        if (k->a.type == MASC_CLAIM_DENIED && k->a.domain == s->a.domain &&
            k->a.role == MASC_INTERNAL && prefix_equal(k->a.prefix, s->a.prefix) &&
            k->timestamp_s == s->timestamp_s && k->at <= world_now(x->w))
            witness_violate(x, "I-24", s->from, "the denied claim for %s is told to %s",
                            prefix_format(s->a.prefix, text), witness_name(x, s->to));
    }
}

/* ---- I-34 ---- */

static bool refers_to(const struct sent *s, const struct sent *entry)
{
    if (entry->message != MASC_UPDATE || entry->a.domain != s->a.domain ||
        entry->a.type == MASC_WITHDRAW || entry->a.type == MASC_CLAIM_DENIED)
        return false;
    if (s->a.type == MASC_CLAIM_DENIED)
        return prefix_equal(entry->a.prefix, s->a.prefix) && entry->timestamp_s == s->timestamp_s;
    return prefix_overlaps(entry->a.prefix, s->a.prefix) || prefix_is_hint(entry->a.prefix);
}

static void judge_reference(struct witness *x, const struct sent *s)
{
    uint32_t i = x->track[s->stream].last_sent;
    char text[PREFIX_TEXT_MAX];
    if (s->a.type != MASC_WITHDRAW && s->a.type != MASC_CLAIM_DENIED)
        return;
    /* all of the claimer's domain is told, also who was not told of the claim from here */
    if (s->a.type == MASC_CLAIM_DENIED && witness_config(x, s->to)->domain == s->a.domain)
        return;
    for (; i != UINT32_MAX; i = x->sent[i].before)
        if (refers_to(s, &x->sent[i]))
            return;
    witness_violate(x, "I-34", s->from, "%s %s of %u is told to %s, who was not told of it",
                    masc_type_name(s->a.type), prefix_format(s->a.prefix, text),
                    (unsigned)s->a.domain, witness_name(x, s->to));
}

void check_travel_sent(struct witness *x, const struct sent *s)
{
    const struct masc_peer_config *p = witness_peering(x, &x->track[s->stream], s->side);
    judge_copy(x, s);
    judge_reference(x, s);
    if (!p)
        return;
    judge_boundaries(x, s, p);
    judge_recipient(x, s, p);
}
