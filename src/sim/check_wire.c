/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each message is judged when it is written: order on a connection (I-29), who may say what to whom
 * (I-20), nothing expired (I-27), nothing twice (I-18), nothing back to where it came from (I-19),
 * nothing that is not stored (I-46).
 */
#include "sim/witness_impl.h"

/* ---- I-29 ---- */

/* OPEN, then KEEPALIVE, UPDATEs only when the other confirmed too, nothing after the end. */
void check_message(struct witness *x, struct track *t, unsigned side, const struct post *p)
{
    struct half *h = &t->half[side];
    unsigned n = t->node[side];
    if (x->about[n].liar)
        return;
    if (h->ended)
        witness_violate(x, "I-29", n, "a message after a NOTIFICATION that closes");
    if (p->message == MASC_OPEN ? h->opened : !h->opened)
        witness_violate(x, "I-29", n, "message %u where OPEN comes first, and once", p->message);
    if (p->message == MASC_UPDATE && (!h->confirmed || !h->confirm_came))
        witness_violate(x, "I-29", n, "an UPDATE before Established");
    h->opened |= p->message == MASC_OPEN;
    h->confirmed |= p->message == MASC_KEEPALIVE;
    h->ended |= p->last_word;
}

/* ---- I-20 ---- */

/* The matrix of A-59: rows are what the origin is to the sender, columns our role to the receiver.
 */
static bool may_be_sent(enum masc_role origin, enum masc_type type, enum masc_role to)
{
    static const unsigned claims = T(PREFIX_IN_USE) | T_CLAIMS | T(WITHDRAW);
    static const unsigned words = T(CLAIM_DENIED) | T(PREFIX_MANAGED) | T(WITHDRAW);
    unsigned types = 0;
    switch (origin) {
    case MASC_INTERNAL:
        types = to == MASC_INTERNAL ? claims | words : to == MASC_PARENT ? words : claims;
        break;
    case MASC_CHILD: types = to == MASC_INTERNAL || to == MASC_PARENT ? claims : 0; break;
    case MASC_SIBLING: types = to == MASC_PARENT ? 0 : claims; break;
    case MASC_PARENT: types = to == MASC_PARENT ? 0 : words; break;
    }
    return types >> type & 1;
}

/* ---- I-46 ---- */

/* It was stored before, though it may be released by now: then its WITHDRAW follows (11.8). Or it
 * was learnt back after a reboot. */
static bool was_stored(const struct witness *x, const struct sent *s)
{
    return mark_find(&x->marks, record_key(s->from, s->a.prefix, s->timestamp_s)) ||
           mark_find(&x->marks, heard_key(s->from, s->a.prefix, s->timestamp_s, s->a.domain));
}

/* ---- I-18, I-19 ---- */

/* Had it come the other way it would have been as if it had not. */
static bool is_not_believed(const struct witness *x, const struct sent *s)
{
    struct sent came = *s;
    came.from = s->to;
    came.to = s->from;
    came.side = (uint8_t)(1 - s->side);
    return known_is_ignored(x, &came);
}

/* An UPDATE in one direction of a session. Inside a domain its role stays as it is (Table 1). */
static uint64_t key_of(const struct witness *x, enum mark_kind kind, const struct sent *s,
                       unsigned side)
{
    const struct masc_peer_config *p = witness_peering(x, &x->track[s->stream], s->side);
    bool inside = p && p->role == MASC_INTERNAL;
    uint64_t h = mark_mix(mark_mix(kind, s->stream), side);
    return mark_attr(mark_mix(h, inside ? (uint64_t)s->a.role : 255), &s->a);
}

/* A node sends at the end of a step: it has read all that came with it. */
static bool had_come(const struct half *h, int64_t end)
{
    return (uint64_t)end <= h->arrived;
}

static void check_history(struct witness *x, const struct sent *s, uint64_t end)
{
    const struct masc_attr *a = &s->a;
    const struct track *t = &x->track[s->stream];
    uint64_t said = mark_mix(key_of(x, MARK_SAID, s, s->side), (uint64_t)a->role);
    const int64_t *came = mark_find(&x->marks, key_of(x, MARK_PASSED, s, 1u - s->side));
    char text[PREFIX_TEXT_MAX];
    if (came && had_come(&t->half[1 - s->side], *came) && !is_not_believed(x, s) &&
        !t->half[s->side].refused && !x->clocks_moved)
        witness_violate(x, "I-19", s->from, "%s %s by %u sent back to %s", masc_type_name(a->type),
                        prefix_format(a->prefix, text), (unsigned)a->domain,
                        witness_name(x, s->to));
    if (mark_find(&x->marks, said))
        witness_violate(x, "I-18", s->from, "%s %s by %u sent twice to %s", masc_type_name(a->type),
                        prefix_format(a->prefix, text), (unsigned)a->domain,
                        witness_name(x, s->to));
    else
        mark_put(&x->marks, said, (int64_t)end);
    if (!mark_find(&x->marks, key_of(x, MARK_PASSED, s, s->side)))
        mark_put(&x->marks, key_of(x, MARK_PASSED, s, s->side), (int64_t)end);
}

/* ---- all of it ---- */

void check_attr(struct witness *x, const struct sent *s, uint64_t end)
{
    const struct masc_attr *a = &s->a;
    const struct masc_config *c = witness_config(x, s->from);
    const struct masc_peer_config *p = witness_peering(x, &x->track[s->stream], s->side);
    char text[PREFIX_TEXT_MAX];
    if (x->about[s->from].liar)
        return;
    if (p && !may_be_sent(a->role, a->type, p->role))
        witness_violate(x, "I-20", s->from, "%s by %s sent to %s", masc_type_name(a->type),
                        masc_role_name(a->role), witness_name(x, s->to));
    if (s->timestamp_s + a->holdtime_s <= witness_wall(x, s->from))
        witness_violate(x, "I-27", s->from, "%s %s is expired", masc_type_name(a->type),
                        prefix_format(a->prefix, text));
    if (a->domain == c->domain && a->node == c->node && a->type == MASC_PREFIX_IN_USE &&
        !was_stored(x, s))
        witness_violate(x, "I-46", s->from, "%s announced but not stored",
                        prefix_format(a->prefix, text));
    check_history(x, s, end);
    check_clash_sent(x, s);
    check_travel_sent(x, s);
    check_claim_sent(x, s);
    check_order(x, s);
}
