/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check: what must hold at every moment (readings, part 6), from what was stored, told and sent.
 *
 * I-01 and I-03 may be broken only after faults that lasted a waiting period or longer, and then
 * until the clash they caused had time to be settled (B_clash: reconnecting and a few messages). A
 * period of faults is one when the pause between two is shorter than that.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/scenario/world_impl.h"

enum { VIOLATIONS_SHOWN = 12, B_PROP_MS = 2000 };

void world_violated(struct world *w, const char *invariant, unsigned node, const char *format, ...)
{
    char text[200];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (w->violations++ < VIOLATIONS_SHOWN)
        tap_diag("%lld ms: %s violated at %s: %s", (long long)w->now, invariant,
                 node ? w->node[node].name : "-", text);
}

unsigned world_violations(const struct world *w)
{
    return w->violations;
}

/* ---- faults, and how long they may be seen ---- */

static int64_t reconnect_ms(const struct world *w)
{
    const struct masc_config *c = w->node[1].cfg;
    int64_t hold = c->peers ? c->peer[0].hold_time_s : 0;
    return (hold + 2 * (int64_t)c->connect_retry_s + 2 * (int64_t)c->start_backoff_max_s) * SECOND +
           B_PROP_MS;
}

bool check_disturbed(const struct world *w)
{
    return w->faults || w->now < w->calm_at + reconnect_ms(w);
}

void check_fault(struct world *w, bool begins)
{
    int64_t wait = (int64_t)w->node[1].cfg->waiting_period_s * SECOND;
    if (begins) {
        if (!check_disturbed(w) || (!w->faults && !w->calm_at))
            w->fault_since = w->now;
        w->faults++;
        return;
    }
    if (w->faults)
        w->faults--;
    if (w->faults)
        return;
    w->calm_at = w->now;
    if (w->now - w->fault_since + reconnect_ms(w) >= wait && w->clash_until != INT64_MAX)
        w->clash_until = w->now + reconnect_ms(w) + 2 * B_PROP_MS;
}

/* Two may overlap now, because they could not hear each other long enough. */
static bool clash_excused(const struct world *w)
{
    int64_t wait = (int64_t)w->node[1].cfg->waiting_period_s * SECOND;
    return w->now < w->clash_until ||
           (w->faults && w->now - w->fault_since + reconnect_ms(w) >= wait);
}

void world_excuse_clashes(struct world *w)
{
    w->clash_until = INT64_MAX;
}

/* ---- relations ---- */

static bool is_parent_of(const struct world *w, u128 above, u128 below)
{
    unsigned n, i;
    for (n = 1; n <= w->nodes; n++)
        for (i = 0; w->node[n].cfg->domain == below && i < w->node[n].cfg->peers; i++)
            if (w->node[n].cfg->peer[i].role == MASC_CHILD &&
                w->node[n].cfg->peer[i].domain == above)
                return true;
    return false;
}

bool check_is_ancestor(const struct world *w, u128 above, u128 below)
{
    unsigned n;
    if (is_parent_of(w, above, below))
        return true;
    for (n = 1; n <= w->nodes; n++)
        if (is_parent_of(w, w->node[n].cfg->domain, below) &&
            check_is_ancestor(w, above, w->node[n].cfg->domain))
            return true;
    return false;
}

/* ---- I-01, I-03 ---- */

/* The node's domain withdrew the range, and the WITHDRAW still holds. */
static bool is_withdrawn(const struct world *w, unsigned n, const struct record *r,
                         struct prefix range)
{
    int64_t now = world_wall(w, n);
    size_t i;
    for (i = 0; i < w->sents; i++) {
        const struct masc_attr *a = &w->sent[i].a;
        if (w->sent[i].message == MASC_UPDATE && a->type == MASC_WITHDRAW &&
            a->domain == w->node[n].cfg->domain && w->sent[i].from == n &&
            prefix_covers(a->prefix, range) && (int64_t)a->timestamp_s + a->holdtime_s > now &&
            a->timestamp_s != (uint32_t)r->timestamp_s)
            return true;
    }
    return false;
}

static bool is_live(const struct world *w, unsigned n, const struct record *r)
{
    return r->timestamp_s + r->lifetime_s > world_wall(w, n);
}

static void compare_records(struct world *w, unsigned a, unsigned b, const struct record *ra,
                            const struct record *rb)
{
    struct prefix range = prefix_common(ra->prefix, rb->prefix);
    char pa[PREFIX_TEXT_MAX], pb[PREFIX_TEXT_MAX];
    if (ra->local || rb->local || !prefix_overlaps(ra->prefix, rb->prefix) ||
        !is_live(w, a, ra) || !is_live(w, b, rb) || is_withdrawn(w, a, ra, range) ||
        is_withdrawn(w, b, rb, range))
        return;
    world_violated(w, "I-01", a, "%s overlaps %s of %s", prefix_format(ra->prefix, pa),
                   prefix_format(rb->prefix, pb), w->node[b].name);
}

static bool has_hole(const struct told *t, struct prefix range)
{
    unsigned i;
    for (i = 0; i < t->n; i++)
        if (t->hole[i] && prefix_covers(t->range[i], range))
            return true;
    return false;
}

static void compare_told(struct world *w, unsigned a, unsigned b)
{
    const struct told *ta = &w->node[a].maas, *tb = &w->node[b].maas;
    char text[PREFIX_TEXT_MAX];
    unsigned i, j;
    for (i = 0; i < ta->n; i++)
        for (j = 0; j < tb->n; j++) {
            struct prefix range = prefix_common(ta->range[i], tb->range[j]);
            if (!ta->hole[i] && !tb->hole[j] && prefix_overlaps(ta->range[i], tb->range[j]) &&
                !has_hole(ta, range) && !has_hole(tb, range))
                world_violated(w, "I-03", a, "%s is for hosts of %s, too",
                               prefix_format(range, text), w->node[b].name);
        }
}

static void compare(struct world *w, unsigned a, unsigned b)
{
    u128 da = w->node[a].cfg->domain, db = w->node[b].cfg->domain;
    unsigned i, j;
    if (da == db || !w->node[a].up || !w->node[b].up)
        return;
    compare_told(w, a, b);
    if (check_is_ancestor(w, da, db) || check_is_ancestor(w, db, da))
        return;
    for (i = 0; i < w->node[a].records; i++)
        for (j = 0; j < w->node[b].records; j++)
            compare_records(w, a, b, &w->node[a].record[i], &w->node[b].record[j]);
}

void check_world(struct world *w)
{
    unsigned a, b;
    w->checked = w->now;
    if (clash_excused(w))
        return;
    for (a = 1; a <= w->nodes; a++)
        for (b = a + 1; b <= w->nodes; b++)
            compare(w, a, b);
}

/* ---- I-05, I-06: at the moment of allocation ---- */

static bool is_in_range(const struct world *w, unsigned n, struct prefix p)
{
    const struct masc_config *c = w->node[n].cfg;
    unsigned i;
    for (i = 0; i < c->ranges; i++)
        if (prefix_covers(c->range[i].prefix, p))
            return true;
    return false;
}

static int64_t longest_cover(const struct world *w, unsigned n, struct prefix p)
{
    const struct node *x = &w->node[n];
    int64_t end = 0;
    unsigned i;
    for (i = 0; i < x->records; i++) {
        const struct record *r = &x->record[i];
        if (!r->local && prefix_covers(r->prefix, p) && r->timestamp_s + r->lifetime_s > end)
            end = r->timestamp_s + r->lifetime_s;
    }
    return end;
}

void check_allocated(struct world *w, unsigned n, struct prefix p, u128 domain)
{
    const struct record *r = NULL;
    int64_t end = 0, cover = 0;
    char text[PREFIX_TEXT_MAX];
    unsigned i;
    for (i = 0; i < w->node[n].records; i++)
        if (prefix_equal(w->node[n].record[i].prefix, p) &&
            w->node[n].record[i].timestamp_s + w->node[n].record[i].lifetime_s > end) {
            r = &w->node[n].record[i];
            end = r->timestamp_s + r->lifetime_s;
        }
    if (!r) {
        world_violated(w, "I-46", n, "%s allocated but not stored", prefix_format(p, text));
        return;
    }
    if (is_in_range(w, n, p))
        return;
    for (i = 1; i <= w->nodes; i++) {
        u128 above = r->local ? domain : w->node[i].cfg->domain;
        if (w->node[i].cfg->domain != above || (!r->local && !is_parent_of(w, above, domain)))
            continue;
        end = longest_cover(w, i, p);
        cover = end > cover ? end : cover;
    }
    if (cover == 0)
        world_violated(w, "I-05", n, "%s lies in no parent's prefix", prefix_format(p, text));
    else if (r->timestamp_s + r->lifetime_s > cover && !check_disturbed(w))
        world_violated(w, "I-06", n, "%s outlives the parent's prefix by %lld s",
                       prefix_format(p, text),
                       (long long)(r->timestamp_s + r->lifetime_s - cover));
}

/* ---- what a story asks ---- */

static int by_prefix(const struct record *a, const struct record *b)
{
    return prefix_compare(a->prefix, b->prefix);
}

struct prefix world_holds(struct world *w, unsigned n, unsigned i)
{
    const struct node *x = &w->node[n];
    const struct record *last = NULL, *best;
    unsigned k;
    do {
        best = NULL;
        for (k = 0; k < x->records; k++) {
            const struct record *r = &x->record[k];
            if (!r->local && is_live(w, n, r) && (!last || by_prefix(r, last) > 0) &&
                (!best || by_prefix(r, best) < 0))
                best = r;
        }
        last = best;
    } while (best && i-- > 0);
    return best ? best->prefix : (struct prefix){0};
}

bool world_has(struct world *w, unsigned n)
{
    return world_holds(w, n, 0).family != 0;
}

const struct record *world_record(struct world *w, unsigned n, struct prefix p)
{
    const struct node *x = &w->node[n];
    const struct record *best = NULL;
    unsigned i;
    for (i = 0; i < x->records; i++)
        if (prefix_equal(x->record[i].prefix, p) && !x->record[i].local &&
            (!best || x->record[i].timestamp_s > best->timestamp_s))
            best = &x->record[i];
    return best;
}

static bool is_told(const struct told *t, struct prefix p)
{
    bool covered = false;
    unsigned i;
    for (i = 0; i < t->n; i++) {
        if (t->hole[i] && prefix_overlaps(t->range[i], p))
            return false;
        covered |= prefix_covers(t->range[i], p);
    }
    return covered;
}

bool world_usable(struct world *w, unsigned n, struct prefix p)
{
    return is_told(&w->node[n].maas, p);
}

bool world_routed(struct world *w, unsigned n, struct prefix p)
{
    return is_told(&w->node[n].g_rib, p);
}

/* A live UPDATE like this, or a newer one, is in the cache. */
static bool knows(struct world *w, unsigned n, struct match like)
{
    struct masc_claim_view v;
    uint64_t cursor = 0;
    if (!w->node[n].up)
        return false;
    while (masc_claim_next(w->node[n].m, world_clock(w, n), &cursor, &v))
        if (v.live && like.types >> v.attr.type & 1 && v.attr.domain == like.domain &&
            prefix_equal(v.attr.prefix, like.prefix) && v.timestamp_s >= like.timestamp_s)
            return true;
    return false;
}

bool world_knows(struct world *w, unsigned n, u128 domain, enum masc_type type, struct prefix p)
{
    return knows(w, n, (struct match){.types = 1u << type, .domain = domain, .prefix = p});
}

bool world_session(struct world *w, unsigned a, unsigned b)
{
    const struct masc_peers *ps;
    unsigned i;
    if (!w->node[a].up || !w->node[b].up)
        return false;
    ps = masc_sessions(w->node[a].m);
    for (i = 0; i < masc_peers_max(ps); i++) {
        struct masc_peer_info info = masc_peer_info(ps, i);
        if (info.config && info.config->addr.addr == (0x0A000000u | b) &&
            info.state == MASC_ESTABLISHED)
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
    case MASC_PARENT:
        return true;
    case MASC_CHILD:
        return p->domain == r->parent;
    case MASC_SIBLING:
        return p->parent == r->parent;
    }
    return false;
}

/* A clock that runs ahead may have seen its end. */
static bool ends_soon(const struct world *w, unsigned n, const struct record *r)
{
    return r->timestamp_s + r->lifetime_s <= world_wall(w, n) + 60;
}

/* Its wait was over so lately that the news may still be under way (B_prop). */
static bool is_news(const struct world *w, unsigned n, const struct record *r)
{
    return r->timestamp_s + w->node[n].cfg->waiting_period_s + B_PROP_MS / 1000 + 2 >=
           world_wall(w, n);
}

/* A record of `a` that the remote of its i-th peering has to know and does not. */
static bool is_unknown(struct world *w, unsigned a, unsigned i, const struct record *r)
{
    const struct masc_peer_config *p = &w->node[a].cfg->peer[i];
    struct match like = {.types = T(PREFIX_IN_USE) | T(PREFIX_MANAGED), .prefix = r->prefix,
                         .domain = w->node[a].cfg->domain, .timestamp_s = r->timestamp_s};
    unsigned b = (unsigned)(p->addr.addr & 0xFF);
    return is_live(w, a, r) && !is_news(w, a, r) && !ends_soon(w, a, r) &&
           world_session(w, a, b) && concerns(p, r) && !is_withdrawn(w, a, r, r->prefix) &&
           !knows(w, b, like);
}

unsigned world_unknown(struct world *w)
{
    char text[PREFIX_TEXT_MAX];
    unsigned a, i, k, n = 0;
    for (a = 1; a <= w->nodes; a++)
        for (i = 0; w->node[a].up && i < w->node[a].cfg->peers; i++)
            for (k = 0; k < w->node[a].records; k++) {
                const struct record *r = &w->node[a].record[k];
                if (!is_unknown(w, a, i, r))
                    continue;
                tap_diag("%s does not know %s of %s", w->node[a].cfg->peer[i].name,
                         prefix_format(r->prefix, text), w->node[a].name);
                n++;
            }
    return n;
}

void world_show(struct world *w)
{
    char text[PREFIX_TEXT_MAX];
    unsigned n, i;
    for (n = 1; n <= w->nodes; n++) {
        tap_diag("%s (domain %u%s)", w->node[n].name, (unsigned)w->node[n].cfg->domain,
                 w->node[n].up ? "" : ", down");
        for (i = 0; i < w->node[n].records; i++) {
            const struct record *r = &w->node[n].record[i];
            tap_diag("    %s%s of %u, by .%u, at %lld for %u", prefix_format(r->prefix, text),
                     r->local ? " local" : "", (unsigned)r->parent, (unsigned)r->node & 0xFF,
                     (long long)(r->timestamp_s - WORLD_BASE_S), r->lifetime_s);
        }
    }
}

void world_history(struct world *w, int64_t since)
{
    char text[PREFIX_TEXT_MAX];
    size_t i;
    for (i = 0; i < w->loggeds; i++) {
        const struct logged *l = &w->logged[i];
        if (l->at >= since)
            tap_diag("%7lld.%03lld %-4s %-10s %-6s %s other %u %s", (long long)(l->at / 1000),
                     (long long)(l->at % 1000), w->node[l->node].name, l->event, l->what,
                     prefix_format(l->prefix, text), (unsigned)l->other, l->reason);
    }
}
