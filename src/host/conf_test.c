/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_test: what mascotd.conf may say, and every complaint about what it may not, with its line.
 */
#include "tests/tap.h"

#include <sys/stat.h>

#include "base/text.h"
#include "host/conf.h"
#include "host/iana.h"
#include "host/test_dir.h"

#define HEAD "domain = 65001;\nnode-id = \"127.0.0.10\";\n"

#define UNDER_A_PARENT                                                                             \
    "peers = ( { name = \"a\"; address = \"127.0.0.2\"; remote = \"parent\"; domain = 2; } );\n"

static struct conf conf, other;
static struct conf_report report;

/* Reads `text` as a file; the report with the directory taken out of every line. */
static bool read_as(struct conf *c, const char *text)
{
    static char plain[CONF_REPORT_MAX];
    struct test_dir d;
    size_t len = 0, skip;

    conf_report_init(&report);
    if (!test_dir_make(&d) || !test_dir_write(&d, "f", text))
        return false;
    bool good = conf_read(c, test_dir_file(&d, "f"), &report);
    skip = strlen(d.path) + 1;
    for (const char *at = report.buf; *at != '\0';) {
        if (strncmp(at, d.path, skip - 1) == 0)
            at += skip;
        else
            plain[len++] = *at++;
    }
    plain[len] = '\0';
    memcpy(report.buf, plain, len + 1);
    test_dir_remove(&d);
    return good;
}

struct complaint {
    const char *text, *says;
};

static void expect_complaints(const struct complaint *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        EXPECT(!read_as(&conf, c[i].text));
        EXPECT_STR(report.buf, c[i].says);
    }
}

#define EXPECT_COMPLAINTS(list_) expect_complaints(list_, sizeof(list_) / sizeof((list_)[0]))

TEST(least, "M-6-01 M-12.4-17")
{
    REQUIRE(read_as(&conf, HEAD UNDER_A_PARENT));
    EXPECT_STR(report.buf, "");
    EXPECT(conf.node.masc.domain == 65001);
    EXPECT(conf.node.masc.node == 0x7F00000A);
    EXPECT_STR(conf.node.name, "65001");
    EXPECT_UEQ(conf.port, 2587);
    EXPECT_UEQ(conf.node.masc.waiting_period_s, 172800);
    EXPECT_EQ(conf.node.masc.clash, MASC_CLASH_AUTOMATIC);
    EXPECT_STR(conf.state_directory, "/var/lib/mascot");
}

static const char everything[] =
    "name = \"north\"; domain = \"65001\"; node-id = \"127.0.0.10\"; tld = true; sole-tld = true;\n"
    "listen = (\"127.0.0.10\", \"::1\"); port = 2588; local = \"127.0.0.10\";\n"
    "families = (\"ipv4\", \"ipv6\");\n"
    "state-directory = \"/s\"; control = \"/c\"; control-group = \"g\"; user = \"u\";\n"
    "waiting-period = \"49h\"; claim-delay = 5; hold-time = \"3m\"; retention = \"1d12h\";\n"
    "connect-retry = \"90s\"; start-backoff = 61; start-backoff-max = \"23h\";\n"
    "hold-time-min = 9;\n"
    "claims = { lifetime = \"31d\"; lifetime-min = \"3h\"; lifetime-max = \"40d\";\n"
    "  holdtime-min = 1; holdtime-max = \"41d\"; size-min = 16; size-max = 65536; min = 128;\n"
    "  prefixes = 4; utilization-low = 60; utilization-high = 80; timestamp-skew = \"2h\";\n"
    "  timestamp-too-old = true; };\n"
    "thresholds = { soft = 8191; hard = 16383; };\n"
    "clash = \"manual\"; strict-third-party = true; relay-siblings = false; packed = true;\n"
    "limits = { claims = 1000; per-origin = 100; origins = 99; unassociated = 98; peers = 3;\n"
    "  own = 97; };\n"
    "scopes = ( { name = \"campus\"; prefix = \"239.192.0.0/14\"; zone-tld = true; } );\n"
    "ranges = ( { prefix = \"239.1.0.0/16\"; },\n"
    "  { prefix = \"239.192.0.0/16\"; scope = \"campus\"; } );\n"
    "demand = ( { addresses = 1000; scope = \"campus\"; family = \"ipv4\";\n"
    "    lifetime = \"5d\"; } );\n"
    "peers = ( { name = \"p1\"; address = \"127.0.0.2\"; port = 99; remote = \"child\";\n"
    "    domain = 2; node = \"127.0.0.2\"; passive = true; trust-own = true; hold-time = 12;\n"
    "    boundary = (\"campus\"); soft-threshold = 77; hard-threshold = 78; },\n"
    "  { name = \"p2\"; address = \"127.0.0.3\"; remote = \"sibling\"; domain = 3; parent = 0; },\n"
    "  { name = \"p3\"; address = \"::2\"; remote = \"internal\"; } );\n"
    "ignore = ( { domain = 7; node = 8; } );\n";

TEST(everything, "")
{
    const struct masc_config *m = &conf.node.masc;

    read_as(&conf, everything);
    EXPECT_STR(report.buf, "");
    EXPECT_STR(conf.node.name, "north");
    EXPECT(m->tld && m->sole_tld && m->ipv4 && m->ipv6);
    EXPECT_UEQ(conf.listens, 2);
    EXPECT_UEQ(conf.listen[1].family, FAMILY_IPV6);
    EXPECT_UEQ(conf.port, 2588);
    EXPECT_UEQ(m->local.addr, 0x7F00000A);
    EXPECT_UEQ(m->waiting_period_s, 49 * 3600);
    EXPECT_UEQ(m->retention_s, 36 * 3600);
    EXPECT_UEQ(m->hold_time_min_s, 9);
    EXPECT_UEQ(m->lifetime_s, 31 * 86400);
    EXPECT_UEQ(m->prefixes_max, 4);
    EXPECT_UEQ(m->utilization_high, 80);
    EXPECT(m->timestamp_too_old && m->strict_third_party && !m->relay_siblings && m->packed);
    EXPECT_UEQ(m->hard_threshold, 16383);
    EXPECT_EQ(m->clash, MASC_CLASH_MANUAL);
    EXPECT_UEQ(m->peers_max, 3);
    EXPECT_UEQ(m->own_max, 97);
    EXPECT_UEQ(m->ranges, 2);
    EXPECT_UEQ(m->range[0].scope, 0);
    EXPECT_UEQ(m->range[1].scope, 1);
    EXPECT_UEQ(m->demand[0].lifetime_s, 5 * 86400);
    EXPECT_UEQ(m->peers, 3);
    EXPECT_EQ(m->peer[0].role, MASC_PARENT);
    EXPECT_UEQ(m->peer[0].port, 99);
    EXPECT_UEQ(m->peer[0].boundary, 1);
    EXPECT(m->peer[0].passive && m->peer[0].trust_own && !m->peer[0].defend_only);
    EXPECT_UEQ(m->peer[0].hold_time_s, 12);
    EXPECT(m->peer[0].soft_threshold == 77 && m->peer[0].hard_threshold == 78);
    EXPECT_EQ(m->peer[1].role, MASC_SIBLING);
    EXPECT_UEQ(m->peer[1].hold_time_s, 180);
    EXPECT_UEQ(m->peer[1].port, 2587);
    EXPECT_UEQ(m->peer[2].domain, 65001);
    EXPECT_UEQ(m->ignore[0].node, 8);
}

TEST(remote_parent_makes_us_child, "")
{
    REQUIRE(read_as(&conf, HEAD "peers = ( { name = \"up\"; address = \"127.0.0.1\"; "
                                "remote = \"parent\"; domain = 1; } );\n"));
    EXPECT_EQ(conf.node.masc.peer[0].role, MASC_CHILD);
}

TEST(large_identifiers, "")
{
    EXPECT(read_as(&conf, "domain = 4294967295;\nnode-id = \"255.255.255.254\";\n"));
    EXPECT_UEQ(conf.node.masc.domain, 4294967295u);
    EXPECT(read_as(&conf, "domain = 0xFFFFFFFE; node-id = \"1.2.3.4\"; /* 4294967297 */\n"
                          "# 99999999999999999999 @include\nname = \"n 4294967297 @ \\\" \";"));
    EXPECT_UEQ(conf.node.masc.domain, 4294967294u);
    EXPECT_STR(conf.node.name, "n 4294967297 @ \" ");
    EXPECT(read_as(&conf, "domain = \"2001:db8::1\"; node-id = \"2001:db8::2\"; "
                          "families = (\"ipv6\");\n"));
    EXPECT(conf.node.masc.domain >> 96 == 0x20010db8);
}

TEST(syntax_errors, "")
{
    static const struct complaint list[] = {
        {"domain = 1;\nnode-id = ;\n", "f:2: syntax error (at or just before this line)\n"},
        {"domain = 1;\ndomain = 2;\n",
         "f:2: duplicate setting name (at or just before this line)\n"},
        {"domain = 1;\n@include \"x\"\n",
         "f:2: @include is not supported: keep all settings in one file\n"},
        {"/* two\nlines */\ndomain = 9223372036854775808;\n",
         "f:3: domain: expected a number up to 9223372036854775807, not 9223372036854775808\n"},
        {"/* x = 1 */ claims = { min: 0xFFFFFFFFFFFFFFFF; };\n",
         "f:1: min: expected a number up to 9223372036854775807, not 0xFFFFFFFFFFFFFFFF\n"},
    };

    EXPECT_COMPLAINTS(list);
}

TEST(comma_after_the_last, "")
{
    EXPECT(read_as(&conf, HEAD "ignore = ( { domain = 2; }, /* , */ # ,\n );\n"
                          "families = [ \"ipv4\", ];\n"));
    EXPECT_UEQ(conf.node.masc.ignored, 1);
    EXPECT(!read_as(&conf, HEAD "ignore = ( { domain = 2; },, );\n"));
    EXPECT(!read_as(&conf, HEAD "ignore = ( , / );\n"));
}

TEST(simple_settings, "")
{
    static const struct complaint list[] = {
        {"", "f: \"domain\" is missing\nf: \"node-id\" is missing\n"},
        {HEAD "tld = 1;\n", "f:3: tld: expected true or false, not 1\n"},
        {HEAD "port = 65536;\n",
         "f:3: port: expected a whole number from 1 to 65535, not 65536\n"},
        {HEAD "port = -1;\n", "f:3: port: expected a whole number from 1 to 65535, not -1\n"},
        {HEAD "port = 2.5;\n", "f:3: port: expected a whole number from 1 to 65535, not 2.5\n"},
        {HEAD "hold-time = \"5 minutes\";\n",
         "f:3: hold-time: expected a length of time such as \"48h\", \"15m\", \"30d\" or a number "
         "of seconds, from 0s to 18h12m, not \"5 minutes\"\n"},
        {HEAD "\nhold-time = 2;\n",
         "f:4: hold-time: must be 0 (never expires) or at least 3 seconds\n"},
        {HEAD "name = \"\";\n",
         "f:3: name: expected a text in quotes of 1 to 31 octets, not \"\"\n"},
        {HEAD "name = 7;\n", "f:3: name: expected a text in quotes of 1 to 31 octets, not 7\n"},
        {HEAD "name = \"a\\tb\";\n",
         "f:3: name: expected UTF-8 text without control characters\n"},
        {HEAD "user = \"\xC0\x80\";\n",
         "f:3: user: expected UTF-8 text without control characters\n"},
        {HEAD "listen = (\"127.0.0.1\", \"::1\",\n \"::ffff:127.0.0.1\");\n",
         "f:4: listen[2]: is the same address as an earlier one: remove one of them\n"},
        {HEAD "clash = \"auto\";\n",
         "f:3: clash: expected \"automatic\" or \"manual\", not \"auto\"\n"},
        {HEAD "local = \"localhost\";\n",
         "f:3: local: expected an address such as \"127.0.0.10\" or \"2001:db8::10\", not "
         "\"localhost\"\n"},
        {HEAD "port = 4294969883;\n",
         "f:3: port: expected a whole number from 1 to 65535, not 4294969883\n"},
        {"domain = 0;\nnode-id = \"x\";\n",
         "f:1: domain: expected a Domain Identifier: an AS number from 1 to 4294967295, or IPv6 "
         "text, not 0\n"
         "f:2: node-id: expected a Node Identifier: an address of the node such as "
         "\"127.0.0.10\", not \"x\"\n"},
        {HEAD "listen = (\"127.0.0.1\",\n 7);\n",
         "f:4: listen[1]: expected a text in quotes, not 7\n"},
        {HEAD "listen = 7;\n",
         "f:3: listen: expected a text in quotes, or a list (\"...\", \"...\"), not 7\n"},
        {HEAD "families = (\"ipx\");\n",
         "f:3: families[0]: expected \"ipv4\" or \"ipv6\", not \"ipx\"\n"},
        {HEAD "claims = 7;\n", "f:3: claims: expected a group { ... }, not 7\n"},
        {HEAD "peers = 7;\n", "f:3: peers: expected a list ( { ... }, { ... } ), not 7\n"},
        {HEAD "claims = {\n min = 0;\n};\n",
         "f:4: claims.min: expected a whole number, 1 or more, not 0\n"},
    };

    EXPECT_COMPLAINTS(list);
}

TEST(unknown_settings, "")
{
    static const struct complaint list[] = {
        {HEAD "hold_time = 9;\n", "f:3: hold_time: unknown setting; is \"hold-time\" meant?\n"},
        {HEAD "famlies = 9;\n", "f:3: famlies: unknown setting; is \"families\" meant?\n"},
        {HEAD "colour = 9;\n", "f:3: colour: unknown setting\n"},
        {HEAD "limits = {\n peer = 4;\n};\n",
         "f:4: limits.peer: unknown setting; is \"peers\" meant?\n"},
        {HEAD "ignore = ( { domain = 2;\n  nod = 3; } );\n",
         "f:4: ignore[0].nod: unknown setting; is \"node\" meant?\n"},
    };

    EXPECT_COMPLAINTS(list);
}

TEST(lists, "M-4.5-01")
{
    static const struct complaint list[] = {
        {HEAD "peers = (\n { name = \"a\"; } );\n",
         "f:4: peers[0]: \"address\" is missing\nf:4: peers[0]: \"remote\" is missing\n"},
        {HEAD "peers = (\n { name = \"a\"; address = \"127.0.0.1\"; remote = \"child\"; } );\n",
         "f:4: peers[0]: \"domain\" is missing: the Domain Identifier of the remote node\n"},
        {HEAD "peers = ( { name = \"a\"; address = \"127.0.0.1\"; domain = 3;\n"
              "  remote = \"peer\"; } );\n",
         "f:4: peers[0].remote: expected \"internal\", \"parent\", \"sibling\" or \"child\", not "
         "\"peer\"\n"},
        {HEAD "limits = { peers = 1; };\npeers = (\n"
              "{ name = \"a\"; address = \"127.0.0.1\"; domain = 3; remote = \"child\"; },\n"
              "{ name = \"b\"; address = \"127.0.0.2\"; domain = 4; remote = \"child\"; } );\n",
         "f:4: peers: has 2 entries, at most 1 are possible\n"},
        {HEAD "peers = ( { name = \"a\"; address = \"127.0.0.1\"; domain = 3; remote = \"child\";\n"
              "  boundary = \"campus\"; } );\n",
         "f:4: peers[0].boundary: there is no scope \"campus\": scopes has none\n"},
        {HEAD "tld = true; ranges = (\n { prefix = \"239.1.0.1/16\"; } );\n",
         "f:4: ranges[0].prefix: expected a prefix such as \"239.192.0.0/14\" without bits past "
         "its length, not \"239.1.0.1/16\"\n"},
        {HEAD "scopes = ( { name = \"link\"; prefix = \"239.255.0.0/16\";\n"
              "   divisible = false; } );\n",
         "f:4: scopes[0].divisible: MASC does not allocate from scopes that are not divisible "
         "(RFC 2909 4.5): leave this scope out\n"},
        {HEAD "demand = ( { addresses = 5; scope = \"x\"; } );\n",
         "f:3: demand[0].scope: there is no scope \"x\": scopes has none\n"},
    };

    EXPECT_COMPLAINTS(list);
}

/* What masc_config_check() says, at the line of the setting it is about. */
TEST(semantic_lines, "")
{
    static const struct {
        const char *text, *begins;
    } list[] = {
        {HEAD "sole-tld = true;\n", "f:3: sole-tld: "},
        {HEAD "claims = {\n\n lifetime = 60; };\n", "f:5: claims.lifetime: "},
        {HEAD "limits = {\n claims = 10;\n per-origin = 11; };\n", "f:5: limits.per-origin: "},
        {HEAD "limits = {\n claims = 10; };\n", "f:3: limits: per-origin "},
        {HEAD "tld = true;\npeers = ( {\n name = \"a\"; address = \"127.0.0.1\"; domain = 3;\n"
              " remote = \"parent\"; } );\n",
         "f:6: peers[0].remote: our role towards it is child"},
        {HEAD "peers = ( { name = \"a\"; address = \"127.0.0.1\"; domain = 3;\n"
              "  remote = \"child\"; hold-time = 2; } );\n",
         "f:4: peers[0].hold-time: "},
        {HEAD "ranges = (\n {\n prefix = \"239.1.0.0/16\"; } );\n", "f:4: ranges[0]: scope "},
        {HEAD "tld = true; demand = (\n { addresses = 9; } );\n", "f:4: demand[0]: scope "},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        EXPECT(!read_as(&conf, list[i].text));
        size_t n = strlen(list[i].begins);
        if (strncmp(report.buf, list[i].begins, n) != 0)
            EXPECT_STR(report.buf, list[i].begins);
        EXPECT_UEQ(report.errors, 1);
    }
}

TEST(every_error_is_told, "")
{
    EXPECT(!read_as(&conf, HEAD "port = 0;\ntld = 3;\nfoo = 1;\n"));
    EXPECT_UEQ(report.errors, 3);
}

TEST(unreadable_file, "")
{
    struct test_dir d;

    REQUIRE(test_dir_make(&d));
    conf_report_init(&report);
    EXPECT(!conf_read(&conf, test_dir_file(&d, "none"), &report));
    EXPECT(strstr(report.buf, "cannot be read: No such file or directory\n") != NULL);
    conf_report_init(&report);
    EXPECT(!conf_read(&conf, d.path, &report));
    EXPECT(strstr(report.buf, "is not a regular file\n") != NULL);
    conf_report_init(&report);
    EXPECT(!conf_read(&conf, "/dev/zero", &report));
    EXPECT_STR(report.buf, "/dev/zero: is not a regular file\n");
    /* nobody writes into it: opening it plainly would wait for ever */
    REQUIRE(mkfifo(test_dir_file(&d, "fifo"), 0600) == 0);
    conf_report_init(&report);
    EXPECT(!conf_read(&conf, d.file, &report));
    EXPECT(strstr(report.buf, "fifo: is not a regular file\n") != NULL);
    test_dir_remove(&d);
}

/* Names are UTF-8 that a terminal shows: nothing overlong, cut, surrogate or beyond Unicode. */
TEST(names_are_text, "")
{
    static const char *const good[] = {"n\xC3\xB6rd", "\xE5\x8C\x97", "\xF0\x9F\x8C\x8D", "a b~",
                                       "\xC2\xA0", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF"};
    static const char *const bad[] = {"\x7F", "\x1B[2J", "\xC2\x85", "\xC3", "\xFF", "\xE0\x80\x80",
                                      "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80",
                                      "\xB6", "\xC3\xC3\xB6", "\xF0\x8F\xBF\xBF"};
    char text[128];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(text, sizeof(text), HEAD "name = \"%s\";\n", good[i]);
        EXPECT(read_as(&conf, text));
        EXPECT_STR(conf.node.name, good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), HEAD "name = \"x%s\";\n", bad[i]);
        EXPECT(!read_as(&conf, text));
    }
}

#define PEER_AT(address_, more_)                                                                   \
    "peers = ( { name = \"a\"; address = \"" address_ "\"; remote = \"parent\";\n"                 \
    "  domain = 2; " more_ "} );\n"

TEST(a_peer_is_elsewhere, "")
{
    static const struct complaint list[] = {
        {HEAD "local = \"192.0.2.1\";\n" PEER_AT("192.0.2.1", ""),
         "f:4: peers[0].address: is our own address and port: set those of the remote node\n"},
        {HEAD "listen = (\"::1\", \"192.0.2.1\");\nport = 99;\n"
              PEER_AT("::ffff:192.0.2.1", "port = 99;"),
         "f:5: peers[0].address: is our own address and port: set those of the remote node\n"},
    };

    EXPECT_COMPLAINTS(list);
    EXPECT(read_as(&conf, HEAD "local = \"192.0.2.1\";\n" PEER_AT("192.0.2.1", "port = 99;")));
    EXPECT(read_as(&conf, HEAD "listen = \"192.0.2.1\";\n" PEER_AT("192.0.2.2", "")));
}

TEST(warnings, "M-18-01")
{
    EXPECT(read_as(&conf, HEAD "tld = true;\nranges = ( { prefix = \"228.0.0.0/6\"; } );\n"));
    EXPECT_UEQ(report.warnings, 1);
    EXPECT_STR(report.buf,
               "f:4: warning: ranges[0].prefix: 228.0.0.0/6 is not free for local use: it meets "
               "225.0.0.0-231.255.255.255, reserved (RFC 5771); only 239.0.0.0/8 is (RFC 2365)\n");
    EXPECT(read_as(&conf, HEAD UNDER_A_PARENT "waiting-period = 5;\n"));
    EXPECT_UEQ(report.warnings, 1);
}

static void expect_warnings(const struct complaint *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        EXPECT(read_as(&conf, c[i].text));
        EXPECT_STR(report.buf, c[i].says);
        EXPECT_UEQ(report.warnings, c[i].says[0] != '\0');
    }
}

/* Possible, but hardly meant. */
TEST(odd_files, "")
{
    static const struct complaint list[] = {
        {HEAD, "f: warning: neither tld is set nor has peers a parent or an internal one: this "
               "domain can never claim\n"},
        {HEAD PEER_AT("192.0.2.2", ""), ""},
        {HEAD "peers = ( { name = \"i\"; address = \"::2\"; remote = \"internal\"; } );\n", ""},
        {HEAD "scopes = ( { name = \"s\"; prefix = \"239.192.0.0/14\"; zone-tld = true; } );", ""},
        {HEAD "tld = true;\n",
         "f:3: warning: tld: is set, but ranges has none for the global scope: this domain can "
         "never claim in it\n"},
        {HEAD UNDER_A_PARENT "claims = {\n min = 300; };\n",
         "f:5: warning: claims.min: 300 is no power of two: it is rounded up to 512\n"},
        {HEAD UNDER_A_PARENT "claims = { min = 512; };\n", ""},
        {HEAD "local = \"::3\";\n" UNDER_A_PARENT,
         "f:3: warning: local: is of another family than the addresses of all peers: no connection "
         "can be made from it\n"},
        {HEAD "local = \"::3\";\n" PEER_AT("2001:db8::2", ""), ""},
    };

    expect_warnings(list, sizeof(list) / sizeof(list[0]));
}

TEST(users_and_groups_of_the_machine, "")
{
    REQUIRE(read_as(&conf, HEAD UNDER_A_PARENT "user = \"root\"; control-group = \"root\";\n"));
    conf_report_init(&report);
    conf_check_machine(&conf, "f", &report);
    EXPECT_STR(report.buf, "");
    text_copy(conf.user, sizeof(conf.user), "no such user");
    text_copy(conf.control_group, sizeof(conf.control_group), "no such group");
    conf_check_machine(&conf, "f", &report);
    EXPECT_STR(report.buf,
               "f: warning: user: there is no \"no such user\" here: mascotd does not start as "
               "root without it\n"
               "f: warning: control-group: there is no \"no such group\" here: only the daemon's "
               "user and root may ask\n");
    EXPECT_UEQ(report.warnings, 2);
    conf_report_init(&report);
    text_copy(conf.user, sizeof(conf.user), "root");
    conf.control_group[0] = '\0';
    conf_check_machine(&conf, "f", &report);
    EXPECT_STR(report.buf, "");
}

/* 18: some domains are better off without MASC. */
TEST(too_small_for_masc, "M-18-11")
{
    EXPECT(read_as(&conf, HEAD UNDER_A_PARENT "demand = ( { addresses = 100; },\n"
                                              "  { addresses = 27; } );\n"));
    EXPECT_STR(report.buf,
               "f:4: warning: demand: is for fewer than 128 addresses: a domain that small should "
               "share the address servers of its parent instead (RFC 2909 section 18)\n");
    EXPECT(read_as(&conf, HEAD UNDER_A_PARENT "demand = ( { addresses = 100; },\n"
                                              "  { addresses = 28; } );\n"));
    EXPECT_STR(report.buf, "");
    EXPECT(read_as(&conf, HEAD UNDER_A_PARENT));
    EXPECT_STR(report.buf, "");
    EXPECT(read_as(&conf, HEAD "tld = true;\ndemand = ( { addresses = 1; } );\n"
                               "ranges = ( { prefix = \"239.1.0.0/16\"; } );\n"));
    EXPECT_STR(report.buf, "");
    EXPECT(read_as(&conf, HEAD "peers = ( { name = \"a\"; address = \"127.0.0.2\"; domain = 2;\n"
                               "    remote = \"parent\"; defend-only = true; unrouted = true; },\n"
                               "  { name = \"b\"; address = \"127.0.0.3\"; domain = 3;\n"
                               "    remote = \"child\"; } );\n"
                               "demand = ( { addresses = 1; } );\n"));
    EXPECT_STR(report.buf, "");
    EXPECT(conf.node.masc.peer[0].unrouted && !conf.node.masc.peer[1].unrouted);
}

/* What --check prints is a file again, with the same meaning. */
TEST(written_is_readable, "")
{
    static char first[CONF_REPORT_MAX], second[CONF_REPORT_MAX];
    struct wr a = wr_init(first, sizeof(first)), b = wr_init(second, sizeof(second));

    REQUIRE(read_as(&conf, HEAD UNDER_A_PARENT "clash = \"manual\"; hold-time = \"3m\";\n"
                                               "local = \"127.0.0.1\";\n"));
    conf_write(&a, &conf);
    EXPECT(read_as(&other, wr_nul(&a)));
    EXPECT_STR(report.buf, "");
    conf_write(&b, &other);
    EXPECT_STR(wr_nul(&b), first);
    EXPECT(strstr(first, "clash = \"manual\";\n") != NULL);
    EXPECT(strstr(first, "waiting-period = \"172800s\";\n") != NULL);
}

/* Lists too, and texts with quotes in them. */
TEST(written_lists_are_readable, "")
{
    static char text[CONF_REPORT_MAX], first[CONF_REPORT_MAX], second[CONF_REPORT_MAX];
    struct wr a = wr_init(first, sizeof(first)), b = wr_init(second, sizeof(second));

    snprintf(text, sizeof(text), "%s", everything);
    memcpy(strstr(text, "north"), "n\\\"\\\\", 5);
    REQUIRE(read_as(&conf, text));
    EXPECT_STR(conf.node.name, "n\"\\");
    conf_write(&a, &conf);
    EXPECT(read_as(&other, wr_nul(&a)));
    EXPECT_STR(report.buf, "");
    EXPECT(other.node.masc.ranges == 2 && other.node.masc.range[1].scope == 1);
    EXPECT(prefix_equal(other.node.masc.range[0].prefix, conf.node.masc.range[0].prefix));
    EXPECT(other.node.masc.peers == 3 && other.node.masc.ignored == 1);
    EXPECT(other.node.masc.peer[0].boundary == 1 && other.node.masc.peer[0].role == MASC_PARENT);
    EXPECT(other.node.masc.peer[2].node == 0 && other.node.masc.ignore[0].node == 8);
    EXPECT(other.node.masc.demand[0].addresses == 1000 && other.node.masc.demand[0].scope == 1);
    conf_write(&b, &other);
    EXPECT_STR(wr_nul(&b), first);
    EXPECT(strstr(first, "    { prefix = \"239.192.0.0/16\"; scope = \"campus\"; },\n") != NULL);
}

/* The largest file that can be is written whole. */
TEST(written_is_bounded, "")
{
    static char text[CONF_TEXT_MAX];
    struct wr w = wr_init(text, sizeof(text));
    struct masc_config *m = &conf.node.masc;

    REQUIRE(read_as(&conf, HEAD UNDER_A_PARENT));
    m->scopes = MASC_SCOPES_MAX;
    for (unsigned i = 0; i < m->scopes; i++)
        memset(m->scope[i].name, '"', MASC_NAME_MAX - 1);
    m->peers = MASC_PEERS_MAX;
    for (unsigned i = 0; i < m->peers; i++) {
        m->peer[i] = m->peer[0];
        memset(m->peer[i].name, '\\', MASC_NAME_MAX - 1);
        m->peer[i].addr = (struct addr){~(u128)0, FAMILY_IPV6};
        m->peer[i].domain = m->peer[i].node = m->peer[i].parent = ~(u128)0;
        m->peer[i].soft_threshold = m->peer[i].hard_threshold = INT64_MAX;
        m->peer[i].boundary = 0xFFFF;
    }
    conf_write(&w, &conf);
    EXPECT(wr_ok(&w));
}

static const char *follows(const char *from, const char *to)
{
    static char text[256];
    struct wr why = wr_init(text, sizeof(text));

    if (!read_as(&conf, from) || !read_as(&other, to))
        return "unreadable";
    return conf_can_follow(&conf, &other, &why) ? "yes" : wr_nul(&why);
}

#define CANNOT " cannot change while mascotd runs: restart it, or put the old value back"

TEST(what_a_reload_may_change, "")
{
    EXPECT_STR(follows(HEAD, HEAD "port = 9; clash = \"manual\"; name = \"n\";"), "yes");
    EXPECT_STR(follows(HEAD, HEAD "limits = { per-origin = 3; };"), "yes");
    EXPECT_STR(follows(HEAD, HEAD "limits = { own = 3; };"), "limits.own" CANNOT);
    EXPECT_STR(follows(HEAD, HEAD "state-directory = \"/x\";"), "state-directory" CANNOT);
    EXPECT_STR(follows(HEAD, HEAD "control = \"/x\";"), "control" CANNOT);
}

/* Our prefixes are held under both: others know them so. */
TEST(identity_outlives_a_reload, "")
{
    static const char cannot[] =
        " cannot change while mascotd runs: release the prefixes and restart it with an empty "
        "state directory, or put the old value back";
    static const struct {
        const char *to, *name;
    } list[] = {
        {"domain = 65002;\nnode-id = \"127.0.0.10\";\n", "domain"},
        {"domain = 65001;\nnode-id = \"127.0.0.11\";\n", "node-id"},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        const char *why = follows(HEAD, list[i].to);
        EXPECT(strncmp(why, list[i].name, strlen(list[i].name)) == 0);
        EXPECT_STR(why + strlen(list[i].name), cannot);
    }
    /* every bit of an IPv6 one counts */
    EXPECT(strncmp(follows("domain = \"2001:db8::1\"; node-id = \"::2\"; families = \"ipv6\";",
                           "domain = \"2001:db9::1\"; node-id = \"::2\"; families = \"ipv6\";"),
                   "domain cannot", 13) == 0);
}

TEST(default_listeners, "")
{
    struct conn_address a[CONN_LISTENERS_MAX];

    REQUIRE(read_as(&conf, HEAD));
    EXPECT_UEQ(conf_listeners(&conf, a), 2);
    EXPECT(a[0].optional && a[1].optional && a[0].addr.family != a[1].addr.family);
    REQUIRE(read_as(&conf, HEAD "families = \"ipv4\";"));
    EXPECT_UEQ(conf_listeners(&conf, a), 1);
    EXPECT(!a[0].optional && a[0].addr.family == FAMILY_IPV4 && a[0].port == 2587);
}

static const char *warning(const char *prefix)
{
    static char text[1024];
    struct wr w = wr_init(text, sizeof(text));
    struct prefix p;

    if (!prefix_parse(&p, prefix))
        return "unreadable";
    return iana_warn(p, &w) ? wr_nul(&w) : "";
}

TEST(iana_blocks, "")
{
    EXPECT_STR(warning("239.0.0.0/8"), "");
    EXPECT_STR(warning("10.0.0.0/8"), "");
    EXPECT_STR(warning("ff1e::/32"), "");
    EXPECT(strstr(warning("224.0.0.0/24"), "Local Network Control") != NULL);
    EXPECT(strstr(warning("224.0.1.0/24"), "Internetwork Control") != NULL);
    EXPECT(strstr(warning("224.0.2.0/24"), "assigned or reserved") != NULL);
    EXPECT(strstr(warning("232.1.0.0/16"), "source-specific") != NULL);
    EXPECT(strstr(warning("233.1.0.0/16"), "GLOP") != NULL);
    EXPECT(strstr(warning("234.1.0.0/16"), "RFC 6034") != NULL);
    EXPECT(strstr(warning("238.255.255.255/32"), "235.0.0.0") != NULL);
    EXPECT(strstr(warning("ff0e::/32"), "not transient") != NULL);
    EXPECT(strstr(warning("ff3e::/32"), "unicast prefixes") != NULL);
    EXPECT(strstr(warning("ff1f::/32"), "reserved scope") != NULL);
    EXPECT(strstr(warning("ff00::/8"), "several") != NULL);
    /* All it meets is told. */
    EXPECT(strstr(warning("232.0.0.0/5"), "GLOP") != NULL);
    EXPECT(strstr(warning("232.0.0.0/5"), "RFC 6034") != NULL);
}
