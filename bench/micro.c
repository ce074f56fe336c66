/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * micro: what one claim costs inside the speaker, without sockets, processes and disks.
 *
 * One top-level domain with two sibling peers is stepped as a host would: the first peer feeds
 * UPDATEs with one attribute each in chunks of 16 KiB, and what is relayed to the second counts as
 * taken by the kernel at once, so that its window never closes. The table already holds a number of
 * claims of 1000 domains, scattered over 228.0.0.0/6 in five lengths; then as many as a tenth of
 * them, 5000 to 100,000, are timed. Everything is CPU time of this thread; medians of several runs,
 * each in fresh memory.
 *
 * Beside that: the parts of such a claim (decoding, the table, the rest), memory, withdrawals, the
 * replay to a peer that comes up, the choice of a prefix, and expiry. A cost that grows with the
 * table shows as its ratio; a search tree would give the ratio of the logarithms.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "masc/masc.h"
#include "masc/table.h"

enum { RUNS_MAX = 99, DOMAINS = 1000, FIRST_DOMAIN = 70000, CHUNK = EVENT_STREAM_MAX };
enum { MESSAGE = MASC_HEADER_OCTETS + MASC_ATTR_IPV4_OCTETS };
enum { FEEDER, SINK, LATE, PEERS };

#define WALL INT64_C(1800000000)
#define LIFE_S (30 * 86400)
#define DAY_S 86400

_Noreturn void mascot_panic(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, what);
    abort();
}

static struct {
    struct masc_config config;
    struct masc *masc;
    uint8_t *mem;
    size_t octets;
    struct now now;
    struct out out;
    size_t relayed; /* octets */
} bench;

static struct action actions[OUT_ACTIONS];
static uint8_t out_bytes[OUT_BYTES];

static double cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ---- the speaker and its host ---- */

static void step_alone(struct event ev)
{
    ev.now = bench.now;
    out_reset(&bench.out);
    masc_step(bench.masc, &ev, &bench.out);
}

/* A step, and SENT for whatever it sent, until nothing is sent any more. */
static void step(struct event ev)
{
    size_t taken[2 * PEERS] = {0};

    for (;;) {
        bool any = false;
        step_alone(ev);
        for (size_t i = 0; i < bench.out.actions; i++) {
            const struct action *a = &bench.out.action[i];
            if (a->kind == ACTION_STREAM && a->conn.id < 2 * PEERS)
                taken[a->conn.id] += a->len;
        }
        for (uint32_t conn = 1; conn < 2 * PEERS && !any; conn += 2) {
            if (taken[conn] == 0)
                continue;
            ev = (struct event){.kind = EVENT_SENT, .conn = {conn}, .len = taken[conn]};
            bench.relayed += taken[conn];
            taken[conn] = 0;
            any = true;
        }
        if (!any)
            return;
    }
}

static uint32_t conn_of(unsigned peer)
{
    return 2 * peer + 1;
}

static void feed(const uint8_t *octets, size_t len)
{
    for (size_t n; len > 0; octets += n, len -= n) {
        n = len < CHUNK ? len : CHUNK;
        step((struct event){
            .kind = EVENT_STREAM, .conn = {conn_of(FEEDER)}, .bytes = octets, .len = n});
    }
}

static void session(unsigned peer)
{
    const struct masc_peer_config *p = &bench.config.peer[peer];
    struct masc_open o = {.version = MASC_VERSION, .family = FAMILY_IPV4, .role = MASC_SIBLING,
                          .domain = p->domain, .node = (uint32_t)p->addr.addr};
    uint8_t octets[64];
    struct wr w = wr_init(octets, sizeof(octets));

    masc_open_encode(&w, &o);
    masc_keepalive_encode(&w);
    step((struct event){.kind = EVENT_CONN_UP, .conn = {conn_of(peer)}, .addr = p->addr});
    step((struct event){
        .kind = EVENT_STREAM, .conn = {conn_of(peer)}, .bytes = octets, .len = w.len});
    CHECK(masc_peer_established(masc_sessions(bench.masc), peer));
}

static void configure(uint32_t claims)
{
    struct masc_config *c = &bench.config;

    masc_config_defaults(c);
    c->domain = 65100;
    c->node = 0x7F00000A;
    c->tld = true;
    c->claims_max = c->per_origin_max = (claims + 100000) / 7 * 8 + 100; /* an eighth is for own */
    c->range[c->ranges++] = (struct masc_range){{0xE4000000, FAMILY_IPV4, 6}, MASC_SCOPE_GLOBAL};
    for (unsigned i = 0; i < PEERS; i++) {
        struct masc_peer_config *p = &c->peer[c->peers++];
        masc_peer_defaults(p);
        snprintf(p->name, sizeof(p->name), "peer%u", i);
        p->role = MASC_SIBLING;
        p->domain = 65101 + i;
        p->addr = (struct addr){0x7F00000B + i, FAMILY_IPV4};
        p->hold_time_s = 0;
        p->passive = true;
    }
}

static void begin(uint32_t claims)
{
    memset(&bench, 0, sizeof(bench));
    configure(claims);
    bench.now = (struct now){{1000000}, {WALL}};
    bench.octets = masc_octets(&bench.config);
    bench.mem = mmap(NULL, bench.octets, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(bench.mem != MAP_FAILED);
    out_init(&bench.out, actions, OUT_ACTIONS, out_bytes, sizeof(out_bytes));
    bench.masc = masc_init(bench.mem, &bench.config, 1);
    step((struct event){.kind = EVENT_READY});
    session(FEEDER);
    session(SINK);
}

static void end(void)
{
    munmap(bench.mem, bench.octets);
}

/* Octets of the speaker's memory that were touched. */
static size_t resident(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (bench.octets + page - 1) / page, n = 0;
    unsigned char *in = malloc(pages);

    CHECK(in != NULL && mincore(bench.mem, bench.octets, in) == 0);
    for (size_t i = 0; i < pages; i++)
        n += in[i] & 1;
    free(in);
    return n * page;
}

/* ---- claims ---- */

/* A permutation of 22 bits. */
static uint32_t scatter(uint32_t i)
{
    for (unsigned round = 0; round < 3; round++) {
        i = i * UINT32_C(2654435761) & 0x3FFFFF;
        i ^= i >> 11;
    }
    return i;
}

/* The i-th of 4 million distinct prefixes, in no order: one in each /28 of the range. */
static struct masc_attr claim(uint32_t i, enum masc_type type)
{
    uint32_t slot = scatter(i);
    bool waits = type == MASC_NEW_CLAIM;

    return (struct masc_attr){
        .type = type,
        .role = MASC_SIBLING,
        .timestamp_s = (uint32_t)(WALL - (int64_t)(i * UINT32_C(40503) % DAY_S)),
        .lifetime_s = LIFE_S,
        .holdtime_s = waits ? MASC_WAITING_PERIOD_S : LIFE_S,
        .domain = FIRST_DOMAIN + i % DOMAINS,
        .node = 0x0A000000 + i % DOMAINS,
        .prefix = {0xE4000000 + (slot << 4), FAMILY_IPV4, (uint8_t)(28 + i % 5)},
    };
}

/* UPDATEs of one attribute for claims `from` ...; to be freed. */
static uint8_t *updates(uint32_t from, uint32_t n, enum masc_type type)
{
    uint8_t *octets = malloc((size_t)n * MESSAGE);
    struct wr w = wr_init(octets, (size_t)n * MESSAGE);

    CHECK(octets != NULL);
    for (uint32_t i = from; i < from + n; i++) {
        struct masc_attr a = claim(i, type);
        size_t at = w.len;
        masc_update_begin(&w);
        masc_attr_encode(&w, &a);
        masc_update_end(&w, at);
    }
    CHECK(wr_ok(&w));
    return octets;
}

/* CPU time of `n` claims, in ns for each. */
static double time_feed(uint32_t from, uint32_t n, enum masc_type type)
{
    uint8_t *octets = updates(from, n, type);
    double began = cpu_ns();

    feed(octets, (size_t)n * MESSAGE);
    began = cpu_ns() - began;
    free(octets);
    return began / n;
}

static void load(uint32_t claims)
{
    enum { AT_ONCE = 100000 };
    uint32_t n;

    for (uint32_t at = 0; at < claims; at += n) {
        n = claims - at < AT_ONCE ? claims - at : AT_ONCE;
        (void)time_feed(at, n, MASC_PREFIX_IN_USE);
    }
    CHECK(masc_status(bench.masc, bench.now).claims == claims);
}

static uint32_t sample(uint32_t claims)
{
    uint32_t n = claims / 10;

    return n < 5000 ? 5000 : n > 100000 ? 100000 : n;
}

/* ---- what is measured ---- */

enum measure {
    IN_USE, NEW, DECODE, TABLE, MEMORY, WITHDRAWN, REPLAY, CHOICE, DYING, FORGETTING, MEASURES,
};

static const struct {
    const char *words, *unit;
    double scale;
} measures[] = {
    [IN_USE] = {"PREFIX_IN_USE, relayed to one peer", "ns", 1},
    [NEW] = {"NEW_CLAIM, relayed to one peer", "ns", 1},
    [DECODE] = {"  of it decoding", "ns", 1},
    [TABLE] = {"  of it a table lookup and insertion", "ns", 1},
    [MEMORY] = {"memory for each claim", "octets", 1},
    [WITHDRAWN] = {"WITHDRAW, relayed to one peer", "ns", 1},
    [REPLAY] = {"replay to a peer, each claim", "ns", 1},
    [CHOICE] = {"choice of a prefix, by size", "ms", 1e-6},
    [DYING] = {"end of a lifetime", "ns", 1},
    [FORGETTING] = {"end of the retention", "ns", 1},
};

#define SIZES_MAX 4

static struct {
    double value[MEASURES][RUNS_MAX];
} results[SIZES_MAX];

static double measure_decode(uint32_t from, uint32_t n)
{
    uint8_t *octets = updates(from, n, MASC_PREFIX_IN_USE);
    double began = cpu_ns();
    size_t left = (size_t)n * MESSAGE;
    uint32_t found = 0;

    for (const uint8_t *at = octets; left > 0;) {
        struct masc_frame f;
        struct masc_attr a;
        struct masc_fault fault;
        struct rd rest;
        CHECK(masc_frame_next(&f, at, left) == MASC_FRAME_MESSAGE);
        fault = masc_update_check(f.octets, f.len, true, true);
        rest = rd_init(f.octets + MASC_HEADER_OCTETS, f.len - MASC_HEADER_OCTETS);
        while (!masc_fault_is(&fault) && masc_update_next(&rest, f.octets, f.len, &a, &fault))
            found += a.prefix.addr != 0;
        at += f.len;
        left -= f.len;
    }
    began = cpu_ns() - began;
    CHECK(found == n);
    free(octets);
    return began / n;
}

static double insert(struct table *t, uint32_t from, uint32_t n)
{
    double began = cpu_ns();

    for (uint32_t i = from; i < from + n; i++) {
        struct masc_attr a = claim(i, MASC_PREFIX_IN_USE);
        struct claim c = claim_from_attr(&a, MASC_SIBLING, WALL);
        uint32_t at;
        CHECK(table_find(t, &c) == TABLE_NONE);
        CHECK(table_insert(t, &c, 1, 0, &at) == TABLE_NEW);
    }
    return (cpu_ns() - began) / n;
}

static double measure_table(uint32_t claims)
{
    size_t octets = table_octets(&bench.config);
    uint8_t *mem = mmap(NULL, octets, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    struct table t;
    double ns;

    CHECK(mem != MAP_FAILED);
    table_init(&t, mem, &bench.config, 1);
    (void)insert(&t, 0, claims);
    ns = insert(&t, claims, sample(claims));
    munmap(mem, octets);
    return ns;
}

/* The late peer comes up and gets everything. */
static double measure_replay(uint32_t claims)
{
    double began;
    size_t before = bench.relayed;

    began = cpu_ns();
    session(LATE);
    while (masc_deadline(bench.masc).ms <= bench.now.mono.ms)
        step((struct event){.kind = EVENT_TIME});
    began = cpu_ns() - began;
    CHECK(bench.relayed - before >= (size_t)claims * MESSAGE);
    return began / claims;
}

static double measure_choice(void)
{
    char text[300];
    struct wr why = wr_init(text, sizeof(text));
    struct masc_claim_wish wish = {.addresses = 256, .family = FAMILY_IPV4};
    double began = cpu_ns();
    bool done;

    out_reset(&bench.out);
    done = masc_claim(bench.masc, &wish, &(struct masc_order){bench.now, &bench.out, &why});
    began = cpu_ns() - began;
    if (!done)
        fprintf(stderr, "micro: no prefix chosen: %.*s\n", (int)why.len, text);
    return began;
}

/* Time goes by, and the speaker is stepped while something is due: one step ends only so much. */
static double measure_time(int64_t seconds, uint32_t claims)
{
    double began;

    bench.now.wall.s += seconds;
    bench.now.mono.ms += seconds * 1000;
    began = cpu_ns();
    do
        step((struct event){.kind = EVENT_TIME});
    while (masc_deadline(bench.masc).ms <= bench.now.mono.ms);
    return (cpu_ns() - began) / claims;
}

static void measure(unsigned size, uint32_t claims, unsigned run)
{
    double(*v)[RUNS_MAX] = results[size].value;
    uint32_t n = sample(claims);
    size_t before;

    begin(claims);
    before = resident();
    load(claims);
    v[MEMORY][run] = (double)(resident() - before) / claims;
    v[IN_USE][run] = time_feed(claims, n, MASC_PREFIX_IN_USE);
    v[WITHDRAWN][run] = time_feed(0, n, MASC_WITHDRAW);
    end();

    begin(claims);
    load(claims);
    v[NEW][run] = time_feed(claims, n, MASC_NEW_CLAIM);
    end();

    begin(claims);
    load(claims);
    v[DECODE][run] = measure_decode(0, n);
    v[TABLE][run] = measure_table(claims);
    v[REPLAY][run] = measure_replay(claims);
    v[CHOICE][run] = measure_choice();
    v[DYING][run] = measure_time(LIFE_S, claims);
    v[FORGETTING][run] = measure_time(LIFE_S + MASC_RETENTION_S, claims);
    CHECK(masc_status(bench.masc, bench.now).claims < 10);
    end();
}

/* ---- the table of results ---- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(const double *value, unsigned runs)
{
    double sorted[RUNS_MAX];

    memcpy(sorted, value, runs * sizeof(*value));
    qsort(sorted, runs, sizeof(*sorted), compare);
    return runs % 2 ? sorted[runs / 2] : (sorted[runs / 2 - 1] + sorted[runs / 2]) / 2;
}

static double log_of(uint32_t n)
{
    double bits = 0;

    for (; n > 1; n /= 2) /* good to a tenth from 10,000 on */
        bits += n >= 4 ? 1 : n / 2.0;
    return bits;
}

static void print_rate(enum measure m, const char *words, unsigned sizes, unsigned runs)
{
    printf("%-38s %-7s", words, "1/s");
    for (unsigned i = 0; i < sizes; i++)
        printf("%11.0f", 1e9 / median(results[i].value[m], runs));
    printf("\n");
}

static void report(const uint32_t *size, unsigned sizes, unsigned runs)
{
    printf("%-46s", "claims in the table");
    for (unsigned i = 0; i < sizes; i++)
        printf("%11u", size[i]);
    printf("%9s\n", sizes > 1 ? "ratio" : "");
    for (enum measure m = IN_USE; m < MEASURES; m++) {
        printf("%-38s %-7s", measures[m].words, measures[m].unit);
        for (unsigned i = 0; i < sizes; i++)
            printf("%11.*f", measures[m].scale == 1 ? 0 : 2,
                   median(results[i].value[m], runs) * measures[m].scale);
        if (sizes > 1)
            printf("%9.2f", median(results[sizes - 1].value[m], runs) /
                                median(results[0].value[m], runs));
        printf("\n");
    }
    print_rate(IN_USE, "PREFIX_IN_USE", sizes, runs);
    print_rate(NEW, "NEW_CLAIM", sizes, runs);
    if (sizes > 1)
        printf("ratio: the largest table to the smallest; that of their logarithms is %.2f\n",
               log_of(size[sizes - 1]) / log_of(size[0]));
    printf("CPU time of one thread, medians of %u runs\n", runs);
}

int main(int argc, char **argv)
{
    uint32_t size[SIZES_MAX] = {10000, 100000, 1000000};
    uint64_t runs = 3, most = 1000000;
    unsigned sizes = 0;

    for (int i = 1; i < argc; i += 2) {
        uint64_t *value = strcmp(argv[i], "--runs") == 0   ? &runs
                          : strcmp(argv[i], "--most") == 0 ? &most
                                                           : NULL;
        if (!value || i + 1 == argc || !text_parse_u64(value, argv[i + 1])) {
            fprintf(stderr, "usage: micro [--runs N] [--most CLAIMS]\n");
            return 2;
        }
    }
    if (runs == 0 || runs > RUNS_MAX || most < size[0]) {
        fprintf(stderr, "micro: expected 1 to %d runs and at least %u claims\n", RUNS_MAX, size[0]);
        return 2;
    }
    while (sizes < 3 && size[sizes] <= most)
        sizes++;
    for (unsigned run = 0; run < runs; run++)
        for (unsigned i = 0; i < sizes; i++)
            measure(i, size[i], run);
    report(size, sizes, (unsigned)runs);
    return 0;
}
