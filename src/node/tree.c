/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tree: domains and delegations as one node knows them, in the order in which one draws them.
 *
 * MASC shows a domain three levels: the space given from above (the ranges of a top-level domain,
 * the PREFIX_MANAGED of parents), what it and its siblings claimed out of it, and what its children
 * claimed out of its own prefixes. Each thing known is an item with the rank of its level. They are
 * sorted by prefix; one pass finds for each the most specific item of every higher rank that covers
 * it; a second sort puts each under what covers it. So a sibling's claim that collides with an own
 * prefix stands beside it, not under it.
 *
 * Nothing is kept between pages: a long tree is made again and cut at the cursor, so that it may
 * shift by what happened meanwhile. It is bounded by TREE_ITEMS; the end says what was left out.
 *
 * Not shown: what is over (expired, superseded, given back), what lost longer ago than one waiting
 * period, and renewals, of which every prefix in use has one on the way (17.1.6): `prefixes` has
 * them.
 */
#include "node/answer.h"

#include "base/text.h"
#include "node/rows.h"

/* ---- collecting ---- */

static void add(struct tree *t, const struct tree_item *item)
{
    if (t->items == TREE_ITEMS) {
        t->left_out++;
        return;
    }
    t->item[t->items] = *item;
    t->items++;
}

/* what a top-level domain claims from. */
static void add_ranges(struct tree *t, const struct masc_config *c)
{
    for (unsigned i = 0; i < c->ranges; i++)
        add(t, &(struct tree_item){
                   .prefix = c->range[i].prefix, .rank = RANK_RANGE, .domain = MASC_TLD_ID,
                   .relation = "parent", .state = "range", .since = WALL_MISSING,
                   .ready = WALL_MISSING, .until = WALL_MISSING, .wait_s = UINT64_MAX});
}

static void add_own(struct tree *t, const struct asking *a, const struct masc_config *c)
{
    struct masc_own_view v;
    uint64_t cursor = 0;

    while (masc_own_next(a->node->masc, a->now, &cursor, &v)) {
        struct tree_item item = {
            .prefix = v.prefix,
            .rank = v.purpose == MASC_FOR_LOCAL ? RANK_CHILD : RANK_DOMAIN,
            .domain = c->domain, .relation = "self",
            .state = v.clashed ? "clash" : masc_own_state_name(v.state),
            .purpose = masc_purpose_name(v.purpose), .since = v.since, .until = v.until};
        answer_wait(&v, a->now, &item.ready, &item.wait_s);
        add(t, &item);
    }
}

static bool is_parent(const struct masc_config *c, u128 domain)
{
    u128 parent[MASC_PARENTS_MAX];
    unsigned n = masc_config_parents(c, parent);

    for (unsigned i = 0; i < n; i++)
        if (parent[i] == domain)
            return true;
    return false;
}

/* The state of what others claimed; NULL if it is not to be shown. */
static const char *state_of(const struct masc_claim_view *v, bool recent)
{
    switch (v->attr.type) {
    case MASC_PREFIX_IN_USE:
    case MASC_CLAIM_TO_EXPAND:
    case MASC_NEW_CLAIM:
        break;
    case MASC_PREFIX_MANAGED:
        return v->live ? "managed" : NULL;
    case MASC_CLAIM_DENIED:
    case MASC_WITHDRAW:
        return NULL;
    }
    if (v->live)
        return v->attr.type == MASC_PREFIX_IN_USE ? "in use"
               : prefix_is_hint(v->attr.prefix)   ? "wanted"
                                                  : "claimed";
    if (recent && (text_equal(v->state, "lost") || text_equal(v->state, "denied") ||
                   text_equal(v->state, "withdrawn")))
        return v->state;
    return NULL;
}

/* Others' claims wait as we do: their Claim-Timer is not told, but it is the same for all. */
static void set_wait(struct tree_item *item, const struct asking *a, uint32_t period_s)
{
    int64_t ready = item->since.s + period_s;

    if (!text_equal(item->state, "claimed") || ready <= a->now.wall.s)
        return;
    item->ready = (wall_t){ready};
    item->wait_s = period_s;
}

static void add_claim(struct tree *t, const struct asking *a, const struct masc_config *c,
                      const struct masc_claim_view *v)
{
    bool recent = a->now.wall.s - v->timestamp_s < c->waiting_period_s;
    const char *state = state_of(v, recent);
    bool own_live = v->own && v->live; /* add_own() knows more about it */
    bool child = v->attr.role == MASC_CHILD;
    struct tree_item item;

    if (state == NULL || own_live)
        return;
    item = (struct tree_item){
        .prefix = v->attr.prefix,
        .rank = v->attr.type == MASC_PREFIX_MANAGED ? RANK_RANGE : child ? RANK_CHILD : RANK_DOMAIN,
        .domain = v->attr.domain, .relation = answer_relation(v->attr.role, v->own),
        .state = state, .since = {v->timestamp_s}, .ready = WALL_MISSING,
        .until = {v->timestamp_s + v->attr.lifetime_s}, .wait_s = UINT64_MAX};
    /* What a parent uses itself reaches us as a sibling's. */
    if (v->attr.role == MASC_SIBLING && is_parent(c, v->attr.domain))
        item.relation = "parent";
    set_wait(&item, a, c->waiting_period_s);
    add(t, &item);
}

static void collect(struct tree *t, const struct asking *a)
{
    const struct masc_config *c = masc_configuration(a->node->masc);
    struct masc_claim_view v;
    uint64_t cursor = 0;

    t->items = 0;
    t->left_out = 0;
    add_ranges(t, c);
    add_own(t, a, c);
    while (masc_claim_next(a->node->masc, a->now, &cursor, &v))
        add_claim(t, a, c, &v);
}

/* ---- sorting ---- */

/* A hint has no place: it comes last. */
static int compare_prefixes(const struct tree_item *x, const struct tree_item *y)
{
    bool hint_x = prefix_is_hint(x->prefix), hint_y = prefix_is_hint(y->prefix);

    if (hint_x != hint_y)
        return hint_x ? 1 : -1;
    return prefix_compare(x->prefix, y->prefix);
}

static int compare_items(const struct tree_item *x, const struct tree_item *y)
{
    int order = compare_prefixes(x, y);

    if (order != 0)
        return order;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->since.s != y->since.s)
        return x->since.s < y->since.s ? -1 : 1;
    if (x->domain != y->domain)
        return x->domain < y->domain ? -1 : 1;
    return 0;
}

/* Display order: level by level from the top; what covers comes before what it covers. */
static int compare_display(const struct tree_item *x, const struct tree_item *y)
{
    for (unsigned level = 0; level < RANKS; level++)
        if (x->path[level] != y->path[level])
            return x->path[level] < y->path[level] ? -1 : 1;
    return 0;
}

typedef int compare_fn(const struct tree_item *, const struct tree_item *);

/* Merge sort of t->order, bottom up: it keeps the order of equals and needs no recursion. */
static void sort(struct tree *t, compare_fn *compare)
{
    uint16_t *from = t->order, *to = t->spare;

    for (size_t width = 1; width < t->items; width *= 2) {
        for (size_t start = 0; start < t->items; start += 2 * width) {
            size_t i = start, j = start + width;
            size_t i_end = j < t->items ? j : t->items;
            size_t j_end = j + width < t->items ? j + width : t->items;
            for (size_t k = start; k < j_end; k++) {
                bool left = j >= j_end ||
                            (i < i_end && compare(&t->item[from[i]], &t->item[from[j]]) <= 0);
                to[k] = left ? from[i++] : from[j++];
            }
        }
        uint16_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != t->order)
        memcpy(t->order, from, t->items * sizeof(*from));
}

/* Puts an item under another, or at the top: its path is that of its cover and its own place. */
static void put_under(struct tree_item *item, const struct tree_item *cover, uint16_t place)
{
    item->depth = 0;
    memset(item->path, 0, sizeof(item->path));
    if (cover != NULL) {
        item->depth = (uint8_t)(cover->depth + 1);
        memcpy(item->path, cover->path, sizeof(item->path));
    }
    item->path[item->depth] = place;
}

/* Does what is pending only renew what its domain has already? `at`: the place of the most specific
 * item of its rank that covers it. */
static bool renews(const struct tree *t, const struct tree_item *item, uint16_t at)
{
    const uint16_t *up = t->spare;

    if (text_equal(item->state, "in use") || text_equal(item->state, "clash"))
        return false;
    for (; at != 0; at = up[at - 1]) {
        const struct tree_item *wider = &t->item[t->order[at - 1]];
        if (wider->domain == item->domain && text_equal(wider->state, "in use"))
            return true;
    }
    return false;
}

/* Items come sorted by prefix: what covers one is among those before it, and each rank has a chain
 * of nested prefixes, kept as "the last of this rank and what covers that". Places count from 1.
 * Renewals are left out, so places close up. */
static void find_covers(struct tree *t)
{
    uint16_t last[RANKS] = {0};
    uint16_t *up = t->spare; /* by place: the next wider item of the same rank, 0 if none */
    size_t kept = 0;

    for (size_t at = 0; at < t->items; at++) {
        struct tree_item *item = &t->item[t->order[at]];
        const struct tree_item *cover = NULL;
        bool hint = prefix_is_hint(item->prefix); /* it has no place: it covers nothing */
        for (unsigned rank = 0; rank < RANKS; rank++) {
            while (last[rank] != 0 &&
                   !prefix_covers(t->item[t->order[last[rank] - 1]].prefix, item->prefix))
                last[rank] = up[last[rank] - 1];
            if (rank < item->rank && last[rank] != 0 && !hint)
                cover = &t->item[t->order[last[rank] - 1]];
        }
        if (!hint && renews(t, item, last[item->rank]))
            continue;
        t->order[kept] = t->order[at];
        kept++;
        put_under(item, cover, (uint16_t)kept);
        if (hint)
            continue;
        up[kept - 1] = last[item->rank];
        last[item->rank] = (uint16_t)kept;
    }
    t->items = kept;
}

/* ---- answering ---- */

static const char *domain_name(const struct asking *a, u128 domain)
{
    const struct masc_config *c = masc_configuration(a->node->masc);

    if (domain == c->domain)
        return a->node->config->name;
    for (unsigned i = 0; i < c->peers; i++)
        if (c->peer[i].domain == domain)
            return c->peer[i].name;
    return NULL;
}

static void tree_row(const struct asking *a, const struct tree_item *item)
{
    struct row row = {.type = &node_row_tree};

    row.v[TREE_DEPTH].u = item->depth;
    row.v[TREE_PREFIX].prefix = item->prefix;
    row.v[TREE_DOMAIN].id = item->domain;
    row.v[TREE_NAME].text = domain_name(a, item->domain);
    row.v[TREE_RELATION].text = item->relation;
    row.v[TREE_STATE].text = item->state;
    row.v[TREE_PURPOSE].text = item->purpose;
    row.v[TREE_SINCE].wall = item->since;
    row.v[TREE_READY].wall = item->ready;
    row.v[TREE_WAIT].u = item->wait_s;
    row.v[TREE_UNTIL].wall = item->until;
    answer_row(a, &row);
}

static void end_tree(const struct asking *a, uint64_t left_out)
{
    struct wr w = answer_text(a);

    if (left_out > 0) {
        wr_decimal(&w, left_out);
        wr_text(&w, " more are known and not drawn; `claims` lists all");
    }
    answer_end(a, END_DONE, &w);
}

void answer_tree(const struct asking *a)
{
    struct tree *t = a->node->tree;

    if (a->ask->words > 1) {
        answer_usage(a, a->ask->word[1], "nothing after it");
        return;
    }
    collect(t, a);
    for (size_t i = 0; i < t->items; i++)
        t->order[i] = (uint16_t)i;
    sort(t, compare_items);
    find_covers(t);
    sort(t, compare_display);
    for (uint64_t at = a->ask->cursor; at < t->items; at++) {
        if (at == a->ask->cursor + ANSWER_ROWS) {
            answer_more(a, at);
            return;
        }
        tree_row(a, &t->item[t->order[at]]);
    }
    end_tree(a, t->left_out);
}
