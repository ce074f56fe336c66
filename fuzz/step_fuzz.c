/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz target over the steps of a whole node: the input is a little program that plays the world
 * around it (world.h, which also says what must hold): sessions come up with valid octets, UPDATEs
 * arrive from four peers in the four roles, whole, mutated and cut, clocks jump, connections break,
 * the store fails, a person asks and orders, the configuration changes, the node dies and boots.
 *
 * The program: three octets of setting (variant of the configuration, seed, reserved), then
 * operations of one octet (its low four bits, the table below) with arguments of one octet each;
 * what the input lacks is 0. The bounds of the node are so small that every one of them is hit.
 * fuzz/seeds writes the corpus in words of this language.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "fuzz/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum op {
    OP_SESSION,   /* peer, hold: accept, OPEN, KEEPALIVE */
    OP_ACCEPT,    /* peer, or a stranger */
    OP_CONNECT,   /* up: answers the oldest CONNECT */
    OP_OPEN,      /* peer, what: an OPEN with one field changed */
    OP_OCTETS,    /* peer, n, n octets */
    OP_UPDATE,    /* peer, n and mutations, 5 for each attribute, 2 for each mutation */
    OP_MESSAGE,   /* peer, kind, ...: KEEPALIVE, NOTIFICATION */
    OP_ECHO,      /* peer: what the node sent last, to anybody */
    OP_TIME,      /* how much, in how many jumps */
    OP_WALL,      /* how much: the wall clock alone */
    OP_DOWN,      /* peer */
    OP_STORE,     /* waits or not; or one result */
    OP_ASK,       /* words */
    OP_CONFIGURE, /* variant */
    OP_WINDOW,    /* peer, what: chokes, takes some, takes all */
    OP_LIFE,      /* what: STOP, or a crash and a boot */
    OPS,
};

struct program {
    const uint8_t *at;
    size_t left;
};

static uint8_t take(struct program *p)
{
    if (p->left == 0)
        return 0;
    p->left--;
    return *p->at++;
}

/* ---- the configuration ---- */

enum { DOMAIN = 65001, NODE = 0x7F000001, PARENT = 65000, CHILD = 65100 };

#define ADDR UINT32_C(0xC6336400) /* of the first peer */

static struct prefix v4(uint32_t addr, uint8_t len)
{
    return (struct prefix){addr, FAMILY_IPV4, len};
}

static void add_peer(struct masc_config *c, enum masc_role role, u128 domain, uint32_t addr)
{
    struct masc_peer_config *p = &c->peer[c->peers];

    masc_peer_defaults(p);
    p->name[0] = 'p';
    p->name[1] = (char)('0' + c->peers);
    p->addr = (struct addr){addr, FAMILY_IPV4};
    p->role = role;
    p->domain = domain;
    p->parent = role == MASC_SIBLING && !c->tld ? PARENT : 0;
    c->peers++;
}

static void add_peers(struct masc_config *c, uint8_t variant)
{
    if (c->tld)
        add_peer(c, MASC_SIBLING, PARENT, ADDR);
    else
        add_peer(c, MASC_CHILD, PARENT, ADDR);
    add_peer(c, MASC_SIBLING, 65002, ADDR + 1);
    add_peer(c, MASC_INTERNAL, DOMAIN, ADDR + 2);
    add_peer(c, MASC_PARENT, CHILD, ADDR + 3);
    if (variant & 2) { /* another child, or another parent and the first sibling once more (4.4) */
        add_peer(c, c->tld ? MASC_PARENT : MASC_CHILD, 65010, ADDR + 4);
        c->peer[1].boundary = 1;
        c->peer[3].passive = true;
        if (!c->tld) {
            add_peer(c, MASC_SIBLING, 65002, ADDR + 1);
            c->peer[5].parent = 65010;
        }
    }
    for (unsigned i = 0; i < c->peers; i++)
        c->peer[i].hold_time_s = variant & 4 ? 0 : 240;
}

static void add_space(struct masc_config *c, uint8_t variant)
{
    text_copy(c->scope[0].name, sizeof(c->scope[0].name), "campus");
    c->scope[0].prefix = v4(0xEF000000, 8);
    c->scope[0].zone_tld = variant & 8;
    c->scopes = 1;
    if (c->tld)
        c->range[c->ranges++] = (struct masc_range){v4(0xE4000000, 8), 0};
    if (variant & 8)
        c->range[c->ranges++] = (struct masc_range){v4(0xEF010000, 16), 1};
    if (variant & 16)
        c->demand[c->demands++] = (struct masc_demand){
            .family = FAMILY_IPV4, .addresses = 1024, .lifetime_s = 30 * 86400};
}

/* Bit 0: top-level; 1: more peerings; 2: Hold Time 0; 3: a zone; 4: demand; 5: limits; 6: manual
 * and strict; 7: packed. */
static void configure(struct node_config *n, uint8_t variant)
{
    char path[200], why[300];
    struct wr path_w = wr_init(path, sizeof(path)), why_w = wr_init(why, sizeof(why));
    struct masc_config *c = &n->masc;

    memset(n, 0, sizeof(*n));
    n->name[0] = 'n';
    masc_config_defaults(c);
    c->domain = DOMAIN;
    c->node = NODE;
    c->tld = variant & 1;
    c->claims_max = 64;
    c->per_origin_max = 40;
    c->origins_max = 16;
    c->own_max = 8;
    c->peers_max = 6;
    c->unassociated_max = 4;
    if (variant & 32) {
        c->timestamp_too_old = true;
        c->soft_threshold = 64;
        c->hard_threshold = 200;
        c->size_max = 512;
        c->lifetime_min_s = 3600;
        c->holdtime_min_s = 60;
        c->hold_time_min_s = variant & 4 ? 0 : 30;
        c->ignore[c->ignored++] = (struct masc_ignored){65003, 0};
    }
    if (variant & 64) {
        c->clash = MASC_CLASH_MANUAL;
        c->strict_third_party = true;
        c->relay_siblings = false;
    }
    c->packed = variant & 128;
    add_peers(c, variant);
    add_space(c, variant);
    CHECK(masc_config_check(c, &path_w, &why_w));
}

static const struct masc_config *config(void)
{
    return &world.config[world.config_at].masc;
}

static const struct masc_peer_config *peer_of(uint8_t octet)
{
    return &config()->peer[octet % config()->peers];
}

/* The newest connection with that peer that is up, or NULL. */
static struct world_conn *conn_of(uint8_t octet)
{
    const struct masc_peer_config *p = peer_of(octet);
    struct world_conn *found = NULL;

    for (unsigned i = 0; i < WORLD_CONNS; i++) {
        struct world_conn *x = &world.conn[i];
        if (x->open && x->up && x->addr.addr == p->addr.addr && (!found || x->id > found->id))
            found = x;
    }
    return found;
}

/* ---- octets ---- */

static uint8_t message[MASC_MESSAGE_MAX + 64];

static enum masc_role opposite(enum masc_role role)
{
    switch (role) {
    case MASC_CHILD: return MASC_PARENT;
    case MASC_PARENT: return MASC_CHILD;
    case MASC_INTERNAL:
    case MASC_SIBLING: break;
    }
    return role;
}

static struct masc_open open_of(const struct masc_peer_config *p)
{
    return (struct masc_open){
        .version = MASC_VERSION,
        .family = FAMILY_IPV4,
        .role = opposite(p->role),
        .hold_time_s = 240,
        .domain = p->domain,
        .node = (uint32_t)p->addr.addr,
        .parent = p->role == MASC_PARENT ? DOMAIN : p->role == MASC_SIBLING ? p->parent
                  : config()->tld                                           ? 0
                                                                            : PARENT,
    };
}

static void send_open(struct world_conn *x, const struct masc_open *o)
{
    struct wr w = wr_init(message, sizeof(message));

    masc_open_encode(&w, o);
    if (wr_ok(&w))
        world_bytes_to(x, message, w.len);
}

static void do_session(struct program *p)
{
    static const uint16_t hold[] = {0, 240, 3, 65535};
    const struct masc_peer_config *pc = peer_of(take(p));
    struct masc_open o = open_of(pc);
    struct world_conn *x = world_accept(pc->addr);
    uint32_t id;

    o.hold_time_s = hold[take(p) % 4];
    if (!x)
        return;
    id = x->id;
    send_open(x, &o);
    if (x->open && x->id == id)
        world_bytes_to(x, (const uint8_t[]){0, 4, MASC_KEEPALIVE, 0}, 4);
}

static void do_accept(struct program *p)
{
    uint8_t who = take(p);

    (void)world_accept(who & 0x80 ? (struct addr){0x0A000001, FAMILY_IPV4} : peer_of(who)->addr);
}

static void do_connect(struct program *p)
{
    uint8_t what = take(p);
    struct world_conn *x = NULL;

    for (unsigned i = 0; i < WORLD_CONNS; i++)
        if (world.conn[i].open && !world.conn[i].up && (!x || world.conn[i].id < x->id))
            x = &world.conn[i];
    if (x)
        world_answer_connect(x, what & 1);
}

static void do_open(struct program *p)
{
    uint8_t who = take(p), what = take(p);
    struct world_conn *x = conn_of(who);
    struct masc_open o = open_of(peer_of(who));

    switch (what & 7) {
    case 1: o.version = what >> 3; break;
    case 2: o.role = what >> 3 & 3; break;
    case 3: o.hold_time_s = what >> 3; break;
    case 4: o.domain ^= what >> 3; break;
    case 5: o.node ^= what >> 3; break;
    case 6: o.parent ^= what >> 3; break;
    case 7: o.family = FAMILY_IPV6; break;
    }
    if (x)
        send_open(x, &o);
}

static void do_octets(struct program *p)
{
    struct world_conn *x = conn_of(take(p));
    size_t n = take(p);

    n = n < p->left ? n : p->left;
    if (x && n > 0)
        world_bytes_to(x, p->at, n);
    p->at += n;
    p->left -= n;
}

/* ---- UPDATEs ---- */

/* Low half: a place in the table, or own prefixes; high half: how many of its size further on. */
static struct prefix prefix_of(uint8_t octet)
{
    const struct prefix table[] = {
        v4(0xE4000000, 8),  v4(0xE4000000, 16), v4(0xE4010000, 16), v4(0xE4010000, 17),
        v4(0xE4010100, 24), v4(0xE4010108, 29), v4(0xE8010203, 32), v4(0xE0000000, 4),
        v4(0xEF010000, 16), v4(0xEF010000, 24), v4(0, 24),          v4(0, 12),
        {(u128)0xFF1E << 112, FAMILY_IPV6, 32}, {0, FAMILY_IPV6, 96},
    };
    unsigned at = octet & 15, further = octet >> 4;
    struct masc_own_view own = {.prefix = {.family = 0}};
    uint64_t cursor = 0;
    struct prefix p;

    if (at < sizeof(table) / sizeof(table[0])) {
        p = table[at];
        if (p.addr != 0 && p.len > 8)
            p.addr += (u128)further << (family_bits(p.family) - p.len);
        return p;
    }
    for (unsigned i = 0; i <= further / 2; i++)
        if (!masc_own_next(world.node->masc, world.now, &cursor, &own))
            break;
    if (own.prefix.family == 0)
        return v4(0xE4020000, 16);
    if (at == 15 && further & 1 && own.prefix.len < 32)
        own.prefix.len++; /* its lower half */
    if (at == 14 && further & 1 && own.prefix.len > 4)
        own.prefix = prefix_shorten(own.prefix, (uint8_t)(own.prefix.len - 1));
    return own.prefix;
}

static u128 domain_of(const struct masc_peer_config *p, uint8_t octet)
{
    const u128 table[] = {p->domain, DOMAIN, PARENT, 65002, CHILD, 65003, 0};

    return octet < sizeof(table) / sizeof(table[0]) ? table[octet] : 70000u + octet;
}

static struct masc_attr attr_of(struct program *p, const struct masc_peer_config *pc)
{
    static const int64_t ago[] = {
        0, 1, -1, 60, 3600, 90000, 172800, -90000, 2500000, 2, -3600, 86400, -172800, 31000000,
        INT64_C(1) << 31, 600,
    };
    static const uint32_t life[] = {30 * 86400, 172800, 0, 1, 60, 3600, 15768000, UINT32_MAX};
    uint8_t what = take(p), prefix = take(p), time = take(p), lives = take(p), who = take(p);

    return (struct masc_attr){
        .type = (what & 7) % MASC_TYPES,
        .role = what >> 3 & 3,
        .deprecated = what & 0x80,
        .timestamp_s = (uint32_t)(world.now.wall.s - ago[time & 15]),
        .lifetime_s = life[lives & 7],
        .holdtime_s = life[lives >> 3 & 7],
        .domain = domain_of(pc, who & 15),
        .node = who >> 4 == 15 ? 0 : who >> 4 == 14 ? (u128)NODE : pc->addr.addr + (who >> 4),
        .prefix = prefix_of(prefix),
    };
}

static void do_update(struct program *p)
{
    uint8_t peer = take(p), counts = take(p);
    const struct masc_peer_config *pc = peer_of(peer);
    struct world_conn *x = conn_of(peer);
    struct wr w = wr_init(message, sizeof(message));
    size_t cut = 0;

    masc_update_begin(&w);
    for (unsigned n = (counts & 15) + 1u; n > 0; n--) {
        struct masc_attr a = attr_of(p, pc);
        masc_attr_encode(&w, &a);
    }
    masc_update_end(&w, 0);
    for (unsigned n = counts >> 4 & 3; n > 0; n--) {
        uint8_t at = take(p), with = take(p);
        message[at % w.len] ^= with;
    }
    if (!x || !wr_ok(&w))
        return;
    if (counts & 0x80)
        cut = w.len / 2;
    if (cut)
        world_bytes_to(x, message, cut);
    world_bytes_to(x, message + cut, w.len - cut);
}

static void do_message(struct program *p)
{
    struct world_conn *x = conn_of(take(p));
    uint8_t kind = take(p), code = kind ? take(p) : 0, subcode = kind ? take(p) : 0;
    struct wr w = wr_init(message, sizeof(message));

    if (kind == 0) {
        masc_keepalive_encode(&w);
    } else { /* bit 7: the last thing heard is what it is about */
        wr_u16(&w, 0);
        wr_u8(&w, MASC_NOTIFICATION);
        wr_u8(&w, 0);
        wr_u8(&w, code);
        wr_u8(&w, subcode);
        if (kind & 0x80 && world.heard_len > 4 && world.heard_len < 4000)
            wr_bytes(&w, world.heard + 4, world.heard_len - 4);
        wr_patch_u16(&w, 0, (uint16_t)w.len);
    }
    if (x)
        world_bytes_to(x, message, w.len);
}

static void do_echo(struct program *p)
{
    static uint8_t copy[sizeof(world.heard)];
    struct world_conn *x = conn_of(take(p));
    size_t len = world.heard_len;

    memcpy(copy, world.heard, len);
    if (x)
        world_bytes_to(x, copy, len);
}

/* ---- time, the store, a person ---- */

static void do_time(struct program *p)
{
    static const int64_t seconds[] = {
        0, 1, 3, 30, 60, 240, 600, 3600, 86400, 172800, 200000, 1000000, 2592000, 3000000, 16000000,
        5,
    };
    uint8_t what = take(p);

    world_pass(seconds[what & 15] * 1000 + (what >> 4), what & 0x80 ? 1 : 40);
}

static void do_wall(struct program *p)
{
    static const int64_t seconds[] = {
        1, 3600, 86400, 200000, 3000000, 40000000, INT64_C(3000000000), 60,
    };
    uint8_t what = take(p);
    int64_t by = seconds[what & 7] * 1000 * (what & 8 ? -1 : 1);

    if (world.wall_ms + by < 0 || world.wall_ms + by > INT64_C(1) << 53)
        return;
    world.wall_ms += by;
    world.now.wall.s = world.wall_ms / 1000;
    world.eras |= (what & 7) == 6;
    world_due();
}

static void do_down(struct program *p)
{
    struct world_conn *x = conn_of(take(p));

    if (x)
        world_down(x);
}

static void do_store(struct program *p)
{
    uint8_t what = take(p);

    if (what & 4) {
        world_stored(what % 4 == 1 ? STORED_CONFLICT : what % 4 == 2 ? STORED_FAILED : STORED_OK);
        world_settle();
        return;
    }
    world.store_waits = what & 1;
    world_settle();
}

static void do_ask(struct program *p)
{
    static const char *const table[] = {
        "status", "peers", "claims", "prefixes", "tree", "clashes", "claim", "release", "resolve",
        "peer", "reload", "start", "stop", "clear", "p0", "p1", "p2", "p3", "--size", "256", "1",
        "65536", "--for", "1h", "40d", "--scope", "campus", "global", "--family", "ipv6",
        "withdraw", "ignore", "", "18446744073709551615", "4000d", "228.1.2.3", "x",
    };
    static char text[ASK_WORDS_MAX][PREFIX_TEXT_MAX];
    const char *word[ASK_WORDS_MAX];
    uint8_t words = take(p) % 9;

    for (uint8_t i = 0; i < words; i++) {
        uint8_t what = take(p);
        if (what & 0x80) /* the octet after it tells which prefix */
            word[i] = prefix_format(prefix_of(take(p)), text[i]);
        else
            word[i] = table[what % (sizeof(table) / sizeof(table[0]))];
    }
    world_ask(word, words);
}

static void do_configure(struct program *p)
{
    unsigned other = !world.config_at;

    configure(&world.config[other], take(p));
    world.config_at = other;
    world.ask = 0;
    world.ends = 0;
    world.steps++;
    out_reset(&world.out);
    node_configure(world.node, &world.config[other], world.now, &world.out);
    world_take();
    world_settle();
    world_due();
}

static void do_window(struct program *p)
{
    struct world_conn *x = conn_of(take(p));
    uint8_t what = take(p);

    if (!x)
        return;
    x->choked = what & 1;
    if (what & 2)
        world_sent(x, (size_t)what << 4);
    world_settle();
}

static void do_life(struct program *p)
{
    uint8_t what = take(p);

    if (what & 1) {
        world.stopped = true;
        world_step((struct event){.kind = EVENT_STOP});
    }
    if (what & 2 || world.stopped)
        world_boot(what);
}

static void run(enum op op, struct program *p)
{
    switch (op) {
    case OP_SESSION: do_session(p); return;
    case OP_ACCEPT: do_accept(p); return;
    case OP_CONNECT: do_connect(p); return;
    case OP_OPEN: do_open(p); return;
    case OP_OCTETS: do_octets(p); return;
    case OP_UPDATE: do_update(p); return;
    case OP_MESSAGE: do_message(p); return;
    case OP_ECHO: do_echo(p); return;
    case OP_TIME: do_time(p); return;
    case OP_WALL: do_wall(p); return;
    case OP_DOWN: do_down(p); return;
    case OP_STORE: do_store(p); return;
    case OP_ASK: do_ask(p); return;
    case OP_CONFIGURE: do_configure(p); return;
    case OP_WINDOW: do_window(p); return;
    case OP_LIFE: do_life(p); return;
    case OPS: return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct program p = {data, size};
    uint8_t variant = take(&p), seed = take(&p);

    memset(&world, 0, sizeof(world));
    (void)take(&p);
    world.next_odd = 1;
    world.now.mono.ms = 1000000;
    world.wall_ms = WORLD_WALL * 1000;
    world.now.wall.s = WORLD_WALL;
    configure(&world.config[0], variant);
    world_boot(seed);
    while (p.left > 0 && world.steps < WORLD_STEPS) {
        run(take(&p) & 15, &p);
        world_due();
    }
    return 0;
}
