/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_table: results as text for people.
 *
 * One run, or several seeds of one set-up, is a list of measures in groups, with the literature
 * beside it. Variants are compared line by line: of each the mean over its seeds, and of the two
 * measures that matter most how far the seeds lie apart.
 */
#include <string.h>

#include "sim/report_out.h"

enum { TITLE_WIDTH = 56, VALUE_WIDTH = 13 };

/* What others wrote of this, to stand beside our numbers: of the paper nothing is at hand, so it is
 * named as memory. */
static const struct {
    const char *what, *use, *g_rib;
} literature[] = {
    {"SIGCOMM'98 paper, its set-up (from memory of the paper)", "about 50 %",
     "mean about 175, maximum about 180"},
    {"RFC 2909 17.1.3-4, with up to three prefixes per domain", "70-90 %", ""},
    {"naive readings of Appendix A (doubling, one prefix)", "34-67 %", ""},
};

static void print_literature(FILE *to, const struct report_result *r, unsigned n)
{
    char use[REPORT_TEXT_MAX], mean[REPORT_TEXT_MAX];
    unsigned i;
    fprintf(to, "\n%-*s   %-12s  %s\n", TITLE_WIDTH + 2, "Beside the literature", "utilization",
            "G-RIB");
    for (i = 0; i < sizeof literature / sizeof literature[0]; i++)
        fprintf(to, "  %-*s   %-12s  %s\n", TITLE_WIDTH, literature[i].what, literature[i].use,
                literature[i].g_rib);
    report_format(use, REPORT_PERCENT, report_spread(report_measure_find("use"), r, n).mean);
    report_format(mean, REPORT_NUMBER, report_spread(report_measure_find("g_rib"), r, n).mean);
    fprintf(to, "  %-*s   %-12s  mean %s, maximum %lld\n", TITLE_WIDTH, "this run", use, mean,
            (long long)report_spread(report_measure_find("g_rib_most"), r, n).most);
}

static void print_head(FILE *to, const struct report_result *r, unsigned n)
{
    const struct report_job *job = r->job;
    const struct report_case *k = job->set_up;
    fprintf(to, "%s: %u top-level domains of %u children, out of %s, %u days; ", k->title, k->tops,
            k->children, k->pool, job->days);
    if (n == 1)
        fprintf(to, "seed %llu.\n", (unsigned long long)job->seed);
    else
        fprintf(to, "seeds %llu to %llu.\n", (unsigned long long)job->seed,
                (unsigned long long)r[n - 1].job->seed);
    fprintf(to, "Blocks of %u addresses for %lld days. Means are of the days from %u on.\n",
            k->model.block, (long long)(k->model.life_ms / DAY), job->warm_days + 1);
}

static void print_cost(FILE *to, const struct report_result *r, unsigned n)
{
    uint64_t steps = 0, ms = 0;
    unsigned i;
    fprintf(to, "\nHashes:");
    for (i = 0; i < n; i++) {
        fprintf(to, " %016llx", (unsigned long long)r[i].hash);
        steps += r[i].sample[r[i].samples - 1].steps;
        ms += r[i].milliseconds;
    }
    fprintf(to, "\n%llu steps in %llu.%llu s of one core.\n", (unsigned long long)steps,
            (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000 / 100));
}

void report_print(FILE *to, const struct report_result *r, unsigned n)
{
    const char *part = "";
    unsigned i;
    print_head(to, r, n);
    for (i = 0; i < report_measures_n; i++) {
        const struct report_measure *m = &report_measures[i];
        struct report_spread s = report_spread(m, r, n);
        char mean[REPORT_TEXT_MAX], least[REPORT_TEXT_MAX], most[REPORT_TEXT_MAX];
        if (strcmp(part, m->part) != 0)
            fprintf(to, "\n%-*s%*s%*s%*s\n", TITLE_WIDTH + 2, m->part, VALUE_WIDTH,
                    n > 1 ? "mean" : "", VALUE_WIDTH, n > 1 ? "least" : "", VALUE_WIDTH,
                    n > 1 ? "most" : "");
        part = m->part;
        report_format(mean, m->format, s.mean);
        report_format(least, m->format, s.least);
        report_format(most, m->format, s.most);
        fprintf(to, "  %-*s%*s%*s%*s\n", TITLE_WIDTH, m->title, VALUE_WIDTH, mean, VALUE_WIDTH,
                n > 1 ? least : "", VALUE_WIDTH, n > 1 ? most : "");
    }
    print_literature(to, r, n);
    print_cost(to, r, n);
}

/* ---- variants ---- */

static const struct {
    const char *key, *title;
    int width;
    bool spread;
} columns[] = {
    {"use", "utilization", 11, true},       {"use_leaf", "of children", 11, false},
    {"g_rib", "G-RIB mean", 10, true},      {"g_rib_most", "max", 4, false},
    {"per_leaf", "per child", 9, false},    {"per_top", "per top", 7, false},
    {"claims", "claims/d", 9, false},       {"collided", "lost/d", 7, false},
    {"flux", "routes/d", 8, false},         {"at_once", "at once", 8, false},
    {"latency_99", "99 % wait", 9, false}, {"lost", "blk lost", 8, false},
};

enum { COLUMNS = sizeof columns / sizeof columns[0], SPREAD_WIDTH = 8 };

/* Half of the distance between the extremes, with its unit left out. */
static void print_spread(FILE *to, const struct report_measure *m, struct report_spread s)
{
    char text[REPORT_TEXT_MAX];
    report_format(text, m->format, (s.most - s.least + 1) / 2);
    text[strcspn(text, " ")] = 0;
    fprintf(to, " +-%-*s", SPREAD_WIDTH - 3, text);
}

static void print_variant(FILE *to, const struct report_result *r, unsigned seeds, int width)
{
    unsigned i;
    fprintf(to, "  %-*s", width, r->job->variant->name);
    for (i = 0; i < COLUMNS; i++) {
        const struct report_measure *m = report_measure_find(columns[i].key);
        struct report_spread s = report_spread(m, r, seeds);
        char text[REPORT_TEXT_MAX];
        fprintf(to, "  %*s", columns[i].width, report_format(text, m->format, s.mean));
        if (columns[i].spread)
            print_spread(to, m, s);
    }
    fputc('\n', to);
}

static void print_columns(FILE *to, const char *group, int width)
{
    unsigned i;
    fprintf(to, "\n%-*s", width + 2, group);
    for (i = 0; i < COLUMNS; i++)
        fprintf(to, "  %*s%*s", columns[i].width, columns[i].title,
                columns[i].spread ? SPREAD_WIDTH : 0, "");
    fputc('\n', to);
}

void report_compare(FILE *to, const struct report_result *r, unsigned variants, unsigned seeds)
{
    const char *group = NULL;
    int width = 20;
    unsigned i;
    print_head(to, r, seeds);
    for (i = 0; i < variants; i++) {
        int len = (int)strlen(r[i * seeds].job->variant->name);
        width = len > width ? len : width;
    }
    for (i = 0; i < variants; i++) {
        const struct report_result *x = &r[i * seeds];
        const char *mine = x->job->variant->group;
        if (!group || strcmp(group, mine) != 0)
            print_columns(to, mine, width);
        group = mine;
        print_variant(to, x, seeds, width);
    }
}
