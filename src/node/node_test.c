/* SPDX-License-Identifier: BSD-2-Clause */
/* node_test: dispatch and the words that read lists; tree and doing have their own files. */
#include "tests/tap.h"

#include "node/bench_node.h"

TEST(events_go_to_the_speaker, "")
{
    bench_reset();
    fake.deadline = (mono_t){77};
    out_reset(&bench.out);
    node_step(bench.node, &(struct event){.kind = EVENT_TIME, .now = bench_now}, &bench.out);
    EXPECT_EQ(fake.steps, 1);
    EXPECT_EQ(node_deadline(bench.node).ms, 77);
    bench_ask("status");
    EXPECT_EQ(fake.steps, 1);
}

TEST(configure_reaches_the_speaker, "")
{
    static struct node_config other;

    bench_reset();
    other = bench.config;
    other.masc.domain = 4;
    text_copy(other.name, sizeof(other.name), "renamed");
    out_reset(&bench.out);
    node_configure(bench.node, &other, bench_now, &bench.out);
    EXPECT_EQ(fake.configured, 1);
    bench_ask("status");
    EXPECT(bench_has("\"name\":\"renamed\",\"domain\":\"4\""));
}

TEST(unknown_words_are_named, "")
{
    bench_reset();
    bench_ask("stauts");
    EXPECT_EQ(bench.status, END_USAGE);
    EXPECT_EQ(bench.rows, 0);
    EXPECT(strstr(bench.text, "'stauts'") != NULL);
    EXPECT(strstr(bench.text, "status, peers, claims") != NULL);
}

TEST(words_of_the_daemon_are_not_ours, "")
{
    bench_reset();
    bench_ask("watch");
    EXPECT_EQ(bench.status, END_USAGE);
    bench_ask("reload");
    EXPECT_EQ(bench.status, END_USAGE);
}

TEST(no_words_at_all, "")
{
    struct ask ask = {.id = 42};
    char room[10];
    struct wr w = wr_init(room, sizeof(room));

    bench_reset();
    out_reset(&bench.out);
    node_step(bench.node, &(struct event){.kind = EVENT_ASK, .now = bench_now, .ask = &ask},
              &bench.out);
    bench_take(&w);
    EXPECT_EQ(bench.status, END_USAGE);
}

TEST(status_counts, "")
{
    bench_reset();
    bench_own("239.1.0.0/16", MASC_OWN_IN_USE);
    bench_own("239.2.0.0/16", MASC_OWN_WAITING);
    bench_own("239.3.0.0/16", MASC_OWN_DELAYED);
    fake.peer[0] = (struct masc_peer_info){.config = &bench.config.masc.peer[0],
                                           .state = MASC_ESTABLISHED};
    fake.peer[5] = (struct masc_peer_info){.config = &bench.config.masc.peer[1]};
    fake.status = (struct masc_status){.ready = true, .store_failing = true, .claims = 12,
                                       .relayed = 99, .collisions_lost = 2};
    bench_ask("status");
    EXPECT_EQ(bench.status, END_DONE);
    EXPECT_EQ(bench.rows, 2);
    EXPECT(bench_has("\"peers\":2,\"established\":1,\"own\":3,\"in_use\":1,\"waiting\":2,"));
    EXPECT(bench_has("\"storage\":\"failing\",\"waiting_period\":100"));
    EXPECT(bench_has("\"relayed\":99,"));
    EXPECT(bench_has("\"collisions_lost\":2,"));
    EXPECT(bench_has("\"strangers\":3}"));
}

TEST(words_that_take_nothing, "")
{
    static const char *const line[] = {"status x", "prefixes x", "tree x", "clashes x"};

    bench_reset();
    for (unsigned i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
        bench_ask(line[i]);
        EXPECT_EQ(bench.status, END_USAGE);
        EXPECT(strstr(bench.text, "'x' was given, expected nothing") != NULL);
    }
}

/* ---- peers ---- */

static void two_peers(void)
{
    bench_reset();
    fake.peer[0] = (struct masc_peer_info){
        .config = &bench.config.masc.peer[0], .state = MASC_ESTABLISHED, .hold_time_s = 240,
        .since = {BENCH_WALL - 9}, .start_at = MONO_NEVER, .node = 5, .updates_in = 6};
    fake.peer[3] = (struct masc_peer_info){
        .config = &bench.config.masc.peer[1], .state = MASC_IDLE, .since = {BENCH_WALL - 2},
        .start_at = {BENCH_MONO + 30001}, .last_code = MASC_E_HOLD_TIMER, .last_sent = true};
}

TEST(peers_say_what_the_other_is, "")
{
    two_peers();
    bench_ask("peers");
    EXPECT_EQ(bench.rows, 2);
    EXPECT(bench_has("\"name\":\"up\",\"relation\":\"parent\",\"domain\":\"65000\""));
    EXPECT(bench_has("\"name\":\"beside\",\"relation\":\"sibling\""));
    EXPECT(bench_has("\"hold_time\":240,"));
    EXPECT(bench_has("\"retry\":1800000031,")); /* rounded up: not over before it is */
    EXPECT(bench_has("\"error_from\":\"us\""));
    EXPECT(bench_has("\"hold_time\":null"));
}

TEST(peers_by_name, "")
{
    two_peers();
    bench_ask("peers beside");
    EXPECT_EQ(bench.rows, 1);
    EXPECT(bench_has("\"name\":\"beside\""));
    bench_ask("peers nobody");
    EXPECT_EQ(bench.status, END_REFUSED);
    EXPECT(strstr(bench.text, "'nobody'") != NULL);
    bench_ask("peers up beside");
    EXPECT_EQ(bench.status, END_USAGE);
}

/* ---- claims ---- */

TEST(claims_are_paged, "")
{
    bench_reset();
    for (unsigned i = 0; i < 450; i++)
        bench_claim("239.1.0.0/16", MASC_NEW_CLAIM, MASC_SIBLING, 70000 + i);
    bench_ask("claims");
    EXPECT_EQ(bench.rows, 450);
    EXPECT_EQ(bench.pages, 3);
    EXPECT(bench_has("\"domain\":\"70449\""));
}

TEST(claims_fields, "")
{
    bench_reset();
    bench_claim("239.1.0.0/16", MASC_PREFIX_IN_USE, MASC_CHILD, 65010);
    bench_ask("claims");
    EXPECT_STR(bench.answer,
               "{\"row\":\"claim\",\"prefix\":\"239.1.0.0/16\",\"type\":\"PREFIX_IN_USE\","
               "\"state\":\"live\",\"relation\":\"child\",\"domain\":\"65010\","
               "\"node\":\"0.0.0.9\","
               "\"parent\":\"65000\",\"since\":1799999960,\"until\":1800000960,"
               "\"held\":1800001960,\"deprecated\":false}\n");
}

TEST(claims_whose_address, "M-12.6-01")
{
    const char *wide, *middle, *narrow;

    bench_reset();
    bench_claim("239.1.2.0/24", MASC_PREFIX_IN_USE, MASC_CHILD, 65010);
    bench_claim("239.9.0.0/16", MASC_PREFIX_IN_USE, MASC_SIBLING, 65002);
    bench_claim("239.0.0.0/8", MASC_PREFIX_MANAGED, MASC_PARENT, 65000);
    bench_claim("0.0.0.0/24", MASC_NEW_CLAIM, MASC_CHILD, 65011);
    bench_own("239.1.0.0/16", MASC_OWN_IN_USE);
    bench_ask("claims 239.1.2.3");
    EXPECT_EQ(bench.status, END_DONE);
    EXPECT_EQ(bench.rows, 3);
    wide = strstr(bench.answer, "\"239.0.0.0/8\"");
    middle = strstr(bench.answer, "\"239.1.0.0/16\"");
    narrow = strstr(bench.answer, "\"239.1.2.0/24\"");
    REQUIRE(wide != NULL && middle != NULL && narrow != NULL);
    EXPECT(wide < middle && middle < narrow);
    EXPECT_STR(bench.text, "239.1.2.3 is in use by domain 65010, as part of 239.1.2.0/24");
    bench_ask("claims 239.1.7.7");
    EXPECT_STR(bench.text, "239.1.7.7 is in use by domain 65001 (this one), as part of "
                           "239.1.0.0/16");
    bench_ask("claims 239.77.0.1");
    EXPECT_STR(bench.text, "239.77.0.1 is managed by domain 65000, as part of 239.0.0.0/8");
    bench_ask("claims 224.1.0.1");
    EXPECT_STR(bench.text, "224.1.0.1 belongs to nobody known here");
    EXPECT_EQ(bench.rows, 0);
}

/* A claim still in its wait, or one that is over, owns nothing. */
TEST(claims_whose_counts_only_what_holds, "M-12.6-01")
{
    bench_reset();
    bench_claim("239.1.2.0/24", MASC_PREFIX_IN_USE, MASC_CHILD, 65010)->live = false;
    bench_claim("239.1.2.0/24", MASC_NEW_CLAIM, MASC_CHILD, 65011);
    bench_claim("239.1.0.0/16", MASC_PREFIX_MANAGED, MASC_PARENT, 65000);
    bench_ask("claims 239.1.2.3");
    EXPECT_EQ(bench.rows, 2);
    EXPECT_STR(bench.text, "239.1.2.3 is managed by domain 65000, as part of 239.1.0.0/16");
}

/* Own prefixes are shown once, whether or not the speaker keeps its own UPDATEs. */
TEST(claims_own_is_not_doubled, "")
{
    bench_reset();
    bench_claim("239.1.0.0/16", MASC_PREFIX_IN_USE, MASC_INTERNAL, 65001)->own = true;
    bench_own("239.1.0.0/16", MASC_OWN_IN_USE);
    bench_own("239.1.0.0/20", MASC_OWN_DELAYED);
    bench_ask("claims 239.1.2.3");
    EXPECT_EQ(bench.rows, 1);
}

TEST(claims_covering_is_bounded, "")
{
    bench_reset();
    for (unsigned i = 0; i < 500; i++)
        bench_claim(i == 250 ? "239.1.2.0/24" : "239.1.0.0/16", MASC_PREFIX_IN_USE, MASC_SIBLING,
                    70000 + i);
    bench_ask("claims 239.1.2.3");
    EXPECT_EQ(bench.rows, 200);
    EXPECT(strstr(bench.text, "domain 70250,") != NULL);
}

TEST(claims_bad_argument, "")
{
    bench_reset();
    bench_ask("claims 239.1.2.3.4");
    EXPECT_EQ(bench.status, END_USAGE);
    EXPECT(strstr(bench.text, "'239.1.2.3.4' was given, expected a prefix") != NULL);
    bench_ask("claims 239.1.2.3 239.1.2.4");
    EXPECT_EQ(bench.status, END_USAGE);
}

/* ---- prefixes, clashes ---- */

TEST(prefixes_tell_the_wait, "M-12.6-02")
{
    struct masc_own_view *v;

    bench_reset();
    v = bench_own("239.1.0.0/24", MASC_OWN_WAITING);
    v->scope = 1;
    v->purpose = MASC_FOR_RENEWAL;
    v->used = 17;
    bench_own("239.2.0.0/16", MASC_OWN_IN_USE)->usable = true;
    bench_ask("prefixes");
    EXPECT_EQ(bench.rows, 2);
    EXPECT(bench_has("\"prefix\":\"239.1.0.0/24\",\"state\":\"waiting\",\"purpose\":\"renewal\","
                     "\"scope\":\"campus\",\"parent\":\"65000\""));
    EXPECT(bench_has("\"ready\":1800000060,\"wait\":100,\"until\":1800000900,\"size\":256,"
                     "\"used\":17"));
    EXPECT(bench_has("\"state\":\"in use\",\"purpose\":\"new\",\"scope\":\"global\""));
    EXPECT(bench_has("\"ready\":null,\"wait\":null"));
}

TEST(clashes_say_who_won, "")
{
    bench_reset();
    for (unsigned i = 0; i < 3; i++)
        fake.clash[i] = (struct masc_clash_view){
            .ours = bench_prefix("239.1.0.0/16"), .theirs = bench_prefix("239.1.4.0/24"),
            .range = bench_prefix("239.1.4.0/24"), .domain = 65002, .lost = i > 0,
            .waiting = i > 1, .since = {BENCH_WALL}, .until = {BENCH_WALL + 9}};
    fake.clashes = 3;
    bench_ask("clashes");
    EXPECT_EQ(bench.rows, 3);
    EXPECT(bench_has("\"result\":\"won\""));
    EXPECT(bench_has("\"result\":\"lost\""));
    EXPECT(bench_has("\"result\":\"undecided\""));
}
