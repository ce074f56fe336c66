/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions from outside: what is complained of (I-26, I-32, and 3/14, 3/23 of I-20), one session of
 * a pair (I-28), KEEPALIVEs (I-31), the order of the backlog (I-33), how often a node connects
 * (I-35) and how many connections it has (I-49).
 */
#include <stdlib.h>

#include "sim/witness_impl.h"

enum { CONNECTIONS_MAX = 4, TICK_MS = 1000, KEEPALIVE_MIN_MS = 1000, BACKLOG_LOOKED_AT = 64 };

/* ---- complaints ---- */

/* Some domains set limits (8.3). */
static bool is_limit(const struct masc_config *c, uint8_t subcode)
{
    bool life = c->lifetime_min_s || (c->lifetime_max_s && c->lifetime_max_s < MASC_LIFETIME_MAX_S);
    if (subcode == MASC_UPDATE_SIZE_SMALL || subcode == MASC_UPDATE_SIZE_LARGE)
        return c->size_min || c->size_max || c->hard_threshold;
    return life && (subcode == MASC_UPDATE_LIFETIME_SHORT || subcode == MASC_UPDATE_LIFETIME_LONG);
}

static bool may_complain(const struct witness *x, const struct sent *s)
{
    switch ((enum masc_code)s->code) {
    case MASC_E_CEASE: return true;
    case MASC_E_HOLD_TIMER: return x->faulty;
    case MASC_E_UPDATE: /* what overtook its PREFIX_MANAGED */
        return x->faulty || is_limit(witness_config(x, s->from), s->subcode) ||
               (s->subcode >= MASC_UPDATE_NO_PARENT_PREFIX &&
                s->subcode <= MASC_UPDATE_NO_SIBLING_PREFIX);
    case MASC_E_NONE:
    case MASC_E_HEADER:
    case MASC_E_OPEN:
    case MASC_E_FSM:
    case MASC_E_NOTIFICATION: return x->faulty;
    }
    return false;
}

/* With anybody about who lies, anything may be complained of. */
static bool is_clean(const struct witness *x)
{
    unsigned n;
    for (n = 1; n <= x->nodes; n++)
        if (x->about[n].liar || witness_config(x, n)->timestamp_too_old)
            return false;
    return true;
}

void check_notified(struct witness *x, const struct sent *s)
{
    if (!is_clean(x) || x->about[s->from].full)
        return;
    if (s->code == MASC_E_UPDATE &&
        (s->subcode == MASC_UPDATE_CLAIM_TYPE || s->subcode == MASC_UPDATE_ORIGIN_ROLE))
        witness_violate(x, "I-20", s->to, "%s answers 3/%u", witness_name(x, s->from), s->subcode);
    if (s->code == MASC_E_HOLD_TIMER && !x->faulty)
        witness_violate(x, "I-32", s->from, "hears nothing from %s", witness_name(x, s->to));
    else if (!may_complain(x, s))
        witness_violate(x, "I-26", s->from, "complains to %s: %u/%u", witness_name(x, s->to),
                        s->code, s->subcode);
}

/* ---- I-28, I-49 ---- */

static unsigned other_end(const struct witness *x, uint32_t open)
{
    return x->track[open / 2].node[1 - (open & 1)];
}

/* Two streams serve the same peering: the same pair, and for siblings the same parent (4.4). */
static bool is_same_peering(const struct witness *x, uint32_t a, uint32_t b)
{
    const struct masc_peer_config *pa = witness_peering(x, &x->track[a / 2], a & 1);
    const struct masc_peer_config *pb = witness_peering(x, &x->track[b / 2], b & 1);
    return other_end(x, a) == other_end(x, b) && pa == pb;
}

static void judge_open(struct witness *x, unsigned n, uint32_t open)
{
    const struct about *a = &x->about[n];
    unsigned peerings = 0, same = 0, i;
    const struct masc_config *c = witness_config(x, n);
    size_t k;
    for (i = 0; i < c->peers; i++)
        peerings += world_of_address(x->w, c->peer[i].addr) == other_end(x, open);
    for (k = 0; k < a->opens; k++)
        same += other_end(x, a->open[k]) == other_end(x, open);
    if (same > CONNECTIONS_MAX * (peerings ? peerings : 1))
        witness_violate(x, "I-49", n, "%u connections with %s", same,
                        witness_name(x, other_end(x, open)));
}

void check_opened(struct witness *x, unsigned n, uint32_t open)
{
    struct about *a = &x->about[n];
    a->open = witness_grow(a->open, a->opens, &a->opens_max, sizeof *a->open);
    a->open[a->opens++] = open;
    if (!a->liar)
        judge_open(x, n, open);
}

void check_over(struct witness *x, unsigned n, uint32_t open)
{
    struct about *a = &x->about[n];
    size_t i;
    for (i = 0; i < a->opens; i++)
        if (a->open[i] == open)
            a->open[i] = a->open[--a->opens];
}

static int64_t negotiated_ms(const struct track *t)
{
    uint16_t a = t->half[0].open.hold_time_s, b = t->half[1].open.hold_time_s;
    return (int64_t)(a < b ? a : b) * 1000;
}

static void judge_pairs(struct witness *x, unsigned n)
{
    const struct about *a = &x->about[n];
    int64_t now = world_now(x->w);
    size_t i, k;
    for (i = 0; i < a->opens; i++)
        for (k = i + 1; k < a->opens; k++) {
            const struct track *t = &x->track[a->open[i] / 2], *u = &x->track[a->open[k] / 2];
            int64_t hold = negotiated_ms(t) + 2 * TICK_MS, since = u->both_at;
            since = t->both_at > since ? t->both_at : since;
            if (t->both_at >= 0 && u->both_at >= 0 && track_is_established(t) &&
                track_is_established(u) && now > since + hold &&
                is_same_peering(x, a->open[i], a->open[k]))
                witness_violate(x, "I-28", n, "two sessions with %s",
                                witness_name(x, other_end(x, a->open[i])));
        }
}

/* ---- I-31 ---- */

static void judge_silence(struct witness *x, unsigned n, uint32_t open)
{
    const struct track *t = &x->track[open / 2];
    const struct half *h = &t->half[open & 1];
    int64_t hold = negotiated_ms(t), now = world_clock(x->w, n).mono.ms;
    if (hold > 0 && h->established_at >= 0 && !h->over && !h->ended && h->spoke_at >= 0 &&
        now > h->spoke_at + hold / 3 + TICK_MS)
        witness_violate(x, "I-31", n, "silent to %s for more than a third of the Hold Time",
                        witness_name(x, other_end(x, open)));
}

void check_spoke(struct witness *x, struct track *t, unsigned side, uint8_t message)
{
    struct half *h = &t->half[side];
    unsigned n = t->node[side];
    int64_t now = world_clock(x->w, n).mono.ms, hold = negotiated_ms(t);
    if (h->established_at >= 0 && h->spoke_at >= 0 && hold > 0 && !x->faulty &&
        message != MASC_NOTIFICATION && now > h->spoke_at + hold / 3 + TICK_MS)
        witness_violate(x, "I-31", n, "spoke to %s after %lld ms",
                        witness_name(x, t->node[1 - side]), (long long)(now - h->spoke_at));
    if (message == MASC_KEEPALIVE) {
        if (h->keepalive_at >= 0 && now < h->keepalive_at + KEEPALIVE_MIN_MS)
            witness_violate(x, "I-31", n, "two KEEPALIVEs to %s within a second",
                            witness_name(x, t->node[1 - side]));
        if (h->keepalive_at >= 0 && hold == 0 && h->open_came)
            witness_violate(x, "I-31", n, "a KEEPALIVE to %s though the Hold Time is 0",
                            witness_name(x, t->node[1 - side]));
        h->keepalive_at = now;
    }
    if (message == MASC_KEEPALIVE || message == MASC_UPDATE)
        h->spoke_at = now;
}

/* ---- I-33 ---- */

/* The step of 11.8.1 - 11.8.4 in which the UPDATE belongs; `ours` is what the sender is to
 * the receiver. */
static unsigned category(const struct masc_attr *a, enum masc_role ours)
{
    bool denied = a->type == MASC_CLAIM_DENIED, back = a->type == MASC_WITHDRAW;
    switch (ours) {
    case MASC_PARENT: return a->role == MASC_INTERNAL && !denied ? 1 : back || denied ? 3 : 2;
    case MASC_CHILD:
    case MASC_SIBLING: return a->role == MASC_PARENT && !denied ? 1 : back || denied ? 3 : 2;
    case MASC_INTERNAL: break;
    }
    if (a->role == MASC_PARENT)
        return denied ? 3 : 1;
    if (denied || (a->role == MASC_CHILD && back))
        return 5;
    return a->role == MASC_CHILD ? 4 : back ? 3 : 2;
}

/* Within one origin and one hat prefixes in use come first, and what is withdrawn last. */
static unsigned rank(enum masc_type t)
{
    switch (t) {
    case MASC_PREFIX_MANAGED:
    case MASC_PREFIX_IN_USE: return 1;
    case MASC_CLAIM_TO_EXPAND:
    case MASC_NEW_CLAIM:
    case MASC_CLAIM_DENIED: return 2;
    case MASC_WITHDRAW: return 3;
    }
    return 0;
}

static void judge_rank(struct witness *x, const struct sent *s)
{
    uint32_t i = x->track[s->stream].last_sent;
    unsigned left = BACKLOG_LOOKED_AT;
    char text[PREFIX_TEXT_MAX];
    for (; i != UINT32_MAX && x->sent[i].at == s->at && left-- > 0; i = x->sent[i].before) {
        const struct sent *b = &x->sent[i];
        if (b->side == s->side && b->message == MASC_UPDATE && b->a.domain == s->a.domain &&
            b->a.role == s->a.role && b->a.type != MASC_CLAIM_DENIED &&
            s->a.type != MASC_CLAIM_DENIED && rank(b->a.type) > rank(s->a.type))
            witness_violate(x, "I-33", s->from, "%s %s comes after a %s", masc_type_name(s->a.type),
                            prefix_format(s->a.prefix, text), masc_type_name(b->a.type));
    }
}

/* The backlog is what is told in the step that made the session. What came with the same step may
 * be told right behind it. */
void check_order(struct witness *x, const struct sent *s)
{
    struct track *t = &x->track[s->stream];
    struct half *h = &t->half[s->side];
    const struct masc_peer_config *p = witness_peering(x, t, s->side);
    unsigned c;
    if (prefix_is_hint(s->a.prefix) && s->a.domain == witness_config(x, s->from)->domain)
        return; /* made in the step that the session came up in: it is not of the backlog */
    char text[PREFIX_TEXT_MAX];
    if (!p || h->backlog_step != x->steps || x->update_step == x->steps)
        return;
    judge_rank(x, s);
    c = category(&s->a, p->role);
    if (c < h->backlog)
        witness_violate(x, "I-33", s->from, "%s %s by %s comes after step %u of 11.8",
                        masc_type_name(s->a.type), prefix_format(s->a.prefix, text),
                        masc_role_name(s->a.role), h->backlog);
    else
        h->backlog = (uint8_t)c;
}

/* ---- I-35 ---- */

static struct connects *connects_to(struct about *a, struct addr addr)
{
    size_t i;
    for (i = 0; i < a->connects; i++)
        if (a->connect[i].addr == addr.addr)
            return &a->connect[i];
    a->connect = witness_grow(a->connect, a->connects, &a->connects_max, sizeof *a->connect);
    a->connect[a->connects] = (struct connects){.addr = addr.addr, .last_at = -1};
    return &a->connect[a->connects++];
}

static void judge_connect(struct witness *x, unsigned n, const struct action *c)
{
    const struct masc_config *cfg = witness_config(x, n);
    struct connects *k = connects_to(&x->about[n], c->addr);
    int64_t now = world_clock(x->w, n).mono.ms, least;
    unsigned i, peerings = 0;
    least =
        cfg->connect_retry_s < cfg->start_backoff_s ? cfg->connect_retry_s : cfg->start_backoff_s;
    for (i = 0; i < cfg->peers; i++)
        peerings += cfg->peer[i].addr.addr == c->addr.addr;
    if (peerings == 1 && k->last_at >= 0 && !x->asked && k->life == x->about[n].life &&
        now < k->last_at + least * 1000 * 3 / 4)
        witness_violate(x, "I-35", n, "connects to %s again after %lld ms",
                        witness_name(x, world_of_address(x->w, c->addr)),
                        (long long)(now - k->last_at));
    k->last_at = now;
    k->life = x->about[n].life;
}

void check_connects(struct witness *x, const struct happening *h)
{
    size_t i;
    for (i = 0; i < h->out->actions; i++)
        if (h->out->action[i].kind == ACTION_CONNECT)
            judge_connect(x, h->node, &h->out->action[i]);
}

void check_sessions(struct witness *x)
{
    unsigned n;
    size_t i;
    for (n = 1; n <= x->nodes; n++) {
        if (!x->about[n].up || x->about[n].liar)
            continue;
        judge_pairs(x, n);
        for (i = 0; !x->faulty && i < x->about[n].opens; i++)
            judge_silence(x, n, x->about[n].open[i]);
    }
}
