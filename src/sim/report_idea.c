/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_idea: what can be varied: settings, each with its neighbouring values, and ideas about
 * choosing, each switched.
 *
 * A variant is one row, with a function that edits the configuration of every node or what is
 * demanded. Variants of one group stand together, under their name, in the comparison.
 */
#include "sim/report.h"

const struct report_variant report_plain = {.group = "", .name = "defaults"};

#define EDIT(name_, what_)                                                                         \
    static void name_(struct masc_config *c, bool top)                                             \
    {                                                                                              \
        (void)top;                                                                                 \
        what_;                                                                                     \
    }

/* ---- settings ---- */

EDIT(use_50_90, c->utilization_low = 50)
EDIT(use_60_80, (c->utilization_low = 60, c->utilization_high = 80))
EDIT(use_70_95, c->utilization_high = 95)
EDIT(use_80_95, (c->utilization_low = 80, c->utilization_high = 95))
EDIT(use_70_100, c->utilization_high = 100)
EDIT(prefixes_1, c->prefixes_max = 1)
EDIT(prefixes_2, c->prefixes_max = 2)
EDIT(prefixes_4, c->prefixes_max = 4)
EDIT(prefixes_5, c->prefixes_max = 5)
EDIT(life_7, c->lifetime_s = 7 * 86400)
EDIT(life_90, c->lifetime_s = 90 * 86400)
EDIT(wait_24, c->waiting_period_s = 24 * 3600)
EDIT(wait_96, c->waiting_period_s = 96 * 3600)

const struct report_variant report_sensitivity[] = {
    {.group = "as the RFC has it", .name = "70-90 %, 3, 30 d, 48 h"},
    {.group = "utilization kept", .name = "50-90 %", .edit = use_50_90},
    {.group = "utilization kept", .name = "60-80 %", .edit = use_60_80},
    {.group = "utilization kept", .name = "70-95 %", .edit = use_70_95},
    {.group = "utilization kept", .name = "70-100 %", .edit = use_70_100},
    {.group = "utilization kept", .name = "80-95 %", .edit = use_80_95},
    {.group = "prefixes per domain", .name = "1", .edit = prefixes_1},
    {.group = "prefixes per domain", .name = "2", .edit = prefixes_2},
    {.group = "prefixes per domain", .name = "4", .edit = prefixes_4},
    {.group = "prefixes per domain", .name = "5", .edit = prefixes_5},
    {.group = "life of claims", .name = "7 days", .edit = life_7},
    {.group = "life of claims", .name = "90 days", .edit = life_90},
    {.group = "waiting period", .name = "24 h", .edit = wait_24},
    {.group = "waiting period", .name = "96 h", .edit = wait_96},
};
const unsigned report_sensitivities = sizeof report_sensitivity / sizeof report_sensitivity[0];

/* ---- ideas ---- */

/* Each adds to the one before it, but for the last three. */

static void exact(struct masc_config *c, bool top)
{
    c->utilization_low = top ? 90 : 85;
    c->utilization_high = top ? 99 : 97;
}

static void exact_many(struct masc_config *c, bool top)
{
    exact(c, top);
    if (!top)
        c->prefixes_max = 5;
}

static void exact_steady(struct masc_config *c, bool top)
{
    exact_many(c, top);
    c->steady = true;
}

static void exact_tight(struct masc_config *c, bool top)
{
    exact_steady(c, top);
    c->tight = !top;
}

/* Parents give back only what no child uses, with children at the low end of what they have. */
static void exact_gentle(struct masc_config *c, bool top)
{
    exact_tight(c, top);
    c->gentle = top;
}

/* Hosts give back what falls empty: what is in use is not shrunk before. */
static void exact_kept(struct masc_config *c, bool top)
{
    exact_gentle(c, top);
    if (!top)
        c->utilization_shrink = 1;
}

static void vacate(struct demand_model *m)
{
    m->vacate = true;
    m->vacate_spare = 1;
}

static void book(struct demand_model *m, unsigned permille)
{
    m->booked_permille = permille;
    m->booked_ahead_ms = 3 * DAY;
    m->forecast = true;
    m->forecast_ms = 2 * DAY + HOUR;
}

static void book_half(struct demand_model *m)
{
    book(m, 500);
}

static void book_all(struct demand_model *m)
{
    book(m, 1000);
}

static void book_all_vacate(struct demand_model *m)
{
    vacate(m);
    book_all(m);
}

const struct report_variant report_ideas[] = {
    {.group = "ideas", .name = "none"},
    {.group = "ideas", .name = "close limits", .edit = exact},
    {.group = "ideas", .name = "+ children in 5 prefixes", .edit = exact_many},
    {.group = "ideas", .name = "+ no prediction", .edit = exact_steady},
    {.group = "ideas", .name = "+ lowest place first", .edit = exact_tight},
    {.group = "ideas", .name = "+ parents give up empty halves only", .edit = exact_gentle},
    {.group = "ideas", .name = "+ empty prefixes released", .edit = exact_kept, .demand = vacate},
    {.group = "ideas", .name = "+ all is booked 3 days ahead", .edit = exact_kept,
     .demand = book_all_vacate},
    {.group = "ideas", .name = "released when empty alone", .demand = vacate},
    {.group = "ideas", .name = "half is booked alone", .demand = book_half},
    {.group = "ideas", .name = "all is booked alone", .demand = book_all},
};
const unsigned report_ideas_n = sizeof report_ideas / sizeof report_ideas[0];
