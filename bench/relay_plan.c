/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plan of one run, from the command line: what to announce, in what order, to whom.
 */
#include "relay.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void die(const char *format, ...)
{
    va_list args;

    fputs("relay: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

static const char usage_text[] =
    "usage: relay [option]... -- command of the DUT, in the foreground\n"
    "  --protocol bgp|masc    what to speak (required)\n"
    "  --port N               the DUT's port (required)\n"
    "  --count N              announcements, at most 4194304 (1000000)\n"
    "  --per-update N|full    announcements in one UPDATE (1)\n"
    "  --order scatter|ascend order of the prefixes (scatter)\n"
    "  --distinct             BGP: each UPDATE has its own AS_PATH; MASC: claims their times\n"
    "  --restart              kill the DUT, start it again, feed again\n"
    "  --dut A --feeder A --sink A   addresses (127.0.0.10, .11, .12)\n"
    "  --rest MS              before the feed and after its end (500)\n"
    "  --timeout S            for everything (120)\n"
    "  --log FILE             output of the DUT (/dev/null)\n"
    "AS numbers or domains: DUT 65100, feeder 65101, sink 65102.\n";

static uint32_t parse_number(const char *name, const char *text, uint32_t low, uint32_t high)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 10);

    if (end == text || *end != '\0' || n < low || n > high)
        die("--%s: a number from %u to %u, not '%s'", name, low, high, text);
    return (uint32_t)n;
}

static struct in_addr parse_address(const char *name, const char *text)
{
    struct in_addr a;

    if (inet_pton(AF_INET, text, &a) != 1)
        die("--%s: an IPv4 address, not '%s'", name, text);
    return a;
}

static bool parse_scatter(const char *text)
{
    if (strcmp(text, "scatter") != 0 && strcmp(text, "ascend") != 0)
        die("--order: scatter or ascend, not '%s'", text);
    return text[0] == 's';
}

static struct plan plan_defaults(void)
{
    return (struct plan){
        .count = 1000000,
        .scatter = true,
        .rest_ms = 500,
        .timeout_s = 120,
        .log_path = "/dev/null",
        .domain = {[WHO_DUT] = 65100, [WHO_FEEDER] = 65101, [WHO_SINK] = 65102},
        .address = {[WHO_DUT] = parse_address("dut", "127.0.0.10"),
                    [WHO_FEEDER] = parse_address("feeder", "127.0.0.11"),
                    [WHO_SINK] = parse_address("sink", "127.0.0.12")},
    };
}

struct plan plan_parse(int argc, char **argv)
{
    static const struct option options[] = {
        {"protocol", 1, NULL, 'p'},   {"port", 1, NULL, 'P'},    {"count", 1, NULL, 'n'},
        {"per-update", 1, NULL, 'k'}, {"order", 1, NULL, 'o'},   {"distinct", 0, NULL, 'd'},
        {"restart", 0, NULL, 'r'},    {"dut", 1, NULL, 'D'},     {"feeder", 1, NULL, 'F'},
        {"sink", 1, NULL, 'S'},       {"timeout", 1, NULL, 't'}, {"log", 1, NULL, 'l'},
        {"rest", 1, NULL, 'R'},       {"help", 0, NULL, 'h'},    {0}};
    struct plan p = plan_defaults();
    const char *per_update = "1";
    int o;

    while ((o = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        switch (o) {
        case 'p': p.protocol = protocol_find(optarg); break;
        case 'P': p.port = (uint16_t)parse_number("port", optarg, 1, 65535); break;
        case 'n': p.count = parse_number("count", optarg, 1, COUNT_MAX); break;
        case 'k': per_update = optarg; break;
        case 'o': p.scatter = parse_scatter(optarg); break;
        case 'd': p.distinct = true; break;
        case 'r': p.restart = true; break;
        case 'D': p.address[WHO_DUT] = parse_address("dut", optarg); break;
        case 'F': p.address[WHO_FEEDER] = parse_address("feeder", optarg); break;
        case 'S': p.address[WHO_SINK] = parse_address("sink", optarg); break;
        case 't': p.timeout_s = parse_number("timeout", optarg, 1, 86400); break;
        case 'l': p.log_path = optarg; break;
        case 'R': p.rest_ms = parse_number("rest", optarg, 0, 60000); break;
        case 'h': fputs(usage_text, stdout); exit(0);
        default: fputs(usage_text, stderr); exit(2);
        }
    }
    if (!p.protocol || p.port == 0 || optind == argc) {
        fputs(usage_text, stderr);
        exit(2);
    }
    p.command = argv + optind;
    p.per_update = p.protocol->full(&p);
    if (strcmp(per_update, "full") != 0)
        p.per_update = parse_number("per-update", per_update, 1, p.per_update);
    return p;
}

/* The order of announcing. Scattered: steps of an odd number near the golden section of the next
 * power of two visit every index once and leave neighbours far apart. */
void plan_order(struct plan *p)
{
    uint32_t size = 1;
    uint32_t at = 0;

    p->order = calloc(p->count, sizeof *p->order);
    if (!p->order)
        die("out of memory");
    while (size < p->count)
        size *= 2;
    for (uint32_t k = 0; k < p->count; k++) {
        p->order[k] = k;
        if (!p->scatter)
            continue;
        do
            at = (at + 2654435769U) & (size - 1);
        while (at >= p->count);
        p->order[k] = at;
    }
}
