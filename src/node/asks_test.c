/* SPDX-License-Identifier: BSD-2-Clause */
/* asks_test: the words that do something: what reaches the speaker, and what is refused before. */
#include "tests/tap.h"

#include "node/bench_node.h"

static void expect_usage(const char *line, const char *part)
{
    fake.verb[0] = '\0';
    bench_ask(line);
    EXPECT_EQ(bench.status, END_USAGE);
    EXPECT_STR(fake.verb, "");
    if (strstr(bench.text, part) == NULL)
        tap_diag("'%s' gave: %s", line, bench.text);
    EXPECT(strstr(bench.text, part) != NULL);
}

TEST(claim_a_place, "")
{
    bench_reset();
    bench_ask("claim 239.4.0.0/16 --for 1d12h");
    EXPECT_EQ(bench.status, END_DONE);
    EXPECT_STR(fake.verb, "claim");
    EXPECT(prefix_equal(fake.wish.prefix, bench_prefix("239.4.0.0/16")));
    EXPECT_EQ(fake.wish.lifetime_s, 129600);
    EXPECT(bench.text[0] != '\0');
}

TEST(claim_a_size, "")
{
    bench_reset();
    bench_ask("claim --scope campus --size 300");
    EXPECT_EQ(bench.status, END_DONE);
    EXPECT_EQ(fake.wish.prefix.family, 0);
    EXPECT_EQ(fake.wish.addresses, 300);
    EXPECT_EQ(fake.wish.family, FAMILY_IPV4);
    EXPECT_EQ(fake.wish.scope, 1);
    EXPECT_EQ(fake.wish.lifetime_s, 0);
    bench_ask("claim --size 4 --family ipv6 --scope global");
    EXPECT_EQ(fake.wish.family, FAMILY_IPV6);
    EXPECT_EQ(fake.wish.scope, MASC_SCOPE_GLOBAL);
}

TEST(claim_without_ipv4_means_ipv6, "")
{
    bench_reset();
    bench.config.masc.ipv4 = false;
    bench_ask("claim --size 4");
    EXPECT_EQ(fake.wish.family, FAMILY_IPV6);
}

/* The answer names what was planned: the latest claim of the operator. */
TEST(claim_says_what_was_planned, "")
{
    struct masc_own_view *v;

    bench_reset();
    bench.config.masc.claim_delay_s = 600;
    bench.config.masc.waiting_period_s = 172800;
    bench_own("239.0.4.0/24", MASC_OWN_DELAYED)->by_operator = true;
    v = bench_own("239.0.8.0/29", MASC_OWN_DELAYED);
    v->by_operator = true;
    v->began.ms = BENCH_MONO;
    v = bench_own("239.0.9.0/29", MASC_OWN_DELAYED); /* by demand */
    v->began.ms = BENCH_MONO;
    v = bench_own("239.1.0.0/16", MASC_OWN_IN_USE);
    v->by_operator = true;
    v->began.ms = BENCH_MONO;
    v = bench_own("239.2.0.0/16", MASC_OWN_WAITING); /* goes on with what is held */
    v->by_operator = true;
    v->purpose = MASC_FOR_RENEWAL;
    v->began.ms = BENCH_MONO;
    bench_ask("claim --size 7");
    EXPECT_EQ(bench.status, END_DONE);
    EXPECT_UEQ(bench.rows, 1);
    EXPECT(bench_has("{\"row\":\"prefix\",\"prefix\":\"239.0.8.0/29\",\"state\":\"delayed\""));
    EXPECT_STR(bench.text, "claiming 239.0.8.0/29: announced within 10m, ours 2d after that unless "
                           "somebody objects; if it loses, another of its size is chosen");
    bench_ask("claim 239.0.4.0/24");
    EXPECT(bench_has("\"prefix\":\"239.0.4.0/24\""));
    fake.refuse = "no room";
    bench_ask("claim 239.0.4.0/24");
    EXPECT_UEQ(bench.rows, 0);
}

TEST(claim_of_two_at_once_the_later, "")
{
    bench_reset();
    bench.config.masc.claim_delay_s = 0;
    bench.config.masc.waiting_period_s = 5400;
    bench_own("239.0.4.0/24", MASC_OWN_DELAYED)->by_operator = true;
    bench_own("239.0.8.0/24", MASC_OWN_DELAYED)->by_operator = true;
    fake.own[1].purpose = MASC_FOR_LOCAL;
    bench_ask("claim --size 200");
    EXPECT_STR(bench.text, "claiming 239.0.8.0/24: announced at once, ours 1h30m after that unless "
                           "somebody objects; if it loses, nothing is claimed in its place");
}

TEST(claim_wrong_words, "")
{
    bench_reset();
    expect_usage("claim", "expected a prefix such as 239.1.0.0/16, or --size N");
    expect_usage("claim 10.0.0.0/8", "'10.0.0.0/8' was given, expected a multicast prefix");
    expect_usage("claim 239.1.0.1/16", "'239.1.0.1/16' was given");
    expect_usage("claim 239.1.0.0/16 239.2.0.0/16", "'239.2.0.0/16' was given, expected only one");
    expect_usage("claim --size 0", "'0' was given, expected a number of addresses");
    expect_usage("claim --size x", "'x' was given");
    expect_usage("claim --size", "'--size' was given, expected a value after it");
    expect_usage("claim --speed 3", "'--speed' was given, expected --size, --for");
    expect_usage("claim --speed", "'--speed' was given, expected --size, --for");
    expect_usage("claim --size 4 --for never", "'never' was given, expected a length of time");
    expect_usage("claim --size 4 --for 0", "'0' was given, expected a length of time");
    expect_usage("claim --size 4 --for 99999999999", "expected a length of time");
    expect_usage("claim --size 4 --family ipx", "expected ipv4 or ipv6");
    expect_usage("claim --size 4 --scope moon", "'moon'; expected global, campus");
    expect_usage("claim 239.1.0.0/16 --size 4", "either a prefix or --size");
    expect_usage("claim 239.1.0.0/16 --scope campus", "'--scope' was given, expected either");
    expect_usage("claim 239.1.0.0/16 --family ipv4", "'--family' was given, expected either");
}

TEST(claim_refused, "")
{
    bench_reset();
    fake.refuse = "no parent is connected; `peers` shows why";
    bench_ask("claim --size 4");
    EXPECT_EQ(bench.status, END_REFUSED);
    EXPECT_STR(bench.text, "no parent is connected; `peers` shows why");
}

TEST(release_a_prefix, "")
{
    bench_reset();
    bench_ask("release 239.4.0.0/16");
    EXPECT_EQ(bench.status, END_DONE);
    EXPECT_STR(fake.verb, "release");
    EXPECT(prefix_equal(fake.prefix, bench_prefix("239.4.0.0/16")));
    expect_usage("release", "expected a prefix");
    expect_usage("release all", "'all' was given");
    expect_usage("release 239.4.0.0/16 now", "'now' was given, expected only one");
}

TEST(resolve_by_hand, "")
{
    bench_reset();
    bench_ask("resolve 239.4.0.0/16 withdraw");
    EXPECT_EQ(bench.status, END_DONE);
    EXPECT_STR(fake.verb, "resolve");
    EXPECT(fake.withdraw);
    bench_ask("resolve 239.4.0.0/16 ignore");
    EXPECT(!fake.withdraw);
    expect_usage("resolve 239.4.0.0/16", "expected withdraw or ignore");
    expect_usage("resolve 239.4.0.0/16 maybe", "'maybe' was given");
    expect_usage("resolve 239.4.0.0/16 ignore it", "'it' was given");
    expect_usage("resolve", "expected a prefix");
}

TEST(peer_verbs, "")
{
    static const char *const line[] = {"peer start up", "peer stop up", "peer clear up"};
    static const char *const verb[] = {"start", "stop", "clear"};

    bench_reset();
    for (unsigned i = 0; i < 3; i++) {
        bench_ask(line[i]);
        EXPECT_EQ(bench.status, END_DONE);
        EXPECT_STR(fake.verb, verb[i]);
        EXPECT_STR(fake.name, "up");
    }
    expect_usage("peer", "expected start, stop or clear");
    expect_usage("peer kill up", "'kill' was given");
    expect_usage("peer start", "expected the name of one peer");
    expect_usage("peer start up down", "'down' was given");
    fake.refuse = "no peer is called 'upp'";
    bench_ask("peer start upp");
    EXPECT_EQ(bench.status, END_REFUSED);
}

/* A text longer than the room for it is cut, not written past. */
TEST(a_long_word_is_cut, "")
{
    char line[380];

    bench_reset();
    memset(line, 'x', sizeof(line));
    memcpy(line, "peer ", 5);
    line[sizeof(line) - 1] = '\0';
    bench_ask(line);
    EXPECT_EQ(bench.status, END_USAGE);
    EXPECT(strlen(bench.text) < 512);
}
