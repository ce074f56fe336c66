/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scale_cli: `mascot-sim scale`: how fast the simulator is, and what a large world costs.
 *
 * The world is a forest of three levels: each domain but the last has FAN_OUT children, so a tree
 * is 1 + 31 + 961 nodes, and what differs between a thousand domains and a hundred thousand is
 * their number alone: the neighbourhood of each is the same. The top-level domains are siblings in
 * a chain with shortcuts. Every leaf wants addresses and changes its mind every few days; times are
 * the RFC's, with a long Hold Time, for otherwise KEEPALIVEs would be all that is measured.
 *
 * A step is a call of node_step(), and seconds are those of a core. Each size runs in a process of
 * its own, so that its memory is its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "sim/cli.h"
#include "sim/world.h"

enum { FAN_OUT = 31, TREE = 1 + FAN_OUT + FAN_OUT * FAN_OUT, CHORD = 7, TREES_MAX = 8 };

/* What is asked for. */
struct sizes {
    unsigned trees[TREES_MAX], n, days;
    uint16_t hold_s;
};

struct scale {
    struct world *w;
    struct prng rng;
    unsigned trees;
    unsigned *leaf;
    unsigned leaves;
};

/* Of a core, whatever else the machine does. */
static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A top-level domain keeps what all the others hold; a leaf what its siblings do. */
static void limit(struct world *w, unsigned n, uint32_t claims)
{
    struct masc_config *c = world_config(w, n);
    c->claims_max = claims;
    c->per_origin_max = claims / 2;
    c->origins_max = 512;
    c->unassociated_max = 16;
    c->own_max = 16;
}

static unsigned child(struct scale *s, unsigned parent, u128 domain, unsigned peers)
{
    char name[WORLD_NAME_MAX];
    unsigned n;
    snprintf(name, sizeof name, "D%u", (unsigned)domain);
    n = world_node_wide(s->w, name, domain, peers);
    limit(s->w, n, 512);
    world_parent(s->w, n, parent);
    return n;
}

static unsigned make_tree(struct scale *s, unsigned number)
{
    u128 domain = (u128)number * TREE + 1;
    char name[WORLD_NAME_MAX];
    unsigned top, i, k;
    snprintf(name, sizeof name, "T%u", number + 1);
    top = world_node_wide(s->w, name, domain++, FAN_OUT + 8);
    limit(s->w, top, 4096);
    world_tld(s->w, top, "228.0.0.0/6");
    world_config(s->w, top)->sole_tld = s->trees == 1;
    for (i = 0; i < FAN_OUT; i++) {
        unsigned middle = child(s, top, domain++, FAN_OUT + 1);
        for (k = 0; k < FAN_OUT; k++) {
            unsigned n = child(s, middle, domain++, 1);
            world_demand(s->w, n, 200 + prng_below(&s->rng, 400));
            s->leaf[s->leaves++] = n;
        }
    }
    return top;
}

static void make(struct scale *s, unsigned trees, uint16_t hold_s)
{
    unsigned *top = calloc(trees, sizeof *top), i;
    *s = (struct scale){.w = world_new(1), .rng = prng_init(1), .trees = trees,
                        .leaf = calloc((size_t)trees * TREE, sizeof *s->leaf)};
    if (!top || !s->leaf)
        abort();
    world_rfc_times(s->w, hold_s);
    world_plain(s->w);
    for (i = 0; i < trees; i++)
        top[i] = make_tree(s, i);
    for (i = 0; i + 1 < trees; i++)
        world_siblings(s->w, top[i], top[i + 1], 0);
    for (i = 0; i + CHORD < trees; i += CHORD)
        world_siblings(s->w, top[i], top[i + CHORD], 0);
    free(top);
}

/* A hundredth of the leaves change their minds each hour. */
static void live(struct scale *s, unsigned hours)
{
    unsigned h, i;
    for (h = 0; h < hours; h++) {
        world_run(s->w, HOUR);
        for (i = 0; i < s->leaves / 100 + 1; i++)
            world_need(s->w, s->leaf[prng_below(&s->rng, s->leaves)],
                       200 + prng_below(&s->rng, 1000));
    }
}

static void measure(unsigned trees, unsigned days, uint16_t hold_s)
{
    struct scale s;
    struct rusage use;
    double began = seconds(), built, done;
    make(&s, trees, hold_s);
    world_start(s.w);
    built = seconds();
    live(&s, days * 24);
    done = seconds();
    getrusage(RUSAGE_SELF, &use);
    printf("%8u  %5u  %6u  %12llu  %8.1f  %8.1f  %9.2f  %8.1f  %8.1f  %016llx\n",
           world_nodes(s.w), days, hold_s, (unsigned long long)world_steps(s.w), built - began,
           done - built, (double)world_steps(s.w) / (done - built) / 1e6,
           (double)use.ru_maxrss / 1024, (double)use.ru_maxrss / world_nodes(s.w),
           (unsigned long long)world_hash(s.w));
    fflush(stdout);
    free(s.leaf);
    world_free(s.w);
}

static int apart(const struct sizes *z, unsigned i)
{
    int status = 1;
    pid_t pid = fork();
    if (pid < 0) {
        perror("mascot-sim: fork");
        return 1;
    }
    if (pid == 0) {
        measure(z->trees[i], z->days, z->hold_s);
        exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

static int usage(FILE *to)
{
    fprintf(to,
            "usage: mascot-sim scale [OPTION...]\n\n"
            "  --trees N  a world of N trees of %d domains; may be said again (1, 10 and 100)\n"
            "  --days N   simulated time (10)\n"
            "  --hold S   Hold Time of every session, in seconds (43200)\n",
            TREE);
    return to == stdout ? 0 : 2;
}

static bool read_option(struct sizes *z, const char *name, const char *text)
{
    uint64_t value;
    if (!text || !text_parse_u64(&value, text) || value < 1 || value > 65535)
        return false;
    if (strcmp(name, "--trees") == 0 && z->n < TREES_MAX && value <= 1000)
        z->trees[z->n++] = (unsigned)value;
    else if (strcmp(name, "--days") == 0)
        z->days = (unsigned)value;
    else if (strcmp(name, "--hold") == 0 && value >= 3)
        z->hold_s = (uint16_t)value;
    else
        return false;
    return true;
}

int scale_main(int argc, char **argv)
{
    struct sizes z = {.days = 10, .hold_s = 43200};
    unsigned i;
    int status = 0;
    for (i = 1; i < (unsigned)argc; i += 2) {
        if (strcmp(argv[i], "--help") == 0)
            return usage(stdout);
        if (!read_option(&z, argv[i], argv[i + 1])) {
            fprintf(stderr, "mascot-sim: scale: '%s' is not understood\n", argv[i]);
            return usage(stderr);
        }
    }
    if (!z.n)
        z = (struct sizes){{1, 10, 100}, 3, z.days, z.hold_s};
    printf("%8s  %5s  %6s  %12s  %8s  %8s  %9s  %8s  %8s  %s\n", "domains", "days", "hold s",
           "steps", "boot s", "run s", "Msteps/s", "MiB", "KiB/node", "hash");
    fflush(stdout);
    for (i = 0; i < z.n && !status; i++)
        status = apart(&z, i);
    return status;
}
