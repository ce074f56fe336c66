/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world: many mascot nodes on simulated time: the simulator's host of node.h.
 *
 * Nodes are whole (node_step), each with a disk and clocks of its own, joined by ordered streams of
 * octets that delay and are cut at any place. Time is one count of milliseconds. What will happen
 * is one heap of (time, sequence, node, event); all of it follows from the seed, so that a failing
 * run is repeated by running it again, and its hash is the same with every compiler.
 *
 *   world_new, world_node ..., world_parent/siblings/internal   who there is and who knows whom
 *   world_start, world_run                                      and then time passes
 *   world_cut, world_stall, world_crash, world_disk ...         and things go wrong
 *   world_free
 *
 * Whoever wants to see what happens adds a watch; the world itself judges nothing but the contract
 * of a core with its host (a CLOSE of what is not open). Node numbers start at 1: 0 is "none" or
 * "any".
 *
 *   world.c  time, the heap, steps     stream.c  connections and links      disk.c  stores
 *   life.c   boot, crash, clocks       build.c   who there is               asks.c  operators
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "base/prng.h"
#include "masc/masc.h"
#include "node/node.h"

#define WORLD_BASE_S 1800000000 /* wall clock at time 0 */
#define WORLD_NAME_MAX 16
#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

struct world;

/* ---- what can be seen ---- */

enum sight {
    SIGHT_STEP,      /* about to be given .event; of STREAM, CONN_UP, CONN_DOWN, SENT the .stream */
    SIGHT_DONE,      /* that step is over: .out; nothing of it is carried out yet */
    SIGHT_WROTE,     /* .bytes .len by .node into .stream: at the time of writing */
    SIGHT_CLOSED,    /* .node closed its end of .stream */
    SIGHT_COMMITTED, /* .row is now on the disk of .node, or not any more (.remove) */
    SIGHT_BOOTED,    /* .node starts anew with an empty memory */
    SIGHT_DIED,      /* .node */
    SIGHT_FAULT,     /* .what begins, or ends (.ends): .node, and .other of a link */
    SIGHT_WORLD,     /* .what: a core broke its contract with the host, or never ends a moment */
};

struct happening {
    enum sight sight;
    unsigned node, other;
    uint32_t stream;          /* number of the connection; side says which end .node has */
    uint8_t side;
    const struct event *event;
    const struct out *out;
    const uint8_t *bytes;
    size_t len;
    const struct row *row;
    bool remove, ends;
    const char *what;
};

struct watch {
    void *self;
    void (*see)(void *self, const struct happening *h);
};

#define WORLD_WATCHES 4

/* ---- one node and what is around it ---- */

enum disk_mode {
    DISK_GOOD,
    DISK_FAILING, /* says so */
    DISK_MUTE,    /* never answers, until the next boot */
};

/* A record on a disk; only as many values as its type has, and then its texts. */
struct kept {
    struct kept *next;
    struct row row;
};

struct disk {
    enum disk_mode mode;
    int64_t latency_ms;       /* of a commit */
    struct kept *first;       /* in order of commit */
    unsigned records;
};

struct host {
    char name[WORLD_NAME_MAX];
    unsigned number;
    struct node_config *cfg, *spare; /* the node borrows cfg */
    unsigned peers_max;       /* places for peerings in both */
    struct node *node;        /* NULL before the first boot, and of a liar */
    void *memory;
    struct liar *liar;        /* instead of a node: liar.h */
    bool up;
    uint32_t life;            /* incarnation: 0 before the first, then 1, 2, ... */
    int64_t offset_s;         /* of its wall clock */
    int32_t drift_ppm;        /* of its oscillator: both clocks */
    mono_t due;               /* its node's deadline */
    int64_t alarm;            /* the earliest TIME of it in the heap; INT64_MAX: none */
    uint32_t next_odd;
    struct disk disk;
    uint32_t *stream;         /* open streams, by conn: a table of a power of two places */
    uint32_t streams, streams_max;
    uint32_t *link;           /* links from here */
    uint32_t links, links_max;
};

/* ---- who there is (before world_start, but for world_link) ---- */

struct world *world_new(uint64_t seed);
void world_free(struct world *w);
/* At most WORLD_WATCHES; called in order. The watch stays the caller's. */
void world_watch(struct world *w, const struct watch *watch);

/* Periods are short (wait 120 s, delay 6 s, lives of half an hour, Hold Time 12 s) unless the RFC's
 * own are set before the first node; `hold_s` is then the Hold Time of every session. */
void world_rfc_times(struct world *w, uint16_t hold_s);
/* For large worlds: streams are not cut at random places, links have one delay, SENT is told once a
 * second. */
void world_plain(struct world *w);

unsigned world_node(struct world *w, const char *name, u128 domain);
/* With that many places for peerings (24 by default). */
unsigned world_node_wide(struct world *w, const char *name, u128 domain, unsigned peers_max);
unsigned world_nodes(const struct world *w);
unsigned world_named(const struct world *w, const char *name); /* 0: none */
struct host *world_at(struct world *w, unsigned n);
const struct host *world_host(const struct world *w, unsigned n);
struct masc_config *world_config(struct world *w, unsigned n); /* to change before world_start() */
struct prefix prefix_of(const char *text);                     /* aborts if it is none */
struct addr world_address(unsigned n);
unsigned world_of_address(const struct world *w, struct addr a); /* 0: nobody's */

void world_tld(struct world *w, unsigned n, const char *range);
void world_demand(struct world *w, unsigned n, uint64_t addresses);
void world_parent(struct world *w, unsigned child, unsigned parent);
void world_siblings(struct world *w, unsigned a, unsigned b, u128 parent);
void world_internal(struct world *w, unsigned a, unsigned b);
/* The peering of `n` with `other`, in its configuration; aborts if there is none. */
struct masc_peer_config *world_peering(const struct world *w, unsigned n, unsigned other);
bool world_linked(const struct world *w, unsigned a, unsigned b); /* a has a peering with b */

/* ---- time ---- */

void world_start(struct world *w); /* boots every node that is down */
void world_run(struct world *w, int64_t ms);
int64_t world_now(const struct world *w);
int64_t world_wall(const struct world *w, unsigned n);  /* s, as the node reads it */
struct now world_clock(const struct world *w, unsigned n);
uint64_t world_steps(const struct world *w);  /* calls of node_step() */
uint64_t world_hash(const struct world *w);   /* over all steps and what they did */
uint64_t world_octets(const struct world *w); /* written into streams */

/* One in so many steps is done, taken back and done again: a core that then does something else is
 * told as SIGHT_WORLD (I-48). 0: none. Costs a copy of the node's memory each. */
void world_twice(struct world *w, unsigned one_in);
uint64_t world_done_twice(const struct world *w); /* steps */

/* ---- what goes wrong ---- */

void world_delay(struct world *w, unsigned a, unsigned b, int64_t min_ms, int64_t max_ms);
/* Octets per second from a to b; 0: as many as there are. */
void world_clog(struct world *w, unsigned a, unsigned b, uint32_t rate);
/* A reader that takes that many octets per second, from all; 0: at once. */
void world_slow(struct world *w, unsigned n, uint32_t rate);
void world_cut(struct world *w, unsigned a, unsigned b);   /* connections fail at once, both ends */
void world_sever(struct world *w, unsigned a, unsigned b); /* a's ends fail, b is not told */
void world_stall(struct world *w, unsigned a, unsigned b); /* octets from a to b stand still */
void world_heal(struct world *w, unsigned a, unsigned b);  /* of cut, clog and stall, both ways */
void world_isolate(struct world *w, unsigned n);           /* cuts all its links */
void world_rejoin(struct world *w, unsigned n);
/* The process dies; `silent`: as does the machine, and nobody is told. What the disk was not yet
 * asked to acknowledge is there or not, by chance. */
void world_crash(struct world *w, unsigned n, bool silent);
void world_disk(struct world *w, unsigned n, enum disk_mode mode);
void world_forget(struct world *w, unsigned n);            /* its store is lost */
void world_boot(struct world *w, unsigned n);
void world_step_clock(struct world *w, unsigned n, int64_t by_s);
void world_drift(struct world *w, unsigned n, int32_t ppm);

/* ---- what operators do ---- */

/* A copy of the configuration to change; world_apply() hands it to the running node. */
struct masc_config *world_edit(struct world *w, unsigned n);
void world_apply(struct world *w, unsigned n);
/* The first demand of `n` is now that large (made if there is none). */
void world_need(struct world *w, unsigned n, uint64_t addresses);

/* Says `words` (separated by blanks) to the node as a person would. `row` is called for each row of
 * the answer (may be NULL). Returns the status; `why` (may be NULL) is what it said, at most
 * `size` octets with the NUL. */
struct asked {
    void *self;
    void (*row)(void *self, const struct row *row);
    char *why;
    size_t size;
};
enum end_status world_ask(struct world *w, unsigned n, const char *words,
                          const struct asked *asked);
bool world_claim(struct world *w, unsigned n, const char *prefix);
bool world_release(struct world *w, unsigned n, struct prefix p);
bool world_resolve(struct world *w, unsigned n, struct prefix p, bool withdraw);

#endif
