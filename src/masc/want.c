/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * want: what the domain claims next (RFC 2909 Appendix A, 12.2).
 *
 * For each scope and family need.c says how much is needed, source.c from whom it can come, and
 * picture.c what is free there; plan.c says the next single step, and here it becomes a planned
 * claim. A need that no parent has room for becomes a hint (11.5). A non-leaf domain claims what
 * its own hosts use as a child of itself (12.2, A-65), the first time without a wait.
 *
 * Looked at when something changed, at most once in WANT_MIN_MS, and otherwise WANT_LOOKS times in
 * a waiting period, but not more often than every WANT_MS: trends and renewals take no less. A look
 * passes over the whole log several times, so the next one also waits a millisecond for each
 * LOOKED_PER_MS entries that this one passed over: a child that floods costs a share of the time.
 * In a crowd changes are gathered for a WANT_BATCHES-th of the waiting period, of which the claim
 * delay alone is more.
 */
#include "masc/want.h"

enum { WANT_MIN_MS = 200, WANT_MS = 15000, WANT_LOOKS = 12, WANT_BATCHES = 576,
       LOOKED_PER_MS = 500, CROWD = 512 };

/* ---- what is held ---- */

bool want_is_replaced(const struct masc *m, const struct own *o)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        const struct own *n = &m->own[i];
        if (n != o && own_in_use(n) && own_role(n) == own_role(o) &&
            prefix_overlaps(n->prefix, o->prefix) && n->timestamp_s > o->timestamp_s)
            return true;
    }
    return false;
}

static bool is_of_need(const struct own *o, const struct need *n)
{
    return o->present && own_role(o) == MASC_INTERNAL && o->scope == n->scope &&
           o->prefix.family == n->family;
}

bool want_is_holding(const struct masc *m, const struct own *o, const struct need *n)
{
    return is_of_need(o, n) && own_in_use(o) && !want_is_replaced(m, o);
}

/* A pending claim for space counts as held; a renewal is its prefix, which counts already. */
static bool counts_as_pending(const struct own *o)
{
    return own_is_pending(o) && o->purpose != MASC_FOR_RENEWAL;
}

/* Of what children use in `p`, and of `hosts` addresses of own hosts, what lies in its lower half:
 * where it was claimed for hosts, or in a leaf domain from the start of `p` on. */
static uint64_t used_in_low_half(struct masc *m, struct prefix p, uint64_t hosts)
{
    struct prefix low = {p.addr, p.family, (uint8_t)(p.len + 1)};
    uint64_t children, room, claimed = 0;
    bool leaf = is_leaf(m, masc_config_scope(m->cfg, p), p.family);
    unsigned i;
    if (p.len >= family_bits(p.family))
        return 0;
    children = picture_used(m, low);
    room = prefix_size(low) > children ? prefix_size(low) - children : 0;
    for (i = 0; i < m->own_top && !leaf; i++)
        if (m->own[i].present && own_role(&m->own[i]) == MASC_CHILD &&
            prefix_covers(low, m->own[i].prefix) && !want_is_replaced(m, &m->own[i]))
            claimed = add_sat(claimed, prefix_size(m->own[i].prefix));
    if (!leaf && claimed < hosts)
        hosts = claimed;
    return children + (hosts < room ? hosts : room);
}

/* 12.5, A-98: what a provider gave that is only defended against ends and is not renewed: it is no
 * part of what will be held. */
static bool is_of_old_provider(const struct masc *m, const struct own *o)
{
    u128 parent = m->space[o->space].domain;
    unsigned i;
    for (i = 0; o->space > SPACE_OWN && i < m->cfg->peers; i++)
        if (m->cfg->peer[i].role == MASC_CHILD && m->cfg->peer[i].domain == parent)
            return source_is_abandoned(m, parent);
    return false;
}

static void count_elsewhere(const struct own *o, const struct source *s, struct holdings *hs)
{
    uint64_t size = prefix_size(o->prefix);
    hs->elsewhere = add_sat(hs->elsewhere, size);
    if (prefix_compare(o->prefix, s->managed) < 0)
        hs->before = add_sat(hs->before, size);
}

static void add_holding(struct masc *m, struct own *o, const struct source *s, struct holdings *hs)
{
    bool pending = own_is_pending(o);
    if (!prefix_covers(s->managed, o->prefix) || hs->n == HOLDINGS_MAX) {
        if (pending || (o->keep && !o->deprecated && !is_of_old_provider(m, o) &&
                        !source_fades(m, o) && !clash_impairs(m, o)))
            count_elsewhere(o, s, hs);
        return;
    }
    hs->own[hs->n] = o;
    hs->h[hs->n++] = (struct masc_holding){
        .prefix = o->prefix,
        .fading = !pending && (o->deprecated || s->deprecated || !o->keep || clash_impairs(m, o)),
        .pending = pending,
    };
}

/* Own hosts fill what is not on its way out first, of that the largest, then the lowest: the same
 * order at every look, or each of two prefixes would be given up because of the other. */
static bool fills_before(const struct masc_holding *a, const struct masc_holding *b)
{
    if (a->fading != b->fading)
        return b->fading;
    if (a->prefix.len != b->prefix.len)
        return a->prefix.len < b->prefix.len;
    return prefix_compare(a->prefix, b->prefix) < 0;
}

/* The one that is filled right after `last` (NULL: first of all); NULL at the end. */
static struct masc_holding *fills_next(struct holdings *hs, const struct masc_holding *last)
{
    struct masc_holding *next = NULL;
    size_t i;
    for (i = 0; i < hs->n; i++)
        if (!hs->h[i].pending && (!last || fills_before(last, &hs->h[i])) &&
            (!next || fills_before(&hs->h[i], next)))
            next = &hs->h[i];
    return next;
}

void want_use(struct masc *m, uint64_t local, struct holdings *hs)
{
    struct masc_holding *h = NULL;
    while ((h = fills_next(hs, h)) != NULL) {
        uint64_t size = prefix_size(h->prefix), hosts;
        h->used = picture_used(m, h->prefix);
        hosts = size > h->used ? size - h->used : 0; /* own hosts fill what children leave */
        hosts = hosts < local ? hosts : local;
        h->used += hosts;
        h->used_low = used_in_low_half(m, h->prefix, hosts);
        local -= hosts;
    }
}

/* Own prefixes never collide with own ones: an expansion may cover them. */
void want_space_of(struct masc *m, struct holdings *hs)
{
    size_t i, n = 0;
    for (i = 0; i < hs->n; i++)
        if (!hs->h[i].fading)
            hs->ours[n++] = hs->h[i].prefix;
    hs->space = picture_with_own(m, hs->space.managed, false);
    hs->space.ours = hs->ours;
    hs->space.ours_n = masc_space_normalise(hs->ours, n);
}

void want_holdings(struct masc *m, const struct need *n, const struct source *s,
                   struct holdings *hs)
{
    unsigned i;
    hs->n = 0;
    hs->elsewhere = hs->before = 0;
    hs->space = (struct masc_space){.managed = s->managed};
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (want_is_holding(m, o, n) || (is_of_need(o, n) && counts_as_pending(o)))
            add_holding(m, o, s, hs);
    }
    hs->view = (struct masc_demand_view){
        .space = &hs->space,
        .holding = hs->h,
        .holdings = hs->n,
        .needed = n->total > hs->elsewhere ? n->total - hs->elsewhere : 0,
        .needed_next = n->next > hs->elsewhere ? n->next - hs->elsewhere : 0,
        .claim_min = m->cfg->claim_min,
        .prefixes_max = m->cfg->prefixes_max,
        .low = m->cfg->utilization_low,
        .high = m->cfg->utilization_high,
        .shrink = m->cfg->utilization_shrink,
        .gentle = m->cfg->gentle,
        .tight = m->cfg->tight,
    };
}

/* ---- new space ---- */

static void plan_claim(struct masc *m, const struct need *n, const struct source *s,
                       const struct own *like, struct out *out)
{
    struct own wish = *like;
    wish.scope = n->scope;
    wish.space = s->space;
    wish.lifetime_s = source_life(m, s->space, n->lifetime_s, s->end_s);
    if (wish.lifetime_s)
        (void)own_plan(m, &wish, out);
}

/* The parent refused that size: the largest it may take. */
static struct prefix heeding_denial(const struct masc *m, const struct source *s, struct prefix p)
{
    const struct space *sp = &m->space[s->space];
    if (sp->denied_until_s > m->now.wall.s && p.len < sp->denied_len &&
        sp->denied_len <= family_bits(p.family))
        p.len = sp->denied_len;
    return p;
}

/* A new prefix inside a fading one of ours expands it, by the RFC's words. */
static enum masc_purpose purpose_of(const struct masc *m, struct prefix p)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (own_in_use(&m->own[i]) && own_role(&m->own[i]) == MASC_INTERNAL &&
            prefix_overlaps(m->own[i].prefix, p))
            return MASC_FOR_EXPANSION;
    return MASC_FOR_SPACE;
}

/* What must be free in one piece, where no further prefix may be held (17.1.4); else 0. */
static uint64_t in_one_piece(const struct holdings *hs, const struct masc_plan *plan)
{
    struct prefix p = {.family = hs->space.managed.family, .len = plan->len};
    unsigned held = 0;
    size_t i;
    for (i = 0; i < hs->n; i++)
        held += !hs->h[i].fading;
    return held >= hs->view.prefixes_max ? prefix_size(p) : 0;
}

/* One step towards the need in this source; false: it has no space for it, and *lack may say how
 * much it would take. */
static bool claim_from(struct masc *m, const struct need *n, const struct source *s,
                       uint64_t *lack, struct out *out)
{
    struct own wish = {.keep = true};
    struct holdings hs;
    struct masc_plan plan;
    if (!source_life(m, s->space, n->lifetime_s, s->end_s))
        return false;
    want_holdings(m, n, s, &hs);
    if (masc_plan_is_served(&hs.view))
        return true;
    want_space_of(m, &hs);
    plan = masc_plan_demand(&hs.view, &m->rng);
    wish.prefix = plan.prefix;
    wish.replaces = plan.replaces;
    switch (plan.kind) {
    case MASC_PLAN_NOTHING:
        return true;
    case MASC_PLAN_NO_SPACE:
        *lack = in_one_piece(&hs, &plan);
        return false;
    case MASC_PLAN_EXPAND:
        wish.purpose = MASC_FOR_EXPANSION;
        break;
    case MASC_PLAN_NEW:
        wish.prefix = heeding_denial(m, s, plan.prefix);
        wish.purpose = purpose_of(m, wish.prefix);
        break;
    }
    plan_claim(m, n, s, &wish, out);
    return true;
}

void want_replace(struct masc *m, const struct own *o, struct out *out)
{
    struct need n = {.scope = o->scope, .family = o->prefix.family};
    struct source s[SOURCES_MAX];
    struct holdings hs;
    unsigned i, k = source_list(m, &n, s);
    size_t j;
    for (i = 0; i < k; i++) {
        if (!prefix_covers(s[i].managed, o->prefix))
            continue;
        want_holdings(m, &n, &s[i], &hs);
        want_space_of(m, &hs);
        for (j = 0; j < hs.n; j++) {
            struct prefix twice;
            if (hs.own[j] != o && own_in_use(hs.own[j]) && !hs.own[j]->by_operator &&
                !masc_choose_double(&hs.space, hs.own[j]->prefix, &twice))
                own_deprecate(m, hs.own[j], out);
        }
        return;
    }
}

/* ---- hints (11.5, A-30) ---- */

static bool hint_said(const struct masc *m, struct prefix p)
{
    uint32_t at = table_first_of_domain(&m->table, m->cfg->domain);
    for (; at != TABLE_NONE; at = table_next_of_domain(&m->table, at)) {
        const struct entry *e = &m->table.entry[at];
        if (e->addr == 0 && e->family == p.family && e->len <= p.len &&
            (e->type & 7) == MASC_NEW_CLAIM && table_live(&m->table, at, m->now.wall.s))
            return true;
    }
    return false;
}

static uint16_t parent_to_ask(const struct masc *m)
{
    unsigned i;
    for (i = SPACE_OWN + 1; i < m->spaces; i++)
        if (m->space[i].domain != MASC_TLD_ID && !source_is_abandoned(m, m->space[i].domain) &&
            own_space_reachable(m, (uint16_t)i))
            return (uint16_t)i;
    return SPACE_NONE;
}

static void hint(struct masc *m, const struct need *n, uint64_t missing, struct out *out)
{
    uint64_t size = missing < m->cfg->claim_min ? m->cfg->claim_min : missing;
    uint8_t len = prefix_len_for(n->family, size);
    uint16_t space = parent_to_ask(m);
    struct claim c = {
        .prefix = {.addr = 0, .family = n->family, .len = len < 4 ? 4 : len},
        .domain = m->cfg->domain,
        .node = m->cfg->node,
        .timestamp_s = m->now.wall.s,
        .lifetime_s = n->lifetime_s,
        .holdtime_s = m->cfg->waiting_period_s,
        .type = MASC_NEW_CLAIM,
        .role = MASC_INTERNAL,
    };
    if (space == SPACE_NONE || hint_said(m, c.prefix) ||
        record(m, &c, space, ENTRY_LOCAL, out) == TABLE_NONE)
        return;
    life_log(m, &(struct life){.event = "hint", .prefix = c.prefix, .domain = c.domain,
                               .other = m->space[space].domain, .ready_s = INT64_MAX,
                               .until_s = claim_hold(&c),
                               .reason = "no parent's prefix has room: asking the parent"},
             out);
}

static void want_space(struct masc *m, const struct need *n, struct out *out)
{
    struct source s[SOURCES_MAX];
    uint64_t held = 0, lack = 0, missing;
    unsigned i, k;
    if (n->total == 0)
        return;
    k = source_list(m, n, s);
    for (i = 0; i < k; i++)
        if (own_space_reachable(m, s[i].space) && claim_from(m, n, &s[i], &lack, out))
            return;
    for (i = 0; i < m->own_top; i++)
        if (want_is_holding(m, &m->own[i], n) ||
            (is_of_need(&m->own[i], n) && counts_as_pending(&m->own[i])))
            held = add_sat(held, prefix_size(m->own[i].prefix));
    missing = n->total > held ? n->total - held : 0;
    if (!masc_config_is_top_level(m->cfg, n->scope) && n->scope == MASC_SCOPE_GLOBAL && missing)
        hint(m, n, lack > missing ? lack : missing, out);
}

/* ---- local use in a non-leaf domain (12.2) ---- */

/* What it lies in ends with it, so that it cannot be renewed: hosts need another place in time. */
static bool runs_out(const struct masc *m, const struct own *o)
{
    int64_t ahead = (int64_t)m->cfg->waiting_period_s + m->cfg->claim_delay_s;
    unsigned i;
    if (!own_in_use(o) || own_end(o) - m->now.wall.s >= 2 * ahead)
        return false;
    for (i = 0; i < m->own_top; i++)
        if (own_in_use(&m->own[i]) && own_role(&m->own[i]) != MASC_CHILD &&
            prefix_covers(m->own[i].prefix, o->prefix) && own_end(&m->own[i]) > own_end(o) + 1)
            return false;
    return true;
}

uint64_t want_held_locally(const struct masc *m, const struct need *n)
{
    uint64_t sum = 0;
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        const struct own *o = &m->own[i];
        bool counts = o->present && own_role(o) == MASC_CHILD && o->scope == n->scope &&
                      o->prefix.family == n->family && !(own_in_use(o) && want_is_replaced(m, o));
        /* what is being renewed is held once */
        counts = counts && !runs_out(m, o) && !(own_is_pending(o) && own_is_renewal(m, o));
        if (counts)
            sum = add_sat(sum, prefix_size(o->prefix));
    }
    return sum;
}

static bool child_holds(struct masc *m, struct prefix p)
{
    uint32_t at = m->table.log_first;
    for (; at != TABLE_NONE; at = m->table.entry[at].log_next) {
        const struct entry *e = &m->table.entry[at];
        struct prefix has = table_prefix(&m->table, at);
        m->looked_at++;
        if (e->role == MASC_CHILD && e->type == MASC_PREFIX_IN_USE && prefix_overlaps(p, has) &&
            table_effective(&m->table, at, has, m->now.wall.s))
            return true;
    }
    return false;
}

static bool claimed_locally(const struct masc *m, struct prefix p)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (m->own[i].present && own_role(&m->own[i]) == MASC_CHILD &&
            prefix_overlaps(m->own[i].prefix, p))
            return true;
    return false;
}

/* The start of `o`, of `size` addresses or all of it, for own hosts. */
static struct own local_wish(const struct own *o, uint64_t size)
{
    uint8_t len = prefix_len_for(o->prefix.family, size);
    return (struct own){.prefix = {o->prefix.addr, o->prefix.family,
                                   len > o->prefix.len ? len : o->prefix.len},
                        .purpose = MASC_FOR_LOCAL, .keep = true, .scope = o->scope,
                        .space = SPACE_OWN, .timestamp_s = o->timestamp_s,
                        .lifetime_s = o->lifetime_s};
}

/* what own hosts may be using is taken before any child's claim is judged: of each prefix
 * that they were told of its start, of the largest first. Returns what is missing still. */
static uint64_t keep_for_hosts(struct masc *m, const struct need *n, uint64_t missing,
                               struct out *out)
{
    while (missing) {
        const struct own *best = NULL;
        struct own wish;
        unsigned i;
        for (i = 0; i < m->own_top; i++) {
            const struct own *o = &m->own[i];
            if (want_is_holding(m, o, n) && o->maas && !claimed_locally(m, o->prefix) &&
                !child_holds(m, local_wish(o, missing).prefix) &&
                (!best || o->prefix.len < best->prefix.len))
                best = o;
        }
        if (!best)
            break;
        wish = local_wish(best, missing);
        if (!own_allocate(m, &wish, out))
            break;
        missing -= missing < prefix_size(wish.prefix) ? missing : prefix_size(wish.prefix);
    }
    return missing;
}

/* A place for own hosts inside `o`: for `size` addresses, or if there is none for half as many. */
static bool claim_locally(struct masc *m, const struct own *o, uint64_t size, const struct need *n,
                          struct out *out)
{
    struct own wish = local_wish(o, size);
    uint8_t least = prefix_len_for(n->family, m->cfg->claim_min);
    struct masc_space s = picture_with_own(m, o->prefix, true);
    uint8_t len = wish.prefix.len;
    wish.lifetime_s = source_life(m, SPACE_OWN, n->lifetime_s, own_end(o));
    if (!wish.lifetime_s)
        return false;
    do {
        if (masc_choose_new(&s, len, NULL, &m->rng, &wish.prefix))
            return own_plan(m, &wish, out) != NULL;
    } while (len++ < least);
    return false;
}

static void want_local(struct masc *m, const struct need *n, bool at_once, struct out *out)
{
    uint64_t held = want_held_locally(m, n), missing = n->local > held ? n->local - held : 0;
    unsigned i;
    if (at_once)
        missing = keep_for_hosts(m, n, missing, out);
    for (i = 0; i < m->own_top && missing; i++)
        if (want_is_holding(m, &m->own[i], n) && claim_locally(m, &m->own[i], missing, n, out))
            return;
}

/* ---- leaf or not (12.2) ---- */

/* True if the domain has just become non-leaf in that scope and family. */
static bool update_leaf(struct masc *m, const struct need *n, struct out *out)
{
    bool *children = &m->children_in[n->scope][n->family == FAMILY_IPV6];
    bool hears = need_hears_children(m, n);
    if (hears == *children || (!hears && m->now.mono.ms < m->leaf_from.ms))
        return false;
    *children = hears;
    m->stale_outputs = true;
    life_log(m,
             &(struct life){.event = hears ? "non-leaf" : "leaf",
                            .domain = m->cfg->domain,
                            .ready_s = INT64_MAX,
                            .until_s = INT64_MAX,
                            .reason = hears ? "a child spoke: own hosts' space is claimed now"
                                            : "no child speaks any more: all is for own hosts"},
             out);
    return hears;
}

static void want_scope(struct masc *m, uint8_t scope, uint8_t family, struct out *out)
{
    struct need n = need_of(m, scope, family);
    bool became_parent = update_leaf(m, &n, out);
    m->needed = add_sat(m->needed, n.total);
    want_space(m, &n, out);
    if (!is_leaf(m, scope, family))
        want_local(m, &n, became_parent, out);
    renew_tick(m, &n, out);
}

/* When to look again if something changes; the regular look is not put off. */
static mono_t look_again(const struct masc *m, uint64_t passed_over)
{
    uint64_t ms = WANT_MIN_MS + passed_over / LOOKED_PER_MS;
    uint64_t batch = (uint64_t)m->cfg->waiting_period_s * 1000 / WANT_BATCHES;
    if (passed_over < CROWD) /* Ours: five minutes of two days are nothing; only few notice less */
        batch = batch * passed_over / CROWD;
    if (ms > WANT_MS)
        ms = WANT_MS;
    return mono_add_ms(m->now.mono, (int64_t)(ms > batch ? ms : batch));
}

static int64_t regular_ms(const struct masc *m)
{
    int64_t ms = (int64_t)m->cfg->waiting_period_s * 1000 / WANT_LOOKS;
    return ms > WANT_MS ? ms : WANT_MS;
}

void want_tick(struct masc *m, struct out *out)
{
    uint64_t before = m->looked_at;
    uint8_t s;
    if (!m->ready || m->stopping)
        return;
    m->dirty = false;
    m->want_due = mono_add_ms(m->now.mono, regular_ms(m));
    m->needed = 0;
    for (s = 0; s <= m->cfg->scopes; s++) {
        if (m->cfg->ipv4)
            want_scope(m, s, FAMILY_IPV4, out);
        if (m->cfg->ipv6)
            want_scope(m, s, FAMILY_IPV6, out);
    }
    m->want_next = look_again(m, m->looked_at - before);
}

/* An operator's wish goes on elsewhere in the same parent's space; demand is looked at anew
 * anyway. */
void want_after_loss(struct masc *m, const struct own *lost, struct out *out)
{
    struct need n = {.scope = lost->scope, .family = lost->prefix.family,
                     .lifetime_s = lost->lifetime_s};
    struct source s[SOURCES_MAX];
    unsigned i, k;
    m->dirty = true;
    if (!lost->by_operator || lost->purpose != MASC_FOR_SPACE)
        return; /* a range for own hosts is not moved: the operator sees the event */
    k = source_list(m, &n, s);
    for (i = 0; i < k; i++) {
        struct own wish = *lost;
        struct masc_space space;
        if (s[i].space != lost->space || !own_space_reachable(m, s[i].space))
            continue;
        space = picture_with_own(m, s[i].managed, false);
        if (!masc_choose_new(&space, lost->prefix.len, &lost->prefix, &m->rng, &wish.prefix))
            continue;
        plan_claim(m, &n, &s[i], &wish, out);
        return;
    }
}
