/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Defaults, scope and parent lookup, and every complaint of masc_config_check(): each is one
 * change to a configuration that is good.
 */
#include "masc/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/tap.h"

#define V4(a, b, c, d) ((u128)(a) << 24 | (u128)(b) << 16 | (u128)(c) << 8 | (u128)(d))

static struct masc_config config; /* too large for a stack */

static struct prefix p4(u128 addr, uint8_t len)
{
    return (struct prefix){addr, FAMILY_IPV4, len};
}

static struct masc_peer_config *add_peer(const char *name, enum masc_role role, u128 domain)
{
    struct masc_peer_config *p = &config.peer[config.peers];

    masc_peer_defaults(p);
    text_copy(p->name, sizeof(p->name), name);
    p->addr = (struct addr){V4(192, 0, 2, 10 + config.peers), FAMILY_IPV4};
    p->role = role;
    p->domain = domain;
    config.peers++;
    return p;
}

static void add_scope(const char *name, struct prefix prefix, bool zone_tld)
{
    struct masc_scope *s = &config.scope[config.scopes++];

    *s = (struct masc_scope){.prefix = prefix, .zone_tld = zone_tld};
    text_copy(s->name, sizeof(s->name), name);
}

/* A child of 65000 and 65010 with an internal peer, a sibling and a child; Zone TLD of a scope. */
static void good_child(void)
{
    masc_config_defaults(&config);
    config.domain = 65001;
    config.node = V4(192, 0, 2, 1);
    add_peer("parent", MASC_CHILD, 65000);
    add_peer("other-parent", MASC_CHILD, 65010)->defend_only = true;
    add_peer("inside", MASC_INTERNAL, 65001);
    add_peer("sibling", MASC_SIBLING, 65002)->parent = 65000;
    add_peer("child", MASC_PARENT, 65100)->boundary = 1;
    add_scope("site", p4(V4(239, 192, 0, 0), 14), true);
    config.range[config.ranges++] = (struct masc_range){p4(V4(239, 192, 0, 0), 15), 1};
    config.demand[config.demands++] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = 1000, .lifetime_s = 86400};
    config.demand[config.demands++] = (struct masc_demand){
        .scope = 1, .family = FAMILY_IPV4, .addresses = 1000, .lifetime_s = 86400};
    config.ignore[config.ignored++].domain = 666;
}

static void good_top_level(void)
{
    masc_config_defaults(&config);
    config.domain = 65001;
    config.node = V4(192, 0, 2, 1);
    config.tld = true;
    add_peer("sibling", MASC_SIBLING, 65002);
    add_peer("child", MASC_PARENT, 65100);
    config.range[config.ranges++] = (struct masc_range){p4(V4(228, 0, 0, 0), 6), 0};
}

static bool refused_for(const char *setting)
{
    char path[64] = "", why[300] = "";
    struct wr wp = wr_init(path, sizeof(path) - 1), ww = wr_init(why, sizeof(why) - 1);
    bool good = masc_config_check(&config, &wp, &ww);

    path[wp.len] = why[ww.len] = '\0';
    if (!setting) {
        if (!good)
            tap_diag("%s: %s", path, why);
        return !good;
    }
    if (good || strcmp(path, setting) != 0 || ww.len < 20 || !wr_ok(&wp) || !wr_ok(&ww)) {
        tap_diag("%s expected, found %s: %s", setting, good ? "nothing" : path, why);
        return false;
    }
    return true;
}

#define GOOD() EXPECT(!refused_for(NULL))

/* One change to a good configuration, and the setting that is named. */
#define REFUSED(base, setting, ...)                                                                \
    do {                                                                                           \
        base();                                                                                    \
        __VA_ARGS__;                                                                               \
        EXPECT(refused_for(setting));                                                              \
    } while (0)
#define CHILD(setting, ...) REFUSED(good_child, setting, __VA_ARGS__)
#define TLD(setting, ...)   REFUSED(good_top_level, setting, __VA_ARGS__)
#define GOOD_CHILD(change)                                                                         \
    do {                                                                                           \
        good_child();                                                                              \
        change;                                                                                    \
        GOOD();                                                                                    \
    } while (0)

TEST(defaults, "M-6-02 M-6-03 M-6-05 M-7.2-15 M-18-03 M-18-07")
{
    struct masc_peer_config peer;

    masc_config_defaults(&config);
    masc_peer_defaults(&peer);
    EXPECT_EQ(peer.port, 2587);
    EXPECT_EQ(peer.hold_time_s, 240);
    EXPECT_EQ(config.waiting_period_s, 172800);
    EXPECT_EQ(config.claim_delay_s, 600);
    EXPECT_EQ(config.retention_s, 86400);
    EXPECT_EQ(config.start_backoff_s, 60);
    EXPECT_EQ(config.start_backoff_max_s, 86400);
    EXPECT_EQ(config.lifetime_s, 2592000);
    EXPECT_EQ(config.lifetime_max_s, 15768000);
    EXPECT_EQ(config.holdtime_max_s, 15768000);
    EXPECT_UEQ(config.claim_min, 256);
    EXPECT_EQ(config.prefixes_max, 3);
    EXPECT_EQ(config.utilization_low, 70);
    EXPECT_EQ(config.utilization_high, 90);
    EXPECT(config.relay_siblings && !config.strict_third_party && !config.packed);
    EXPECT_EQ(config.ranges, 0); /* */
    EXPECT(config.domain == 0 && config.peers == 0);
    EXPECT(refused_for("domain")); /* identity is the operator's */
}

/* The sum of Appendix B, from its ranges to the default threshold of a second-level domain. */
TEST(strawman, "M-18-02")
{
    static const struct prefix ranges[] = {
        {V4(225, 0, 0, 0), FAMILY_IPV4, 8}, {V4(226, 0, 0, 0), FAMILY_IPV4, 7},
        {V4(228, 0, 0, 0), FAMILY_IPV4, 6}, {V4(234, 0, 0, 0), FAMILY_IPV4, 7},
        {V4(236, 0, 0, 0), FAMILY_IPV4, 7}, {V4(238, 0, 0, 0), FAMILY_IPV4, 8},
    };
    uint64_t low = 0, high = 0, pool = prefix_size(ranges[2]);

    for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        *(i < 3 ? &low : &high) += prefix_size(ranges[i]);
    EXPECT_UEQ(low, 7u << 24);
    EXPECT_UEQ(high, 5u << 24);
    EXPECT_UEQ(low + high, 12u << 24);
    EXPECT_UEQ(pool, 1u << 26);
    EXPECT_UEQ(pool / 128, 1u << 19);
    masc_config_defaults(&config);
    EXPECT_UEQ(config.soft_threshold, pool / 128 / 64);
    EXPECT_UEQ(config.soft_threshold, 8192);
}

TEST(scope_of_a_prefix, "")
{
    masc_config_defaults(&config);
    add_scope("organisation", p4(V4(239, 192, 0, 0), 14), false);
    add_scope("site", p4(V4(239, 192, 0, 0), 16), false);
    add_scope("site6", (struct prefix){u128_of(0xFF05000000000000, 0), FAMILY_IPV6, 16}, false);
    EXPECT_EQ(masc_config_scope(&config, p4(V4(239, 193, 0, 0), 24)), 1);
    EXPECT_EQ(masc_config_scope(&config, p4(V4(239, 192, 5, 0), 24)), 2);
    EXPECT_EQ(masc_config_scope(&config, p4(V4(239, 192, 0, 0), 16)), 2);
    EXPECT_EQ(masc_config_scope(&config, p4(V4(239, 192, 0, 0), 15)), 1);
    EXPECT_EQ(masc_config_scope(&config, p4(V4(239, 192, 0, 0), 13)), MASC_SCOPE_GLOBAL);
    EXPECT_EQ(masc_config_scope(&config, p4(V4(228, 0, 0, 0), 8)), MASC_SCOPE_GLOBAL);
    EXPECT_EQ(masc_config_scope(&config, (struct prefix){u128_of(0xFF05000000000001, 0),
                                                         FAMILY_IPV6, 64}), 3);
    EXPECT_EQ(masc_config_scope(&config, p4(0, 24)), MASC_SCOPE_GLOBAL); /* a hint */
}

TEST(parents, "M-6-04")
{
    u128 parent[MASC_PARENTS_MAX];

    good_child();
    add_peer("parent-again", MASC_CHILD, 65000);
    EXPECT_EQ(masc_config_parents(&config, parent), 2);
    EXPECT(parent[0] == 65000 && parent[1] == 65010);
    good_top_level();
    EXPECT_EQ(masc_config_parents(&config, parent), 1);
    EXPECT(parent[0] == 0);
    masc_config_defaults(&config);
    EXPECT_EQ(masc_config_parents(&config, parent), 0);
    for (unsigned i = 0; i < 12; i++)
        add_peer("parent", MASC_CHILD, 65000 + i);
    EXPECT_EQ(masc_config_parents(&config, parent), MASC_PARENTS_MAX);
}

TEST(good_ones, "")
{
    GOOD_CHILD((void)0);
    good_top_level();
    GOOD();
    /* all limits off, all times short */
    GOOD_CHILD(config.lifetime_max_s = config.holdtime_max_s = 0);
    GOOD_CHILD(config.waiting_period_s = 1; config.claim_delay_s = 0; config.lifetime_s = 2);
    GOOD_CHILD(config.peer[0].hold_time_s = 0);
    GOOD_CHILD(config.peer[0].hold_time_s = 3);
    /* IPv6 alone may have long identifiers */
    masc_config_defaults(&config);
    config.ipv4 = false;
    config.domain = config.node = (u128)1 << 100;
    GOOD();
}

/* Every bound itself is still good. */
TEST(bounds_are_good, "")
{
    GOOD_CHILD(config.peers_max = config.peers; config.claims_max = 1; config.per_origin_max = 1;
               config.origins_max = 1; config.own_max = 1);
    GOOD_CHILD(config.peers_max = MASC_PEERS_MAX);
    GOOD_CHILD(config.connect_retry_s = 1; config.start_backoff_s = config.start_backoff_max_s = 1);
    GOOD_CHILD(config.claim_min = 1; config.prefixes_max = 1; config.utilization_low = 0;
               config.utilization_high = 1);
    GOOD_CHILD(config.utilization_high = 100; config.utilization_low = 99);
    GOOD_CHILD(config.lifetime_min_s = config.lifetime_max_s = config.lifetime_s);
    GOOD_CHILD(config.holdtime_min_s = config.waiting_period_s;
               config.holdtime_max_s = config.lifetime_s);
    GOOD_CHILD(config.size_min = config.size_max = config.claim_min);
    GOOD_CHILD(config.soft_threshold = config.hard_threshold = 5);
    GOOD_CHILD(config.demand[0].addresses = (uint64_t)1 << 40); /* who knows what parents have */
    GOOD_CHILD(memset(config.peer[0].name, 'x', MASC_NAME_MAX - 1));
}

/* The sentence says what is, what was expected and what to do. */
TEST(complaints_are_sentences, "")
{
    char path[64], why[300];
    struct wr wp = wr_init(path, sizeof(path)), ww = wr_init(why, sizeof(why));

    good_child();
    config.connect_retry_s = 0;
    EXPECT(!masc_config_check(&config, &wp, &ww));
    EXPECT_STR(wr_nul(&wp), "connect_retry");
    EXPECT_STR(wr_nul(&ww), "is 0, expected 1 or more: 120 is usual");
    wp = wr_init(path, sizeof(path));
    ww = wr_init(why, sizeof(why));
    good_child();
    config.utilization_high = 101;
    EXPECT(!masc_config_check(&config, &wp, &ww));
    EXPECT_STR(wr_nul(&ww), "is 101, expected 1 to 100: it is per cent; the RFC has 90");
    wp = wr_init(path, sizeof(path));
    ww = wr_init(why, sizeof(why));
    good_child();
    config.peer[4].addr = config.peer[3].addr;
    EXPECT(!masc_config_check(&config, &wp, &ww));
    EXPECT_STR(wr_nul(&wp), "peers[4].role");
    EXPECT_STR(wr_nul(&ww), "peers[3] is the same node with another role, but a node has one role: "
                            "remove one of them");
}

TEST(bad_counts, "")
{
    CHILD("peers_max", config.peers_max = 0);
    CHILD("peers_max", config.peers_max = MASC_PEERS_MAX + 1);
    CHILD("peers", config.peers_max = 4);
    CHILD("scopes", config.scopes = MASC_SCOPES_MAX + 1);
    CHILD("ranges", config.ranges = MASC_RANGES_MAX + 1);
    CHILD("demands", config.demands = MASC_DEMANDS_MAX + 1);
    CHILD("ignore", config.ignored = MASC_IGNORED_MAX + 1);
    CHILD("claims_max", config.claims_max = 0);
    CHILD("per_origin_max", config.per_origin_max = 0);
    CHILD("per_origin_max", config.per_origin_max = config.claims_max + 1);
    CHILD("origins_max", config.origins_max = 0);
    CHILD("own_max", config.own_max = 0);
}

TEST(bad_identity, "")
{
    CHILD("families", config.ipv4 = config.ipv6 = false);
    CHILD("open_family", config.open_family = 7);
    CHILD("open_family", config.ipv6 = false; config.open_family = FAMILY_IPV6);
    CHILD("domain", config.domain = 0);
    CHILD("domain", config.domain = (u128)1 << 32);
    CHILD("node", config.node = 0);
    CHILD("node", config.node = (u128)1 << 32);
    CHILD("sole_tld", (config.sole_tld = true, config.scopes = 0)); /* else for a Zone TLD */
    CHILD("clash", config.clash = (enum masc_clash_mode)5);
    CHILD("ignore[0].domain", config.ignore[0].domain = 0);
    CHILD("ignore[0].domain", config.ignore[0].domain = config.domain);
}

TEST(bad_times_and_limits, "")
{
    CHILD("waiting_period", config.waiting_period_s = 0);
    CHILD("connect_retry", config.connect_retry_s = 0);
    CHILD("start_backoff", config.start_backoff_s = 0);
    CHILD("start_backoff", config.start_backoff_s = 100000);
    CHILD("lifetime", config.lifetime_s = 172800 + 600);
    CHILD("lifetime_max", config.lifetime_min_s = 9; config.lifetime_max_s = 8);
    CHILD("holdtime_max", config.holdtime_min_s = 9; config.holdtime_max_s = 8);
    CHILD("size_max", config.size_min = 9; config.size_max = 8);
    CHILD("hard_threshold", config.soft_threshold = 9; config.hard_threshold = 8);
    CHILD("claim_min", config.claim_min = 0);
    CHILD("lifetime_min", config.lifetime_min_s = config.lifetime_s + 1);
    CHILD("lifetime_max", config.lifetime_max_s = config.lifetime_s - 1);
    CHILD("holdtime_min", config.holdtime_min_s = config.waiting_period_s + 1);
    CHILD("holdtime_max", config.holdtime_max_s = config.waiting_period_s - 1);
    CHILD("holdtime_max", config.holdtime_max_s = config.lifetime_s - 1);
    CHILD("size_min", config.size_min = 257);
    CHILD("size_max", config.size_max = 255);
    CHILD("prefixes_max", config.prefixes_max = 0);
    CHILD("utilization_high", config.utilization_high = 101);
    CHILD("utilization_high", config.utilization_high = 0);
    CHILD("utilization_low", config.utilization_low = 90);
    CHILD("utilization_shrink", config.utilization_shrink = 71);
}

TEST(bad_peer_values, "M-7.2-13")
{
    CHILD("peers[2].name", config.peer[2].name[0] = '\0');
    CHILD("peers[2].name", memset(config.peer[2].name, 'x', MASC_NAME_MAX));
    CHILD("peers[2].address", config.peer[2].addr.family = 0);
    CHILD("peers[2].port", config.peer[2].port = 0);
    CHILD("peers[2].role", config.peer[2].role = (enum masc_role)4);
    CHILD("peers[2].hold_time", config.peer[2].hold_time_s = 1);
    CHILD("peers[2].hold_time", config.peer[2].hold_time_s = 2);
    CHILD("peers[2].boundary", config.peer[2].boundary = 2);
    CHILD("peers[2].defend_only", config.peer[2].defend_only = true);
}

TEST(bad_peer_relations, "M-4-08 M-4-12")
{
    CHILD("peers[0].domain", config.peer[0].domain = 0);
    CHILD("peers[0].domain", config.peer[0].domain = config.domain);
    CHILD("peers[2].domain", config.peer[2].domain = 65009);
    CHILD("peers[2].node", config.peer[2].node = config.node);
    CHILD("peers[0].parent", config.peer[0].parent = 65000);
    CHILD("peers[3].parent", config.peer[3].parent = 0);
    CHILD("peers[3].parent", config.peer[3].parent = 65099);
    CHILD("peers[0].role", config.tld = true; config.demands = 0);
    TLD("peers[0].parent", config.peer[0].parent = 65000);
    TLD("peers[1].role", config.peer[1].role = MASC_CHILD);
}

TEST(one_role_per_node, "M-4-07")
{
    /* the same address and port in another role */
    CHILD("peers[4].role", config.peer[4].addr = config.peer[3].addr);
    /* the same node by another address */
    CHILD("peers[4].role", config.peer[4].domain = config.peer[0].domain = 65000;
          config.peer[4].node = config.peer[0].node = 77);
    /* a number means a node only within its domain, and 0 none at all */
    GOOD_CHILD(config.peer[0].node = config.peer[4].node = 77);
    GOOD_CHILD(add_peer("inside-2", MASC_INTERNAL, config.domain));
    /* another port is another node */
    GOOD_CHILD(config.peer[4].addr = config.peer[3].addr; config.peer[4].port = 2588);
    CHILD("peers[4].domain", config.peer[4] = config.peer[3]; config.peer[4].name[0] = 'x';
          config.peer[4].domain = 65077);
    CHILD("peers[1].domain", config.peer[1].addr = config.peer[0].addr);
    CHILD("peers[1].address", config.peer[1].addr = config.peer[0].addr;
          config.peer[1].domain = 65000);
    CHILD("peers[1].name", text_copy(config.peer[1].name, MASC_NAME_MAX, config.peer[0].name));
}

TEST(old_providers_and_customers, "")
{
    GOOD_CHILD(config.peer[1].unrouted = true);
    CHILD("peers[0].unrouted", config.peer[0].unrouted = true);
    GOOD_CHILD(config.peer[4].soft_threshold = config.peer[4].hard_threshold = 5);
    CHILD("peers[4].hard_threshold", config.peer[4].soft_threshold = 5;
          config.peer[4].hard_threshold = 4);
    CHILD("peers[0].soft_threshold", config.peer[0].soft_threshold = 5);
    CHILD("peers[0].hard_threshold", config.peer[0].hard_threshold = 5);
}

/* Sessions are between nodes, not groups, and ::ffff:a.b.c.d is a.b.c.d. */
TEST(addresses_of_nodes, "")
{
    const u128 mapped = (u128)0xFFFF << 32;

    CHILD("node", config.node = V4(239, 1, 1, 1));
    CHILD("node", config.node = V4(224, 0, 0, 0));
    GOOD_CHILD(config.node = V4(223, 255, 255, 255));
    CHILD("node", config.ipv4 = false; config.node = (u128)0xFF1E << 112);
    CHILD("peers[2].address", config.peer[2].addr.addr = V4(239, 1, 1, 1));
    CHILD("peers[2].address",
          config.peer[2].addr = (struct addr){(u128)0xFF02 << 112 | 1, FAMILY_IPV6});
    CHILD("peers[2].address",
          config.peer[2].addr = (struct addr){mapped | V4(224, 0, 0, 1), FAMILY_IPV6});
    CHILD("peers[4].role", config.peer[4].addr = (struct addr){mapped | config.peer[3].addr.addr,
                                                               FAMILY_IPV6});
    GOOD_CHILD(config.peer[4].addr = config.peer[3].addr; config.peer[4].addr.family = FAMILY_IPV6);
}

/* The host's file may spell its settings otherwise: sentences do without our names. */
TEST(sentences_name_no_fields, "")
{
    char path[64], why[300];

    for (unsigned i = 0; i < 7; i++) {
        struct wr wp = wr_init(path, sizeof(path)), ww = wr_init(why, sizeof(why));
        good_child();
        config.sole_tld = i == 0;
        config.scope[0].zone_tld = i > 0;
        config.lifetime_s = i == 1 ? 1 : config.lifetime_s;
        config.utilization_low = i == 2 ? 95 : 70;
        config.range[0].scope = i == 3 ? 0 : 1;
        config.peer[4].soft_threshold = 2;
        config.peer[4].hard_threshold = i == 4 ? 1 : 2;
        config.peer[0].unrouted = i == 5;
        config.peer[2].defend_only = i == 6;
        EXPECT(!masc_config_check(&config, &wp, &ww));
        EXPECT(strchr(wr_nul(&ww), '_') == NULL);
    }
}

TEST(siblings_per_parent, "")
{
    /* one peering per common parent */
    good_child();
    config.peer[4] = config.peer[3];
    text_copy(config.peer[4].name, MASC_NAME_MAX, "sibling-2");
    config.peer[4].parent = 65010;
    GOOD();
    config.peer[4].parent = 65000;
    EXPECT(refused_for("peers[4].parent"));
    /* internal peers have a single connection */
    CHILD("peers[4].address", config.peer[4] = config.peer[2];
          text_copy(config.peer[4].name, MASC_NAME_MAX, "inside-2"));
}

TEST(too_many_parents, "")
{
    good_child();
    for (unsigned i = 2; i < MASC_PARENTS_MAX; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        add_peer(name, MASC_CHILD, 65200 + i);
    }
    GOOD();
    add_peer("z", MASC_CHILD, 65299);
    EXPECT(refused_for("peers[11].domain"));
}

TEST(bad_scopes, "")
{
    CHILD("scopes[0].name", config.scope[0].name[0] = '\0');
    CHILD("scopes[0].prefix", config.scope[0].prefix.family = 0);
    CHILD("scopes[0].prefix", config.scope[0].prefix.addr |= 1);
    CHILD("scopes[0].prefix", config.scope[0].prefix.len = 33);
    CHILD("scopes[0].prefix", config.scope[0].prefix = p4(V4(10, 0, 0, 0), 8));
    CHILD("scopes[0].prefix", config.scope[0].prefix.family = FAMILY_IPV6; config.ipv6 = false);
    CHILD("scopes[1].name", add_scope("site", p4(V4(239, 0, 0, 0), 16), false));
    CHILD("scopes[1].prefix", add_scope("x", config.scope[0].prefix, false));
    /* neither inside nor around another, but beside it */
    CHILD("scopes[1].prefix", add_scope("x", p4(V4(239, 192, 0, 0), 16), false));
    CHILD("scopes[1].prefix", add_scope("x", p4(V4(239, 0, 0, 0), 8), false));
    GOOD_CHILD(add_scope("x", p4(V4(239, 196, 0, 0), 14), false));
}

TEST(bad_ranges, "")
{
    TLD("ranges[0].prefix", config.range[0].prefix = p4(V4(10, 0, 0, 0), 8));
    TLD("ranges[0].prefix", config.range[0].prefix = p4(V4(192, 0, 0, 0), 2));
    TLD("ranges[0].prefix", config.range[0].prefix.addr |= 1);
    TLD("ranges[0].scope", config.range[0].scope = 1);
    TLD("ranges[1].prefix", config.range[config.ranges++] =
                                (struct masc_range){p4(V4(230, 0, 0, 0), 8), 0});
    CHILD("ranges[0].scope", config.range[0].scope = 0);
    CHILD("ranges[0].scope", config.scope[0].zone_tld = false);
    CHILD("ranges[0].prefix", config.range[0].prefix = p4(V4(228, 0, 0, 0), 8));
}

TEST(bad_demands, "")
{
    CHILD("demands[0].scope", config.demand[0].scope = 2);
    CHILD("demands[0].family", config.demand[0].family = 0);
    CHILD("demands[0].family", config.demand[0].family = FAMILY_IPV6; config.ipv6 = false);
    CHILD("demands[1].family", config.demand[1].family = FAMILY_IPV6);
    CHILD("demands[0].addresses", config.demand[0].addresses = 0);
    CHILD("demands[1].addresses", config.demand[1].addresses = (1u << 17) + 1);
    GOOD_CHILD(config.demand[1].addresses = 1u << 17);
    CHILD("demands[0].lifetime", config.demand[0].lifetime_s = 0);
    CHILD("demands[1].scope", config.ranges = 0);
    TLD("demands[0].scope", config.demand[config.demands++] = (struct masc_demand){
        .family = FAMILY_IPV6, .addresses = 1, .lifetime_s = 1});
}

TEST(a_short_writer_is_no_harm, "")
{
    char path[4], why[8];
    struct wr wp = wr_init(path, sizeof(path)), ww = wr_init(why, sizeof(why));

    good_child();
    config.peer[2].port = 0;
    EXPECT(!masc_config_check(&config, &wp, &ww));
    EXPECT(wp.len <= sizeof(path) && ww.len <= sizeof(why));
}
