/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions about the record: what was sent and logged, who holds, uses and knows what.
 *
 * Who must know of a prefix follows from the peerings and from A-59: one's domain, one's parents,
 * siblings under the parent in whose space it lies, and one's children. "Must" leaves time for the
 * news to travel, and does not count what is about to end.
 */
#include <stdio.h>
#include <string.h>

#include "sim/witness_impl.h"

enum { B_PROP_S = 4, ENDS_SOON_S = 60 };

/* ---- messages ---- */

static bool fits(const struct sent *s, const struct match *m)
{
    if ((m->from && s->from != m->from) || (m->to && s->to != m->to) || s->at < m->since)
        return false;
    if (s->message != MASC_UPDATE || !m->types)
        return (s->message == MASC_UPDATE) == (m->types != 0);
    return m->types >> s->a.type & 1 && (!m->domain || s->a.domain == m->domain) &&
           (!m->node || s->a.node == m->node) &&
           (!m->timestamp_s || s->timestamp_s == m->timestamp_s) &&
           (!m->within.family || prefix_covers(m->within, s->a.prefix)) &&
           (!m->prefix.family || prefix_equal(m->prefix, s->a.prefix));
}

const struct sent *witness_next(const struct witness *x, struct match match, unsigned *at)
{
    while (*at < x->sents)
        if (fits(&x->sent[(*at)++], &match))
            return &x->sent[*at - 1];
    return NULL;
}

unsigned witness_sent(const struct witness *x, struct match match)
{
    unsigned at = 0, n = 0;
    while (witness_next(x, match, &at))
        n++;
    return n;
}

unsigned witness_notified(const struct witness *x, uint8_t code, uint8_t subcode)
{
    unsigned n = 0;
    size_t i;
    for (i = 0; i < x->sents; i++)
        n += x->sent[i].message == MASC_NOTIFICATION && x->sent[i].code == code &&
             x->sent[i].subcode == subcode;
    return n;
}

unsigned witness_complaints(const struct witness *x)
{
    char line[160];
    unsigned n = 0;
    size_t i;
    for (i = 0; i < x->sents; i++) {
        const struct sent *s = &x->sent[i];
        if (s->message != MASC_NOTIFICATION || s->code == MASC_E_CEASE)
            continue;
        n++;
        snprintf(line, sizeof line, "complaint at %lld.%03d %s to %s: %u/%u %s",
                 (long long)(s->at / 1000), (int)(s->at % 1000), witness_name(x, s->from),
                 witness_name(x, s->to), s->code, s->subcode,
                 masc_subcode_name(s->code, s->subcode));
        if (x->say)
            x->say(line);
    }
    return n;
}

const struct logged *witness_log(const struct witness *x, unsigned node, const char *event,
                                 int64_t since)
{
    size_t i;
    for (i = 0; i < x->loggeds; i++)
        if ((!node || x->logged[i].node == node) && x->logged[i].at >= since &&
            strcmp(x->logged[i].event, event) == 0)
            return &x->logged[i];
    return NULL;
}

unsigned witness_logged(const struct witness *x, unsigned node, const char *event, int64_t since)
{
    unsigned n = 0;
    size_t i;
    for (i = 0; i < x->loggeds; i++)
        n += (!node || x->logged[i].node == node) && x->logged[i].at >= since &&
             strcmp(x->logged[i].event, event) == 0;
    return n;
}

/* ---- what is held and used ---- */

static const struct about *about(const struct witness *x, unsigned n)
{
    static const struct about nobody;
    return n <= x->nodes ? &x->about[n] : &nobody;
}

struct prefix witness_holds(const struct witness *x, unsigned n, unsigned i)
{
    const struct about *a = about(x, n);
    const struct record *last = NULL, *best;
    size_t k;
    do {
        best = NULL;
        for (k = 0; k < a->records; k++) {
            const struct record *r = &a->record[k];
            if (!r->local && record_is_live(x, n, r) &&
                (!last || prefix_compare(r->prefix, last->prefix) > 0) &&
                (!best || prefix_compare(r->prefix, best->prefix) < 0))
                best = r;
        }
        last = best;
    } while (best && i-- > 0);
    return best ? best->prefix : (struct prefix){0};
}

bool witness_has(const struct witness *x, unsigned n)
{
    return witness_holds(x, n, 0).family != 0;
}

const struct record *witness_record(const struct witness *x, unsigned n, struct prefix p)
{
    const struct about *a = about(x, n);
    const struct record *best = NULL;
    size_t i;
    for (i = 0; i < a->records; i++)
        if (prefix_equal(a->record[i].prefix, p) && !a->record[i].local &&
            (!best || a->record[i].timestamp_s > best->timestamp_s))
            best = &a->record[i];
    return best;
}

bool witness_usable(const struct witness *x, unsigned n, struct prefix p)
{
    return told_has(&about(x, n)->maas, p);
}

bool witness_routed(const struct witness *x, unsigned n, struct prefix p)
{
    return told_has(&about(x, n)->g_rib, p);
}

/* Ranges that were told do not overlap, but for holes in them. */
uint64_t witness_usable_addresses(const struct witness *x, unsigned n)
{
    const struct told *t = &about(x, n)->maas;
    uint64_t sum = 0;
    size_t i;
    for (i = 0; i < t->n; i++)
        sum += t->hole[i] ? -prefix_size(t->range[i]) : prefix_size(t->range[i]);
    return sum;
}

/* ---- who knows what ---- */

static bool knows(const struct witness *x, unsigned n, struct match like)
{
    const struct about *a = about(x, n);
    size_t i;
    for (i = 0; a->up && i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        if (like.types >> k->a.type & 1 && k->a.domain == like.domain &&
            prefix_equal(k->a.prefix, like.prefix) && k->timestamp_s >= like.timestamp_s &&
            known_is_live(x, n, k))
            return true;
    }
    return false;
}

bool witness_knows(const struct witness *x, unsigned n, u128 domain, enum masc_type type,
                   struct prefix p)
{
    return knows(x, n, (struct match){.types = 1u << type, .domain = domain, .prefix = p});
}

static bool half_is_established(const struct half *h)
{
    return h->up && !h->over && h->confirmed && h->confirm_came;
}

bool track_is_established(const struct track *t)
{
    return half_is_established(&t->half[0]) && half_is_established(&t->half[1]);
}

bool witness_session(const struct witness *x, unsigned a, unsigned b)
{
    const struct about *aa = about(x, a);
    size_t i;
    for (i = 0; i < aa->opens; i++) {
        const struct track *t = &x->track[aa->open[i] / 2];
        if (t->node[1 - (aa->open[i] & 1)] == b && track_is_established(t))
            return true;
    }
    return false;
}

/* Must the remote of this peering know what we hold? */
static bool concerns(const struct masc_peer_config *p, const struct record *r)
{
    if (r->local)
        return p->role == MASC_INTERNAL || p->role == MASC_PARENT;
    switch (p->role) {
    case MASC_INTERNAL:
    case MASC_PARENT: return true;
    case MASC_CHILD: return p->domain == r->parent;
    case MASC_SIBLING: return p->parent == r->parent;
    }
    return false;
}

/* A clock that runs ahead may have seen its end. */
static bool ends_soon(const struct witness *x, unsigned n, const struct record *r)
{
    return r->timestamp_s + r->lifetime_s <= witness_wall(x, n) + ENDS_SOON_S;
}

/* Its wait was over so lately that the news may still be under way (B_prop). */
static bool is_news(const struct witness *x, unsigned n, const struct record *r)
{
    return r->timestamp_s + witness_config(x, n)->waiting_period_s + B_PROP_S >= witness_wall(x, n);
}

static bool is_unknown(const struct witness *x, unsigned a, const struct masc_peer_config *p,
                       const struct record *r)
{
    const struct masc_config *c = witness_config(x, a);
    struct match like = {.types = T(PREFIX_IN_USE) | T(PREFIX_MANAGED),
                         .prefix = r->prefix,
                         .domain = c->domain,
                         .timestamp_s = r->timestamp_s};
    unsigned b = world_of_address(x->w, p->addr);
    if (!b || x->about[b].liar || masc_config_crosses(c, p, r->prefix) || !concerns(p, r))
        return false;
    return record_is_live(x, a, r) && !is_news(x, a, r) && !ends_soon(x, a, r) &&
           !check_is_withdrawn(x, a, r, r->prefix) && witness_session(x, a, b) &&
           !knows(x, b, like);
}

unsigned witness_unknown(const struct witness *x)
{
    char text[PREFIX_TEXT_MAX], line[120];
    unsigned a, i, n = 0;
    size_t k;
    for (a = 1; a <= x->nodes; a++) {
        const struct masc_config *c = witness_config(x, a);
        if (!x->about[a].up || x->about[a].liar)
            continue;
        for (i = 0; i < c->peers; i++)
            for (k = 0; k < x->about[a].records; k++) {
                if (!is_unknown(x, a, &c->peer[i], &x->about[a].record[k]))
                    continue;
                n++;
                snprintf(line, sizeof line, "%s does not know %s of %s", c->peer[i].name,
                         prefix_format(x->about[a].record[k].prefix, text), witness_name(x, a));
                if (x->say)
                    x->say(line);
            }
    }
    return n;
}

/* ---- to look at ---- */

void witness_show(const struct witness *x, void (*say)(const char *line))
{
    char text[PREFIX_TEXT_MAX], line[200];
    unsigned n;
    size_t i;
    for (n = 1; n <= x->nodes; n++) {
        snprintf(line, sizeof line, "%s (domain %u%s)", witness_name(x, n),
                 (unsigned)witness_config(x, n)->domain, x->about[n].up ? "" : ", down");
        say(line);
        for (i = 0; i < x->about[n].records; i++) {
            const struct record *r = &x->about[n].record[i];
            snprintf(line, sizeof line, "    %s%s of %u, by .%u, at %lld for %u",
                     prefix_format(r->prefix, text), r->local ? " local" : "", (unsigned)r->parent,
                     (unsigned)r->node & 0xFF, (long long)(r->timestamp_s - WORLD_BASE_S),
                     r->lifetime_s);
            say(line);
        }
    }
}
