/* SPDX-License-Identifier: BSD-2-Clause */
/* tree_test: what stands under what, what is shown of it, and where it is cut. */
#include "tests/tap.h"

#include <stdio.h>

#include "node/bench_node.h"

/* The answer as lines "depth prefix relation state". */
static const char *shape(void)
{
    static char text[1 << 16];
    struct wr w = wr_init(text, sizeof(text));
    char depth[8], prefix[64], relation[32], state[32];

    for (const char *at = bench_ask("tree"); *at != '\0'; at = strchr(at, '\n') + 1) {
        const char *r = strstr(at, "\"relation\":\""), *s = strstr(at, "\"state\":\"");
        CHECK(sscanf(at, "{\"row\":\"tree\",\"depth\":%7[0-9],\"prefix\":\"%63[^\"]", depth,
                     prefix) == 2);
        CHECK(sscanf(r + 12, "%31[^\"]", relation) == 1 && sscanf(s + 9, "%31[^\"]", state) == 1);
        wr_text(&w, depth);
        wr_text(&w, " ");
        wr_text(&w, prefix);
        wr_text(&w, " ");
        wr_text(&w, relation);
        wr_text(&w, " ");
        wr_text(&w, state);
        wr_text(&w, "\n");
    }
    return wr_nul(&w);
}

TEST(tree_of_three_levels, "")
{
    bench_reset();
    bench_claim("239.1.4.0/24", MASC_NEW_CLAIM, MASC_CHILD, 65010);
    bench_claim("239.1.0.0/24", MASC_PREFIX_IN_USE, MASC_CHILD, 65011);
    bench_claim("239.0.0.0/8", MASC_PREFIX_MANAGED, MASC_PARENT, 65000);
    bench_claim("239.2.0.0/16", MASC_PREFIX_IN_USE, MASC_SIBLING, 65002);
    bench_claim("0.0.0.0/24", MASC_NEW_CLAIM, MASC_CHILD, 65012);
    bench_own("239.1.0.0/16", MASC_OWN_IN_USE);
    bench_own("239.3.0.0/16", MASC_OWN_WAITING);
    EXPECT_STR(shape(), "0 239.0.0.0/8 parent managed\n"
                        "1 239.1.0.0/16 self in use\n"
                        "2 239.1.0.0/24 child in use\n"
                        "2 239.1.4.0/24 child claimed\n"
                        "1 239.2.0.0/16 sibling in use\n"
                        "1 239.3.0.0/16 self waiting\n"
                        "0 0.0.0.0/24 child wanted\n");
    EXPECT_EQ(bench.status, END_DONE);
    EXPECT_STR(bench.text, "");
}

TEST(tree_of_a_top_level_domain, "")
{
    bench_reset();
    bench.config.masc.ranges = 2;
    bench.config.masc.range[0].prefix = bench_prefix("228.0.0.0/6");
    bench.config.masc.range[1].prefix = bench_prefix("239.0.0.0/8");
    bench_own("228.0.0.0/6", MASC_OWN_IN_USE);
    bench_own("228.1.0.0/16", MASC_OWN_IN_USE)->purpose = MASC_FOR_LOCAL;
    EXPECT_STR(shape(), "0 228.0.0.0/6 parent range\n"
                        "1 228.0.0.0/6 self in use\n"
                        "2 228.1.0.0/16 self in use\n"
                        "0 239.0.0.0/8 parent range\n");
}

/* A collision in the making: both stand beside each other, and a child under ours only. */
TEST(tree_rivals_are_neighbours, "")
{
    bench_reset();
    bench_claim("239.0.0.0/8", MASC_PREFIX_MANAGED, MASC_PARENT, 65000);
    bench_claim("239.1.0.0/16", MASC_NEW_CLAIM, MASC_SIBLING, 65002);
    bench_claim("239.1.128.0/17", MASC_NEW_CLAIM, MASC_SIBLING, 65003);
    bench_claim("239.1.129.0/24", MASC_PREFIX_IN_USE, MASC_CHILD, 65011);
    bench_own("239.1.0.0/16", MASC_OWN_IN_USE)->since.s -= 100;
    EXPECT_STR(shape(), "0 239.0.0.0/8 parent managed\n"
                        "1 239.1.0.0/16 self in use\n"
                        "1 239.1.0.0/16 sibling claimed\n"
                        "1 239.1.128.0/17 sibling claimed\n"
                        "2 239.1.129.0/24 child in use\n");
}

/* Every prefix in use is being renewed all the time: that is not worth a line. */
TEST(tree_leaves_renewals_out, "")
{
    bench_reset();
    bench_own("239.1.0.0/16", MASC_OWN_IN_USE)->since.s -= 100;
    bench_own("239.1.0.0/16", MASC_OWN_WAITING)->purpose = MASC_FOR_RENEWAL;
    bench_claim("239.1.4.0/24", MASC_PREFIX_IN_USE, MASC_CHILD, 65010)->timestamp_s -= 100;
    bench_claim("239.1.4.0/25", MASC_CLAIM_TO_EXPAND, MASC_CHILD, 65010);
    bench_claim("239.1.4.0/24", MASC_NEW_CLAIM, MASC_CHILD, 65011);
    bench_own("239.0.0.0/15", MASC_OWN_WAITING)->purpose = MASC_FOR_EXPANSION;
    EXPECT_STR(shape(), "0 239.0.0.0/15 self waiting\n"
                        "0 239.1.0.0/16 self in use\n"
                        "1 239.1.4.0/24 child in use\n"
                        "1 239.1.4.0/24 child claimed\n");
}

TEST(tree_without_cover, "")
{
    bench_reset();
    bench_claim("239.1.4.0/24", MASC_PREFIX_IN_USE, MASC_CHILD, 65010);
    bench_own("239.2.0.0/16", MASC_OWN_IN_USE);
    EXPECT_STR(shape(), "0 239.1.4.0/24 child in use\n0 239.2.0.0/16 self in use\n");
}

TEST(tree_shows_losers_for_a_while, "")
{
    struct masc_claim_view *v;

    bench_reset();
    v = bench_claim("239.1.0.0/24", MASC_NEW_CLAIM, MASC_INTERNAL, 65001);
    v->own = true, v->live = false, v->state = "lost";
    v = bench_claim("239.1.1.0/24", MASC_NEW_CLAIM, MASC_SIBLING, 65002);
    v->live = false, v->state = "lost", v->timestamp_s = BENCH_WALL - 100;
    v = bench_claim("239.1.2.0/24", MASC_NEW_CLAIM, MASC_SIBLING, 65002);
    v->live = false, v->state = "superseded";
    v = bench_claim("239.1.3.0/24", MASC_NEW_CLAIM, MASC_CHILD, 65010);
    v->live = false, v->state = "denied";
    bench_claim("239.1.4.0/24", MASC_WITHDRAW, MASC_SIBLING, 65002);
    bench_claim("239.1.5.0/24", MASC_PREFIX_IN_USE, MASC_INTERNAL, 65001)->own = true;
    bench_own("239.1.5.0/24", MASC_OWN_IN_USE)->clashed = true;
    EXPECT_STR(shape(), "0 239.1.0.0/24 self lost\n"
                        "0 239.1.3.0/24 child denied\n"
                        "0 239.1.5.0/24 self clash\n");
}

TEST(tree_names_domains_and_waits, "")
{
    bench_reset();
    bench_claim("239.1.0.0/16", MASC_NEW_CLAIM, MASC_SIBLING, 65002);
    bench_own("239.2.0.0/16", MASC_OWN_DELAYED);
    bench_claim("239.3.0.0/16", MASC_PREFIX_IN_USE, MASC_SIBLING, 65000);
    bench_claim("239.4.0.0/16", MASC_NEW_CLAIM, MASC_SIBLING, 65009)->timestamp_s -= 60;
    bench_ask("tree");
    EXPECT(bench_has("\"domain\":\"65002\",\"name\":\"beside\",\"relation\":\"sibling\","
                     "\"state\":\"claimed\",\"purpose\":null,\"since\":1799999960,"
                     "\"ready\":1800000060,\"wait\":100"));
    EXPECT(bench_has("\"domain\":\"65001\",\"name\":\"mid\",\"relation\":\"self\","
                     "\"state\":\"delayed\",\"purpose\":\"new\",\"since\":1799999960,"
                     "\"ready\":1800000060,\"wait\":100"));
    /* What a parent keeps for itself comes as a sibling's. */
    EXPECT(bench_has("\"name\":\"up\",\"relation\":\"parent\",\"state\":\"in use\""));
    /* It should be over: no time is made up. */
    EXPECT(bench_has("\"domain\":\"65009\",\"name\":null,\"relation\":\"sibling\","
                     "\"state\":\"claimed\",\"purpose\":null,\"since\":1799999900,\"ready\":null"));
}

TEST(tree_is_paged_and_bounded, "")
{
    char text[32];

    bench_reset();
    for (unsigned i = 0; i < 2100; i++) {
        snprintf(text, sizeof(text), "239.%u.%u.0/24", 1 + i % 7, i / 7 % 256);
        bench_claim(text, MASC_PREFIX_IN_USE, MASC_SIBLING, 70000 + i);
    }
    bench_ask("tree");
    EXPECT_EQ(bench.rows, 2048);
    EXPECT_EQ(bench.pages, 11);
    EXPECT_STR(bench.text, "52 more are known and not drawn; `claims` lists all");
}
