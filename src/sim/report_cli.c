/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_cli: `mascot-sim report`: options, runs, and where the results go.
 *
 * Without --sensitivity or --ideas one set-up runs with some seeds, and its numbers are shown and,
 * with --out, written with a picture; with one of them each variant (report_idea.c) runs with each
 * seed, and they are compared. The table goes to stdout, progress to stderr.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli.h"
#include "sim/report_out.h"

struct options {
    const struct report_case *set_up;
    unsigned days, warm_days, seeds, at_once;
    uint64_t seed;
    const char *out;
    bool sensitivity, ideas;
};

static int usage(FILE *to)
{
    fprintf(to, "usage: mascot-sim report SET-UP [OPTION...]\n\n");
    report_case_list(to);
    fprintf(to, "\n"
                "  --days N       days to simulate (default: as above)\n"
                "  --warm N       days before statistics begin\n"
                "  --seeds N      runs, each of another seed (default: 1)\n"
                "  --seed S       the first seed (default: 1)\n"
                "  --jobs J       processes at once (default: one per core)\n"
                "  --out DIR      also write CSV files and a picture (SVG, by gnuplot) there\n"
                "  --sensitivity  vary thresholds, prefixes, life and waiting period\n"
                "  --ideas        what each idea about choosing buys\n\n"
                "The same seed gives the same numbers on every machine.\n");
    return to == stdout ? 0 : 2;
}

static bool number(const char *text, uint64_t most, uint64_t *value)
{
    char *end;
    if (!text || *text < '0' || *text > '9')
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return !errno && !*end && *value >= 1 && *value <= most;
}

static bool read_number(struct options *o, const char *name, const char *text)
{
    static const struct {
        const char *name;
        size_t at;
        uint64_t most;
    } numbers[] = {
        {"--days", offsetof(struct options, days), 36500},
        {"--warm", offsetof(struct options, warm_days), 36500},
        {"--seeds", offsetof(struct options, seeds), 1000},
        {"--jobs", offsetof(struct options, at_once), 64},
    };
    uint64_t value = 0;
    unsigned i;
    if (strcmp(name, "--seed") == 0)
        return number(text, UINT64_MAX / 2, &o->seed);
    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        unsigned small;
        if (strcmp(name, numbers[i].name) != 0)
            continue;
        if (!number(text, numbers[i].most, &value))
            return false;
        small = (unsigned)value;
        memcpy((char *)o + numbers[i].at, &small, sizeof small);
        return true;
    }
    return false;
}

static bool read_options(struct options *o, int argc, char **argv)
{
    int i;
    for (i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strcmp(name, "--sensitivity") == 0) {
            o->sensitivity = true;
        } else if (strcmp(name, "--ideas") == 0) {
            o->ideas = true;
        } else if (strcmp(name, "--out") == 0 && i + 1 < argc) {
            o->out = argv[++i];
        } else if (*name == '-') {
            if (!read_number(o, name, i + 1 < argc ? argv[i + 1] : NULL))
                return false;
            i++;
        } else if (o->set_up || !(o->set_up = report_case_find(name))) {
            return false;
        }
    }
    return o->set_up && !(o->sensitivity && o->ideas);
}

static void fill_in(struct options *o)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (!o->days)
        o->days = o->set_up->days;
    if (!o->warm_days)
        o->warm_days = o->set_up->warm_days;
    if (o->warm_days >= o->days)
        o->warm_days = o->days / 3;
    if (!o->at_once)
        o->at_once = cores > 0 ? (unsigned)cores : 1;
}

/* ---- files ---- */

static FILE *open_in(const struct options *o, const char *what)
{
    char path[4096];
    FILE *f;
    snprintf(path, sizeof path, "%s/%s-%s.csv", o->out, o->set_up->name, what);
    f = fopen(path, "w");
    if (!f)
        fprintf(stderr, "mascot-sim: %s: %s\n", path, strerror(errno));
    return f;
}

static bool closed(FILE *f)
{
    return f && fclose(f) == 0;
}

static bool make_folder(const struct options *o)
{
    if (!o->out || mkdir(o->out, 0777) == 0 || errno == EEXIST)
        return true;
    fprintf(stderr, "mascot-sim: %s: %s\n", o->out, strerror(errno));
    return false;
}

static bool write_files(const struct options *o, const struct report_result *r)
{
    char path[4096], what[64];
    bool good = true;
    FILE *f;
    unsigned i;
    for (i = 0; i < o->seeds; i++) {
        snprintf(what, sizeof what, "seed-%" PRIu64, r[i].job->seed);
        f = open_in(o, what);
        if (f)
            report_csv_days(f, &r[i]);
        good &= closed(f);
    }
    f = open_in(o, "summary");
    if (f)
        report_csv_summary(f, r, o->seeds);
    good &= closed(f);
    snprintf(path, sizeof path, "%s/%s.svg", o->out, o->set_up->name);
    if (chart_draw(path, r, o->seeds))
        printf("\nThe picture is %s; the numbers are beside it.\n", path);
    return good;
}

static bool write_comparison(const struct options *o, const struct report_result *r,
                             unsigned variants)
{
    FILE *f = open_in(o, o->ideas ? "ideas" : "sensitivity");
    if (f)
        report_csv_compare(f, r, variants, o->seeds);
    return closed(f);
}

/* ---- runs ---- */

static const struct report_variant *variants_of(const struct options *o, unsigned *n)
{
    *n = o->sensitivity ? report_sensitivities : o->ideas ? report_ideas_n : 1;
    return o->sensitivity ? report_sensitivity : o->ideas ? report_ideas : &report_plain;
}

static int run(const struct options *o)
{
    unsigned variants, i, n;
    const struct report_variant *variant = variants_of(o, &variants);
    struct report_job *job;
    struct report_result *r;
    bool good;
    n = variants * o->seeds;
    job = calloc(n, sizeof *job);
    r = calloc(n, sizeof *r);
    if (!job || !r)
        abort();
    for (i = 0; i < n; i++)
        job[i] = (struct report_job){.set_up = o->set_up, .variant = &variant[i / o->seeds],
                                     .days = o->days, .warm_days = o->warm_days,
                                     .seed = o->seed + i % o->seeds};
    good = report_run_all(job, n, o->at_once, r);
    if (!good)
        fprintf(stderr, "mascot-sim: a run failed\n");
    else if (variants == 1)
        report_print(stdout, r, n);
    else
        report_compare(stdout, r, variants, o->seeds);
    if (good && o->out)
        good = variants == 1 ? write_files(o, r) : write_comparison(o, r, variants);
    for (i = 0; i < n; i++)
        report_result_free(&r[i]);
    free(job);
    free(r);
    return good ? 0 : 1;
}

int report_main(int argc, char **argv)
{
    struct options o = {.seeds = 1, .seed = 1};
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return usage(stdout);
    if (!read_options(&o, argc, argv))
        return usage(stderr);
    fill_in(&o);
    if (!make_folder(&o))
        return 1;
    return run(&o);
}
