/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * speaker: see speaker.h. Every call of the core is followed by speaker_end(), which reads its
 * actions; what they cause at once (a refused CONNECT, octets taken, a STORE answered) is noted
 * and becomes steps of its own when the step is over.
 */
#include "tests/speaker.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/tap.h"

enum { ACTIONS = 8192, OUT_OCTETS = 3 << 20, EFFECTS = 512 };

struct prefix speaker_prefix(const char *text)
{
    struct prefix p = {0};

    if (strncmp(text, "0/", 2) == 0) /* a hint */
        return (struct prefix){0, FAMILY_IPV4, (uint8_t)strtoul(text + 2, NULL, 10)};
    if (!prefix_parse(&p, text))
        abort();
    return p;
}

/* ---- making one ---- */

struct speaker *speaker_new(void)
{
    struct speaker *s = calloc(1, sizeof(*s));

    if (!s)
        abort();
    masc_config_defaults(&s->cfg);
    s->cfg.domain = SPEAKER_DOMAIN;
    s->cfg.node = 0xC0000201;
    s->cfg.claims_max = 2048;
    s->cfg.origins_max = 256;
    s->cfg.unassociated_max = 8;
    s->cfg.peers_max = SPEAKER_PEERS;
    s->cfg.own_max = 16;
    s->cfg.soft_threshold = 0;
    s->seed = 1;
    s->next_conn = 1;
    s->now.mono.ms = 1000000;
    s->wall_ms = SPEAKER_T0 * 1000;
    s->now.wall.s = SPEAKER_T0;
    out_init(&s->out, malloc(ACTIONS * sizeof(struct action)), ACTIONS, malloc(OUT_OCTETS),
             OUT_OCTETS);
    return s;
}

struct masc_peer_config *speaker_peer(struct speaker *s, enum masc_role role, u128 domain)
{
    unsigned i = s->cfg.peers++;
    struct masc_peer_config *p = &s->cfg.peer[i];

    masc_peer_defaults(p);
    text_copy(p->name, sizeof(p->name), "peer-x");
    p->name[5] = (char)('0' + i);
    p->role = role;
    p->domain = domain;
    p->addr = (struct addr){0xC6336400 + i, FAMILY_IPV4}; /* 198.51.100.i */
    p->hold_time_s = 0;
    s->node[i] = 0x0A000001 + i;
    return p;
}

struct speaker *speaker_child(void)
{
    struct speaker *s = speaker_new();

    speaker_peer(s, MASC_CHILD, 65000);
    speaker_peer(s, MASC_SIBLING, 65002)->parent = 65000;
    speaker_peer(s, MASC_INTERNAL, SPEAKER_DOMAIN);
    speaker_peer(s, MASC_PARENT, 65100);
    speaker_peer(s, MASC_PARENT, 65101);
    speaker_peer(s, MASC_SIBLING, 65003)->parent = 65000;
    speaker_peer(s, MASC_CHILD, 65010);
    speaker_peer(s, MASC_SIBLING, 65012)->parent = 65010;
    return s;
}

struct speaker *speaker_tld(void)
{
    struct speaker *s = speaker_new();

    s->cfg.tld = true;
    s->cfg.range[s->cfg.ranges++] = (struct masc_range){speaker_prefix("228.0.0.0/6"), 0};
    speaker_peer(s, MASC_SIBLING, 65002);
    speaker_peer(s, MASC_INTERNAL, SPEAKER_DOMAIN);
    speaker_peer(s, MASC_PARENT, 65100);
    speaker_peer(s, MASC_PARENT, 65101);
    speaker_peer(s, MASC_SIBLING, 65003);
    return s;
}

void speaker_init(struct speaker *s)
{
    size_t octets = masc_octets(&s->cfg);

    free(s->mem);
    s->mem = aligned_alloc(64, (octets + 63) & ~(size_t)63);
    if (!s->mem)
        abort();
    memset(s->mem, 0, octets);
    s->m = masc_init(s->mem, &s->cfg, s->seed);
}

void speaker_free(struct speaker *s)
{
    EXPECT_UEQ(s->faults, 0);
    free(s->mem);
    free(s->out.action);
    free(s->out.buf);
    free(s->heard);
    free(s->told);
    free(s);
}

/* ---- what the speaker does ---- */

static void fault(struct speaker *s, const char *what)
{
    s->faults++;
    tap_diag("speaker: %s", what);
}

static int peer_of(const struct speaker *s, conn_t conn)
{
    for (unsigned i = 0; i < SPEAKER_PEERS; i++)
        if (s->conn[i] && s->conn[i] == conn.id)
            return (int)i;
    return -1;
}

static struct heard *keep_heard(struct speaker *s)
{
    if (s->heard_n == s->heard_cap) {
        s->heard_cap = s->heard_cap ? s->heard_cap * 2 : 64;
        s->heard = realloc(s->heard, s->heard_cap * sizeof(*s->heard));
        if (!s->heard)
            abort();
    }
    s->heard[s->heard_n] = (struct heard){.code = 0};
    return &s->heard[s->heard_n++];
}

static void hear_update(struct speaker *s, unsigned peer, const struct masc_frame *f)
{
    struct masc_fault bad = masc_update_check(f->octets, f->len, true, true);
    struct rd rest = rd_init(f->octets + MASC_HEADER_OCTETS, f->len - MASC_HEADER_OCTETS);
    struct masc_attr a;

    if (masc_fault_is(&bad))
        fault(s, "a malformed UPDATE");
    s->messages++;
    while (masc_update_next(&rest, f->octets, f->len, &a, &bad)) {
        struct heard *h;
        if (masc_fault_is(&bad)) {
            fault(s, "an attribute in error");
            continue;
        }
        h = keep_heard(s);
        h->peer = peer;
        h->attr = a;
        h->message = s->messages;
    }
}

static void hear_notification(struct speaker *s, unsigned peer, const struct masc_frame *f)
{
    struct masc_notification n;
    bool erroneous;
    struct heard *h = keep_heard(s);

    (void)masc_notification_decode(&n, &erroneous, f->octets, f->len);
    *h = (struct heard){.peer = peer, .code = n.code, .subcode = n.subcode, .open = n.open,
                        .data_len = n.data_len};
    memcpy(h->data, n.data, n.data_len < sizeof(h->data) ? n.data_len : sizeof(h->data));
    if (erroneous)
        fault(s, "an unknown NOTIFICATION");
}

static void hear(struct speaker *s, unsigned peer, const struct action *a)
{
    struct masc_frame f;
    size_t at = 0;

    while (at < a->len) {
        if (masc_frame_next(&f, a->bytes + at, a->len - at) != MASC_FRAME_MESSAGE) {
            fault(s, "a STREAM that is not whole messages");
            return;
        }
        at += f.len;
        if (f.type == MASC_UPDATE)
            hear_update(s, peer, &f);
        else if (f.type == MASC_NOTIFICATION)
            hear_notification(s, peer, &f);
    }
}

static void keep_row(struct speaker *s, const struct row *row)
{
    struct told *t;
    bool life = row->type == &masc_row_life;

    if (!life && row->type != &masc_row_output)
        return;
    if (s->told_n == s->told_cap) {
        s->told_cap = s->told_cap ? s->told_cap * 2 : 64;
        s->told = realloc(s->told, s->told_cap * sizeof(*s->told));
        if (!s->told)
            abort();
    }
    t = &s->told[s->told_n++];
    *t = (struct told){.prefix = row->v[life ? 1 : 2].prefix};
    if (life) {
        text_copy(t->event, sizeof(t->event), row->v[0].text);
        t->domain = row->v[2].id;
        t->other = row->v[3].id;
        text_copy(t->reason, sizeof(t->reason), row->v[6].text ? row->v[6].text : "");
    } else {
        text_copy(t->to, sizeof(t->to), row->v[0].text);
        text_copy(t->what, sizeof(t->what), row->v[1].text);
    }
}

/* The one text of a stored prefix. */
static unsigned use_field(const struct row *row)
{
    unsigned i = 0;

    while (i + 1 < row->type->fields && !text_equal(row->type->field[i].name, "use"))
        i++;
    return i;
}

static bool same_record(const struct stored_row *a, const struct stored_row *b)
{
    return prefix_equal(a->row.v[0].prefix, b->row.v[0].prefix) &&
           a->row.v[1].wall.s == b->row.v[1].wall.s && a->row.v[2].id == b->row.v[2].id &&
           text_equal(a->use, b->use);
}

/* The store has it: the last word on each record counts. */
static bool is_kept(const struct speaker *s, size_t i)
{
    bool last = s->store[i].row.type && !s->store[i].remove;

    for (size_t j = i + 1; j < s->stores && last; j++)
        last = !s->store[j].row.type || !same_record(&s->store[j], &s->store[i]);
    return last;
}

/* Records that are gone, once nobody waits for them. */
static void tidy_stores(struct speaker *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->stores; i++)
        if (!s->store[i].answered || is_kept(s, i))
            s->store[n++] = s->store[i];
    s->stores = n;
}

static void keep_store(struct speaker *s, const struct action *a)
{
    unsigned use = use_field(a->row);
    struct stored_row *r;

    if (s->stores == SPEAKER_STORES)
        tidy_stores(s);
    if (s->stores == SPEAKER_STORES)
        abort();
    r = &s->store[s->stores++];
    *r = (struct stored_row){.row = *a->row, .ticket = a->ticket, .remove = a->remove};
    text_copy(r->use, sizeof(r->use), a->row->v[use].text);
    r->row.v[use].text = NULL; /* it was borrowed */
}

/* ---- steps ---- */

struct out *speaker_begin(struct speaker *s)
{
    out_reset(&s->out);
    return &s->out;
}

/* What an action causes at once. */
struct effect {
    enum event_kind kind;
    conn_t conn;
    size_t len;
};

static size_t look(struct speaker *s, struct effect *e, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < s->out.actions; i++) {
        const struct action *a = &s->out.action[i];
        int peer = peer_of(s, a->conn);
        if (n + 1 >= max)
            abort();
        if (a->kind == ACTION_LOG) {
            keep_row(s, a->row);
        } else if (a->kind == ACTION_STORE) {
            keep_store(s, a);
        } else if (a->kind == ACTION_CONNECT) {
            e[n++] = (struct effect){.kind = EVENT_CONN_DOWN, .conn = a->conn};
        } else if (a->kind == ACTION_STREAM && peer >= 0) {
            hear(s, (unsigned)peer, a);
            if (s->choked[peer])
                s->queued[peer] += a->len;
            else
                e[n++] = (struct effect){EVENT_SENT, a->conn, a->len};
        } else if (a->kind == ACTION_CLOSE && peer >= 0) {
            s->conn[peer] = 0;
        }
    }
    return n;
}

static void answer_stores(struct speaker *s)
{
    while (!s->hold_stores && speaker_stored(s, s->store_says))
        continue;
}

void speaker_end(struct speaker *s)
{
    struct effect e[EFFECTS];
    size_t n = look(s, e, EFFECTS);

    s->steps++;
    for (size_t i = 0; i < n; i++)
        if (e[i].kind != EVENT_SENT || peer_of(s, e[i].conn) >= 0)
            speaker_step(s, (struct event){.kind = e[i].kind, .conn = e[i].conn, .len = e[i].len});
    answer_stores(s);
}

void speaker_step(struct speaker *s, struct event ev)
{
    ev.now = s->now;
    masc_step(s->m, &ev, speaker_begin(s));
    speaker_end(s);
}

bool speaker_stored(struct speaker *s, enum stored result)
{
    for (size_t i = 0; i < s->stores; i++) {
        if (s->store[i].answered)
            continue;
        s->store[i].answered = true;
        if (result != STORED_OK)
            s->store[i].row.type = NULL; /* the store does not have it */
        speaker_step(s, (struct event){
                            .kind = EVENT_STORED, .ticket = s->store[i].ticket, .stored = result});
        return true;
    }
    return false;
}

void speaker_row(struct speaker *s, const struct row *row)
{
    speaker_step(s, (struct event){.kind = EVENT_BOOT, .row = row});
}

void speaker_ready(struct speaker *s)
{
    speaker_step(s, (struct event){.kind = EVENT_READY});
}

/* ---- sessions ---- */

static void send_open(struct speaker *s, unsigned peer)
{
    const struct masc_peer_config *p = &s->cfg.peer[peer];
    u128 parent[MASC_PARENTS_MAX] = {s->cfg.domain};
    struct masc_open o = {.version = MASC_VERSION, .family = FAMILY_IPV4,
                          .role = masc_role_counterpart(p->role), .domain = p->domain,
                          .node = s->node[peer], .parent = p->parent};
    uint8_t at[64];
    struct wr w = wr_init(at, sizeof(at));

    (void)masc_config_parents(&s->cfg, parent);
    if (p->role == MASC_INTERNAL)
        o.parent = parent[0];
    masc_open_encode(&w, &o);
    masc_keepalive_encode(&w);
    speaker_octets(s, peer, at, w.len);
}

void speaker_up(struct speaker *s, unsigned peer)
{
    char why[100];
    struct wr w = wr_init(why, sizeof(why));

    if (masc_peer_info(masc_sessions(s->m), peer).state == MASC_IDLE) {
        (void)masc_peer_command(s->m, "start", s->cfg.peer[peer].name,
                                &(struct masc_order){s->now, speaker_begin(s), &w});
        speaker_end(s);
    }
    s->conn[peer] = s->next_conn;
    s->queued[peer] = 0;
    s->next_conn += 2;
    speaker_step(s, (struct event){.kind = EVENT_CONN_UP, .conn = {s->conn[peer]},
                                   .addr = s->cfg.peer[peer].addr});
    send_open(s, peer);
    if (!masc_peer_established(masc_sessions(s->m), peer))
        fault(s, "a session does not come up");
}

void speaker_down(struct speaker *s, unsigned peer)
{
    conn_t conn = {s->conn[peer]};

    s->conn[peer] = 0;
    speaker_step(s, (struct event){.kind = EVENT_CONN_DOWN, .conn = conn});
}

void speaker_start(struct speaker *s)
{
    struct masc_attr a;

    speaker_init(s);
    speaker_ready(s);
    for (unsigned i = 0; i < s->cfg.peers; i++)
        speaker_up(s, i);
    if (!s->cfg.tld) {
        a = speaker_attr(s, PARENT, MASC_PREFIX_MANAGED, "228.0.0.0/8");
        a.lifetime_s = a.holdtime_s = 180 * 86400;
        speaker_feed(s, PARENT, &a);
    }
    speaker_forget(s);
}

void speaker_reboot(struct speaker *s)
{
    size_t n = 0;

    memset(s->conn, 0, sizeof(s->conn));
    for (size_t i = 0; i < s->stores; i++)
        if (is_kept(s, i))
            s->store[n++] = s->store[i];
    s->stores = n;
    speaker_init(s);
    for (size_t i = 0; i < n; i++) {
        struct row row = s->store[i].row;
        row.v[use_field(&row)].text = s->store[i].use;
        speaker_row(s, &row);
    }
    speaker_ready(s);
}

/* ---- time ---- */

static void pass(struct speaker *s, int64_t ms)
{
    s->now.mono.ms += ms;
    s->wall_ms += ms;
    s->now.wall.s = s->wall_ms / 1000;
}

void speaker_wait_ms(struct speaker *s, int64_t ms)
{
    int64_t until = s->now.mono.ms + ms;
    unsigned same = 0;

    for (;;) {
        int64_t due = masc_deadline(s->m).ms;
        if (due > until)
            break;
        same = due > s->now.mono.ms ? 0 : same + 1;
        if (same > 1000) {
            fault(s, "a deadline that does not go away");
            break;
        }
        pass(s, due > s->now.mono.ms ? due - s->now.mono.ms : 0);
        speaker_step(s, (struct event){.kind = EVENT_TIME});
    }
    pass(s, until - s->now.mono.ms);
    speaker_step(s, (struct event){.kind = EVENT_TIME});
}

void speaker_wait(struct speaker *s, int64_t seconds)
{
    speaker_wait_ms(s, seconds * 1000);
}

void speaker_wall(struct speaker *s, int64_t seconds)
{
    s->wall_ms += seconds * 1000;
    s->now.wall.s = s->wall_ms / 1000;
    speaker_step(s, (struct event){.kind = EVENT_TIME});
}

/* ---- what peers say ---- */

struct masc_attr speaker_attr(const struct speaker *s, unsigned peer, enum masc_type type,
                              const char *prefix)
{
    bool child = s->cfg.peer[peer].role == MASC_PARENT, held = type == MASC_PREFIX_IN_USE ||
                                                               type == MASC_PREFIX_MANAGED ||
                                                               type == MASC_WITHDRAW;
    uint32_t life = child ? SPEAKER_CHILD_LIFE : SPEAKER_LIFE;

    return (struct masc_attr){
        .type = type,
        .role = MASC_INTERNAL,
        .timestamp_s = (uint32_t)s->now.wall.s,
        .lifetime_s = life,
        .holdtime_s = held ? life : MASC_WAITING_PERIOD_S,
        .domain = s->cfg.peer[peer].domain,
        .node = s->node[peer],
        .prefix = speaker_prefix(prefix),
    };
}

void speaker_octets(struct speaker *s, unsigned peer, const uint8_t *at, size_t len)
{
    speaker_step(s, (struct event){
                        .kind = EVENT_STREAM, .conn = {s->conn[peer]}, .bytes = at, .len = len});
}

void speaker_feed_all(struct speaker *s, unsigned peer, const struct masc_attr *a, size_t n)
{
    uint8_t at[MASC_MESSAGE_MAX];
    struct wr w = wr_init(at, sizeof(at));

    masc_update_begin(&w);
    for (size_t i = 0; i < n; i++)
        masc_attr_encode(&w, &a[i]);
    masc_update_end(&w, 0);
    if (!wr_ok(&w))
        abort();
    speaker_octets(s, peer, at, w.len);
}

void speaker_feed(struct speaker *s, unsigned peer, const struct masc_attr *a)
{
    speaker_feed_all(s, peer, a, 1);
}

uint8_t speaker_error(struct speaker *s, unsigned peer, const struct masc_attr *a)
{
    size_t before = s->heard_n;

    speaker_feed(s, peer, a);
    for (size_t i = before; i < s->heard_n; i++)
        if (s->heard[i].peer == peer && s->heard[i].code == MASC_E_UPDATE)
            return s->heard[i].open ? s->heard[i].subcode : 255;
    return 0;
}

void speaker_take(struct speaker *s, unsigned peer, size_t octets)
{
    size_t n = octets < s->queued[peer] ? octets : s->queued[peer];

    if (n == 0)
        return;
    s->queued[peer] -= n;
    speaker_step(s, (struct event){.kind = EVENT_SENT, .conn = {s->conn[peer]}, .len = n});
}

/* ---- what came out ---- */

void speaker_forget(struct speaker *s)
{
    s->heard_n = s->told_n = 0;
}

const struct masc_attr *speaker_heard(const struct speaker *s, unsigned peer, enum masc_type type,
                                      const char *prefix)
{
    struct prefix p = speaker_prefix(prefix);

    for (size_t i = 0; i < s->heard_n; i++) {
        const struct heard *h = &s->heard[i];
        if (h->peer == peer && h->code == 0 && h->attr.type == type &&
            prefix_equal(h->attr.prefix, p))
            return &h->attr;
    }
    return NULL;
}

const struct heard *speaker_nth(const struct speaker *s, unsigned peer, size_t n)
{
    for (size_t i = 0; i < s->heard_n; i++)
        if (s->heard[i].peer == peer && s->heard[i].code == 0 && n-- == 0)
            return &s->heard[i];
    return NULL;
}

size_t speaker_count(const struct speaker *s, unsigned peer)
{
    size_t n = 0;

    while (speaker_nth(s, peer, n))
        n++;
    return n;
}

size_t speaker_notes(const struct speaker *s, unsigned peer)
{
    size_t n = 0;

    for (size_t i = 0; i < s->heard_n; i++)
        n += s->heard[i].peer == peer && s->heard[i].code != 0;
    return n;
}

size_t speaker_told(const struct speaker *s, const char *event, const char *prefix)
{
    size_t n = 0;

    for (size_t i = 0; i < s->told_n; i++)
        n += text_equal(s->told[i].event, event) &&
             (!prefix || prefix_equal(s->told[i].prefix, speaker_prefix(prefix)));
    return n;
}

const char *speaker_reason(const struct speaker *s, const char *event)
{
    for (size_t i = 0; i < s->told_n; i++)
        if (text_equal(s->told[i].event, event))
            return s->told[i].reason;
    return NULL;
}

int speaker_output(const struct speaker *s, const char *to, const char *prefix)
{
    int n = 0;

    for (size_t i = 0; i < s->told_n; i++)
        if (text_equal(s->told[i].to, to) &&
            prefix_equal(s->told[i].prefix, speaker_prefix(prefix)))
            n += text_equal(s->told[i].what, "add") ? 1 : -1;
    return n;
}

size_t speaker_outputs(const struct speaker *s, const char *to, const char *what)
{
    size_t n = 0;

    for (size_t i = 0; i < s->told_n; i++)
        n += text_equal(s->told[i].to, to) && text_equal(s->told[i].what, what);
    return n;
}

size_t speaker_kept(const struct speaker *s, const char *prefix)
{
    size_t n = 0;

    for (size_t i = 0; i < s->stores; i++)
        n += is_kept(s, i) && prefix_equal(s->store[i].row.v[0].prefix, speaker_prefix(prefix));
    return n;
}

/* ---- the state ---- */

struct own *speaker_own(const struct speaker *s, const char *prefix)
{
    struct own *found = NULL;

    for (unsigned i = 0; i < s->m->own_max; i++) {
        struct own *o = &s->m->own[i];
        if (o->present && prefix_equal(o->prefix, speaker_prefix(prefix)) &&
            (!found || own_in_use(o)))
            found = o;
    }
    return found;
}

struct own *speaker_own_in(const struct speaker *s, enum masc_own_state state)
{
    for (unsigned i = 0; i < s->m->own_max; i++)
        if (s->m->own[i].present && s->m->own[i].state == state)
            return &s->m->own[i];
    return NULL;
}

unsigned speaker_owns(const struct speaker *s)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->m->own_max; i++)
        n += s->m->own[i].present;
    return n;
}

uint32_t speaker_entry(const struct speaker *s, const struct masc_attr *a, enum masc_role role)
{
    struct claim c = claim_from_attr(a, role, s->now.wall.s);

    return table_find(&s->m->table, &c);
}

bool speaker_claim(struct speaker *s, const char *prefix)
{
    struct masc_claim_wish wish = {.prefix = speaker_prefix(prefix), .lifetime_s = SPEAKER_LIFE};

    return speaker_wish(s, &wish);
}

bool speaker_wish(struct speaker *s, const struct masc_claim_wish *wish)
{
    struct wr w = wr_init(s->why, sizeof(s->why) - 1);
    bool good = masc_claim(s->m, wish, &(struct masc_order){s->now, speaker_begin(s), &w});

    s->why[w.len] = '\0';
    speaker_end(s);
    return good;
}

bool speaker_release(struct speaker *s, const char *prefix)
{
    struct wr w = wr_init(s->why, sizeof(s->why) - 1);
    struct masc_order order = {s->now, speaker_begin(s), &w};
    bool good = masc_release(s->m, speaker_prefix(prefix), &order);

    s->why[w.len] = '\0';
    speaker_end(s);
    return good;
}

void speaker_show(const struct speaker *s)
{
    char text[PREFIX_TEXT_MAX];

    for (size_t i = 0; i < s->told_n; i++)
        tap_diag("told %s%s %s %s: %s", s->told[i].event, s->told[i].to, s->told[i].what,
                 prefix_format(s->told[i].prefix, text), s->told[i].reason);
    for (size_t i = 0; i < s->heard_n; i++)
        tap_diag("peer %u heard %s rol=%d %s, error %u/%u", s->heard[i].peer,
                 masc_type_name(s->heard[i].attr.type), (int)s->heard[i].attr.role,
                 prefix_format(s->heard[i].attr.prefix, text), s->heard[i].code,
                 s->heard[i].subcode);
}

int speaker_role(const struct speaker *s, unsigned peer, enum masc_type type, const char *prefix)
{
    const struct masc_attr *a = speaker_heard(s, peer, type, prefix);

    return a ? (int)a->role : -1;
}

void speaker_hold(struct speaker *s, const char *prefix)
{
    EXPECT(speaker_claim(s, prefix));
    speaker_wait(s, s->cfg.waiting_period_s + s->cfg.claim_delay_s);
    EXPECT(speaker_own(s, prefix) && own_in_use(speaker_own(s, prefix)));
}
