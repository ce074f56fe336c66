/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What liars say. All of it is written with the encoders of wire.h, and then spoilt if need be.
 *
 * Greedy and forger take what they heard and make it theirs: the same range, a wider or narrower
 * one, an older or newer time, another type. The forger leaves the origin as it was.
 */
#include "sim/liar_impl.h"

enum { WORDS_MAX_OCTETS = 3600, FLOOD = 40 };

static bool is_up(const struct line *c)
{
    return c->opened && c->heard_open && c->confirmed;
}

/* ---- right messages ---- */

static u128 parent_of(const struct masc_config *m, const struct masc_peer_config *p)
{
    u128 parent[MASC_PARENTS_MAX];
    switch (p->role) {
    case MASC_SIBLING: return p->parent;
    case MASC_CHILD: return p->domain;
    case MASC_INTERNAL:
    case MASC_PARENT: break;
    }
    return masc_config_parents(m, parent) ? parent[0] : m->domain;
}

void liar_write_open(const struct liar *l, const struct line *c, struct wr *w)
{
    const struct masc_config *m = &l->cfg->masc;
    const struct masc_peer_config *p = &m->peer[c->peer < m->peers ? c->peer : 0];
    masc_open_encode(w, &(struct masc_open){.version = MASC_VERSION, .family = FAMILY_IPV4,
                                            .role = p->role, .hold_time_s = p->hold_time_s,
                                            .domain = m->domain, .node = m->node,
                                            .parent = parent_of(m, p)});
    masc_keepalive_encode(w);
}

static void write_attr(struct wr *w, const struct masc_attr *a)
{
    size_t at = w->len;
    masc_update_begin(w);
    masc_attr_encode(w, a);
    masc_update_end(w, at);
}

/* ---- lies ---- */

static struct prefix some_range(struct liar *l)
{
    uint8_t len = (uint8_t)(6 + liar_below(l, 27));
    u128 addr = UINT64_C(0xE4000000) | liar_below(l, 1u << 26);
    return prefix_shorten((struct prefix){addr, FAMILY_IPV4, 32}, len);
}

/* The same, the half of it or the double, or anything. */
static struct prefix near(struct liar *l, struct prefix p)
{
    unsigned how = liar_below(l, 6);
    if (p.family != FAMILY_IPV4 || how == 0)
        return some_range(l);
    if (how == 1 && p.len < 32)
        p.len++;
    else if (how == 2 && p.len > 4)
        p = prefix_shorten(p, (uint8_t)(p.len - 1));
    return p;
}

static uint32_t some_seconds(struct liar *l)
{
    static const uint32_t odd[] = {0, 1, 2, 60, UINT32_MAX, UINT32_MAX / 2, 15768000};
    unsigned i = liar_below(l, 16);
    return i < sizeof odd / sizeof odd[0] ? odd[i] : 60 + liar_below(l, 4000);
}

static struct masc_attr any_heard(struct liar *l, const struct event *ev)
{
    if (l->heard_n && liar_below(l, 8) != 0)
        return l->heard[liar_below(l, l->heard_n)];
    return (struct masc_attr){.type = MASC_NEW_CLAIM, .prefix = some_range(l),
                              .timestamp_s = (uint32_t)ev->now.wall.s, .lifetime_s = 1800,
                              .holdtime_s = 120, .domain = l->cfg->masc.domain,
                              .node = l->cfg->masc.node};
}

static void change_time(struct liar *l, struct masc_attr *a, const struct event *ev)
{
    switch (liar_below(l, 4)) {
    case 0: a->timestamp_s -= liar_below(l, 2000); break;
    case 1: a->timestamp_s += liar_below(l, 2000); break;
    case 2: a->timestamp_s = (uint32_t)ev->now.wall.s; break;
    default: break;
    }
    if (liar_below(l, 3) == 0)
        a->lifetime_s = some_seconds(l);
    if (liar_below(l, 3) == 0)
        a->holdtime_s = some_seconds(l);
}

/* Its own, of what is another's. */
static struct masc_attr greedy_claim(struct liar *l, const struct event *ev)
{
    static const enum masc_type types[] = {MASC_NEW_CLAIM, MASC_NEW_CLAIM, MASC_CLAIM_TO_EXPAND,
                                           MASC_PREFIX_IN_USE, MASC_PREFIX_IN_USE};
    struct masc_attr a = any_heard(l, ev);
    a.type = types[liar_below(l, sizeof types / sizeof types[0])];
    a.role = MASC_INTERNAL;
    a.deprecated = false;
    a.domain = l->cfg->masc.domain;
    a.node = l->cfg->masc.node;
    a.prefix = near(l, a.prefix);
    change_time(l, &a, ev);
    return a;
}

/* In the name of another. */
static struct masc_attr forgery(struct liar *l, const struct line *c, const struct event *ev)
{
    struct masc_attr a = any_heard(l, ev);
    if (liar_below(l, 4) != 0)
        a.type = (enum masc_type)liar_below(l, MASC_TYPES);
    a.role = (enum masc_role)liar_below(l, 4);
    if (liar_below(l, 4) == 0)
        a.domain = l->cfg->masc.peer[c->peer].domain;
    if (liar_below(l, 4) == 0)
        a.node = l->cfg->masc.peer[c->peer].node;
    a.deprecated = liar_below(l, 8) == 0;
    a.prefix = near(l, a.prefix);
    if (liar_below(l, 2))
        change_time(l, &a, ev);
    return a;
}

/* Sometimes not the header, so that the rest is read. */
static void spoil(struct liar *l, uint8_t *octets, size_t len)
{
    unsigned flips = 1 + liar_below(l, 4);
    size_t spared = liar_below(l, 3) == 0 ? MASC_HEADER_OCTETS : 0;
    for (; flips && len > spared; flips--) {
        size_t at = spared + liar_below(l, (unsigned)(len - spared));
        octets[at] ^= (uint8_t)(1u << liar_below(l, 8));
    }
}

/* Any message, with a wrong bit or two, or cut short. */
static void mangle(struct liar *l, struct line *c, struct wr *w, const struct event *ev)
{
    size_t at = w->len;
    struct masc_attr a = liar_below(l, 2) ? greedy_claim(l, ev) : forgery(l, c, ev);
    switch (liar_below(l, 6)) {
    case 0: liar_write_open(l, c, w); break;
    case 1: masc_keepalive_encode(w); break;
    case 2: /* a NOTIFICATION that may have no meaning */
        wr_u16(w, 8);
        wr_u16(w, MASC_NOTIFICATION);
        wr_u16(w, (uint16_t)prng_u64(&l->rng));
        wr_u16(w, 0);
        break;
    default: write_attr(w, &a); break;
    }
    if (liar_below(l, 4) != 0 && w->len > at)
        spoil(l, w->buf + at, w->len - at);
    if (liar_below(l, 16) == 0 && w->len > at)
        w->len -= liar_below(l, (unsigned)(w->len - at));
}

/* ---- by kind ---- */

static void write_garbage(struct liar *l, struct line *c, struct wr *w)
{
    unsigned n = 1 + liar_below(l, liar_below(l, 4) ? 60 : 2000);
    if (!c->opened && liar_below(l, 2))
        liar_write_open(l, c, w);
    c->opened = true;
    while (n--)
        wr_u8(w, (uint8_t)prng_u64(&l->rng));
}

static void write_lies(struct liar *l, struct line *c, struct wr *w, const struct event *ev)
{
    unsigned n = liar_below(l, 40) ? 1 + liar_below(l, 4) : FLOOD;
    if (!c->opened)
        liar_write_open(l, c, w);
    c->opened = true;
    if (ev->now.mono.ms >= l->keepalive_ms)
        masc_keepalive_encode(w);
    for (; is_up(c) && n; n--) {
        struct masc_attr a;
        if (l->kind == LIAR_MANGLER) {
            mangle(l, c, w, ev);
            n = 1;
            continue;
        }
        a = l->kind == LIAR_FORGER ? forgery(l, c, ev) : greedy_claim(l, ev);
        write_attr(w, &a);
    }
}

/* What is right, an octet at a time. */
static void write_drop(struct liar *l, struct line *c, struct wr *w)
{
    struct wr more = wr_init(c->drip, sizeof c->drip);
    if (c->drip_at == c->drip_len) {
        if (!c->opened)
            liar_write_open(l, c, &more);
        else
            masc_keepalive_encode(&more);
        c->opened = true;
        c->drip_len = more.len;
        c->drip_at = 0;
    }
    wr_u8(w, c->drip[c->drip_at++]);
}

void liar_speak(struct liar *l, struct line *c, const struct event *ev, struct out *out)
{
    struct wr w;
    w = out_stream_begin(out, WORDS_MAX_OCTETS);
    switch (l->kind) {
    case LIAR_SILENT: break;
    case LIAR_GARBAGE: write_garbage(l, c, &w); break;
    case LIAR_DRIP: write_drop(l, c, &w); break;
    case LIAR_FLAPPER:
        if (liar_below(l, 2) && !c->opened)
            liar_write_open(l, c, &w);
        c->opened = true;
        break;
    case LIAR_MANGLER:
    case LIAR_GREEDY:
    case LIAR_FORGER: write_lies(l, c, &w, ev); break;
    }
    c->unsent += w.len;
    out_stream_commit(out, c->conn, &w);
}
