/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/scenario/figure.h"

#include <stdio.h>

static unsigned named(const struct story *st, const char *name)
{
    return world_named(st->w, name);
}

static void upper_half(struct story *st)
{
    static const struct { const char *name; unsigned domain; } who[] = {
        {"T1a", 1}, {"T2a", 2}, {"P3a", 3}, {"P3b", 3}, {"P4a", 4},
        {"C5a", 5}, {"C5b", 5}, {"C5c", 5},
    };
    unsigned i;
    for (i = 0; i < sizeof who / sizeof who[0]; i++)
        (void)world_node(st->w, who[i].name, who[i].domain);
    world_tld(st->w, named(st, "T1a"), "228.0.0.0/6");
    world_tld(st->w, named(st, "T2a"), "228.0.0.0/6");
    world_siblings(st->w, named(st, "T1a"), named(st, "T2a"), 0);
    world_parent(st->w, named(st, "P3a"), named(st, "T1a"));
    world_parent(st->w, named(st, "P4a"), named(st, "T2a"));
    world_internal(st->w, named(st, "P3a"), named(st, "P3b"));
    world_parent(st->w, named(st, "C5a"), named(st, "P3a"));
    world_parent(st->w, named(st, "C5b"), named(st, "P3b"));
    world_parent(st->w, named(st, "C5b"), named(st, "P4a"));
    world_internal(st->w, named(st, "C5a"), named(st, "C5b"));
    world_internal(st->w, named(st, "C5a"), named(st, "C5c"));
    world_internal(st->w, named(st, "C5b"), named(st, "C5c"));
}

struct story *figure_1(uint64_t seed, uint64_t addresses)
{
    static const char *const wanting[] = {"C5a", "C5b", "C5c", "C6a", "C6b", "C7a"};
    struct story *st = story_new(seed);
    unsigned i;
    upper_half(st);
    (void)world_node(st->w, "P4b", 4);
    (void)world_node(st->w, "C6a", 6);
    (void)world_node(st->w, "C6b", 6);
    (void)world_node(st->w, "C7a", 7);
    world_internal(st->w, named(st, "P4a"), named(st, "P4b"));
    world_parent(st->w, named(st, "C6a"), named(st, "P4a"));
    world_parent(st->w, named(st, "C6a"), named(st, "P4b"));
    world_parent(st->w, named(st, "C6b"), named(st, "P4b"));
    world_parent(st->w, named(st, "C7a"), named(st, "P4b"));
    world_internal(st->w, named(st, "C6a"), named(st, "C6b"));
    world_siblings(st->w, named(st, "C6b"), named(st, "C7a"), 4);
    for (i = 0; addresses && i < sizeof wanting / sizeof wanting[0]; i++)
        world_demand(st->w, named(st, wanting[i]), addresses);
    return st;
}

static void in_zone(struct story *st, const char *name, bool zone_tld, uint64_t addresses)
{
    struct masc_config *c = world_config(st->w, named(st, name));
    c->scopes = 1;
    c->scope[0] = (struct masc_scope){.name = "zone", .prefix = prefix_of("239.192.0.0/14"),
                                      .zone_tld = zone_tld};
    /* RFC 2365 9: the last 256 addresses of a scope are reserved, so the range is given in parts */
    if (zone_tld) {
        c->range[c->ranges++] = (struct masc_range){prefix_of("239.192.0.0/15"), 1};
        c->range[c->ranges++] = (struct masc_range){prefix_of("239.194.0.0/16"), 1};
    }
    c->demand[c->demands++] = (struct masc_demand){
        .scope = 1, .family = FAMILY_IPV4, .addresses = addresses, .lifetime_s = c->lifetime_s};
}

struct story *figure_2(uint64_t seed, uint64_t addresses)
{
    static const char *const c5[] = {"C5a", "C5b", "C5c"};
    struct story *st = story_new(seed);
    unsigned i;
    upper_half(st);
    in_zone(st, "P3a", true, addresses);
    in_zone(st, "P3b", true, addresses);
    /* the only Zone TLD has no sibling to listen to */
    world_config(st->w, named(st, "P3a"))->sole_tld = true;
    world_config(st->w, named(st, "P3b"))->sole_tld = true;
    for (i = 0; i < 3; i++) {
        in_zone(st, c5[i], false, addresses);
        world_demand(st->w, named(st, c5[i]), addresses);
    }
    world_peering(st->w, named(st, "P3a"), named(st, "T1a"))->boundary = 1;
    world_peering(st->w, named(st, "C5b"), named(st, "P4a"))->boundary = 1;
    return st;
}

struct story *figure_family(uint64_t seed, unsigned n, uint64_t addresses, bool siblings)
{
    struct story *st = story_new(seed);
    unsigned t = world_node(st->w, "T", 1), i, before = 0;
    world_tld(st->w, t, "228.0.0.0/6");
    world_config(st->w, t)->sole_tld = true;
    for (i = 1; i <= n; i++) {
        char name[8];
        unsigned c;
        snprintf(name, sizeof name, "C%u", i);
        c = world_node(st->w, name, 10 + i);
        world_parent(st->w, c, t);
        world_demand(st->w, c, addresses);
        if (before && siblings)
            world_siblings(st->w, before, c, 1);
        before = c;
    }
    return st;
}
