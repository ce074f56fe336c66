/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_rig: made-up histories for the tests of the checks.
 *
 * A world whose nodes never boot: only its clock and its configurations count. What nodes would
 * have done is told to the witness by hand, so that a test can tell it something wrong and demand
 * that this, and only this, is noticed.
 *
 *   T (1) is top-level, X (2) another, C (3) and D (4) are T's children and siblings, E (5) is
 *   another node of C's domain 11. Domains: T 1, X 2, C and E 11, D 12.
 */
#ifndef MASCOT_TESTS_CHECK_RIG_H
#define MASCOT_TESTS_CHECK_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/witness_impl.h"
#include "tests/tap.h"

enum { T_ = 1, X_, C_, D_, E_ };
enum { RIG_WAIT_S = 120, RIG_LIFE_S = 1800 };

struct rig {
    struct world *w;
    struct witness *x;
    uint32_t streams;
    uint16_t hold_s; /* of OPENs; 0: no KEEPALIVEs are due */
    char said[900];
};

static struct rig *rig_now;

static inline void rig_heard(const char *line)
{
    size_t at = strlen(rig_now->said);
    snprintf(rig_now->said + at, sizeof rig_now->said - at, "%s; ", line);
}

static inline void rig_see(struct rig *r, const struct happening *h)
{
    r->x->watch.see(r->x, h);
}

static inline void rig_boot(struct rig *r, unsigned n)
{
    rig_see(r, &(struct happening){.sight = SIGHT_BOOTED, .node = n});
}

static inline void rig_peers(struct rig *r)
{
    world_siblings(r->w, T_, X_, 0);
    world_parent(r->w, C_, T_);
    world_parent(r->w, D_, T_);
    world_siblings(r->w, C_, D_, 1);
    world_internal(r->w, C_, E_);
}

static inline struct rig *rig_new(void)
{
    static const struct { const char *name; unsigned domain; } who[] = {
        {"T", 1}, {"X", 2}, {"C", 11}, {"D", 12}, {"E", 11}};
    struct rig *r = calloc(1, sizeof *r);
    unsigned n;
    if (!r)
        abort();
    rig_now = r;
    r->w = world_new(1);
    for (n = 0; n < 5; n++)
        (void)world_node(r->w, who[n].name, who[n].domain);
    world_tld(r->w, T_, "228.0.0.0/6");
    world_tld(r->w, X_, "228.0.0.0/6");
    rig_peers(r);
    r->x = witness_new(r->w, rig_heard);
    for (n = 1; n <= 5; n++)
        rig_boot(r, n);
    return r;
}

/* Exactly `invariant`, and nothing else, was reported. */
static inline void rig_end(struct rig *r, const char *invariant)
{
    EXPECT(witness_violated(r->x, invariant) > 0);
    EXPECT_UEQ(witness_violations(r->x), witness_violated(r->x, invariant));
    if (witness_violations(r->x) != witness_violated(r->x, invariant) ||
        !witness_violated(r->x, invariant))
        tap_diag("wanted %s; got: %s", invariant, r->said);
    witness_free(r->x);
    world_free(r->w);
    free(r);
}

/* ---- streams ---- */

static inline void rig_step(struct rig *r, unsigned n, uint32_t side, struct event ev)
{
    ev.now = world_clock(r->w, n);
    rig_see(r, &(struct happening){.sight = SIGHT_STEP, .node = n, .event = &ev,
                                   .stream = side / 2, .side = (uint8_t)(side & 1)});
}

static inline unsigned rig_node(const struct rig *r, uint32_t side)
{
    return r->x->track[side / 2].node[side & 1];
}

static inline void rig_write(struct rig *r, uint32_t side, const struct wr *m)
{
    rig_see(r, &(struct happening){.sight = SIGHT_WROTE, .node = rig_node(r, side),
                                   .stream = side / 2, .side = (uint8_t)(side & 1),
                                   .bytes = m->buf, .len = m->len});
}

static inline void rig_arrive(struct rig *r, uint32_t side, size_t len)
{
    rig_step(r, rig_node(r, side ^ 1), side ^ 1,
             (struct event){.kind = EVENT_STREAM, .len = len});
}

static inline void rig_give(struct rig *r, uint32_t side, const struct wr *m)
{
    rig_write(r, side, m);
    rig_arrive(r, side, m->len);
}

static inline void rig_open(struct rig *r, uint32_t side, u128 parent)
{
    const struct masc_config *c = world_config(r->w, rig_node(r, side));
    uint8_t buf[64];
    struct wr m = wr_init(buf, sizeof buf);
    masc_open_encode(&m, &(struct masc_open){.version = 1, .family = FAMILY_IPV4,
                                             .hold_time_s = r->hold_s, .domain = c->domain,
                                             .node = c->node, .parent = parent});
    rig_give(r, side, &m);
}

static inline void rig_keepalive(struct rig *r, uint32_t side)
{
    uint8_t buf[8];
    struct wr m = wr_init(buf, sizeof buf);
    masc_keepalive_encode(&m);
    rig_give(r, side, &m);
}

/* A connection of a with b that both know of; returns the side of a: that of b is the next. */
static inline uint32_t rig_connect(struct rig *r, unsigned a, unsigned b)
{
    uint32_t side = 2 * r->streams++;
    rig_step(r, a, side, (struct event){.kind = EVENT_CONN_UP, .addr = world_address(b)});
    rig_step(r, b, side + 1, (struct event){.kind = EVENT_CONN_UP, .addr = world_address(a)});
    return side;
}

static inline uint32_t rig_session(struct rig *r, unsigned a, unsigned b)
{
    uint32_t side = rig_connect(r, a, b);
    rig_open(r, side, 1);
    rig_open(r, side + 1, 1);
    rig_keepalive(r, side);
    rig_keepalive(r, side + 1);
    return side;
}

/* ---- words ---- */

/* An UPDATE of the domain of `origin` about `prefix`, made `age_s` ago by the clock there. */
static inline struct masc_attr rig_attr(const struct rig *r, unsigned origin, enum masc_type type,
                                        const char *prefix, int64_t age_s)
{
    const struct masc_config *c = world_config(r->w, origin);
    bool waits = type == MASC_NEW_CLAIM || type == MASC_CLAIM_TO_EXPAND;
    return (struct masc_attr){.type = type,
                              .role = MASC_INTERNAL,
                              .timestamp_s = (uint32_t)(world_wall(r->w, origin) - age_s),
                              .lifetime_s = RIG_LIFE_S,
                              .holdtime_s = waits ? RIG_WAIT_S : RIG_LIFE_S,
                              .domain = c->domain,
                              .node = c->node,
                              .prefix = prefix_of(prefix)};
}

static inline void rig_put(struct rig *r, uint32_t side, const struct masc_attr *a, bool arrives)
{
    uint8_t buf[MASC_MESSAGE_MAX];
    struct wr m = wr_init(buf, sizeof buf);
    masc_update_begin(&m);
    masc_attr_encode(&m, a);
    masc_update_end(&m, 0);
    rig_write(r, side, &m);
    if (arrives)
        rig_arrive(r, side, m.len);
}

static inline void rig_say(struct rig *r, uint32_t side, const struct masc_attr *a)
{
    rig_put(r, side, a, true);
}

/* The same, as by `role`. */
static inline void rig_relay(struct rig *r, uint32_t side, struct masc_attr a, enum masc_role role)
{
    a.role = role;
    rig_say(r, side, &a);
}

static inline void rig_notify(struct rig *r, uint32_t side, uint8_t code, uint8_t subcode)
{
    uint8_t buf[64];
    struct wr m = wr_init(buf, sizeof buf);
    struct masc_fault f = {.code = code, .subcode = subcode};
    masc_notification_encode(&m, &f);
    rig_give(r, side, &m);
}

/* ---- rows ---- */

static inline void rig_store(struct rig *r, unsigned n, const struct masc_attr *a, bool local)
{
    struct row row = {.type = &masc_row_own};
    row.v[0].prefix = a->prefix;
    row.v[1].wall.s = a->timestamp_s;
    row.v[2].id = a->node;
    row.v[3].text = local ? "local" : "space";
    row.v[4].u = a->lifetime_s;
    row.v[5].id = world_config(r->w, n)->tld ? 0 : 1;
    row.v[6].u = 1;
    rig_see(r, &(struct happening){.sight = SIGHT_COMMITTED, .node = n, .row = &row});
}

/* It was stored by another host, or before: nobody asks how it came. */
static inline void rig_hold(struct rig *r, unsigned n, const struct masc_attr *a)
{
    mark_put(&r->x->marks, record_key(n, a->prefix, a->timestamp_s), 0);
    rig_store(r, n, a, false);
}

static inline void rig_row(struct rig *r, unsigned n, const struct row *row)
{
    struct action a = {.kind = ACTION_LOG, .row = row};
    struct out out = {.action = &a, .actions = 1, .actions_max = 1};
    struct event ev = {.kind = EVENT_TIME, .now = world_clock(r->w, n)};
    rig_see(r, &(struct happening){.sight = SIGHT_DONE, .node = n, .event = &ev, .out = &out});
}

static inline void rig_tell(struct rig *r, unsigned n, const char *to, const char *what,
                            const char *prefix)
{
    struct row row = {.type = &masc_row_output};
    row.v[0].text = to;
    row.v[1].text = what;
    row.v[2].prefix = prefix_of(prefix);
    rig_row(r, n, &row);
}

static inline void rig_life(struct rig *r, unsigned n, const char *event, const char *prefix,
                            u128 other)
{
    struct row row = {.type = &masc_row_life};
    row.v[0].text = event;
    row.v[1].prefix = prefix_of(prefix);
    row.v[2].id = world_config(r->w, n)->domain;
    row.v[3].id = other ? other : ID_NONE;
    row.v[4].wall.s = INT64_MAX;
    row.v[5].wall.s = INT64_MAX;
    rig_row(r, n, &row);
}

/* T holds 228.0.0.0/16, and C and D were told; sessions T-C, T-D, C-D. */
struct rig_family {
    struct rig *r;
    uint32_t tc, td, cd; /* the side of the first */
    struct masc_attr space;
};

static inline struct rig_family rig_family(void)
{
    struct rig_family f = {.r = rig_new()};
    f.space = rig_attr(f.r, T_, MASC_PREFIX_MANAGED, "228.0.0.0/16", 0);
    f.space.lifetime_s = f.space.holdtime_s = 10 * RIG_LIFE_S;
    rig_hold(f.r, T_, &f.space);
    f.tc = rig_session(f.r, T_, C_);
    f.td = rig_session(f.r, T_, D_);
    f.cd = rig_session(f.r, C_, D_);
    world_run(f.r->w, 2 * SECOND);
    rig_say(f.r, f.tc, &f.space);
    rig_say(f.r, f.td, &f.space);
    world_run(f.r->w, 2 * SECOND);
    return f;
}

#endif
