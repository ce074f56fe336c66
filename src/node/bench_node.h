/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_node: what the tests of this part stand on: a node over the fake speaker, one place to put
 * claims into it, and a way to ask it in words and read its answer as lines of JSON.
 *
 * The clock stands at BENCH_WALL; the configuration is a domain 65001 called "mid" with the parent
 * 65000 and a scope "campus". bench_reset() comes first in every test.
 */
#ifndef NODE_BENCH_NODE_H
#define NODE_BENCH_NODE_H

#include <string.h>

#include "node/fake_masc.h"
#include "node/node.h"

#define BENCH_WALL 1800000000
#define BENCH_MONO 5000000

static struct {
    struct node_config config;
    struct node *node;
    _Alignas(64) uint8_t mem[2 << 20]; /* of the node */
    _Alignas(64) uint8_t bytes[OUT_BYTES];
    struct out out;
    struct action action[OUT_ACTIONS];
    char answer[1 << 20]; /* rows as JSON, one per line */
    unsigned rows, pages;
    enum end_status status;
    char text[600];       /* of the last END, "" if none */
} bench;

static const struct now bench_now = {{BENCH_MONO}, {BENCH_WALL}};

static struct prefix bench_prefix(const char *text)
{
    struct prefix p;

    CHECK(prefix_parse(&p, text));
    return p;
}

static void bench_reset(void)
{
    memset(&fake, 0, sizeof(fake));
    bench.config = (struct node_config){.name = "mid"};
    bench.config.masc = (struct masc_config){
        .domain = 65001, .node = 0x7F000001, .ipv4 = true, .waiting_period_s = 100,
        .peers = 2, .scopes = 1,
        .peer = {{.name = "up", .role = MASC_CHILD, .domain = 65000, .port = 2587},
                 {.name = "beside", .role = MASC_SIBLING, .domain = 65002, .parent = 65000}},
        .scope = {{.name = "campus"}}};
    CHECK(node_octets(&bench.config) <= sizeof(bench.mem));
    memset(bench.mem, 0, sizeof(bench.mem));
    out_init(&bench.out, bench.action, OUT_ACTIONS, bench.bytes, OUT_BYTES);
    bench.node = node_init(bench.mem, &bench.config, 7);
}

static inline struct masc_claim_view *bench_claim(const char *prefix, enum masc_type type,
                                                  enum masc_role role, u128 domain)
{
    struct masc_claim_view *v = &fake.claim[fake.claims++];

    *v = (struct masc_claim_view){
        .attr = {.type = type, .role = role, .domain = domain, .node = 9, .lifetime_s = 1000,
                 .holdtime_s = 2000, .prefix = bench_prefix(prefix)},
        .timestamp_s = BENCH_WALL - 40, .live = true, .state = "live", .parent = 65000};
    return v;
}

static inline struct masc_own_view *bench_own(const char *prefix, enum masc_own_state state)
{
    struct masc_own_view *v = &fake.own[fake.owns++];

    *v = (struct masc_own_view){
        .prefix = bench_prefix(prefix), .state = state, .parent = 65000, .node = 0x7F000001,
        .since = {BENCH_WALL - 40}, .until = {BENCH_WALL + 900}, .began = {BENCH_MONO - 40000},
        .due = {state == MASC_OWN_IN_USE ? INT64_MAX : BENCH_MONO + 59500}};
    return v;
}

/* Takes over the actions of one step; returns the cursor of its END. */
static uint64_t bench_take(struct wr *w)
{
    uint64_t cursor = 0;

    for (size_t i = 0; i < bench.out.actions; i++) {
        const struct action *a = &bench.out.action[i];
        if (a->kind == ACTION_ANSWER) {
            row_write_json(w, a->row);
            wr_u8(w, '\n');
            bench.rows++;
        } else if (a->kind == ACTION_END) {
            CHECK(i + 1 == bench.out.actions && a->ask_id == 42);
            bench.status = a->status;
            text_copy(bench.text, sizeof(bench.text), a->text != NULL ? a->text : "");
            cursor = a->cursor;
        }
    }
    bench.pages++;
    return cursor;
}

/* Asks in words separated by blanks, page by page until the end; returns the JSON lines. */
static const char *bench_ask(const char *line)
{
    char words[400];
    struct ask ask = {.id = 42};
    struct wr w = wr_init(bench.answer, sizeof(bench.answer));
    char *rest = words;

    CHECK(text_copy(words, sizeof(words), line));
    while (rest != NULL)
        ask.word[ask.words++] = strsep(&rest, " ");
    bench.rows = bench.pages = 0;
    do {
        out_reset(&bench.out);
        node_step(bench.node, &(struct event){.kind = EVENT_ASK, .now = bench_now, .ask = &ask},
                  &bench.out);
        ask.cursor = bench_take(&w);
    } while (ask.cursor != 0);
    CHECK(wr_ok(&w));
    return wr_nul(&w);
}

/* Does the answer hold this text? */
static inline bool bench_has(const char *part)
{
    return strstr(bench.answer, part) != NULL;
}

#endif
