/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `mascot-sim swarm`: its options, and what is told in the end.
 *
 * Verdicts go to stdout, progress to stderr. With --seed the plot is told first; --only and
 * --without-nodes make it smaller, and are what a failure's command line has after shrinking. The
 * plot of a seed depends on --nodes-max, so that is in the command, too.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "sim/cli.h"
#include "sim/swarm.h"

enum { SEEDS = 100, NODES_MAX = 10, NODES_LEAST = 4 };

struct wish {
    struct swarm_many many;
    bool one, plot_only, trace;
    const char *only, *without;
};

static int usage(FILE *to)
{
    fprintf(to,
            "usage: mascot-sim swarm [OPTION...]\n\n"
            "Plays random worlds with random faults, and judges them by the invariants of MASC.\n\n"
            "  --seeds N           how many (%d)\n"
            "  --first S           the first seed (1)\n"
            "  --minutes M         begin no seed after that time\n"
            "  --jobs J            at a time (as many as there are processors)\n"
            "  --nodes-max K       nodes of a world, %d to %d (%d)\n"
            "  --twice             play each twice and compare\n"
            "  --hashes            tell seed and hash of each\n"
            "  --seed S            that one alone, with its plot\n"
            "  --trace[=LEVEL]     ... and what happens: quiet, normal or all\n"
            "  --only N,N...       ... of the deeds of its plot only these\n"
            "  --without-nodes N,N...  ... without these nodes\n",
            SEEDS, NODES_LEAST, PLOT_NODES_MAX - 2, NODES_MAX);
    return to == stdout ? 0 : 2;
}

/* ---- lists ---- */

static void print_list(FILE *to, const char *option, const unsigned *n, unsigned count)
{
    unsigned i;
    fprintf(to, " %s ", option);
    for (i = 0; i < count; i++)
        fprintf(to, "%s%u", i ? "," : "", n[i]);
    if (!count)
        fprintf(to, "0");
}

void swarm_tell_command(const struct plot *p, FILE *to)
{
    unsigned n[PLOT_DEEDS_MAX], count = 0, i;
    fprintf(to, "mascot-sim swarm --seed %llu --trace", (unsigned long long)p->seed);
    if (p->nodes_max != NODES_MAX)
        fprintf(to, " --nodes-max %u", p->nodes_max);
    for (i = 1; i <= p->deeds; i++)
        if (plot_deed_happens(p, i))
            n[count++] = i;
    if (count < p->deeds)
        print_list(to, "--only", n, count);
    for (i = 1, count = 0; i <= p->nodes; i++)
        if (p->node[i].left_out)
            n[count++] = i;
    if (count)
        print_list(to, "--without-nodes", n, count);
    fprintf(to, "\n");
    fflush(to);
}

/* Calls `one` for each number of "3,7,12"; 0 alone is an empty list. */
static bool each_number(const char *text, struct plot *p, bool (*one)(struct plot *p, uint64_t n))
{
    char part[24];
    uint64_t n;
    while (*text) {
        size_t len = strcspn(text, ",");
        if (len == 0 || len >= sizeof part)
            return false;
        memcpy(part, text, len);
        part[len] = '\0';
        if (!text_parse_u64(&n, part) || !one(p, n))
            return false;
        text += len + (text[len] == ',');
    }
    return true;
}

static bool keep_deed(struct plot *p, uint64_t n)
{
    if (n > p->deeds)
        return false;
    if (n)
        p->deed[n].left_out = false;
    return true;
}

static bool drop_node(struct plot *p, uint64_t n)
{
    if (n > p->nodes)
        return false;
    p->node[n].left_out = n != 0;
    return true;
}

/* ---- one ---- */

static int bad_list(const char *option)
{
    fprintf(stderr, "mascot-sim: %s wants numbers of the plot, such as 3,7,12\n", option);
    return 2;
}

static int play_one(const struct wish *wish)
{
    struct plot p = plot_make(wish->many.first, wish->many.nodes_max);
    struct swarm_verdict v;
    unsigned i;
    for (i = 1; wish->only && i <= p.deeds; i++)
        p.deed[i].left_out = true;
    if (wish->only && !each_number(wish->only, &p, keep_deed))
        return bad_list("--only");
    if (wish->without && !each_number(wish->without, &p, drop_node))
        return bad_list("--without-nodes");
    plot_print(&p, stdout);
    fflush(stdout);
    v = swarm_play_apart(&p, &wish->many.how);
    for (i = 0; i < v.lines; i++)
        printf("%s\n", v.line[i]);
    printf("hash %016llx, %llu steps, %lld s simulated", (unsigned long long)v.hash,
           (unsigned long long)v.steps, (long long)(v.simulated_ms / 1000));
    if (v.recovery_ms >= 0)
        printf(", all satisfied %lld s after healing", (long long)(v.recovery_ms / 1000));
    printf("\n%s\n", v.violations ? "failed" : "clean");
    return v.violations ? 1 : 0;
}

/* ---- many ---- */

static int play_many(const struct wish *wish)
{
    struct swarm_sum s = swarm_run(&wish->many);
    printf("%llu seeds from %llu: %llu clean, %llu failed", (unsigned long long)s.seeds,
           (unsigned long long)wish->many.first, (unsigned long long)(s.seeds - s.failed),
           (unsigned long long)s.failed);
    if (s.failed)
        printf(", the first is %llu", (unsigned long long)s.first_failed);
    printf("\n%llu steps, %.1f days simulated, in %.1f s\n", (unsigned long long)s.steps,
           (double)s.simulated_ms / (double)DAY, (double)s.took_ms / 1000);
    if (s.worst_seed)
        printf("worst recovery: %lld s after healing (seed %llu)\n",
               (long long)(s.worst_recovery_ms / 1000), (unsigned long long)s.worst_seed);
    return s.failed ? 1 : 0;
}

/* ---- options ---- */

static bool number(const char *option, const char *text, uint64_t most, uint64_t *to)
{
    if (text_parse_u64(to, text) && *to <= most)
        return true;
    fprintf(stderr, "mascot-sim: --%s wants a number up to %llu, not '%s'\n", option,
            (unsigned long long)most, text);
    return false;
}

static bool take_trace(struct wish *wish)
{
    wish->many.how.trace = stdout;
    if (!optarg || trace_level_of(optarg, &wish->many.how.level))
        return true;
    fprintf(stderr, "mascot-sim: --trace wants quiet, normal or all, not '%s'\n", optarg);
    return false;
}

static bool take(struct wish *wish, int option, const char *name)
{
    struct swarm_many *m = &wish->many;
    uint64_t n = 0;
    switch (option) {
    case 'n': return number(name, optarg, UINT32_MAX, &m->seeds);
    case 'f': return number(name, optarg, INT64_MAX, &m->first);
    case 's':
        wish->one = true;
        return number(name, optarg, INT64_MAX, &m->first);
    case 'm':
        if (!number(name, optarg, 100000, &n))
            return false;
        m->milliseconds = (int64_t)n * 60000;
        return true;
    case 'j':
        if (!number(name, optarg, 64, &n))
            return false;
        m->jobs = (unsigned)n;
        return true;
    case 'k':
        if (!number(name, optarg, PLOT_NODES_MAX - 2, &n))
            return false;
        m->nodes_max = n < NODES_LEAST ? NODES_LEAST : (unsigned)n;
        return true;
    case 'o': wish->only = optarg; return true;
    case 'w': wish->without = optarg; return true;
    case '2': return m->how.twice = true;
    case 'H': return m->hashes = true;
    case 't': return take_trace(wish);
    default: return false;
    }
}

int swarm_main(int argc, char **argv)
{
    static const struct option options[] = {
        {"seeds", required_argument, NULL, 'n'},     {"first", required_argument, NULL, 'f'},
        {"seed", required_argument, NULL, 's'},      {"minutes", required_argument, NULL, 'm'},
        {"jobs", required_argument, NULL, 'j'},      {"nodes-max", required_argument, NULL, 'k'},
        {"only", required_argument, NULL, 'o'},      {"twice", no_argument, NULL, '2'},
        {"without-nodes", required_argument, NULL, 'w'},
        {"hashes", no_argument, NULL, 'H'},          {"trace", optional_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},            {NULL, 0, NULL, 0},
    };
    struct wish wish = {.many = {.first = 1, .seeds = SEEDS, .nodes_max = NODES_MAX,
                                 .how = {.level = TRACE_NORMAL}}};
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    int option, place = 0;
    wish.many.jobs = cpus > 0 ? (unsigned)cpus : 1;
    optind = 1;
    while ((option = getopt_long(argc, argv, "h", options, &place)) != -1) {
        if (option == 'h')
            return usage(stdout);
        if (option == '?' || !take(&wish, option, options[place].name))
            return option == '?' ? usage(stderr) : 2;
    }
    if (optind < argc)
        return usage(stderr);
    return wish.one ? play_one(&wish) : play_many(&wish);
}
