/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peer: the entrance to the sessions; peer.h tells what each function promises, session.h where the
 * work is done.
 *
 * An event is done with when masc_peers_next() has returned false. A STREAM is only noted at first
 * and worked through by masc_peers_next(), message by message; all other events are done at once,
 * and their signals wait in a ring. The ring holds what one event can cause: two signals per
 * peering (DOWN and REMOVED), because an ESTABLISHED comes from a STREAM alone, and is fetched.
 */
#include "masc/peer.h"

#include "base/text.h"
#include "masc/session.h"

/* ---- memory ---- */

struct layout {
    size_t peering, conn, table, signal, rx, octets;
    uint16_t peers_max, conns_max;
    uint32_t table_size, signals_max;
};

static size_t reserve(size_t *at, size_t octets)
{
    size_t here = (*at + 15) & ~(size_t)15;

    *at = here + octets;
    return here;
}

static struct layout layout_of(const struct masc_config *c)
{
    struct layout l = {.peers_max = c->peers_max};
    size_t at = sizeof(struct masc_peers);

    CHECK(c->peers_max <= MASC_PEERS_MAX && c->peers <= c->peers_max);
    l.conns_max = (uint16_t)(2 * l.peers_max + MASC_WAITING_MAX);
    l.table_size = 64;
    while (l.table_size < 2u * l.conns_max)
        l.table_size *= 2;
    l.signals_max = 2u * l.peers_max + 8;
    l.table = reserve(&at, l.table_size * sizeof(uint16_t));
    l.signal = reserve(&at, l.signals_max * sizeof(struct masc_signal));
    l.peering = reserve(&at, l.peers_max * sizeof(struct masc_peering));
    l.conn = reserve(&at, l.conns_max * sizeof(struct masc_conn));
    l.rx = reserve(&at, (size_t)l.conns_max * MASC_MESSAGE_MAX);
    l.octets = reserve(&at, 0);
    return l;
}

size_t masc_peers_octets(const struct masc_config *c)
{
    return layout_of(c).octets;
}

/* ---- configuration ---- */

static bool addr_same(struct addr a, struct addr b)
{
    return a.family == b.family && a.addr == b.addr;
}

static bool settings_same(const struct masc_peer_config *a, const struct masc_peer_config *b)
{
    return text_equal(a->name, b->name) && addr_same(a->addr, b->addr) && a->port == b->port &&
           a->role == b->role && a->domain == b->domain && a->node == b->node &&
           a->parent == b->parent && a->passive == b->passive && a->defend_only == b->defend_only &&
           a->trust_own == b->trust_own && a->hold_time_s == b->hold_time_s &&
           a->boundary == b->boundary;
}

static struct masc_identity identity_of(const struct masc_config *c)
{
    return (struct masc_identity){
        .domain = c->domain,
        .node = c->node,
        .tld = c->tld,
        .ipv4 = c->ipv4,
        .ipv6 = c->ipv6,
        .open_family = c->open_family,
        .hold_time_min_s = c->hold_time_min_s,
        .local = c->local,
    };
}

static bool identity_same(const struct masc_identity *a, const struct masc_identity *b)
{
    return a->domain == b->domain && a->node == b->node && a->tld == b->tld && a->ipv4 == b->ipv4 &&
           a->ipv6 == b->ipv6 && a->open_family == b->open_family &&
           a->hold_time_min_s == b->hold_time_min_s && addr_same(a->local, b->local);
}

static void peering_init(struct masc_peers *ps, struct masc_peering *p,
                         const struct masc_peer_config *config)
{
    *p = (struct masc_peering){
        .config = *config,
        .used = true,
        .rest = MASC_IDLE,
        .seen = MASC_IDLE,
        .since = ps->now.wall,
        .outgoing = MASC_NO_INDEX,
        .accepted = MASC_NO_INDEX,
        .up = MASC_NO_INDEX,
        .retry_at = MONO_NEVER,
        .retry_limit = MONO_NEVER,
        .start_at = MONO_NEVER,
        .version = MASC_VERSION,
        .quiet = {.until = ps->now.mono},
    };
}

struct masc_peers *masc_peers_init(void *mem, const struct masc_config *c, uint64_t seed)
{
    const struct layout l = layout_of(c);
    struct masc_peers *ps = mem;
    uint8_t *base = mem;

    CHECK(((uintptr_t)mem & 15) == 0);
    *ps = (struct masc_peers){
        .config = c,
        .identity = identity_of(c),
        .prng = prng_init(seed),
        .due = MONO_NEVER,
        .boot_until = MONO_NEVER,
        .stream = {.conn = MASC_NO_INDEX},
        .free_first = MASC_NO_INDEX,
        .quiet_strangers = {.until = {INT64_MIN}},
        .quiet_refused = {.until = {INT64_MIN}},
        .peers_max = l.peers_max,
        .conns_max = l.conns_max,
        .table_mask = l.table_size - 1,
        .signals_max = l.signals_max,
        .peering = (void *)(base + l.peering),
        .conn = (void *)(base + l.conn),
        .table = (void *)(base + l.table),
        .signal = (void *)(base + l.signal),
        .rx = base + l.rx,
    };
    for (uint16_t i = 0; i < c->peers; i++)
        peering_init(ps, &ps->peering[i], &c->peer[i]);
    return ps;
}

static const struct masc_peer_config *find_config(const struct masc_config *c, const char *name)
{
    for (unsigned i = 0; i < c->peers; i++)
        if (text_equal(c->peer[i].name, name))
            return &c->peer[i];
    return NULL;
}

/* The peering ends and its number tells nothing any more; what it has sent is forgotten. */
static void remove_peering(struct masc_peers *ps, struct masc_peering *p)
{
    const struct masc_signal sig = {.kind = MASC_SIGNAL_REMOVED, .peer = masc_peering_index(ps, p)};

    masc_session_stop(ps, p);
    masc_session_signal(ps, &sig);
    *p = (struct masc_peering){.used = false};
}

/* Ends what is not configured any more, or differently. */
static void configure_old(struct masc_peers *ps, const struct masc_config *c, bool restart)
{
    for (uint16_t i = 0; i < ps->peers_max; i++) {
        struct masc_peering *p = &ps->peering[i];
        const struct masc_peer_config *now;
        if (!p->used)
            continue;
        now = find_config(c, p->config.name);
        if (!now || !settings_same(now, &p->config))
            remove_peering(ps, p);
        else if (restart)
            masc_session_stop(ps, p);
    }
}

static void configure_new(struct masc_peers *ps, const struct masc_config *c)
{
    uint16_t place = 0;

    for (unsigned i = 0; i < c->peers; i++) {
        if (masc_peer_find(ps, c->peer[i].name) >= 0)
            continue;
        while (place < ps->peers_max && ps->peering[place].used)
            place++;
        CHECK(place < ps->peers_max);
        peering_init(ps, &ps->peering[place], &c->peer[i]);
        masc_boot_start(ps, &ps->peering[place]);
    }
}

void masc_peers_configure(struct masc_peers *ps, const struct masc_config *c, struct now now,
                          struct out *out)
{
    const struct masc_identity identity = identity_of(c);
    bool restart = !identity_same(&identity, &ps->identity);

    CHECK(c->peers <= ps->peers_max);
    ps->now = now;
    ps->out = out;
    masc_accept_flush(ps);
    configure_old(ps, c, restart);
    ps->config = c;
    ps->identity = identity;
    if (restart)
        for (uint16_t i = 0; i < ps->peers_max; i++)
            if (ps->peering[i].used)
                masc_boot_start(ps, &ps->peering[i]);
    configure_new(ps, c);
    masc_boot_check(ps);
}

/* ---- events ---- */

void masc_peers_start(struct masc_peers *ps, struct now now, struct out *out)
{
    CHECK(!ps->started);
    ps->now = now;
    ps->out = out;
    masc_boot_begin(ps);
}

static void conn_up(struct masc_peers *ps, const struct event *ev)
{
    struct masc_conn *x = masc_conn_find(ps, ev->conn);

    if (x && x->peer != MASC_NO_INDEX) {
        /* 10.1: a second TransportOpen on the same connection is "any other event" */
        masc_session_event(ps, &ps->peering[x->peer], x,
                           x->state == MASC_CONNECT ? MASC_EV_TRANSPORT_OPEN
                                                    : MASC_EV_TRANSPORT_OPEN_FAILED,
                           NULL);
        return;
    }
    /* An even number we do not know: we closed the attempt before it came up. */
    if (!x && ev->conn.id % 2 == 1)
        masc_accept_up(ps, ev->conn, ev->addr);
}

static void conn_down(struct masc_peers *ps, struct masc_conn *x)
{
    x->gone = true;
    if (x->peer == MASC_NO_INDEX)
        masc_conn_free(ps, x);
    else
        masc_session_event(ps, &ps->peering[x->peer], x,
                           x->state == MASC_CONNECT ? MASC_EV_TRANSPORT_OPEN_FAILED
                                                    : MASC_EV_TRANSPORT_CLOSED,
                           NULL);
}

/* 8.7, 10.1 Stop; nothing starts any more. */
static void stop_all(struct masc_peers *ps)
{
    ps->stopping = true;
    ps->boot_until = MONO_NEVER;
    masc_accept_flush(ps);
    for (uint16_t i = 0; i < ps->peers_max; i++)
        if (ps->peering[i].used)
            masc_session_stop(ps, &ps->peering[i]);
}

void masc_peers_event(struct masc_peers *ps, const struct event *ev, struct out *out)
{
    struct masc_conn *x = NULL;

    CHECK(ps->stream.conn == MASC_NO_INDEX);
    ps->now = ev->now;
    ps->out = out;
    switch (ev->kind) {
    case EVENT_CONN_UP: conn_up(ps, ev); break;
    case EVENT_CONN_DOWN:
        x = masc_conn_find(ps, ev->conn);
        if (x)
            conn_down(ps, x);
        break;
    case EVENT_STREAM:
        x = masc_conn_find(ps, ev->conn);
        if (x)
            ps->stream = (struct masc_stream){
                .conn = masc_conn_index(ps, x), .octets = ev->bytes, .left = ev->len};
        break;
    case EVENT_SENT:
        x = masc_conn_find(ps, ev->conn);
        if (x)
            masc_conn_taken(ps, x, ev->len);
        break;
    case EVENT_TIME: masc_timers_run(ps); break;
    case EVENT_STOP: stop_all(ps); break;
    case EVENT_BOOT:
    case EVENT_READY:
    case EVENT_STORED:
    case EVENT_ASK: break;
    }
}

bool masc_peers_next(struct masc_peers *ps, struct masc_signal *sig, struct out *out)
{
    ps->out = out;
    while (ps->signals == 0)
        if (!masc_messages_next(ps))
            return false;
    *sig = ps->signal[ps->signal_first];
    ps->signals--;
    ps->signal_first = ps->signals ? (ps->signal_first + 1) % ps->signals_max : 0;
    return true;
}

mono_t masc_peers_deadline(const struct masc_peers *ps)
{
    return ps->due;
}

/* ---- the claim side ---- */

void masc_peer_answer(struct masc_peers *ps, unsigned peer, const struct masc_fault *fault,
                      struct out *out)
{
    struct masc_peering *p = &ps->peering[peer];

    CHECK(peer < ps->peers_max);
    ps->out = out;
    /* An answer before this one has ended the session. */
    if (!p->used || p->up == MASC_NO_INDEX)
        return;
    if (fault->open)
        masc_session_answer(ps, &ps->conn[p->up], fault);
    else
        masc_session_event(ps, p, &ps->conn[p->up], MASC_EV_UPDATE_BAD, fault);
}

bool masc_peer_established(const struct masc_peers *ps, unsigned peer)
{
    CHECK(peer < ps->peers_max);
    return ps->peering[peer].used && ps->peering[peer].up != MASC_NO_INDEX;
}

size_t masc_peer_room(const struct masc_peers *ps, unsigned peer)
{
    size_t queued;

    if (!masc_peer_established(ps, peer))
        return 0;
    queued = ps->conn[ps->peering[peer].up].queued;
    return queued < MASC_WINDOW ? MASC_WINDOW - queued : 0;
}

void masc_peer_commit(struct masc_peers *ps, unsigned peer, const struct wr *w, unsigned updates,
                      struct out *out)
{
    struct masc_conn *x;

    CHECK(masc_peer_established(ps, peer) && wr_ok(w));
    x = &ps->conn[ps->peering[peer].up];
    out_stream_commit(out, x->id, w);
    if (w->len == 0) /* nothing was for this peer: its KEEPALIVE stays due */
        return;
    masc_conn_sent(ps, x, w->len);
    ps->peering[peer].count.updates_out += updates;
    /* 10.1: unless the Hold Time is zero; later than what is set, so no timer is lowered */
    if (x->keepalive_ms)
        x->keepalive_at = mono_add_ms(ps->now.mono, x->keepalive_ms);
}

/* ---- the operator ---- */

void masc_peer_start(struct masc_peers *ps, unsigned peer, struct now now, struct out *out)
{
    struct masc_peering *p = &ps->peering[peer];

    CHECK(peer < ps->peers_max && p->used);
    ps->now = now;
    ps->out = out;
    p->stopped = false;
    p->version = MASC_VERSION;
    if (!ps->started || ps->stopping)
        return;
    if (masc_session_state(ps, p) == MASC_IDLE)
        p->errors = 0; /* */
    masc_session_event(ps, p, NULL, MASC_EV_START, NULL);
}

void masc_peer_stop(struct masc_peers *ps, unsigned peer, struct now now, struct out *out)
{
    struct masc_peering *p = &ps->peering[peer];

    CHECK(peer < ps->peers_max && p->used);
    ps->now = now;
    ps->out = out;
    p->stopped = true;
    masc_session_stop(ps, p);
    masc_boot_check(ps);
}

void masc_peer_clear(struct masc_peers *ps, unsigned peer, struct now now, struct out *out)
{
    masc_peer_stop(ps, peer, now, out);
    masc_peer_start(ps, peer, now, out);
}

/* ---- questions ---- */

unsigned masc_peers_max(const struct masc_peers *ps)
{
    return ps->peers_max;
}

int masc_peer_find(const struct masc_peers *ps, const char *name)
{
    for (unsigned i = 0; i < ps->peers_max; i++)
        if (ps->peering[i].used && text_equal(ps->peering[i].config.name, name))
            return (int)i;
    return -1;
}

uint64_t masc_peers_strangers(const struct masc_peers *ps)
{
    return ps->strangers;
}

const struct masc_peer_config *masc_peer_settings(const struct masc_peers *ps, unsigned peer)
{
    CHECK(peer < ps->peers_max && ps->peering[peer].used);
    return &ps->peering[peer].config;
}

/* The connection that is furthest, or NULL. */
static const struct masc_conn *furthest(const struct masc_peers *ps, const struct masc_peering *p)
{
    const struct masc_conn *out = p->outgoing == MASC_NO_INDEX ? NULL : &ps->conn[p->outgoing];
    const struct masc_conn *in = p->accepted == MASC_NO_INDEX ? NULL : &ps->conn[p->accepted];

    if (!out || !in)
        return out ? out : in;
    return out->state > in->state ? out : in;
}

struct masc_peer_info masc_peer_info(const struct masc_peers *ps, unsigned peer)
{
    const struct masc_peering *p = &ps->peering[peer];
    const struct masc_conn *x;
    struct masc_peer_info info;

    CHECK(peer < ps->peers_max);
    if (!p->used)
        return (struct masc_peer_info){.config = NULL, .start_at = MONO_NEVER};
    info = p->count;
    info.config = &p->config;
    info.state = masc_session_state(ps, p);
    info.remote = p->config.addr;
    info.since = p->since;
    info.start_at = p->start_at;
    info.start_retries = p->errors;
    info.stopped = p->stopped;
    x = furthest(ps, p);
    if (x) {
        info.domain = x->open.domain;
        info.node = x->open.node;
        info.parent = x->open.parent;
        info.hold_time_s = x->hold_time_s;
        info.queued = x->queued;
    }
    return info;
}
