/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chart: the picture of a report, drawn by gnuplot, which gets its data and its orders by a pipe.
 *
 * Four panels: use of addresses and the G-RIB over time, changes per day, and how long who asks for
 * a block waits. Of several seeds the line is the median and the band goes from the least to the
 * most.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/report_out.h"

#define BLUE "#2f5d8a"
#define GREEN "#4c8c6b"
#define OCHRE "#b8862b"
#define RED "#a3423d"
#define GREY "#8a8a8a"

enum { WEEK = 7 };

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* "median least most" of the seeds' values, which are hundredths. */
static void put_band(FILE *to, int64_t *value, unsigned n)
{
    int64_t three[3];
    unsigned i;
    qsort(value, n, sizeof *value, by_value);
    three[0] = (value[(n - 1) / 2] + value[n / 2]) / 2;
    three[1] = value[0];
    three[2] = value[n - 1];
    for (i = 0; i < 3; i++)
        fprintf(to, " %lld.%02lld", (long long)(three[i] / 100), (long long)(three[i] % 100));
}

static int64_t g_rib(const struct measure_sample *s)
{
    return (int64_t)s->held[MEASURE_TOP].prefixes * 100;
}

/* day, then three columns for each of use, children's use and G-RIB. */
static void put_days(FILE *to, const struct report_result *r, unsigned n)
{
    static int64_t (*const of[])(const struct measure_sample *) = {report_use, report_use_leaf,
                                                                    g_rib};
    int64_t *value = calloc(n, sizeof *value);
    unsigned day, i, k;
    if (!value)
        abort();
    fprintf(to, "$days << EOD\n");
    for (day = 0; day < r->samples; day++) {
        fprintf(to, "%u", day + 1);
        for (k = 0; k < sizeof of / sizeof of[0]; k++) {
            for (i = 0; i < n; i++)
                value[i] = of[k](&r[i].sample[day]);
            put_band(to, value, n);
        }
        fputc('\n', to);
    }
    fprintf(to, "EOD\n");
    free(value);
}

/* Per day, of a week: prefixes new or expanded, those that came or went in the G-RIB, claims lost,
 * prefixes withdrawn or run out. */
static int64_t change(const struct report_result *r, unsigned from, unsigned to, unsigned which)
{
    const struct measure_sample *a = &r->sample[from], *b = &r->sample[to];
    int64_t days = (int64_t)to - from, n = 0;
    switch (which) {
    case 0: n = report_events(a, b, MEASURE_NEW) + report_events(a, b, MEASURE_EXPANDED); break;
    case 1: n = (int64_t)(b->routes[MEASURE_TOP] - a->routes[MEASURE_TOP]); break;
    case 2: n = report_events(a, b, MEASURE_LOST); break;
    case 3:
        n = report_events(a, b, MEASURE_WITHDRAWN) + report_events(a, b, MEASURE_EXPIRED);
        break;
    }
    return n * 100 / days;
}

static void put_changes(FILE *to, const struct report_result *r, unsigned n)
{
    int64_t *value = calloc(n, sizeof *value);
    unsigned step = r->samples > 2 * WEEK ? WEEK : 1, day, i, k;
    if (!value)
        abort();
    fprintf(to, "$changes << EOD\n");
    for (day = step; day < r->samples; day += step) {
        fprintf(to, "%u", day + 1);
        for (k = 0; k < 4; k++) {
            for (i = 0; i < n; i++)
                value[i] = change(&r[i], day - step, day, k);
            put_band(to, value, n);
        }
        fputc('\n', to);
    }
    fprintf(to, "EOD\n");
    free(value);
}

/* Hours, per cent of all requests of all seeds that were served by then. */
static void put_waits(FILE *to, const struct report_result *r, unsigned n)
{
    uint64_t seen = 0, all = 0;
    unsigned i, bin;
    for (i = 0; i < n; i++)
        all += r[i].counts.placed;
    fprintf(to, "$waits << EOD\n");
    for (bin = 0; bin < LATENCY_BINS && all; bin++) {
        uint64_t here = 0;
        for (i = 0; i < n; i++)
            here += r[i].counts.latency[bin];
        seen += here;
        if (here || bin % 60 == 59)
            fprintf(to, "%u.%02u %llu.%02llu\n", (bin + 1) / 60, (bin + 1) % 60 * 100 / 60,
                    (unsigned long long)(seen * 100 / all),
                    (unsigned long long)(seen * 10000 / all % 100));
    }
    fprintf(to, "EOD\n");
}

static const char *const style =
    "set encoding utf8\n"
    "set border 3 lc rgb '#555555'\n"
    "set tics nomirror tc rgb '#333333'\n"
    "set grid y lc rgb '#dddddd' lt 1 lw 0.6\n"
    "set key at graph 0.5,-0.215 center top horizontal maxcols 2 width 2 samplen 2 Left reverse "
    "font ',11' tc rgb '#333333'\n"
    "set xlabel tc rgb '#333333' offset 0,0.3\n"
    "set ylabel tc rgb '#333333'\n"
    "set offsets 0,0,graph 0.06,0\n"
    "set style fill solid 0.22 noborder\n";

static void title(FILE *to, const char *text)
{
    fprintf(to, "set label 1 '%s' at graph 0,1.07 left font ',13' tc rgb '#222222'\n", text);
}

static void plot_use(FILE *to, bool band)
{
    title(to, "Use of addresses");
    fprintf(to, "set ylabel 'per cent'\nset xlabel 'day'\n"
                "set xrange [0:*]\nset yrange [0:100]\nset ytics 20\nplot ");
    if (band)
        fprintf(to, "$days u 1:3:4 w filledcurves lc rgb '" BLUE "' notitle, "
                    "$days u 1:6:7 w filledcurves lc rgb '" GREEN "' notitle, ");
    fprintf(to, "$days u 1:2 w l lw 2 lc rgb '" BLUE "' t 'of what top-level domains hold', "
                "$days u 1:5 w l lw 1.4 lc rgb '" GREEN "' t 'of what children hold', "
                "50 w l dt 2 lc rgb '" GREY "' t \"SIGCOMM'98, from memory\"\n");
}

static void plot_g_rib(FILE *to, bool band, bool sigcomm)
{
    title(to, "Globally visible prefixes (G-RIB)");
    fprintf(to, "set ylabel 'prefixes'\n"
                "set yrange [0:*]\nset ytics autofreq\nplot ");
    if (band)
        fprintf(to, "$days u 1:9:10 w filledcurves lc rgb '" BLUE "' notitle, ");
    fprintf(to, "$days u 1:8 w l lw 2 lc rgb '" BLUE "' t 'prefixes of all top-level domains'");
    if (sigcomm)
        fprintf(to, ", 175 w l dt 2 lc rgb '" GREY "' t \"mean in SIGCOMM'98, from memory\"");
    fputc('\n', to);
}

static void plot_changes(FILE *to)
{
    title(to, "Changes (mean of each week)");
    fprintf(to, "set ylabel 'per day'\nplot "
                "$changes u 1:2 w l lw 1.8 lc rgb '" BLUE "' t 'new and expanded prefixes', "
                "$changes u 1:11 w l lw 1.8 lc rgb '" OCHRE "' t 'ran out or withdrawn', "
                "$changes u 1:8 w l lw 1.8 lc rgb '" RED "' t 'claims lost', "
                "$changes u 1:5 w l lw 1.8 lc rgb '" GREEN "' t 'G-RIB changes'\n");
}

static void plot_waits(FILE *to)
{
    title(to, "Wait for a block: share of requests served by then");
    fprintf(to, "set xlabel 'hours since it was asked for'\nset ylabel 'per cent'\n"
                "set offsets 0,0,0,0\nset yrange [*<80:100]\nset xrange [0:96]\nset xtics 12\n"
                "plot $waits u 1:2 w l lw 2 lc rgb '" BLUE "' "
                "t 'requests of all seeds, after the start'\n");
}

static void put_picture(FILE *to, const char *path, const struct report_result *r, unsigned n)
{
    const struct report_case *k = r->job->set_up;
    bool png = strlen(path) > 4 && strcmp(path + strlen(path) - 4, ".png") == 0;
    put_days(to, r, n);
    put_changes(to, r, n);
    put_waits(to, r, n);
    fprintf(to, "set terminal %s size 1200,900 font 'DejaVu Sans,12' background rgb 'white'\n",
            png ? "pngcairo" : "svg");
    fprintf(to, "set output '%s'\n%s", path, style);
    fprintf(to, "set multiplot layout 2,2 margins 0.065,0.97,0.15,0.895 spacing 0.085,0.245 title "
                "\"%s: %u top-level domains of %u children, %u seed%s\" font ',15'\n",
            k->title, k->tops, k->children, n, n == 1 ? "" : "s");
    plot_use(to, n > 1);
    plot_g_rib(to, n > 1, strcmp(k->name, "sigcomm98") == 0);
    plot_changes(to);
    plot_waits(to);
    fprintf(to, "unset multiplot\n");
}

bool chart_draw(const char *path, const struct report_result *r, unsigned n)
{
    FILE *to;
    if (strpbrk(path, "'\\\n")) {
        fprintf(stderr, "mascot-sim: no picture: '%s' cannot be a file name of gnuplot\n", path);
        return false;
    }
    if (system("command -v gnuplot >/dev/null 2>&1") != 0) {
        fprintf(stderr, "mascot-sim: no picture: gnuplot is not installed\n");
        return false;
    }
    to = popen("gnuplot", "w");
    if (!to)
        return false;
    put_picture(to, path, r, n);
    if (pclose(to) == 0)
        return true;
    fprintf(stderr, "mascot-sim: gnuplot failed: no picture\n");
    return false;
}
