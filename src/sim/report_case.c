/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_case: the set-ups, and worlds made of them.
 *
 * Top-level domains form a ring with chords: each has few sessions and hears of the others by
 * relay (RFC 2909 4, 6). Children have a session with their parent alone, which relays the claims
 * of each to the others. Times are the RFC's; the Hold Time is long, for otherwise KEEPALIVEs would
 * be most of what is simulated. Limits follow from the number of neighbours, so that a node of a
 * small neighbourhood needs little memory.
 */
#include "sim/report_case.h"

#include <stdlib.h>
#include <string.h>

enum {
    HOLD_S = 43200,
    CHORD = 7,         /* every so many-th domain has a session with the one so many further */
    TOP_SESSIONS = 8,
    CLAIMS_EACH = 160, /* of one domain that a neighbour remembers */
    OWN_MAX = 256,
};

/* Blocks of 256 addresses for 30 days in both. Appendix B says how many domains there are and how
 * much each may hold, not who wants how much when: domains of four sizes here, of 30, 15, 7 and 4
 * live blocks on average, so that the sum is a little less than half of the pool, and the largest
 * ones meet the soft threshold now and then. */
static const struct report_case cases[] = {
    {
        .name = "appendix-b", .title = "RFC 2909 Appendix B", .tops = 128, .children = 64,
        .pool = "228.0.0.0/6", .days = 365, .warm_days = 90,
        .soft = 8192, .hard = 16384,
        .model = {.block = 256, .life_ms = 30 * DAY, .classes = 4,
                  .gap = {{1, 47}, {1, 95}, {1, 191}, {1, 383}}},
    },
    {
        .name = "sigcomm98", .title = "SIGCOMM'98 set-up", .tops = 50, .children = 50,
        .pool = "224.0.0.0/4", .days = 800, .warm_days = 100,
        .model = {.block = 256, .life_ms = 30 * DAY, .classes = 1, .gap = {{1, 95}}},
    },
    {
        .name = "small", .title = "small set-up", .tops = 4, .children = 6,
        .pool = "228.0.0.0/8", .days = 200, .warm_days = 60,
        .model = {.block = 256, .life_ms = 30 * DAY, .classes = 1, .gap = {{1, 95}}},
    },
};

enum { CASES = sizeof cases / sizeof cases[0] };

const struct report_case *report_case_find(const char *name)
{
    unsigned i;
    for (i = 0; i < CASES; i++)
        if (strcmp(cases[i].name, name) == 0)
            return &cases[i];
    return NULL;
}

void report_case_list(FILE *to)
{
    unsigned i;
    for (i = 0; i < CASES; i++)
        fprintf(to, "  %-11s %s: %u top-level domains of %u children, %u days\n", cases[i].name,
                cases[i].title, cases[i].tops, cases[i].children, cases[i].days);
}

static void limit(struct masc_config *c, const struct report_case *k, bool top)
{
    unsigned neighbours = top ? k->tops + k->children : k->children;
    c->claims_max = (neighbours + 4) * CLAIMS_EACH;
    c->per_origin_max = c->claims_max < 2048 ? c->claims_max : 2048;
    c->origins_max = neighbours + 8;
    c->unassociated_max = 16;
    c->own_max = OWN_MAX;
    c->start_backoff_s = 2;
    c->start_backoff_max_s = 600;
    c->connect_retry_s = 30;
}

static unsigned domain(struct world *w, const struct report_job *job, unsigned number, bool top)
{
    const struct report_case *k = job->set_up;
    char name[WORLD_NAME_MAX];
    unsigned n;
    snprintf(name, sizeof name, "%c%u", top ? 'T' : 'D', number);
    n = world_node_wide(w, name, number, top ? k->children + TOP_SESSIONS : 1);
    limit(world_config(w, n), k, top);
    if (top) {
        world_tld(w, n, k->pool);
        world_config(w, n)->sole_tld = k->tops == 1;
        world_config(w, n)->soft_threshold = k->soft;
        world_config(w, n)->hard_threshold = k->hard;
    }
    if (job->variant->edit)
        job->variant->edit(world_config(w, n), top);
    return n;
}

struct world *report_world(const struct report_job *job)
{
    const struct report_case *k = job->set_up;
    struct world *w = world_new(job->seed);
    unsigned i, tops = k->tops;
    world_rfc_times(w, HOLD_S);
    world_plain(w);
    for (i = 1; i <= tops; i++)
        (void)domain(w, job, i, true);
    for (i = 1; i < tops; i++)
        world_siblings(w, i, i + 1, 0);
    if (tops > 2)
        world_siblings(w, tops, 1, 0);
    for (i = 1; i + CHORD <= tops; i += CHORD)
        world_siblings(w, i, i + CHORD, 0);
    for (i = 0; i < tops * k->children; i++) {
        unsigned n = domain(w, job, tops + 1 + i, false);
        world_parent(w, n, 1 + i / k->children);
    }
    return w;
}
