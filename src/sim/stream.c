/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stream: connections and the links they run over.
 *
 * A connection is two flows. To connect is to put an UP into the acceptor's flow; its answer is an
 * UP in the initiator's, so that nothing the acceptor writes can come before it. Closing puts a
 * DOWN behind what is under way. A link delays and may be cut (both ends are told at once), stalled
 * (one direction stands still, nobody is told) or clogged (so many octets per second); a host may
 * be a slow reader. What a kernel would take is told as SENT: WINDOW_OCTETS more than what was
 * read.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/world_impl.h"

enum { REFUSED_MS = 30, UNREACHABLE_MS = 20000, PLAIN_SENT_MS = 1000 };

/* ---- which connection ---- */

static uint32_t place_of(const struct host *h, uint32_t conn, uint32_t i)
{
    return (conn * 0x9E3779B1u + i) & (h->streams_max - 1);
}

static uint32_t conn_of(const struct world *w, uint32_t side)
{
    return w->stream[side / 2].conn[side & 1];
}

static void index_put(struct world *w, struct host *h, uint32_t side)
{
    uint32_t i = 0, conn = conn_of(w, side);
    while (h->stream[place_of(h, conn, i)] != SIDE_NONE)
        i++;
    h->stream[place_of(h, conn, i)] = side;
}

static void index_resize(struct world *w, struct host *h, uint32_t places)
{
    uint32_t *old = h->stream, n = h->streams_max, i;
    h->streams_max = places;
    h->stream = malloc(places * sizeof *h->stream);
    if (!h->stream)
        abort();
    memset(h->stream, 0xFF, places * sizeof *h->stream);
    for (i = 0; i < n; i++)
        if (old[i] != SIDE_NONE)
            index_put(w, h, old[i]);
    free(old);
}

static void index_add(struct world *w, unsigned n, uint32_t side)
{
    struct host *h = w->host[n];
    if (2 * (h->streams + 1) > h->streams_max)
        index_resize(w, h, h->streams_max ? 2 * h->streams_max : 8);
    index_put(w, h, side);
    h->streams++;
}

static uint32_t index_find(const struct world *w, unsigned n, uint32_t conn, uint32_t *at)
{
    const struct host *h = w->host[n];
    uint32_t i;
    *at = 0;
    for (i = 0; i < h->streams_max; i++) {
        *at = place_of(h, conn, i);
        if (h->stream[*at] == SIDE_NONE || conn_of(w, h->stream[*at]) == conn)
            return h->stream[*at];
    }
    return SIDE_NONE;
}

/* The hole is filled by moving back what was put behind it. */
static void index_remove(struct world *w, uint32_t side)
{
    struct host *h = w->host[w->stream[side / 2].node[side & 1]];
    uint32_t at, i;
    if (index_find(w, h->number, conn_of(w, side), &at) != side)
        return;
    h->stream[at] = SIDE_NONE;
    h->streams--;
    for (i = (at + 1) & (h->streams_max - 1); h->stream[i] != SIDE_NONE;
         i = (i + 1) & (h->streams_max - 1)) {
        uint32_t moved = h->stream[i];
        h->stream[i] = SIDE_NONE;
        index_put(w, h, moved);
    }
}

static void shut(struct world *w, uint32_t side)
{
    struct stream *s = &w->stream[side / 2];
    if (!s->open[side & 1])
        return;
    s->open[side & 1] = false;
    if (s->conn[side & 1] != CONN_UNKNOWN)
        index_remove(w, side);
}

/* ---- what is under way ---- */

static void arm(struct world *w, uint32_t side)
{
    struct flow *f = &w->stream[side / 2].flow[side & 1];
    if (!f->first || f->parked || f->armed_at == f->first->at)
        return;
    f->armed_at = f->first->at;
    world_push(w, f->first->at, f->first->order, (struct fate){.kind = FATE_FLOW, .what = side});
}

/* When `len` octets that are written now to `side` come out of it. */
static int64_t arrival(struct world *w, struct flow *f, size_t len)
{
    struct link *l = &w->link[f->link];
    int64_t at = w->now, span = l->max_ms - l->min_ms + 1;
    if (l->rate) {
        at = l->busy_until > at ? l->busy_until : at;
        at += (int64_t)len * 1000 / l->rate;
        l->busy_until = at;
    }
    at += l->min_ms;
    if (span > 1 && !w->plain)
        at += (int64_t)prng_below(&w->rng, (uint64_t)span);
    return at > f->last_at ? at : f->last_at;
}

static void send(struct world *w, uint32_t side, enum item_kind kind, int64_t at,
                 const struct wr *bytes)
{
    struct flow *f = &w->stream[side / 2].flow[side & 1];
    size_t len = bytes ? bytes->len : 0;
    struct item *i = malloc(sizeof *i + len);
    if (!i)
        abort();
    *i = (struct item){.at = at, .order = ++w->orders, .kind = kind, .len = (uint32_t)len};
    if (len)
        memcpy(i->bytes, bytes->buf, len);
    f->last_at = at;
    if (f->last)
        f->last->next = i;
    else
        f->first = i;
    f->last = i;
    arm(w, side);
}

static void send_soon(struct world *w, uint32_t side, enum item_kind kind)
{
    send(w, side, kind, arrival(w, &w->stream[side / 2].flow[side & 1], 1), NULL);
}

static void drop_flow(struct flow *f)
{
    while (f->first) {
        struct item *i = f->first;
        f->first = i->next;
        free(i);
    }
    f->last = NULL;
    f->armed_at = -1;
}

static struct item *take(struct flow *f)
{
    struct item *i = f->first;
    f->first = i->next;
    if (!f->first)
        f->last = NULL;
    f->armed_at = -1;
    return i;
}

/* ---- actions ---- */

static void broken(struct world *w, unsigned n, const char *what)
{
    world_see(w, &(struct happening){.sight = SIGHT_WORLD, .node = n, .what = what});
}

void stream_connect(struct world *w, unsigned n, const struct action *a)
{
    unsigned to = world_of_address(w, a->addr);
    uint32_t id = (uint32_t)w->streams++, out = 0, back = 0;
    struct stream *s;
    bool reachable = false;
    if (to) {
        out = link_between(w, n, to);
        back = link_between(w, to, n);
        reachable = !w->link[out].cut && !w->link[out].stalled && !w->link[back].stalled;
    }
    w->stream = world_grow(w->stream, id, &w->streams_max, sizeof *s);
    s = &w->stream[id];
    *s = (struct stream){.node = {n, to}, .conn = {a->conn.id, CONN_UNKNOWN},
                         .open = {true, reachable}};
    s->flow[0] = (struct flow){.armed_at = -1, .link = back};
    s->flow[1] = (struct flow){.armed_at = -1, .link = out};
    index_add(w, n, id * 2);
    if (reachable)
        send_soon(w, id * 2 + 1, ITEM_UP);
    else
        send(w, id * 2, ITEM_DOWN, w->now + UNREACHABLE_MS, NULL);
}

/* Octets that the writer believes sent and the reader has not read. */
static uint64_t told_unread(const struct stream *s, unsigned i)
{
    return s->in_flight[i] > s->unsent[i] ? s->in_flight[i] - s->unsent[i] : 0;
}

static void tell_sent(struct world *w, uint32_t side)
{
    struct stream *s = &w->stream[side / 2];
    unsigned i = side & 1;
    if (s->telling[i] || !s->unsent[i] || told_unread(s, i) >= WINDOW_OCTETS)
        return;
    s->telling[i] = true;
    world_push(w, w->now + (w->plain ? PLAIN_SENT_MS : 1), 0,
               (struct fate){.kind = FATE_SENT, .what = side});
}

static size_t next_cut(struct world *w, size_t left)
{
    size_t len = left;
    if (!w->plain && prng_below(&w->rng, 2))
        len = 1 + prng_below(&w->rng, left);
    return len > EVENT_STREAM_MAX ? EVENT_STREAM_MAX : len;
}

void stream_write(struct world *w, unsigned n, const struct action *a)
{
    uint32_t at, side = index_find(w, n, a->conn.id, &at), other = side ^ 1;
    struct stream *s;
    size_t done = 0;
    if (side == SIDE_NONE) {
        broken(w, n, "octets for a connection that is not open");
        return;
    }
    s = &w->stream[side / 2];
    w->octets += a->len;
    if (w->watches)
        world_see(w, &(struct happening){.sight = SIGHT_WROTE, .node = n, .stream = side / 2,
                                         .side = (uint8_t)(side & 1), .bytes = a->bytes,
                                         .len = a->len});
    while (done < a->len && s->open[other & 1]) {
        struct wr part = {.buf = (uint8_t *)(uintptr_t)a->bytes + done,
                          .len = next_cut(w, a->len - done)};
        send(w, other, ITEM_BYTES, arrival(w, &s->flow[other & 1], part.len), &part);
        done += part.len;
    }
    s->in_flight[side & 1] += done;
    s->unsent[side & 1] += a->len;
    if (done < a->len) /* into the void */
        s->in_flight[side & 1] += a->len - done;
    tell_sent(w, side);
}

static void close_side(struct world *w, uint32_t side)
{
    shut(w, side);
    drop_flow(&w->stream[side / 2].flow[side & 1]);
    if (w->stream[side / 2].open[1 - (side & 1)])
        send_soon(w, side ^ 1, ITEM_DOWN);
}

void stream_close(struct world *w, unsigned n, const struct action *a)
{
    uint32_t at, side = index_find(w, n, a->conn.id, &at);
    if (side == SIDE_NONE) {
        broken(w, n, "CLOSE of what is not open");
        return;
    }
    if (w->watches)
        world_see(w, &(struct happening){.sight = SIGHT_CLOSED, .node = n, .stream = side / 2,
                                         .side = (uint8_t)(side & 1)});
    close_side(w, side);
}

/* ---- what comes out ---- */

static void go_down(struct world *w, uint32_t side)
{
    struct stream *s = &w->stream[side / 2];
    uint32_t conn = s->conn[side & 1];
    if (!s->open[side & 1])
        return;
    shut(w, side);
    drop_flow(&s->flow[side & 1]);
    if (conn != CONN_UNKNOWN)
        world_step(w, s->node[side & 1],
                   &(struct event){.kind = EVENT_CONN_DOWN, .conn = {conn}}, side);
}

static void come_up(struct world *w, uint32_t side)
{
    struct stream *s = &w->stream[side / 2];
    struct host *h = w->host[s->node[side & 1]];
    if (side & 1) {
        if (!h->up) {
            s->open[1] = false;
            if (s->open[0])
                send(w, side ^ 1, ITEM_DOWN, w->now + REFUSED_MS, NULL);
            return;
        }
        s->conn[1] = h->next_odd;
        h->next_odd += 2;
        index_add(w, h->number, side);
        if (s->open[0])
            send_soon(w, side ^ 1, ITEM_UP);
    }
    world_step(w, h->number,
               &(struct event){.kind = EVENT_CONN_UP, .conn = {s->conn[side & 1]},
                               .addr = world_address(s->node[1 - (side & 1)])},
               side);
}

static void arrive(struct world *w, uint32_t side, const struct item *i)
{
    struct stream *s = &w->stream[side / 2];
    struct inside *in = &w->inside[s->node[side & 1]];
    if (in->read_rate)
        in->busy_until = w->now + (int64_t)i->len * 1000 / in->read_rate;
    s->in_flight[1 - (side & 1)] -= i->len;
    tell_sent(w, side ^ 1);
    world_step(w, s->node[side & 1],
               &(struct event){.kind = EVENT_STREAM, .conn = {s->conn[side & 1]},
                               .bytes = i->bytes, .len = i->len},
               side);
}

void stream_flow(struct world *w, uint32_t side, const struct fate *fate)
{
    struct stream *s = &w->stream[side / 2];
    struct flow *f = &s->flow[side & 1];
    struct inside *in = &w->inside[s->node[side & 1]];
    struct item *i;
    if (!f->first || f->armed_at != fate_at(fate) || f->first->order != u128_lo(fate->when))
        return;
    if (s->node[1] && w->link[f->link].stalled) {
        f->parked = true;
        f->armed_at = -1;
        return;
    }
    if (f->first->kind == ITEM_BYTES && in->busy_until > w->now) { /* still reading */
        f->first->at = in->busy_until;
        arm(w, side);
        return;
    }
    i = take(f);
    arm(w, side);
    if (!s->open[side & 1]) {
        free(i);
        return;
    }
    switch (i->kind) {
    case ITEM_UP: come_up(w, side); break;
    case ITEM_BYTES: arrive(w, side, i); break;
    case ITEM_DOWN: go_down(w, side); break;
    }
    free(i);
}

void stream_sent(struct world *w, uint32_t side)
{
    struct stream *s = &w->stream[side / 2];
    unsigned i = side & 1;
    uint64_t unread = told_unread(s, i), len;
    s->telling[i] = false;
    if (!s->open[i] || unread >= WINDOW_OCTETS)
        return;
    len = WINDOW_OCTETS - unread < s->unsent[i] ? WINDOW_OCTETS - unread : s->unsent[i];
    s->unsent[i] -= len;
    world_step(w, s->node[i],
               &(struct event){.kind = EVENT_SENT, .conn = {s->conn[i]}, .len = (size_t)len}, side);
}

/* ---- faults ---- */

static bool is_between(const struct stream *s, unsigned a, unsigned b)
{
    return (s->node[0] == a && s->node[1] == b) || (s->node[0] == b && s->node[1] == a);
}

/* The ends at `a` fail; at `b`, too, if it is told. A step may add streams, and move them. */
static void fail(struct world *w, unsigned a, unsigned b, bool both)
{
    uint32_t side;
    for (side = 0; side < 2 * w->streams; side++) {
        const struct stream *s = &w->stream[side / 2];
        if (is_between(s, a, b) && (both || s->node[side & 1] == a))
            go_down(w, side);
    }
}

void world_cut(struct world *w, unsigned a, unsigned b)
{
    struct link *l = &w->link[link_between(w, a, b)];
    if (l->cut)
        return;
    world_fault(w, "cut", (unsigned[2]){a, b}, false);
    l->cut = true;
    w->link[link_between(w, b, a)].cut = true;
    fail(w, a, b, true);
}

void world_sever(struct world *w, unsigned a, unsigned b)
{
    world_fault(w, "sever", (unsigned[2]){a, b}, false);
    fail(w, a, b, false);
    world_fault(w, "sever", (unsigned[2]){a, b}, true);
}

void world_stall(struct world *w, unsigned a, unsigned b)
{
    struct link *l = &w->link[link_between(w, a, b)];
    if (l->stalled)
        return;
    world_fault(w, "stall", (unsigned[2]){a, b}, false);
    l->stalled = true;
}

void world_clog(struct world *w, unsigned a, unsigned b, uint32_t rate)
{
    struct link *l = &w->link[link_between(w, a, b)];
    if ((l->rate != 0) != (rate != 0))
        world_fault(w, "clog", (unsigned[2]){a, b}, rate == 0);
    l->rate = rate;
    l->busy_until = 0;
}

void world_slow(struct world *w, unsigned n, uint32_t rate)
{
    struct inside *in = &w->inside[n];
    if ((in->read_rate != 0) != (rate != 0))
        world_fault(w, "slow", (unsigned[2]){n, 0}, rate == 0);
    in->read_rate = rate;
    in->busy_until = 0;
}

/* What waited comes soon, in its order. */
static void release(struct world *w, struct flow *f, uint32_t side)
{
    struct link *l = &w->link[f->link];
    struct item *i;
    for (i = f->first; i; i = i->next) {
        int64_t latest = w->now + l->max_ms;
        i->at = i->at < w->now ? w->now : i->at > latest && i->kind == ITEM_BYTES ? latest : i->at;
        f->last_at = i->at;
    }
    f->parked = false;
    f->armed_at = -1;
    arm(w, side);
}

static void heal(struct world *w, unsigned from, unsigned to)
{
    uint32_t id = link_between(w, from, to), side;
    struct link *l = &w->link[id];
    if (l->stalled)
        world_fault(w, "stall", (unsigned[2]){from, to}, true);
    if (l->rate)
        world_clog(w, from, to, 0);
    l->stalled = l->cut = false;
    for (side = 0; side < 2 * w->streams; side++)
        if (w->stream[side / 2].node[1] && w->stream[side / 2].flow[side & 1].link == id)
            release(w, &w->stream[side / 2].flow[side & 1], side);
}

void world_heal(struct world *w, unsigned a, unsigned b)
{
    if (w->link[link_between(w, a, b)].cut)
        world_fault(w, "cut", (unsigned[2]){a, b}, true);
    heal(w, a, b);
    heal(w, b, a);
}

void stream_died(struct world *w, unsigned n, bool silent)
{
    uint32_t side;
    for (side = 0; side < 2 * w->streams; side++) {
        struct stream *s = &w->stream[side / 2];
        if (s->node[side & 1] != n || !s->open[side & 1])
            continue;
        if (silent) {
            shut(w, side);
            drop_flow(&s->flow[side & 1]);
        } else {
            close_side(w, side);
        }
    }
}

void stream_free(struct world *w)
{
    size_t i;
    for (i = 0; i < w->streams; i++) {
        drop_flow(&w->stream[i].flow[0]);
        drop_flow(&w->stream[i].flow[1]);
    }
}
