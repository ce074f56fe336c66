/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a speaker takes of the memory it is given: a host of many nodes gives address space for the
 * bounds of the configuration, zeroed and untouched, and pays for pages that are written to. And it
 * gives a configuration without room for peers that are not there: run with AddressSanitizer, this
 * fails if the core looks beyond the last.
 */
#include <stdlib.h>
#include <string.h>

#include "base/event.h"
#include "masc/masc.h"
#include "tests/tap.h"

enum { PAGE = 4096, ACTIONS = 4096 };
#define BYTES ((size_t)2 << 20)

/* A child of 65000 with that peer alone, in memory that ends behind it. */
static struct masc_config *one_peer(void)
{
    volatile unsigned peers = 1; /* the compiler, too, would warn of so small a struct */
    struct masc_config *c = malloc(masc_config_octets(peers));

    masc_config_defaults(c);
    c->domain = 65001;
    c->node = 0x7F000001;
    c->peers = 1;
    masc_peer_defaults(&c->peer[0]);
    memcpy(c->peer[0].name, "up", 3);
    c->peer[0].role = MASC_CHILD;
    c->peer[0].domain = 65000;
    c->peer[0].addr = (struct addr){0x7F000002, FAMILY_IPV4};
    return c;
}

static void step(struct masc *m, struct event ev, int64_t after_s)
{
    static struct action action[ACTIONS];
    void *bytes = malloc(BYTES);
    struct out out;

    out_init(&out, action, ACTIONS, bytes, BYTES);
    ev.now = (struct now){{1000000 + after_s * 1000}, {1800000000 + after_s}};
    masc_step(m, &ev, &out);
    free(bytes);
}

static size_t pages_written(const uint8_t *mem, size_t octets)
{
    static const uint8_t zeros[PAGE];
    size_t n = 0;

    for (size_t at = 0; at < octets; at += PAGE)
        n += memcmp(mem + at, zeros, octets - at < PAGE ? octets - at : PAGE) != 0;
    return n;
}

TEST(defaults_leave_the_peers, "")
{
    static struct masc_config c;

    memset(&c, 0xA5, sizeof(c));
    masc_config_defaults(&c);
    EXPECT_UEQ(c.peers, 0);
    EXPECT_EQ(c.scope[0].name[0], 0);
    EXPECT_UEQ(c.peer[0].port, 0xA5A5);
    EXPECT_UEQ(c.peer[MASC_PEERS_MAX - 1].port, 0xA5A5);
    EXPECT_UEQ(masc_config_octets(MASC_PEERS_MAX), sizeof(c));
}

TEST(a_configuration_cut_short, "")
{
    struct masc_config *c = one_peer();
    char path[80], why[200];
    struct wr p = wr_init(path, sizeof(path)), w = wr_init(why, sizeof(why));
    size_t octets = (masc_octets(c) + 63) & ~(size_t)63;
    void *mem = aligned_alloc(64, octets);
    struct masc *m;

    memset(mem, 0, octets);
    EXPECT(masc_config_check(c, &p, &w));
    m = masc_init(mem, c, 1);
    step(m, (struct event){.kind = EVENT_READY}, 0);
    for (int64_t s = 0; s < 600; s += 10)
        step(m, (struct event){.kind = EVENT_TIME}, s);
    EXPECT_UEQ(masc_status(m, (struct now){{1600000}, {1800000600}}).claims, 0);
    free(mem);
    free(c);
}

/* Bounds that nothing fills cost nothing. */
TEST(what_is_not_used_is_not_touched, "")
{
    struct masc_config *c = one_peer();
    size_t octets, few, many;
    uint8_t *mem;

    for (int large = 0; large < 2; large++) {
        struct masc *m;
        c->claims_max = large ? 1 << 18 : 256;
        c->origins_max = large ? 1 << 16 : 64;
        c->unassociated_max = large ? 65536 : 16;
        c->own_max = large ? 1024 : 16;
        octets = (masc_octets(c) + 63) & ~(size_t)63;
        mem = aligned_alloc(64, octets);
        memset(mem, 0, octets);
        m = masc_init(mem, c, 1);
        step(m, (struct event){.kind = EVENT_READY}, 0);
        for (int64_t s = 0; s < 100000; s += 1000)
            step(m, (struct event){.kind = EVENT_TIME}, s);
        *(large ? &many : &few) = pages_written(mem, octets);
        free(mem);
    }
    EXPECT(few <= 12);
    EXPECT(many <= 12);
    free(c);
}
