/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scene: see scene.h. Every event goes through step(), which also answers STORE and counts what was
 * sent as taken, until the speaker has nothing more to do at this moment.
 */
#include "tests/conformance/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "masc/role.h"
#include "tests/tap.h"

#define STORES_MAX 256

static struct scene scene;
static struct action actions[OUT_ACTIONS];

static _Noreturn void give_up(const char *what)
{
    printf("Bail out! scene: %s\n", what);
    exit(EXIT_FAILURE);
}

/* ---- the host ---- */

struct aftermath {
    uint64_t ticket[STORES_MAX];
    unsigned stores;
    size_t taken;
};

static void see(struct scene *s, const struct action *a, struct aftermath *after)
{
    if (a->kind == ACTION_STORE) {
        if (after->stores == STORES_MAX)
            give_up("too many records at once");
        after->ticket[after->stores++] = a->ticket;
    }
    if (a->kind == ACTION_CLOSE && conn_equal(a->conn, s->conn))
        s->closed = true;
    if (a->kind == ACTION_STREAM && conn_equal(a->conn, s->conn)) {
        if (s->closed)
            give_up("octets after CLOSE");
        if (a->len > sizeof(s->sent) - s->sent_len)
            give_up("too many octets");
        memcpy(s->sent + s->sent_len, a->bytes, a->len);
        s->sent_len += a->len;
        after->taken += a->len;
    }
}

static void step_once(struct scene *s, struct event ev, struct aftermath *after)
{
    ev.now = s->now;
    out_reset(&s->out);
    masc_step(s->masc, &ev, &s->out);
    for (size_t i = 0; i < s->out.actions; i++)
        see(s, &s->out.action[i], after);
}

static void settle(struct scene *s, struct aftermath *after)
{
    for (unsigned i = 0; i < after->stores; i++)
        step_once(s, (struct event){.kind = EVENT_STORED, .ticket = after->ticket[i],
                                    .stored = STORED_OK}, after);
    while (after->taken > 0) {
        size_t taken = after->taken;
        after->taken = 0;
        if (!s->closed)
            step_once(s, (struct event){.kind = EVENT_SENT, .conn = s->conn, .len = taken}, after);
    }
}

static void step(struct scene *s, struct event ev)
{
    struct aftermath after = {.stores = 0};

    step_once(s, ev, &after);
    settle(s, &after);
    for (unsigned rounds = 0; masc_deadline(s->masc).ms <= s->now.mono.ms; rounds++) {
        if (rounds == 1000)
            give_up("the deadline does not move");
        after = (struct aftermath){.stores = 0};
        step_once(s, (struct event){.kind = EVENT_TIME}, &after);
        settle(s, &after);
    }
}

/* ---- the stage ---- */

struct scene *scene_new(u128 domain)
{
    struct scene *s = &scene;
    static uint8_t *buf;

    scene_end(s); /* of a test that failed half-way */
    if (!buf)
        buf = malloc(OUT_BYTES);
    if (!buf)
        give_up("out of memory");
    *s = (struct scene){.conn = {1}};
    out_init(&s->out, actions, OUT_ACTIONS, buf, OUT_BYTES);
    masc_config_defaults(&s->config);
    s->config.domain = domain;
    s->config.node = domain == SCENE_P ? SCENE_NODE_P : SCENE_NODE_C;
    s->config.lifetime_s = 10000000;
    s->config.claims_max = 1000;
    s->config.per_origin_max = 1000;
    s->config.origins_max = 100;
    s->config.unassociated_max = 10;
    s->config.peers_max = 8;
    s->config.own_max = 8;
    return s;
}

struct masc_peer_config *scene_peer(struct scene *s, enum masc_role role, u128 domain)
{
    struct masc_peer_config *p = &s->config.peer[s->config.peers];

    masc_peer_defaults(p);
    snprintf(p->name, sizeof(p->name), "peer-%u", s->config.peers);
    p->addr = (struct addr){0xC6336400u + s->config.peers, FAMILY_IPV4};
    p->role = role;
    p->domain = domain;
    p->passive = true;
    s->config.peers++;
    return p;
}

static void set_time(struct scene *s, int64_t mono_ms)
{
    int64_t passed = mono_ms - s->now.mono.ms;

    s->now.mono.ms = mono_ms;
    s->now.wall.s += passed / 1000; /* only whole seconds pass: see scene_wait() */
}

void scene_start(struct scene *s, int64_t wall_s)
{
    char path[100] = "", why[300] = "";
    struct wr wp = wr_init(path, sizeof(path)), ww = wr_init(why, sizeof(why));
    size_t octets;

    if (!masc_config_check(&s->config, &wp, &ww)) {
        tap_diag("%s: %s", wr_nul(&wp), wr_nul(&ww));
        give_up("the configuration is refused");
    }
    octets = (masc_octets(&s->config) + 63) / 64 * 64;
    s->memory = aligned_alloc(64, octets);
    if (!s->memory)
        give_up("out of memory");
    memset(s->memory, 0, octets);
    s->now = (struct now){.mono = {5000}, .wall = {wall_s}};
    s->masc = masc_init(s->memory, &s->config, 2909);
    step(s, (struct event){.kind = EVENT_READY});
}

void scene_end(struct scene *s)
{
    free(s->memory);
    s->memory = NULL;
    s->masc = NULL;
}

void scene_stop(struct scene *s)
{
    step(s, (struct event){.kind = EVENT_STOP});
}

void scene_wait(struct scene *s, int64_t wall_s)
{
    int64_t end_ms = s->now.mono.ms + (wall_s - s->now.wall.s) * 1000;

    while (s->now.mono.ms < end_ms) {
        int64_t due = masc_deadline(s->masc).ms;
        /* up to the next whole second, so that wall and monotonic clock go together */
        int64_t next = due < end_ms ? due + (5000 - due % 1000) % 1000 : end_ms;
        if (next <= s->now.mono.ms)
            next = s->now.mono.ms + 1000;
        set_time(s, next);
        step(s, (struct event){.kind = EVENT_TIME});
    }
}

/* For actions that came without an event. */
static void act(struct scene *s)
{
    struct aftermath after = {.stores = 0};

    for (size_t i = 0; i < s->out.actions; i++)
        see(s, &s->out.action[i], &after);
    settle(s, &after);
    step(s, (struct event){.kind = EVENT_TIME});
}

void scene_configure(struct scene *s)
{
    out_reset(&s->out);
    masc_configure(s->masc, &s->config, s->now, &s->out);
    act(s);
}

/* ---- the remote ---- */

void scene_connect(struct scene *s)
{
    step(s, (struct event){.kind = EVENT_CONN_UP, .conn = s->conn, .addr = s->config.peer[0].addr});
}

void scene_say(struct scene *s, const uint8_t *octets, size_t len, size_t cut)
{
    while (len > 0 && !s->closed) {
        size_t n = cut == 0 || cut > len ? len : cut;
        step(s, (struct event){.kind = EVENT_STREAM, .conn = s->conn, .bytes = octets, .len = n});
        octets += n;
        len -= n;
    }
}

struct masc_open scene_open(const struct scene *s)
{
    static const u128 node[4] = {0xC0000203, SCENE_NODE_P, SCENE_NODE_S, SCENE_NODE_C};
    const struct masc_peer_config *p = &s->config.peer[0];
    u128 parent[MASC_PARENTS_MAX], their_parent = p->parent;

    if (p->role == MASC_INTERNAL && masc_config_parents(&s->config, parent) > 0)
        their_parent = parent[0];
    return (struct masc_open){
        .version = MASC_VERSION,
        .family = FAMILY_IPV4,
        .role = masc_role_counterpart(p->role),
        .hold_time_s = 240,
        .domain = p->domain,
        .node = node[p->role],
        .parent = their_parent,
    };
}

void scene_say_open(struct scene *s, const struct masc_open *o)
{
    uint8_t buf[64];
    struct wr w = wr_init(buf, sizeof(buf));

    masc_open_encode(&w, o);
    scene_say(s, buf, w.len, 0);
}

void scene_establish(struct scene *s)
{
    struct masc_open o = scene_open(s);
    uint8_t buf[4];
    struct wr w = wr_init(buf, sizeof(buf));

    o.hold_time_s = 0;
    scene_connect(s);
    scene_say_open(s, &o);
    masc_keepalive_encode(&w);
    scene_say(s, buf, w.len, 0);
    if (s->closed || !masc_peer_established(masc_sessions(s->masc), 0))
        give_up("the session does not come up");
}

void scene_say_update(struct scene *s, const struct masc_attr *a, unsigned n)
{
    uint8_t buf[MASC_MESSAGE_MAX];
    struct wr w = wr_init(buf, sizeof(buf));

    masc_update_begin(&w);
    while (n-- > 0)
        masc_attr_encode(&w, a++);
    masc_update_end(&w, 0);
    scene_say(s, buf, w.len, 0);
}

void scene_forget(struct scene *s)
{
    s->sent_len = 0;
}

/* ---- what the speaker says and has ---- */

static bool sent_attr_of(const struct masc_frame *f, enum masc_type type, unsigned *n,
                         struct masc_attr *a)
{
    struct masc_fault fault = masc_update_check(f->octets, f->len, true, true);
    struct rd rest = rd_init(f->octets + MASC_HEADER_OCTETS, f->len - MASC_HEADER_OCTETS);

    if (masc_fault_is(&fault))
        give_up("a malformed UPDATE was sent");
    while (masc_update_next(&rest, f->octets, f->len, a, &fault)) {
        if (masc_fault_is(&fault))
            give_up("an erroneous UPDATE was sent");
        if (a->type == type && (*n)-- == 0)
            return true;
    }
    return false;
}

bool scene_sent_attr(struct scene *s, enum masc_type type, unsigned n, struct masc_attr *a)
{
    struct masc_frame f;
    size_t at = 0;

    for (; at < s->sent_len; at += f.len) {
        if (masc_frame_next(&f, s->sent + at, s->sent_len - at) != MASC_FRAME_MESSAGE)
            give_up("something was sent that is no message");
        if (f.type == MASC_UPDATE && sent_attr_of(&f, type, &n, a))
            return true;
    }
    return false;
}

void scene_claim(struct scene *s, struct prefix prefix, uint32_t lifetime_s)
{
    struct masc_claim_wish wish = {.prefix = prefix, .lifetime_s = lifetime_s};
    char why[300] = "";
    struct wr w = wr_init(why, sizeof(why));

    out_reset(&s->out);
    if (!masc_claim(s->masc, &wish, &(struct masc_order){s->now, &s->out, &w})) {
        tap_diag("%s", wr_nul(&w));
        give_up("the claim is refused");
    }
    act(s);
}

bool scene_in_use(struct scene *s, struct prefix prefix)
{
    struct masc_own_view v;
    uint64_t cursor = 0;

    while (masc_own_next(s->masc, s->now, &cursor, &v))
        if (prefix_equal(v.prefix, prefix) && v.state == MASC_OWN_IN_USE)
            return true;
    return false;
}

void scene_allocate(struct scene *s, struct prefix prefix)
{
    scene_claim(s, prefix, 0);
    scene_wait(s, s->now.wall.s + s->config.claim_delay_s + s->config.waiting_period_s + 60);
    if (!scene_in_use(s, prefix))
        give_up("the claim is not in use after the waiting period");
}

bool scene_cached(struct scene *s, const struct masc_attr *a, struct masc_claim_view *v)
{
    uint64_t cursor = 0;

    while (masc_claim_next(s->masc, s->now, &cursor, v))
        if (v->attr.type == a->type && v->attr.domain == a->domain && v->attr.node == a->node &&
            v->attr.timestamp_s == a->timestamp_s && prefix_equal(v->attr.prefix, a->prefix))
            return true;
    return false;
}

/* ---- two stages ---- */

struct scene *scene_of_parent(int64_t now_s)
{
    struct scene *s = scene_new(SCENE_P);

    scene_peer(s, MASC_PARENT, SCENE_C);
    s->config.tld = s->config.sole_tld = true;
    s->config.range[s->config.ranges++] = (struct masc_range){SCENE_POOL, MASC_SCOPE_GLOBAL};
    scene_start(s, SCENE_T0 - 4 * 86400);
    scene_allocate(s, SCENE_SPACE);
    scene_wait(s, now_s);
    scene_establish(s);
    scene_forget(s);
    return s;
}

struct scene *scene_of_child(void)
{
    struct masc_attr managed = {MASC_PREFIX_MANAGED, MASC_INTERNAL, false, SCENE_T0 - 100, 10000000,
                                10000000, SCENE_P, SCENE_NODE_P, SCENE_SPACE};
    struct scene *s = scene_new(SCENE_C);

    scene_peer(s, MASC_CHILD, SCENE_P);
    s->config.claim_delay_s = 0;
    scene_start(s, SCENE_T0 - 100 - SCENE_BOOT_S);
    scene_wait(s, SCENE_T0 - 100);
    scene_establish(s);
    scene_say_update(s, &managed, 1);
    scene_wait(s, SCENE_T0);
    scene_forget(s);
    return s;
}
