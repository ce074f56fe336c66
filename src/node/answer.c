/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * answer: what the node says of itself: status, peers, claims, prefixes, clashes.
 *
 * Each word walks what the speaker lets be seen (masc.h) and makes rows of it. Lists that can be
 * long go on with the speaker's own cursor, ANSWER_ROWS rows at a time, so that one question never
 * holds up the node. A question with a name, address or prefix is answered in one go.
 *
 * `claims ADDRESS` is the lookup from prefix to domain (12.6.1 leaves it to mtrace; M-12.6-01):
 * every live entry that covers the address, the widest first, and at the end a sentence that says
 * whose it is. `prefixes` is the lookup from domain to prefix (12.6.2).
 */
#include "node/answer.h"

#include "base/text.h"
#include "masc/role.h"
#include "node/rows.h"

/* ---- helpers ---- */

void answer_row(const struct asking *a, const struct row *row)
{
    out_answer(a->out, a->ask->id, row);
}

void answer_done(const struct asking *a)
{
    out_end(a->out, a->ask->id, END_DONE, NULL, 0);
}

void answer_more(const struct asking *a, uint64_t cursor)
{
    out_end(a->out, a->ask->id, END_DONE, NULL, cursor);
}

struct wr answer_text(const struct asking *a)
{
    return wr_init(a->node->text, sizeof(a->node->text));
}

void answer_end(const struct asking *a, enum end_status status, struct wr *text)
{
    out_end(a->out, a->ask->id, status, text->len > 0 ? wr_nul(text) : NULL, 0);
}

void answer_usage(const struct asking *a, const char *given, const char *expected)
{
    struct wr w = answer_text(a);

    wr_text(&w, a->ask->word[0]);
    wr_text(&w, ": ");
    if (given != NULL) {
        wr_text(&w, "'");
        wr_text(&w, given);
        wr_text(&w, "' was given, ");
    }
    wr_text(&w, "expected ");
    wr_text(&w, expected);
    answer_end(a, END_USAGE, &w);
}

/* Rounds up: a wait is not over before it is. */
static int64_t seconds_up(int64_t ms)
{
    return ms <= 0 ? 0 : (ms - 1) / 1000 + 1;
}

wall_t answer_wall_of(struct now now, mono_t due)
{
    if (due.ms == INT64_MAX)
        return WALL_MISSING;
    return (wall_t){now.wall.s + seconds_up(due.ms - now.mono.ms)};
}

void answer_wait(const struct masc_own_view *v, struct now now, wall_t *ready, uint64_t *wait_s)
{
    *ready = WALL_MISSING;
    *wait_s = UINT64_MAX;
    if (v->state != MASC_OWN_DELAYED && v->state != MASC_OWN_WAITING)
        return;
    *ready = answer_wall_of(now, v->due);
    if (v->due.ms != INT64_MAX)
        *wait_s = (uint64_t)seconds_up(v->due.ms - v->began.ms);
}

const char *answer_relation(enum masc_role role, bool own)
{
    return own || role == MASC_INTERNAL ? "self" : masc_role_name(role);
}

/* Nothing may follow the word. */
static bool no_arguments(const struct asking *a)
{
    if (a->ask->words <= 1)
        return true;
    answer_usage(a, a->ask->word[1], "nothing after it");
    return false;
}

/* ---- status ---- */

struct tally {
    uint64_t own, in_use, waiting, peers, established;
};

static struct tally count(const struct asking *a)
{
    struct tally t = {0};
    struct masc_own_view v;
    uint64_t cursor = 0;
    const struct masc_peers *ps = masc_sessions(a->node->masc);

    while (masc_own_next(a->node->masc, a->now, &cursor, &v)) {
        t.own++;
        t.in_use += v.state == MASC_OWN_IN_USE;
        t.waiting += v.state != MASC_OWN_IN_USE;
    }
    for (unsigned i = 0; i < masc_peers_max(ps); i++) {
        t.peers += masc_peer_info(ps, i).config != NULL;
        t.established += masc_peer_established(ps, i);
    }
    return t;
}

static void status_row(const struct asking *a, const struct masc_status *s)
{
    const struct masc_config *c = masc_configuration(a->node->masc);
    struct tally t = count(a);
    struct row row = {.type = &node_row_status};

    row.v[STATUS_NAME].text = a->node->config->name;
    row.v[STATUS_DOMAIN].id = c->domain;
    row.v[STATUS_NODE].id = c->node;
    row.v[STATUS_READY].u = s->ready;
    row.v[STATUS_TOP].u = c->tld;
    row.v[STATUS_LEAF].u = s->leaf;
    row.v[STATUS_STORAGE].text = s->store_failing ? "failing" : "ok";
    row.v[STATUS_PERIOD].u = c->waiting_period_s;
    row.v[STATUS_PEERS].u = t.peers;
    row.v[STATUS_ESTABLISHED].u = t.established;
    row.v[STATUS_OWN].u = t.own;
    row.v[STATUS_IN_USE].u = t.in_use;
    row.v[STATUS_WAITING].u = t.waiting;
    row.v[STATUS_MANAGED].u = s->managed;
    row.v[STATUS_NEEDED].u = s->needed;
    row.v[STATUS_CLAIMS].u = s->claims;
    row.v[STATUS_CLAIMS_MAX].u = s->claims_max;
    row.v[STATUS_LIVE].u = s->live;
    row.v[STATUS_CLASHES].u = s->clashes;
    answer_row(a, &row);
}

static void counters_row(const struct asking *a, const struct masc_status *s)
{
    struct row row = {.type = &node_row_counters};

    row.v[COUNTERS_RECEIVED].u = s->received;
    row.v[COUNTERS_DUPLICATES].u = s->duplicates;
    row.v[COUNTERS_EXPIRED].u = s->expired_on_arrival;
    row.v[COUNTERS_REFUSED].u = s->refused;
    row.v[COUNTERS_UNASSOCIATED].u = s->unassociated;
    row.v[COUNTERS_TABLE_FULL].u = s->table_full;
    row.v[COUNTERS_RELAYED].u = s->relayed;
    row.v[COUNTERS_WON].u = s->collisions_won;
    row.v[COUNTERS_LOST].u = s->collisions_lost;
    row.v[COUNTERS_CLASHES].u = s->clashes;
    row.v[COUNTERS_STRANGERS].u = masc_peers_strangers(masc_sessions(a->node->masc));
    answer_row(a, &row);
}

void answer_status(const struct asking *a)
{
    struct masc_status s;

    if (!no_arguments(a))
        return;
    s = masc_status(a->node->masc, a->now);
    status_row(a, &s);
    counters_row(a, &s);
    answer_done(a);
}

/* ---- peers ---- */

static void peer_error(struct row *row, const struct masc_peer_info *p, char *text, size_t cap)
{
    struct wr w = wr_init(text, cap);

    if (p->last_code == MASC_E_NONE)
        return;
    wr_text(&w, masc_code_name(p->last_code));
    if (p->last_subcode != 0) {
        wr_text(&w, ": ");
        wr_text(&w, masc_subcode_name(p->last_code, p->last_subcode));
    }
    row->v[PEERS_ERROR].text = wr_nul(&w);
    row->v[PEERS_ERROR_FROM].text = p->last_sent ? "us" : "peer";
}

static void peer_row(const struct asking *a, const struct masc_peer_info *p)
{
    const struct masc_peer_config *c = p->config;
    bool opened = p->state >= MASC_OPENCONFIRM;
    char error[128];
    struct row row = {.type = &node_row_peer};

    row.v[PEERS_NAME].text = c->name;
    /* The role is ours towards it; what it is to us is the counterpart. */
    row.v[PEERS_RELATION].text = masc_role_name(masc_role_counterpart(c->role));
    row.v[PEERS_DOMAIN].id = c->domain;
    row.v[PEERS_ADDRESS].addr = c->addr;
    row.v[PEERS_PORT].u = c->port;
    row.v[PEERS_STATE].text = masc_state_name(p->state);
    row.v[PEERS_SINCE].wall = p->since;
    row.v[PEERS_RETRY].wall =
        p->state == MASC_IDLE ? answer_wall_of(a->now, p->start_at) : WALL_MISSING;
    row.v[PEERS_STOPPED].u = p->stopped;
    row.v[PEERS_NODE].id = p->node != 0 ? p->node : c->node;
    row.v[PEERS_HOLD_TIME].u = opened ? p->hold_time_s : UINT64_MAX;
    row.v[PEERS_SESSIONS].u = p->established;
    row.v[PEERS_UPDATES_IN].u = p->updates_in;
    row.v[PEERS_UPDATES_OUT].u = p->updates_out;
    row.v[PEERS_QUEUED].u = p->queued;
    peer_error(&row, p, error, sizeof(error));
    answer_row(a, &row);
}

static void peer_unknown(const struct asking *a, const char *name)
{
    struct wr w = answer_text(a);

    wr_text(&w, "no peer is called '");
    wr_text(&w, name);
    wr_text(&w, "'; `peers` lists them");
    answer_end(a, END_REFUSED, &w);
}

void answer_peers(const struct asking *a)
{
    const struct masc_peers *ps = masc_sessions(a->node->masc);
    struct masc_peer_info p;

    if (a->ask->words > 2) {
        answer_usage(a, a->ask->word[2], "at most the name of one peer");
        return;
    }
    if (a->ask->words == 2) {
        int found = masc_peer_find(ps, a->ask->word[1]);
        if (found < 0) {
            peer_unknown(a, a->ask->word[1]);
            return;
        }
        p = masc_peer_info(ps, (unsigned)found);
        peer_row(a, &p);
        answer_done(a);
        return;
    }
    for (uint64_t i = a->ask->cursor, rows = 0; i < masc_peers_max(ps); i++) {
        if (rows == ANSWER_ROWS) {
            answer_more(a, i);
            return;
        }
        p = masc_peer_info(ps, (unsigned)i);
        if (p.config == NULL)
            continue;
        peer_row(a, &p);
        rows++;
    }
    answer_done(a);
}

/* ---- claims ---- */

static void claim_row(const struct asking *a, const struct masc_claim_view *v)
{
    struct row row = {.type = &node_row_claim};

    row.v[CLAIM_PREFIX].prefix = v->attr.prefix;
    row.v[CLAIM_TYPE].text = masc_type_name(v->attr.type);
    row.v[CLAIM_STATE].text = v->state;
    row.v[CLAIM_RELATION].text = answer_relation(v->attr.role, v->own);
    row.v[CLAIM_DOMAIN].id = v->attr.domain;
    row.v[CLAIM_NODE].id = v->attr.node;
    row.v[CLAIM_PARENT].id = v->parent;
    row.v[CLAIM_SINCE].wall = (wall_t){v->timestamp_s};
    row.v[CLAIM_UNTIL].wall = (wall_t){v->timestamp_s + v->attr.lifetime_s};
    row.v[CLAIM_HELD].wall = (wall_t){v->timestamp_s + v->attr.holdtime_s};
    row.v[CLAIM_DEPRECATED].u = v->attr.deprecated;
    answer_row(a, &row);
}

static void claims_page(const struct asking *a)
{
    uint64_t cursor = a->ask->cursor;
    struct masc_claim_view v;

    for (unsigned rows = 0; rows < ANSWER_ROWS; rows++) {
        if (!masc_claim_next(a->node->masc, a->now, &cursor, &v)) {
            answer_done(a);
            return;
        }
        claim_row(a, &v);
    }
    answer_more(a, cursor);
}

/* Widest first; of one prefix, a claim by the higher level first: it manages, the other uses. */
static bool covering_after(const struct masc_claim_view *x, const struct masc_claim_view *y)
{
    if (x->attr.prefix.len != y->attr.prefix.len)
        return x->attr.prefix.len > y->attr.prefix.len;
    return (x->attr.type == MASC_PREFIX_MANAGED) < (y->attr.type == MASC_PREFIX_MANAGED);
}

/* Keeps the most specific COVERING_MAX of them, in order. */
static size_t covering_insert(struct masc_claim_view *list, size_t n,
                              const struct masc_claim_view *v)
{
    size_t at = n;

    while (at > 0 && covering_after(&list[at - 1], v))
        at--;
    if (n < COVERING_MAX) {
        memmove(&list[at + 1], &list[at], (n - at) * sizeof(*list));
        list[at] = *v;
        return n + 1;
    }
    if (at == 0)
        return n;
    memmove(&list[0], &list[1], (at - 1) * sizeof(*list));
    list[at - 1] = *v;
    return n;
}

/* An own prefix in the form of the UPDATE that tells it to others. */
static struct masc_claim_view view_of_own(const struct masc_own_view *o, u128 domain)
{
    int64_t life = o->until.s - o->since.s;
    enum masc_type type = o->state == MASC_OWN_IN_USE ? MASC_PREFIX_IN_USE : MASC_NEW_CLAIM;
    uint32_t life_s = life < 0 ? 0 : life > UINT32_MAX ? UINT32_MAX : (uint32_t)life;

    return (struct masc_claim_view){
        .attr = {.type = type, .role = MASC_INTERNAL, .deprecated = o->deprecated,
                 .timestamp_s = (uint32_t)o->since.s, .lifetime_s = life_s, .holdtime_s = life_s,
                 .domain = domain, .node = o->node, .prefix = o->prefix},
        .timestamp_s = o->since.s, .own = true, .live = true, .state = "live",
        .parent = o->parent,
    };
}

static bool covering_has_own(const struct masc_claim_view *list, size_t n, struct prefix p)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].own && prefix_equal(list[i].attr.prefix, p))
            return true;
    return false;
}

/* A claim that is only planned (delayed) is not known to anybody and not shown. */
static size_t covering_find(const struct asking *a, struct prefix what)
{
    struct masc_claim_view *list = a->node->covering;
    const struct masc *m = a->node->masc;
    u128 domain = masc_configuration(m)->domain;
    struct masc_claim_view v;
    struct masc_own_view o;
    uint64_t cursor = 0;
    size_t n = 0;

    while (masc_claim_next(m, a->now, &cursor, &v))
        if (v.live && !prefix_is_hint(v.attr.prefix) && prefix_covers(v.attr.prefix, what))
            n = covering_insert(list, n, &v);
    cursor = 0;
    while (masc_own_next(m, a->now, &cursor, &o)) {
        if (o.state == MASC_OWN_DELAYED || !prefix_covers(o.prefix, what) ||
            covering_has_own(list, n, o.prefix))
            continue;
        v = view_of_own(&o, domain);
        n = covering_insert(list, n, &v);
    }
    return n;
}

/* The most specific entry that says who uses or manages it; NULL if nobody is known. */
static const struct masc_claim_view *covering_owner(const struct masc_claim_view *list, size_t n)
{
    while (n-- > 0)
        if (list[n].attr.type == MASC_PREFIX_IN_USE || list[n].attr.type == MASC_PREFIX_MANAGED)
            return &list[n];
    return NULL;
}

static void whose(struct wr *w, const char *asked, const struct masc_claim_view *owner)
{
    char prefix[PREFIX_TEXT_MAX];

    wr_text(w, asked);
    if (owner == NULL) {
        wr_text(w, " belongs to nobody known here");
        return;
    }
    wr_text(w, owner->attr.type == MASC_PREFIX_IN_USE ? " is in use by domain "
                                                      : " is managed by domain ");
    row_write_value(w, FIELD_DOMAIN, &(union value){.id = owner->attr.domain});
    wr_text(w, owner->own ? " (this one), as part of " : ", as part of ");
    wr_text(w, prefix_format(owner->attr.prefix, prefix));
}

/* M-12.6-01 */
static void claims_covering(const struct asking *a, struct prefix what)
{
    const struct masc_claim_view *list = a->node->covering;
    size_t n = covering_find(a, what);
    struct wr w = answer_text(a);

    for (size_t i = 0; i < n; i++)
        claim_row(a, &list[i]);
    whose(&w, a->ask->word[1], covering_owner(list, n));
    answer_end(a, END_DONE, &w);
}

void answer_claims(const struct asking *a)
{
    struct prefix what;

    if (a->ask->words > 2)
        answer_usage(a, a->ask->word[2], "at most one prefix or address");
    else if (a->ask->words < 2)
        claims_page(a);
    else if (!prefix_parse(&what, a->ask->word[1]))
        answer_usage(a, a->ask->word[1],
                     "a prefix or an address, such as 239.1.0.0/16 or ff1e::7");
    else
        claims_covering(a, what);
}

/* ---- prefixes ---- */

static const char *scope_name(const struct masc_config *c, uint8_t scope)
{
    if (scope == MASC_SCOPE_GLOBAL || scope > c->scopes)
        return "global";
    return c->scope[scope - 1].name;
}

void answer_prefix(const struct asking *a, const struct masc_own_view *v)
{
    struct row row = {.type = &node_row_prefix};

    row.v[PREFIX_PREFIX].prefix = v->prefix;
    row.v[PREFIX_STATE].text = masc_own_state_name(v->state);
    row.v[PREFIX_PURPOSE].text = masc_purpose_name(v->purpose);
    row.v[PREFIX_SCOPE].text = scope_name(masc_configuration(a->node->masc), v->scope);
    row.v[PREFIX_PARENT].id = v->parent;
    row.v[PREFIX_NODE].id = v->node;
    row.v[PREFIX_OPERATOR].u = v->by_operator;
    row.v[PREFIX_SINCE].wall = v->since;
    answer_wait(v, a->now, &row.v[PREFIX_READY].wall, &row.v[PREFIX_WAIT].u);
    row.v[PREFIX_UNTIL].wall = v->until;
    row.v[PREFIX_SIZE].u = prefix_size(v->prefix);
    row.v[PREFIX_USED].u = v->used;
    row.v[PREFIX_USABLE].u = v->usable;
    row.v[PREFIX_ROUTED].u = v->routed;
    row.v[PREFIX_CLASHED].u = v->clashed;
    row.v[PREFIX_DEPRECATED].u = v->deprecated;
    row.v[PREFIX_UNSTORED].u = v->unstored;
    answer_row(a, &row);
}

void answer_prefixes(const struct asking *a)
{
    uint64_t cursor = a->ask->cursor;
    struct masc_own_view v;

    if (!no_arguments(a))
        return;
    for (unsigned rows = 0; rows < ANSWER_ROWS; rows++) {
        if (!masc_own_next(a->node->masc, a->now, &cursor, &v)) {
            answer_done(a);
            return;
        }
        answer_prefix(a, &v);
    }
    answer_more(a, cursor);
}

/* ---- clashes ---- */

static void clash_row(const struct asking *a, const struct masc_clash_view *v)
{
    struct row row = {.type = &node_row_clash};

    row.v[CLASH_RANGE].prefix = v->range;
    row.v[CLASH_OURS].prefix = v->ours;
    row.v[CLASH_THEIRS].prefix = v->theirs;
    row.v[CLASH_DOMAIN].id = v->domain;
    row.v[CLASH_NODE].id = v->node;
    row.v[CLASH_RESULT].text = v->waiting ? "undecided" : v->lost ? "lost" : "won";
    row.v[CLASH_SINCE].wall = v->since;
    row.v[CLASH_UNTIL].wall = v->until;
    answer_row(a, &row);
}

void answer_clashes(const struct asking *a)
{
    uint64_t cursor = a->ask->cursor;
    struct masc_clash_view v;

    if (!no_arguments(a))
        return;
    for (unsigned rows = 0; rows < ANSWER_ROWS; rows++) {
        if (!masc_clash_next(a->node->masc, a->now, &cursor, &v)) {
            answer_done(a);
            return;
        }
        clash_row(a, &v);
    }
    answer_more(a, cursor);
}
