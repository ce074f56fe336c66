/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn: the places of transport connections, their numbers, and what is sent on them.
 *
 * There are two places per peering and MASC_WAITING_MAX for those that wait, so a place is always
 * free when the rules of session.c and accept.c allow a connection. A number leads to its place
 * through an open-addressed table that is at most half full; numbers of ours go up by two and come
 * back only after 2^31 connects, so that the host has long finished the old one.
 *
 * Everything sent is counted until the host says SENT. A connection whose kernel takes nothing is
 * found by stall_at; one that answers more than it reads, by MASC_WINDOW_HARD.
 */
#include "masc/session.h"

static uint32_t slot_of(const struct masc_peers *ps, conn_t id)
{
    return (id.id * 2654435769u) >> 7 & ps->table_mask;
}

/* The slot that holds `id`, or the empty one where it would be. */
static uint32_t table_find(const struct masc_peers *ps, conn_t id)
{
    uint32_t at = slot_of(ps, id);

    while (ps->table[at] != 0 && !conn_equal(ps->conn[ps->table[at] - 1].id, id))
        at = (at + 1) & ps->table_mask;
    return at;
}

/* Closes the gap: moves back what was displaced over it. */
static void table_remove(struct masc_peers *ps, conn_t id)
{
    uint32_t gap = table_find(ps, id);
    uint32_t at = gap;

    CHECK(ps->table[gap] != 0);
    for (;;) {
        uint32_t home;
        at = (at + 1) & ps->table_mask;
        if (ps->table[at] == 0)
            break;
        home = slot_of(ps, ps->conn[ps->table[at] - 1].id);
        if (((at - home) & ps->table_mask) >= ((at - gap) & ps->table_mask)) {
            ps->table[gap] = ps->table[at];
            gap = at;
        }
    }
    ps->table[gap] = 0;
}

struct masc_conn *masc_conn_find(const struct masc_peers *ps, conn_t id)
{
    uint16_t found = ps->table[table_find(ps, id)];

    return found ? &ps->conn[found - 1] : NULL;
}

conn_t masc_conn_number(struct masc_peers *ps)
{
    conn_t id;

    do {
        id = (conn_t){ps->next_id};
        ps->next_id += 2;
    } while (masc_conn_find(ps, id));
    return id;
}

/* A place that was used before, if there is one: so few are ever touched. */
static uint16_t take_place(struct masc_peers *ps)
{
    uint16_t place = ps->free_first;

    if (place == MASC_NO_INDEX) {
        CHECK(ps->conns_top < ps->conns_max);
        return ps->conns_top++;
    }
    ps->free_first = ps->conn[place].peer;
    return place;
}

struct masc_conn *masc_conn_new(struct masc_peers *ps, conn_t id, enum masc_state state)
{
    uint16_t place = take_place(ps);
    struct masc_conn *x = &ps->conn[place];

    *x = (struct masc_conn){
        .id = id,
        .state = state,
        .peer = MASC_NO_INDEX,
        .initiated = state == MASC_CONNECT,
        .hold_at = MONO_NEVER,
        .keepalive_at = MONO_NEVER,
        .stall_at = MONO_NEVER,
        .quiet = {.until = ps->now.mono},
    };
    ps->table[table_find(ps, id)] = (uint16_t)(place + 1);
    return x;
}

void masc_conn_free(struct masc_peers *ps, struct masc_conn *x)
{
    uint16_t place = masc_conn_index(ps, x);

    CHECK(x->state != MASC_IDLE);
    if (x->peer == MASC_NO_INDEX)
        ps->waiting--;
    if (!x->gone)
        out_close(ps->out, x->id);
    if (ps->stream.conn == place)
        ps->stream = (struct masc_stream){.conn = MASC_NO_INDEX};
    table_remove(ps, x->id);
    *x = (struct masc_conn){.id = CONN_NONE, .state = MASC_IDLE, .peer = ps->free_first};
    ps->free_first = place;
}

void masc_conn_sent(struct masc_peers *ps, struct masc_conn *x, size_t len)
{
    int64_t hold_s = 2 * (int64_t)x->hold_time_s;

    if (hold_s < MASC_SEND_HOLD_S)
        hold_s = MASC_SEND_HOLD_S;
    if (x->queued == 0 && len > 0)
        masc_timer_set(ps, &x->stall_at, mono_add_ms(ps->now.mono, hold_s * 1000));
    x->queued += len;
}

void masc_conn_taken(struct masc_peers *ps, struct masc_conn *x, size_t len)
{
    size_t left = x->queued - (len < x->queued ? len : x->queued);

    x->queued = 0;
    x->stall_at = MONO_NEVER;
    masc_conn_sent(ps, x, left);
}

bool masc_conn_overfull(const struct masc_conn *x)
{
    return x->queued > MASC_WINDOW_HARD;
}

static void commit(struct masc_peers *ps, struct masc_conn *x, const struct wr *w)
{
    CHECK(wr_ok(w));
    out_stream_commit(ps->out, x->id, w);
    masc_conn_sent(ps, x, w->len);
}

void masc_conn_send_open(struct masc_peers *ps, struct masc_conn *x, const struct masc_open *o)
{
    struct wr w = out_stream_begin(ps->out, 64);

    masc_open_encode(&w, o);
    commit(ps, x, &w);
}

void masc_conn_send_keepalive(struct masc_peers *ps, struct masc_conn *x)
{
    struct wr w = out_stream_begin(ps->out, MASC_HEADER_OCTETS);

    masc_keepalive_encode(&w);
    commit(ps, x, &w);
    x->keepalive_sent = ps->now.mono;
    if (x->peer != MASC_NO_INDEX)
        ps->peering[x->peer].count.keepalives_out++;
}

void masc_conn_send_notification(struct masc_peers *ps, struct masc_conn *x,
                                 const struct masc_fault *f)
{
    size_t data =
        f->data_len < MASC_NOTIFICATION_DATA_MAX ? f->data_len : MASC_NOTIFICATION_DATA_MAX;
    struct wr w;

    /* The transport that would carry it is not there any more. */
    if (x->gone)
        return;
    w = out_stream_begin(ps->out, 6 + data);
    masc_notification_encode(&w, f);
    commit(ps, x, &w);
    if (x->peer != MASC_NO_INDEX) {
        struct masc_peering *p = &ps->peering[x->peer];
        p->count.notifications_out++;
        p->count.last_sent = true;
        p->count.last_code = f->code;
        p->count.last_subcode = f->subcode;
    }
}
