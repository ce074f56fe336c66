/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world: see world.h. Here: time, pipes, stores and faults.
 *
 * What will happen is a heap of fates ordered by time, then by when they were decided; a node's
 * own deadline is a fate that is looked up instead of kept. Octets for a stalled direction are put
 * aside when they would arrive, and put back with their old order when it is healed. A fate names
 * the incarnation of its node, so that what a dead process was waiting for does not reach the next
 * one.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/scenario/world_impl.h"

#define NOT_UP UINT32_MAX /* the acceptor has no number for the connection yet */

enum {
    STORE_MS = 5,           /* a commit */
    REFUSED_MS = 30,        /* a connect to a machine without the process */
    UNREACHABLE_MS = 20000, /* a connect into the void */
    CHECK_MS = 5000,        /* between two looks at the invariants; */
    CHECK_RFC_MS = 600000,  /* with the RFC's periods */
    STEPS_AT_ONCE = 200000, /* at one instant: more is a livelock */
};

/* `array` of `n` with room for one more. */
static void *grow(void *array, size_t n, size_t *max, size_t size)
{
    if (n < *max)
        return array;
    *max = *max ? *max * 2 : 256;
    array = realloc(array, *max * size);
    if (!array)
        abort();
    return array;
}

/* ---- fates ---- */

static bool sooner(const struct fate *a, const struct fate *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void push_ordered(struct world *w, struct fate f)
{
    size_t i = w->fates++;
    w->fate = grow(w->fate, i, &w->fates_max, sizeof f);
    for (; i > 0 && sooner(&f, &w->fate[(i - 1) / 2]); i = (i - 1) / 2)
        w->fate[i] = w->fate[(i - 1) / 2];
    w->fate[i] = f;
}

static void push(struct world *w, struct fate f)
{
    f.order = ++w->orders;
    f.life = w->node[f.node].life;
    push_ordered(w, f);
}

static struct fate pop(struct world *w)
{
    struct fate first = w->fate[0], last = w->fate[--w->fates];
    size_t i = 0, child;
    while ((child = 2 * i + 1) < w->fates) {
        if (child + 1 < w->fates && sooner(&w->fate[child + 1], &w->fate[child]))
            child++;
        if (!sooner(&w->fate[child], &last))
            break;
        w->fate[i] = w->fate[child];
        i = child;
    }
    if (w->fates)
        w->fate[i] = last;
    return first;
}

/* ---- clocks ---- */

struct now world_clock(const struct world *w, unsigned n)
{
    return (struct now){.mono = {w->now + 1000000},
                        .wall = {WORLD_BASE_S + w->now / 1000 + w->node[n].offset_s}};
}

int64_t world_wall(const struct world *w, unsigned n)
{
    return world_clock(w, n).wall.s;
}

int64_t world_now(const struct world *w)
{
    return w->now;
}

/* ---- pipes ---- */

/* When something sent now by `side` arrives at the other: nothing overtakes anything. */
static int64_t arrival(struct world *w, struct pipe *p, unsigned side)
{
    const struct link *l = &w->link[p->node[side]][p->node[1 - side]];
    int64_t span = l->max_ms - l->min_ms + 1;
    int64_t at = w->now + l->min_ms + (int64_t)prng_below(&w->rng, (uint64_t)span);
    if (at < p->last[1 - side])
        at = p->last[1 - side];
    p->last[1 - side] = at;
    return at;
}

static void tell_down(struct world *w, uint32_t pipe, unsigned side, int64_t at)
{
    push(w, (struct fate){.at = at, .kind = FATE_DOWN, .node = w->pipe[pipe].node[side],
                          .pipe = pipe, .side = (uint8_t)side});
}

static unsigned node_of_address(const struct world *w, struct addr a)
{
    unsigned n = (unsigned)(a.addr & 0xFF);
    return n >= 1 && n <= w->nodes ? n : 0;
}

static void connect_to(struct world *w, unsigned n, const struct action *a)
{
    unsigned to = node_of_address(w, a->addr);
    uint32_t id = (uint32_t)w->pipes++;
    struct pipe *p;
    w->pipe = grow(w->pipe, id, &w->pipes_max, sizeof *p);
    p = &w->pipe[id];
    *p = (struct pipe){.node = {n, to}, .conn = {a->conn.id, NOT_UP}, .open = {true, false}};
    if (!to || w->link[n][to].cut || w->link[n][to].stalled || w->link[to][n].stalled) {
        tell_down(w, id, 0, w->now + UNREACHABLE_MS);
        return;
    }
    p->open[1] = true;
    push(w, (struct fate){.at = arrival(w, p, 0), .kind = FATE_UP, .node = to, .pipe = id,
                          .side = 1});
}

static uint32_t pipe_of(const struct world *w, unsigned n, conn_t conn, unsigned *side)
{
    uint32_t i = (uint32_t)w->pipes;
    while (i-- > 0)
        for (*side = 0; *side < 2; ++*side)
            if (w->pipe[i].node[*side] == n && w->pipe[i].open[*side] &&
                w->pipe[i].conn[*side] == conn.id)
                return i;
    return UINT32_MAX;
}

static void write_stream(struct world *w, unsigned n, const struct action *a)
{
    unsigned side;
    uint32_t id = pipe_of(w, n, a->conn, &side);
    struct pipe *p;
    size_t at = 0;
    if (id == UINT32_MAX) {
        world_violated(w, "host", n, "octets for a connection that is not open");
        return;
    }
    p = &w->pipe[id];
    witness_stream(w, id, side, a->bytes, a->len);
    while (at < a->len && p->open[1 - side]) {
        size_t len = a->len - at;
        uint8_t *bytes;
        if (prng_below(&w->rng, 2))
            len = 1 + prng_below(&w->rng, len);
        if (len > EVENT_STREAM_MAX)
            len = EVENT_STREAM_MAX;
        bytes = malloc(len);
        if (!bytes)
            abort();
        memcpy(bytes, a->bytes + at, len);
        push(w, (struct fate){.at = arrival(w, p, side), .kind = FATE_BYTES,
                              .node = p->node[1 - side], .pipe = id, .side = (uint8_t)(1 - side),
                              .bytes = bytes, .len = len});
        at += len;
    }
    push(w, (struct fate){.at = w->now + 1, .kind = FATE_SENT, .node = n, .pipe = id,
                          .side = (uint8_t)side, .len = a->len});
}

static void close_side(struct world *w, uint32_t id, unsigned side)
{
    struct pipe *p = &w->pipe[id];
    p->open[side] = false;
    if (p->open[1 - side])
        tell_down(w, id, 1 - side, arrival(w, p, side));
}

/* ---- storage ---- */

static struct record record_of(const struct row *row)
{
    return (struct record){
        .prefix = row->v[0].prefix,
        .timestamp_s = row->v[1].wall.s,
        .node = row->v[2].id,
        .lifetime_s = (uint32_t)row->v[4].u,
        .local = text_equal(row->v[3].text, "local"),
        .parent = row->v[5].id,
        .keep = row->v[6].u,
        .by_operator = row->v[7].u,
        .deprecated = row->v[8].u,
    };
}

static struct row row_of(const struct record *r)
{
    struct row row = {.type = &masc_row_own};
    row.v[0].prefix = r->prefix;
    row.v[1].wall.s = r->timestamp_s;
    row.v[2].id = r->node;
    row.v[4].u = r->lifetime_s;
    row.v[3].text = r->local ? "local" : "space";
    row.v[5].id = r->parent;
    row.v[6].u = r->keep;
    row.v[7].u = r->by_operator;
    row.v[8].u = r->deprecated;
    return row;
}

/* The keys are prefix, Claim Timestamp, node and use. */
static void commit(struct world *w, unsigned n, const struct record *r, bool remove)
{
    struct node *x = &w->node[n];
    unsigned i = 0;
    while (i < x->records && !(prefix_equal(x->record[i].prefix, r->prefix) &&
                               x->record[i].timestamp_s == r->timestamp_s &&
                               x->record[i].node == r->node &&
                               x->record[i].local == r->local))
        i++;
    if (remove && i < x->records) {
        x->record[i] = x->record[--x->records];
    } else if (!remove) {
        if (i == WORLD_RECORDS)
            abort();
        x->record[i] = *r;
        x->records += i == x->records;
        x->committed = grow(x->committed, x->commits, &x->commits_max, sizeof *r);
        x->committed[x->commits++] = *r;
    }
}

/* ---- steps ---- */

static void act(struct world *w, unsigned n)
{
    size_t i;
    for (i = 0; i < w->out.actions; i++) {
        const struct action *a = &w->out.action[i];
        unsigned side;
        uint32_t id;
        switch (a->kind) {
        case ACTION_CONNECT:
            connect_to(w, n, a);
            break;
        case ACTION_STREAM:
            write_stream(w, n, a);
            break;
        case ACTION_CLOSE:
            id = pipe_of(w, n, a->conn, &side);
            if (id == UINT32_MAX)
                world_violated(w, "host", n, "CLOSE of what is not open");
            else
                close_side(w, id, side);
            break;
        case ACTION_STORE:
            push(w, (struct fate){.at = w->now + STORE_MS, .kind = FATE_STORED, .node = n,
                                  .ticket = a->ticket, .remove = a->remove,
                                  .record = record_of(a->row)});
            break;
        case ACTION_LOG:
            witness_row(w, n, a->row);
            break;
        case ACTION_ANSWER:
        case ACTION_END:
            break;
        }
    }
}

static void after_step(struct world *w, unsigned n)
{
    act(w, n);
    w->node[n].due = masc_deadline(w->node[n].m);
    w->steps++;
}

static void step(struct world *w, unsigned n, struct event ev)
{
    ev.now = world_clock(w, n);
    out_reset(&w->out);
    masc_step(w->node[n].m, &ev, &w->out);
    after_step(w, n);
}

static struct addr address_of(unsigned n)
{
    return (struct addr){.addr = 0x0A000000u | n, .family = FAMILY_IPV4};
}

static void come_up(struct world *w, const struct fate *f)
{
    struct pipe *p = &w->pipe[f->pipe];
    if (f->side == 1) {
        struct node *x = &w->node[f->node];
        if (!x->up || !p->open[0]) {
            p->open[1] = false;
            if (p->open[0])
                tell_down(w, f->pipe, 0, w->now + REFUSED_MS);
            return;
        }
        p->conn[1] = x->next_odd;
        x->next_odd += 2;
        push(w, (struct fate){.at = arrival(w, p, 1), .kind = FATE_UP, .node = p->node[0],
                              .pipe = f->pipe, .side = 0});
    }
    if (w->pipe[f->pipe].open[f->side])
        step(w, f->node, (struct event){.kind = EVENT_CONN_UP, .conn = {p->conn[f->side]},
                                        .addr = address_of(p->node[1 - f->side])});
}

static void arrive(struct world *w, const struct fate *f)
{
    struct pipe *p = &w->pipe[f->pipe];
    p->arrived[1 - f->side] += f->len;
    if (p->open[f->side])
        step(w, f->node, (struct event){.kind = EVENT_STREAM, .conn = {p->conn[f->side]},
                                        .bytes = f->bytes, .len = f->len});
}

static void go_down(struct world *w, const struct fate *f)
{
    struct pipe *p = &w->pipe[f->pipe];
    if (!p->open[f->side])
        return;
    p->open[f->side] = false;
    if (f->side == 0 || p->conn[1] != NOT_UP)
        step(w, f->node, (struct event){.kind = EVENT_CONN_DOWN, .conn = {p->conn[f->side]}});
}

static void stored(struct world *w, const struct fate *f)
{
    enum store_mode mode = w->node[f->node].store;
    if (mode == STORE_MUTE)
        return;
    if (mode == STORE_GOOD)
        commit(w, f->node, &f->record, f->remove);
    step(w, f->node, (struct event){.kind = EVENT_STORED, .ticket = f->ticket,
                                    .stored = mode == STORE_GOOD ? STORED_OK : STORED_FAILED});
}

/* A fate that a stalled link keeps from happening. */
static bool is_held(const struct world *w, const struct fate *f)
{
    const struct pipe *p;
    if (f->kind == FATE_SENT || f->kind == FATE_STORED)
        return false;
    p = &w->pipe[f->pipe];
    return p->node[1] && w->link[p->node[1 - f->side]][p->node[f->side]].stalled &&
           w->pipe[f->pipe].conn[1] != NOT_UP;
}

static void happen(struct world *w, struct fate f)
{
    struct node *x = &w->node[f.node];
    if (is_held(w, &f)) {
        w->held = grow(w->held, w->held_n, &w->held_max, sizeof f);
        w->held[w->held_n++] = f;
        return;
    }
    if (f.kind == FATE_UP) {
        come_up(w, &f);
    } else if (x->up && f.life == x->life) {
        if (f.kind == FATE_BYTES)
            arrive(w, &f);
        else if (f.kind == FATE_DOWN)
            go_down(w, &f);
        else if (f.kind == FATE_STORED)
            stored(w, &f);
        else if (w->pipe[f.pipe].open[f.side])
            step(w, f.node, (struct event){.kind = EVENT_SENT, .len = f.len,
                                           .conn = {w->pipe[f.pipe].conn[f.side]}});
    }
    free(f.bytes);
}

/* The node whose deadline is first; 0: none has one. */
static unsigned next_node(const struct world *w, int64_t *at)
{
    unsigned n, first = 0;
    *at = INT64_MAX;
    for (n = 1; n <= w->nodes; n++) {
        int64_t due = w->node[n].due.ms;
        if (!w->node[n].up || due == MONO_NEVER.ms)
            continue;
        due -= 1000000;
        if (due < *at) {
            *at = due;
            first = n;
        }
    }
    return first;
}

void world_run(struct world *w, int64_t ms)
{
    int64_t until = w->now + ms, at;
    uint64_t steps = w->steps;
    for (;;) {
        unsigned n = next_node(w, &at);
        bool fate = w->fates && w->fate[0].at <= at;
        if (fate)
            at = w->fate[0].at;
        if (at > until)
            break;
        if (at > w->now) {
            w->now = at;
            steps = w->steps;
        } else if (w->steps - steps > STEPS_AT_ONCE) {
            world_violated(w, "time", n, "too many steps at one instant");
            return;
        }
        if (w->now >= w->checked + (w->rfc_times ? CHECK_RFC_MS : CHECK_MS))
            check_world(w);
        if (fate)
            happen(w, pop(w));
        else
            step(w, n, (struct event){.kind = EVENT_TIME});
    }
    w->now = until;
    check_world(w);
}

bool world_until(struct world *w, bool (*holds)(struct world *w, unsigned n), unsigned n,
                 int64_t ms)
{
    int64_t until = w->now + ms;
    while (w->now < until && !holds(w, n))
        world_run(w, SECOND);
    return holds(w, n);
}

/* ---- links ---- */

void world_delay(struct world *w, unsigned a, unsigned b, int64_t min_ms, int64_t max_ms)
{
    w->link[a][b].min_ms = w->link[b][a].min_ms = min_ms;
    w->link[a][b].max_ms = w->link[b][a].max_ms = max_ms;
}

static void break_pipes(struct world *w, unsigned a, unsigned b)
{
    uint32_t i;
    unsigned side;
    for (i = 0; i < w->pipes; i++) { /* a step may add pipes, and move them */
        struct pipe was = w->pipe[i];
        bool between = (was.node[0] == a && was.node[1] == b) ||
                       (was.node[0] == b && was.node[1] == a);
        for (side = 0; between && side < 2; side++) {
            if (!w->pipe[i].open[side])
                continue;
            w->pipe[i].open[side] = false;
            if (side == 0 || was.conn[1] != NOT_UP)
                step(w, was.node[side],
                     (struct event){.kind = EVENT_CONN_DOWN, .conn = {was.conn[side]}});
        }
    }
}

void world_cut(struct world *w, unsigned a, unsigned b)
{
    if (w->link[a][b].cut)
        return;
    check_fault(w, true);
    w->link[a][b].cut = w->link[b][a].cut = true;
    break_pipes(w, a, b);
}

void world_stall(struct world *w, unsigned a, unsigned b)
{
    if (w->link[a][b].stalled)
        return;
    check_fault(w, true);
    w->link[a][b].stalled = true;
}

void world_heal(struct world *w, unsigned a, unsigned b)
{
    size_t i, n = w->held_n;
    if (w->link[a][b].cut)
        check_fault(w, false);
    if (w->link[a][b].stalled)
        check_fault(w, false);
    if (w->link[b][a].stalled)
        check_fault(w, false);
    w->link[a][b].cut = w->link[a][b].stalled = false;
    w->link[b][a].cut = w->link[b][a].stalled = false;
    w->held_n = 0;
    for (i = 0; i < n; i++) { /* those of other links are put aside again at once */
        struct fate f = w->held[i];
        f.at = w->now;
        push_ordered(w, f);
    }
}

static bool are_linked(const struct world *w, unsigned a, unsigned b)
{
    unsigned i;
    for (i = 0; i < w->node[a].cfg->peers; i++)
        if (w->node[a].cfg->peer[i].addr.addr == address_of(b).addr)
            return true;
    return false;
}

void world_isolate(struct world *w, unsigned n)
{
    unsigned i;
    for (i = 1; i <= w->nodes; i++)
        if (i != n && are_linked(w, n, i))
            world_cut(w, n, i);
}

void world_rejoin(struct world *w, unsigned n)
{
    unsigned i;
    for (i = 1; i <= w->nodes; i++)
        if (i != n && are_linked(w, n, i))
            world_heal(w, n, i);
}

/* ---- lives of nodes ---- */

void world_crash(struct world *w, unsigned n, bool silent)
{
    uint32_t i;
    unsigned side;
    if (!w->node[n].up)
        return;
    check_fault(w, true);
    w->node[n].up = false;
    w->node[n].life++;
    witness_crash(w, n);
    for (i = 0; i < w->pipes; i++)
        for (side = 0; side < 2; side++)
            if (w->pipe[i].node[side] == n && w->pipe[i].open[side]) {
                if (silent)
                    w->pipe[i].open[side] = false;
                else
                    close_side(w, i, side);
            }
}

void world_forget(struct world *w, unsigned n)
{
    w->node[n].records = 0;
}

static void boot(struct world *w, unsigned n)
{
    struct node *x = &w->node[n];
    struct record record[WORLD_RECORDS];
    unsigned i, records = x->records;
    char why[200] = "", path[80] = "";
    struct wr to = wr_init(why, sizeof why - 1), at = wr_init(path, sizeof path - 1);
    if (!masc_config_check(x->cfg, &at, &to)) {
        world_violated(w, "configuration", n, "%s %s", path, why);
        return;
    }
    x->octets = masc_octets(x->cfg);
    if (!x->m)
        x->m = aligned_alloc(64, (x->octets + 63) & ~(size_t)63);
    if (!x->m)
        abort();
    memset((void *)x->m, 0, x->octets);
    x->m = masc_init(x->m, x->cfg, prng_u64(&w->rng));
    x->up = true;
    x->next_odd = 1;
    memcpy(record, x->record, sizeof record);
    for (i = 0; i < records; i++) {
        struct row row = row_of(&record[i]);
        step(w, n, (struct event){.kind = EVENT_BOOT, .row = &row});
    }
    step(w, n, (struct event){.kind = EVENT_READY});
}

void world_boot(struct world *w, unsigned n)
{
    check_fault(w, false);
    boot(w, n);
}

void world_start(struct world *w)
{
    unsigned n;
    for (n = 1; n <= w->nodes; n++)
        if (!w->node[n].up)
            boot(w, n);
}

void world_step_clock(struct world *w, unsigned n, int64_t by_s)
{
    w->node[n].offset_s += by_s;
    if (w->node[n].up)
        step(w, n, (struct event){.kind = EVENT_TIME});
}

/* ---- operators ---- */

struct masc_config *world_edit(struct world *w, unsigned n)
{
    struct node *x = &w->node[n];
    memcpy(x->spare, x->cfg, sizeof *x->spare);
    return x->spare;
}

void world_apply(struct world *w, unsigned n)
{
    struct node *x = &w->node[n];
    struct masc_config *old = x->cfg;
    x->cfg = x->spare;
    x->spare = old;
    out_reset(&w->out);
    masc_configure(x->m, x->cfg, world_clock(w, n), &w->out);
    after_step(w, n);
}

/* An order of the operator; what is refused is explained in `why`. */
static struct masc_order order_at(struct world *w, unsigned n, struct wr *why)
{
    out_reset(&w->out);
    return (struct masc_order){.now = world_clock(w, n), .out = &w->out, .why = why};
}

static bool said(struct world *w, unsigned n, bool done, const char *why)
{
    if (!done)
        tap_diag("%s refuses: %s", w->node[n].name, why);
    after_step(w, n);
    return done;
}

bool world_claim(struct world *w, unsigned n, const char *prefix)
{
    char why[200] = "";
    struct wr to = wr_init(why, sizeof why - 1);
    struct masc_claim_wish wish = {.prefix = prefix_of(prefix)};
    struct masc_order o = order_at(w, n, &to);
    return said(w, n, masc_claim(w->node[n].m, &wish, &o), why);
}

bool world_release(struct world *w, unsigned n, struct prefix p)
{
    char why[200] = "";
    struct wr to = wr_init(why, sizeof why - 1);
    struct masc_order o = order_at(w, n, &to);
    return said(w, n, masc_release(w->node[n].m, p, &o), why);
}

bool world_resolve(struct world *w, unsigned n, struct prefix p, bool withdraw)
{
    char why[200] = "";
    struct wr to = wr_init(why, sizeof why - 1);
    struct masc_order o = order_at(w, n, &to);
    return said(w, n, masc_resolve(w->node[n].m, p, withdraw, &o), why);
}
