/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens in a story: faults (world.h), orders of operators (asks.def), and their ends.
 *
 * What makes no sense where it stands, such as the boot of a node that is up, is a fault of the
 * story and not of the world.
 */
#include <stdio.h>
#include <string.h>

#include "sim/story_impl.h"

/* ---- operators ---- */

static bool order(struct stage *g, unsigned n, const char *words)
{
    char why[200] = "";
    struct asked asked = {.why = why, .size = sizeof why};
    if (world_ask(g->w, n, words, &asked) == END_DONE)
        return true;
    return stage_say(g, "refused: %s", *why ? why : "the node is down");
}

static bool run_claim(struct stage *g, const struct story_arg *a)
{
    char words[100];
    snprintf(words, sizeof words, "claim %s", a[1].word);
    return order(g, a[0].node, words);
}

static bool run_release(struct stage *g, const struct story_arg *a)
{
    char words[100];
    snprintf(words, sizeof words, "release %s", a[1].word);
    return order(g, a[0].node, words);
}

static bool run_resolve(struct stage *g, const struct story_arg *a)
{
    char words[100];
    snprintf(words, sizeof words, "resolve %s %s", a[1].word, a[2].word);
    return order(g, a[0].node, words);
}

/* ---- links ---- */

static bool run_delay(struct stage *g, const struct story_arg *a)
{
    int64_t least = a[2].number, most = a[3].given ? a[3].number : least;
    if (least < 0 || most < least)
        return stage_say(g, "a delay is from a time to a later one");
    world_delay(g->w, a[0].node, a[1].node, least, most);
    return true;
}

static bool run_clog(struct stage *g, const struct story_arg *a)
{
    world_clog(g->w, a[0].node, a[1].node, (uint32_t)a[2].number);
    return true;
}

static bool run_slow(struct stage *g, const struct story_arg *a)
{
    world_slow(g->w, a[0].node, (uint32_t)a[1].number);
    return true;
}

static bool run_cut(struct stage *g, const struct story_arg *a)
{
    world_cut(g->w, a[0].node, a[1].node);
    return true;
}

static bool run_sever(struct stage *g, const struct story_arg *a)
{
    world_sever(g->w, a[0].node, a[1].node);
    return true;
}

static bool run_stall(struct stage *g, const struct story_arg *a)
{
    world_stall(g->w, a[0].node, a[1].node);
    return true;
}

static bool run_heal(struct stage *g, const struct story_arg *a)
{
    world_heal(g->w, a[0].node, a[1].node);
    return true;
}

static bool run_isolate(struct stage *g, const struct story_arg *a)
{
    world_isolate(g->w, a[0].node);
    return true;
}

static bool run_rejoin(struct stage *g, const struct story_arg *a)
{
    world_rejoin(g->w, a[0].node);
    return true;
}

/* ---- nodes ---- */

static bool run_crash(struct stage *g, const struct story_arg *a)
{
    if (!world_host(g->w, a[0].node)->up)
        return stage_say(g, "it is down already");
    world_crash(g->w, a[0].node, a[1].given);
    return true;
}

static bool run_boot(struct stage *g, const struct story_arg *a)
{
    if (world_host(g->w, a[0].node)->up)
        return stage_say(g, "it is up already");
    world_boot(g->w, a[0].node);
    return true;
}

static bool run_forget(struct stage *g, const struct story_arg *a)
{
    if (world_host(g->w, a[0].node)->up)
        return stage_say(g, "a node that is up does not lose its store");
    world_forget(g->w, a[0].node);
    return true;
}

static bool run_disk(struct stage *g, const struct story_arg *a)
{
    enum disk_mode mode = DISK_GOOD;
    if (strcmp(a[1].word, "failing") == 0)
        mode = DISK_FAILING;
    else if (strcmp(a[1].word, "mute") == 0)
        mode = DISK_MUTE;
    world_disk(g->w, a[0].node, mode);
    return true;
}

static bool run_clock(struct stage *g, const struct story_arg *a)
{
    world_step_clock(g->w, a[0].node, a[1].number / SECOND);
    return true;
}

static bool run_drift(struct stage *g, const struct story_arg *a)
{
    world_drift(g->w, a[0].node, (int32_t)a[1].number);
    return true;
}

/* ---- the teller ---- */

static bool run_start(struct stage *g, const struct story_arg *a)
{
    (void)g;
    (void)a; /* as every line of this kind does */
    return true;
}

static bool run_mark(struct stage *g, const struct story_arg *a)
{
    (void)a;
    g->mark = world_now(g->w);
    return true;
}

static bool run_say(struct stage *g, const struct story_arg *a)
{
    char text[300] = "";
    size_t used = 0;
    for (; a->given; a++) {
        snprintf(text + used, sizeof text - used, "%s%s", used ? " " : "", a->word);
        used = strlen(text);
    }
    trace_say(g->t, text);
    return true;
}

static bool run_excuse(struct stage *g, const struct story_arg *a)
{
    (void)a;
    witness_excuse_clashes(g->x);
    return true;
}

static bool run_settle(struct stage *g, const struct story_arg *a)
{
    unsigned before = witness_violations(g->x);
    (void)a;
    world_run(g->w, witness_bound(g->x));
    witness_demand_peace(g->x);
    if (witness_violations(g->x) != before)
        return stage_say(g, "there is no peace");
    return true;
}

const struct story_form story_happen[] = {
    {"start", STORY_HAPPEN, run_start},
    {"claim NODE PREFIX", STORY_HAPPEN, run_claim},
    {"release NODE PREFIX", STORY_HAPPEN, run_release},
    {"resolve NODE PREFIX withdraw|ignore", STORY_HAPPEN, run_resolve},
    {"delay NODE NODE TIME [TIME]", STORY_EITHER, run_delay},
    {"clog NODE NODE N", STORY_HAPPEN, run_clog},
    {"slow NODE N", STORY_HAPPEN, run_slow},
    {"cut NODE NODE", STORY_HAPPEN, run_cut},
    {"sever NODE NODE", STORY_HAPPEN, run_sever},
    {"stall NODE NODE", STORY_HAPPEN, run_stall},
    {"heal NODE NODE", STORY_HAPPEN, run_heal},
    {"isolate NODE", STORY_HAPPEN, run_isolate},
    {"rejoin NODE", STORY_HAPPEN, run_rejoin},
    {"crash NODE [silent]", STORY_HAPPEN, run_crash},
    {"boot NODE", STORY_HAPPEN, run_boot},
    {"forget NODE", STORY_HAPPEN, run_forget},
    {"disk NODE good|failing|mute", STORY_HAPPEN, run_disk},
    {"clock NODE TIME", STORY_EITHER, run_clock},
    {"drift NODE INT", STORY_HAPPEN, run_drift},
    {"mark", STORY_HAPPEN, run_mark},
    {"say WORD...", STORY_HAPPEN, run_say},
    {"excuse clashes", STORY_HAPPEN, run_excuse},
    {"settle", STORY_HAPPEN, run_settle},
    {NULL, STORY_HAPPEN, NULL},
};
