/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world: the host and the peers around one node, for step_fuzz.c: connections with windows that can
 * be choked, a store that can fail, two clocks. Every step goes through world_step(), and what must
 * hold after any step is checked there (world_judge); what does not hold ends in CHECK:
 *
 *   - an action names a connection that is open; CONNECT names one that is not
 *   - what is sent on it are whole MASC messages, an OPEN first, with reserved octets of 0 and
 *     otherwise encoded as we would encode what they decode to
 *   - every row can be written as JSON; an ask draws one END and nothing else draws any
 *   - no UPDATE is sent that is over (7.3)
 *   - what MAASs and G-RIB are told to add they do not have yet
 *   - there is room left in the list of actions; the bounds of the configuration hold
 *   - the table is whole: as many entries in its log as it counts, each marked as received from
 *     peerings that are up only; the cursors of relay.c stand on entries of the log
 *   - the node does not ask to be stepped at once for ever
 *
 * The world keeps the contract of base/event.h, so that whatever breaks is the node's.
 */
#ifndef MASCOT_FUZZ_WORLD_H
#define MASCOT_FUZZ_WORLD_H

#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "masc/speaker.h"
#include "masc/wire.h"
#include "node/answer.h"
#include "node/node.h"

#define WORLD_CONNS 24
#define WORLD_RECORDS 16
#define WORLD_TICKETS 128
#define WORLD_TOLD 64
#define WORLD_WALL INT64_C(1800000000)
#define WORLD_STEPS 4000   /* of one input */
#define WORLD_AT_ONCE 64   /* steps that the node may ask for without any time going by */

struct world_conn {
    uint32_t id;
    struct addr addr;
    bool open, up, choked, spoken; /* spoken: our OPEN went out */
    size_t queued;
};

/* A stored record and the texts of its fields. */
struct world_record {
    bool present;
    struct row row;
    char text[ROW_FIELDS_MAX][32];
};

static struct {
    struct node_config config[2]; /* borrowed in turns */
    unsigned config_at;
    struct node *node;
    bool ready, stopped;
    struct now now;
    int64_t wall_ms;
    struct world_conn conn[WORLD_CONNS];
    uint32_t next_odd;
    struct world_record record[WORLD_RECORDS];
    uint64_t ticket[WORLD_TICKETS]; /* waiting for STORED, in order */
    unsigned tickets;
    bool store_waits;
    bool eras;                           /* a jump of the wall clock made timestamps ambiguous */
    struct world_told {
        const char *to;
        struct prefix prefix;
        bool hole;
    } told[WORLD_TOLD];
    unsigned tolds;
    unsigned steps;
    uint8_t heard[2 * MASC_MESSAGE_MAX]; /* the last octets sent to anybody, to be echoed */
    size_t heard_len;
    uint32_t ask;                        /* id of the ask in this step; 0: none */
    unsigned ends;
    uint64_t cursor;
    struct out out;
} world;

static struct action world_actions[OUT_ACTIONS];
static _Alignas(64) uint8_t world_bytes[OUT_BYTES];
static _Alignas(64) uint8_t world_mem[4 << 20];

/* ---- what was sent ---- */

static inline void world_judge_life(const struct masc_attr *a)
{
    int64_t now = world.now.wall.s, began = masc_timestamp_extend(a->timestamp_s, now);

    if (world.eras)
        return;
    CHECK(began + a->holdtime_s > now);
    CHECK(a->type == MASC_CLAIM_DENIED || began + a->lifetime_s > now);
}

static inline void world_judge_update(const struct masc_frame *f)
{
    static uint8_t copy[MASC_MESSAGE_MAX];
    struct masc_fault fault = masc_update_check(f->octets, f->len, true, true);
    struct rd rest = rd_init(f->octets + MASC_HEADER_OCTETS, f->len - MASC_HEADER_OCTETS);
    struct wr w = wr_init(copy, sizeof(copy));
    struct masc_attr a;

    CHECK(!masc_fault_is(&fault));
    masc_update_begin(&w);
    for (const uint8_t *at = rest.p; masc_update_next(&rest, f->octets, f->len, &a, &fault);
         at = rest.p) {
        CHECK(!masc_fault_is(&fault));
        CHECK((at[3] | at[4] | at[6] | at[7]) == 0); /* 7.3 Reserved, Reserved1, Reserved2 */
        CHECK(a.domain != 0 && a.node != 0);
        world_judge_life(&a);
        masc_attr_encode(&w, &a);
    }
    masc_update_end(&w, 0);
    CHECK(wr_ok(&w) && w.len == f->len && memcmp(copy, f->octets, f->len) == 0);
}

static inline void world_judge_message(struct world_conn *x, const struct masc_frame *f)
{
    static uint8_t copy[MASC_MESSAGE_MAX];
    struct wr w = wr_init(copy, sizeof(copy));
    struct masc_fault fault;
    struct masc_open o;
    struct masc_notification n;
    bool erroneous;

    CHECK(f->octets[3] == 0); /* 7.1 Reserved */
    CHECK(x->spoken || f->type == MASC_OPEN); /* 7.2: the first message of each side */
    x->spoken = true;
    if (f->type == MASC_UPDATE) {
        world_judge_update(f);
        return;
    }
    if (f->type == MASC_OPEN) {
        fault = masc_open_decode(&o, f->octets, f->len);
        CHECK(!masc_fault_is(&fault));
        masc_open_encode(&w, &o);
    } else if (f->type == MASC_NOTIFICATION) {
        fault = masc_notification_decode(&n, &erroneous, f->octets, f->len);
        CHECK(!masc_fault_is(&fault) && !erroneous);
        masc_notification_encode(&w, &(struct masc_fault){n.code, n.subcode, n.open, n.data,
                                                          n.data_len});
    } else {
        masc_keepalive_encode(&w);
    }
    CHECK(wr_ok(&w) && w.len == f->len && memcmp(copy, f->octets, f->len) == 0);
}

static inline void world_judge_stream(struct world_conn *x, const struct action *a)
{
    size_t at = 0;

    CHECK(a->len > 0);
    while (at < a->len) {
        struct masc_frame f;
        CHECK(masc_frame_next(&f, a->bytes + at, a->len - at) == MASC_FRAME_MESSAGE);
        world_judge_message(x, &f);
        at += f.len;
    }
    world.heard_len = a->len < sizeof(world.heard) ? a->len : sizeof(world.heard);
    memcpy(world.heard, a->bytes + a->len - world.heard_len, world.heard_len);
    x->queued += a->len;
}

static inline void world_judge_row(const struct row *row)
{
    static uint8_t json[1 << 16];
    struct wr w = wr_init(json, sizeof(json));

    row_write_json(&w, row);
    CHECK(wr_ok(&w) && w.len > 2 && json[0] == '{' && json[w.len - 1] == '}');
    for (size_t i = 0; i < w.len; i++)
        CHECK(json[i] >= ' ');
}

/* "add" and "remove" of one prefix to one listener. What was not added and is removed is a hole,
 * until it is added again or what it is in is. */
static inline void world_judge_output(const struct row *row)
{
    bool add = text_equal(row->v[1].text, "add"), known = false;
    const char *to = text_equal(row->v[0].text, "maas") ? "maas" : "g-rib";
    struct prefix p = row->v[2].prefix;

    for (unsigned i = world.tolds; i-- > 0;) {
        struct world_told *t = &world.told[i];
        bool same = t->to == to && prefix_equal(t->prefix, p);
        if (!same && !(t->to == to && t->hole && prefix_covers(p, t->prefix)))
            continue;
        CHECK(!same || !add || t->hole);
        known |= same;
        *t = world.told[--world.tolds];
    }
    if (!known && world.tolds < WORLD_TOLD)
        world.told[world.tolds++] = (struct world_told){to, p, !add};
}

/* ---- actions ---- */

static inline struct world_conn *world_find(uint32_t id)
{
    for (unsigned i = 0; i < WORLD_CONNS; i++)
        if (world.conn[i].open && world.conn[i].id == id)
            return &world.conn[i];
    return NULL;
}

/* NULL: as many as the world wants to play. */
static inline struct world_conn *world_open(uint32_t id, struct addr addr, bool up)
{
    for (unsigned i = 0; i < WORLD_CONNS; i++) {
        if (world.conn[i].open)
            continue;
        world.conn[i] = (struct world_conn){.id = id, .addr = addr, .open = true, .up = up};
        return &world.conn[i];
    }
    return NULL;
}

/* Equal types and keys. */
static inline bool world_same_record(const struct row *a, const struct row *b)
{
    uint8_t key[2][2048];
    struct wr w[2] = {wr_init(key[0], sizeof(key[0])), wr_init(key[1], sizeof(key[1]))};

    if (a->type != b->type)
        return false;
    for (unsigned i = 0; i < a->type->keys; i++)
        for (unsigned k = 0; k < 2; k++) {
            row_write_value(&w[k], a->type->field[i].kind, k ? &b->v[i] : &a->v[i]);
            wr_u8(&w[k], 0);
        }
    CHECK(wr_ok(&w[0]) && wr_ok(&w[1]));
    return w[0].len == w[1].len && memcmp(key[0], key[1], w[0].len) == 0;
}

static inline void world_keep(struct world_record *r, const struct row *row)
{
    *r = (struct world_record){.present = true, .row = *row};
    for (unsigned i = 0; i < row->type->fields; i++) {
        if (row->type->field[i].kind != FIELD_TEXT || !row->v[i].text)
            continue;
        CHECK(text_copy(r->text[i], sizeof(r->text[i]), row->v[i].text));
        r->row.v[i].text = r->text[i];
    }
}

static inline void world_store(const struct action *a)
{
    struct world_record *place = NULL;

    for (unsigned i = 0; i < WORLD_RECORDS; i++) {
        struct world_record *r = &world.record[i];
        if (!place && !r->present)
            place = r;
        if (r->present && world_same_record(&r->row, a->row)) {
            place = r;
            break;
        }
    }
    if (place && a->remove)
        place->present = false;
    else if (place)
        world_keep(place, a->row);
}

static inline void world_judge(const struct action *a)
{
    struct world_conn *x;

    switch (a->kind) {
    case ACTION_CONNECT:
        CHECK(a->conn.id % 2 == 0 && !world_find(a->conn.id));
        CHECK(world_open(a->conn.id, a->addr, false));
        return;
    case ACTION_STREAM:
        x = world_find(a->conn.id);
        CHECK(x && x->up);
        world_judge_stream(x, a);
        return;
    case ACTION_CLOSE:
        x = world_find(a->conn.id);
        CHECK(x);
        x->open = false;
        return;
    case ACTION_STORE:
        world_judge_row(a->row);
        world_store(a);
        CHECK(world.tickets < WORLD_TICKETS);
        world.ticket[world.tickets++] = a->ticket;
        return;
    case ACTION_ANSWER:
        CHECK(world.ask != 0 && a->ask_id == world.ask && world.ends == 0);
        world_judge_row(a->row);
        return;
    case ACTION_END:
        CHECK(world.ask != 0 && a->ask_id == world.ask && world.ends == 0);
        CHECK(a->status == END_DONE || (a->text && a->text[0]));
        world.ends++;
        world.cursor = a->cursor;
        return;
    case ACTION_LOG:
        world_judge_row(a->row);
        if (a->row->type == &masc_row_output)
            world_judge_output(a->row);
        return;
    }
}

static inline void world_judge_bounds(void)
{
    const struct masc_config *c = &world.config[world.config_at].masc;
    struct masc_status s = masc_status(world.node->masc, world.now);
    struct masc_own_view own;
    struct masc_clash_view clash;
    uint64_t cursor = 0;
    unsigned owns = 0;

    CHECK(s.claims <= c->claims_max && s.live <= s.claims && s.claims_max == c->claims_max);
    while (masc_own_next(world.node->masc, world.now, &cursor, &own)) {
        CHECK(own.prefix.family != 0 && own.until.s > 0);
        owns++;
    }
    CHECK(owns <= c->own_max);
    cursor = 0;
    while (masc_clash_next(world.node->masc, world.now, &cursor, &clash))
        CHECK(prefix_covers(clash.ours, clash.range) && prefix_covers(clash.theirs, clash.range));
}

static inline void world_judge_table(const struct masc *m)
{
    static bool present[1024];
    uint32_t n = 0;

    CHECK(m->table.entries_max <= 1024);
    memset(present, 0, sizeof(present));
    for (uint32_t at = m->table.log_first; at != TABLE_NONE; at = m->table.entry[at].log_next) {
        CHECK(!present[at] && n < m->table.count);
        present[at] = true;
        n++;
        for (unsigned peer = 0; peer < m->peers_max; peer++)
            CHECK(!table_from(&m->table, at, peer) || masc_peer_established(m->peers, peer));
    }
    CHECK(n == m->table.count && n == m->table.heap_n);
    for (unsigned peer = 0; peer < m->peers_max; peer++) {
        const struct relay *r = &m->relay[peer];
        CHECK(r->established == masc_peer_established(m->peers, peer));
        CHECK(r->at == TABLE_NONE || present[r->at]);
        CHECK(r->end == TABLE_NONE || !r->replaying || present[r->end]);
    }
}

static inline void world_take(void)
{
    for (size_t i = 0; i < world.out.actions; i++)
        world_judge(&world.out.action[i]);
    CHECK(out_room(&world.out) > 0);
    CHECK(world.ends == (world.ask != 0));
    world_judge_bounds();
    world_judge_table(world.node->masc);
}

/* ---- steps ---- */

static inline void world_step_alone(struct event ev)
{
    ev.now = world.now;
    world.ask = ev.kind == EVENT_ASK ? ev.ask->id : 0;
    world.ends = 0;
    world.steps++;
    out_reset(&world.out);
    node_step(world.node, &ev, &world.out);
    world_take();
}

static inline void world_stored(enum stored result)
{
    uint64_t ticket = world.ticket[0];

    if (world.tickets == 0)
        return;
    memmove(world.ticket, world.ticket + 1, --world.tickets * sizeof(world.ticket[0]));
    world_step_alone((struct event){.kind = EVENT_STORED, .ticket = ticket, .stored = result});
}

static inline void world_sent(struct world_conn *x, size_t len)
{
    if (!x->open || x->queued == 0 || len == 0)
        return;
    len = len < x->queued ? len : x->queued;
    x->queued -= len;
    world_step_alone((struct event){.kind = EVENT_SENT, .conn = {x->id}, .len = len});
}

/* What the host does by itself after a step, until nothing is left. */
static inline void world_settle(void)
{
    for (unsigned round = 0; round < WORLD_AT_ONCE; round++) {
        unsigned before = world.steps;
        for (unsigned i = 0; i < WORLD_CONNS; i++)
            if (world.conn[i].up && !world.conn[i].choked)
                world_sent(&world.conn[i], world.conn[i].queued);
        while (world.tickets > (world.store_waits ? WORLD_TICKETS / 2 : 0))
            world_stored(STORED_OK);
        if (world.steps == before)
            return;
    }
    CHECK(false && "what the node sends has an end");
}

static inline void world_step(struct event ev)
{
    world_step_alone(ev);
    world_settle();
}

/* TIME until nothing is due any more. */
static inline void world_due(void)
{
    unsigned at_once = 0;

    while (node_deadline(world.node).ms <= world.now.mono.ms) {
        CHECK(at_once++ < WORLD_AT_ONCE);
        world_step((struct event){.kind = EVENT_TIME});
    }
}

static inline void world_clock(int64_t ms)
{
    world.now.mono.ms += ms;
    world.wall_ms += ms;
    world.now.wall.s = world.wall_ms / 1000;
}

/* Lets `ms` go by, with a TIME at each deadline; after `jumps` of them the rest at once, as after a
 * suspend. */
static inline void world_pass(int64_t ms, unsigned jumps)
{
    int64_t until = world.now.mono.ms + ms;

    while (jumps-- > 0 && world.steps < WORLD_STEPS) {
        int64_t due = node_deadline(world.node).ms;
        if (due > until)
            break;
        world_clock(due > world.now.mono.ms ? due - world.now.mono.ms : 0);
        world_step((struct event){.kind = EVENT_TIME});
        world_due();
    }
    if (until > world.now.mono.ms)
        world_clock(until - world.now.mono.ms);
    world_due();
}

static inline void world_bytes_to(struct world_conn *x, const uint8_t *at, size_t len)
{
    uint32_t id = x->id;

    while (len > 0 && x->open && x->up && x->id == id) {
        size_t n = len < EVENT_STREAM_MAX ? len : EVENT_STREAM_MAX;
        world_step((struct event){.kind = EVENT_STREAM, .conn = {id}, .bytes = at, .len = n});
        at += n;
        len -= n;
    }
}

static inline void world_down(struct world_conn *x)
{
    x->open = false;
    world_step((struct event){.kind = EVENT_CONN_DOWN, .conn = {x->id}});
}

/* NULL: there is no place, or it was closed at once. */
static inline struct world_conn *world_accept(struct addr from)
{
    struct world_conn *x;
    uint32_t id = world.next_odd;
    unsigned places = 0;

    for (unsigned i = 0; i < WORLD_CONNS; i++)
        places += !world.conn[i].open;
    if (places <= WORLD_CONNS / 2) /* the rest is for what the node connects */
        return NULL;
    x = world_open(id, from, true);
    world.next_odd += 2;
    world_step((struct event){.kind = EVENT_CONN_UP, .conn = {id}, .addr = from});
    return x->open && x->id == id ? x : NULL;
}

static inline void world_answer_connect(struct world_conn *x, bool up)
{
    if (!up) {
        world_down(x);
        return;
    }
    x->up = true;
    world_step((struct event){.kind = EVENT_CONN_UP, .conn = {x->id}, .addr = x->addr});
}

static inline void world_ask(const char *const *word, uint8_t words)
{
    struct ask ask = {.id = 7, .words = words};

    memcpy(ask.word, word, words * sizeof(ask.word[0]));
    do {
        world_step((struct event){.kind = EVENT_ASK, .ask = &ask});
        ask.cursor = world.cursor;
    } while (ask.cursor != 0 && world.steps < WORLD_STEPS);
}

static inline void world_ready(void)
{
    world.ready = true;
    world_step((struct event){.kind = EVENT_READY});
    world_due();
}

/* A new life of the node, with what the store kept. All connections are gone. */
static inline void world_boot(uint64_t seed)
{
    struct node_config *c = &world.config[world.config_at];

    CHECK(node_octets(c) <= sizeof(world_mem));
    memset(world_mem, 0, node_octets(c));
    memset(world.conn, 0, sizeof(world.conn));
    world.tickets = world.tolds = 0;
    world.ready = world.stopped = false;
    out_init(&world.out, world_actions, OUT_ACTIONS, world_bytes, sizeof(world_bytes));
    world.node = node_init(world_mem, c, seed);
    for (unsigned i = 0; i < WORLD_RECORDS; i++)
        if (world.record[i].present)
            world_step((struct event){.kind = EVENT_BOOT, .row = &world.record[i].row});
    world_ready();
}

#endif
