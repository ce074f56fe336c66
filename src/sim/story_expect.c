/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must be so in a story.
 *
 * All of it is asked of the witness, nothing of a node: what is on its disk, what its address
 * servers and routers were told, what was said and what arrived. Each also says what is so instead.
 */
#include <stdio.h>
#include <string.h>

#include "sim/story_impl.h"

enum { DEPTH = 8 }; /* of domains below each other */

/* ---- what is held ---- */

/* "holds 228.0.1.0/24 228.0.2.0/24", for the teller. */
static bool say_held(struct stage *g, unsigned n)
{
    char text[300] = "", one[PREFIX_TEXT_MAX];
    size_t used = 0;
    struct prefix p;
    unsigned i;
    for (i = 0; (p = witness_holds(g->x, n, i)).family; i++) {
        snprintf(text + used, sizeof text - used, " %s", prefix_format(p, one));
        used = strlen(text);
    }
    return stage_say(g, "%s holds%s", world_host(g->w, n)->name, i ? text : " nothing");
}

static unsigned held(const struct stage *g, unsigned n)
{
    unsigned i = 0;
    while (witness_holds(g->x, n, i).family)
        i++;
    return i;
}

static bool has(const struct stage *g, unsigned n, struct prefix p)
{
    unsigned i;
    for (i = 0; witness_holds(g->x, n, i).family; i++)
        if (prefix_equal(witness_holds(g->x, n, i), p))
            return true;
    return false;
}

static bool is_something(struct stage *g, const struct story_arg *a)
{
    (void)say_held(g, a[0].node);
    return witness_has(g->x, a[0].node) == (strcmp(a[1].word, "something") == 0);
}

static bool is_held(struct stage *g, const struct story_arg *a)
{
    (void)say_held(g, a[0].node);
    return has(g, a[0].node, a[1].prefix);
}

static bool is_all_held(struct stage *g, const struct story_arg *a)
{
    (void)say_held(g, a[0].node);
    return has(g, a[0].node, a[1].prefix) && held(g, a[0].node) == 1;
}

static bool is_held_within(struct stage *g, const struct story_arg *a)
{
    unsigned i;
    for (i = 0; witness_holds(g->x, a[0].node, i).family; i++)
        if (prefix_covers(a[1].prefix, witness_holds(g->x, a[0].node, i)))
            return true;
    return say_held(g, a[0].node);
}

static bool is_number_held(struct stage *g, const struct story_arg *a)
{
    (void)say_held(g, a[0].node);
    return held(g, a[0].node) == (uint64_t)a[1].number;
}

static bool lies_in(const struct stage *g, struct prefix p, unsigned n)
{
    unsigned i;
    for (i = 0; n && witness_holds(g->x, n, i).family; i++)
        if (prefix_covers(witness_holds(g->x, n, i), p))
            return true;
    return false;
}

static bool is_inside(struct stage *g, const struct story_arg *a)
{
    struct prefix p;
    unsigned i;
    char text[PREFIX_TEXT_MAX];
    for (i = 0; (p = witness_holds(g->x, a[0].node, i)).family; i++)
        if (!lies_in(g, p, a[1].node) && !lies_in(g, p, a[2].node))
            return stage_say(g, "%s holds %s", a[0].word, prefix_format(p, text));
    return i > 0 || say_held(g, a[0].node);
}

static bool is_usable(struct stage *g, const struct story_arg *a)
{
    (void)say_held(g, a[0].node);
    return witness_usable(g->x, a[0].node, a[1].prefix);
}

static bool is_routed(struct stage *g, const struct story_arg *a)
{
    (void)say_held(g, a[0].node);
    return witness_routed(g->x, a[0].node, a[1].prefix);
}

/* ---- overlaps ---- */

/* Whether the domain `below` has `above` as parent, or as a parent's parent ...: by the
 * configurations, of which each that takes a step down has one step less left. */
static bool is_above(const struct stage *g, u128 above, u128 below, unsigned left)
{
    unsigned n, i;
    for (n = 1; left && n <= world_nodes(g->w); n++) {
        const struct masc_config *c = world_config(g->w, n);
        for (i = 0; c->domain == below && i < c->peers; i++)
            if (c->peer[i].role == MASC_CHILD &&
                (c->peer[i].domain == above || is_above(g, above, c->peer[i].domain, left - 1)))
                return true;
    }
    return false;
}

/* Their domains hold space side by side: it does not nest. */
static bool are_apart(const struct stage *g, unsigned a, unsigned b)
{
    u128 da = world_config(g->w, a)->domain, db = world_config(g->w, b)->domain;
    return da != db && !is_above(g, da, db, DEPTH) && !is_above(g, db, da, DEPTH);
}

static bool overlap(struct stage *g, unsigned a, unsigned b)
{
    struct prefix p[2];
    unsigned i, k;
    char text[PREFIX_TEXT_MAX];
    for (i = 0; (p[0] = witness_holds(g->x, a, i)).family; i++)
        for (k = 0; (p[1] = witness_holds(g->x, b, k)).family; k++)
            if (prefix_overlaps(p[0], p[1]) && are_apart(g, a, b))
                return !stage_say(g, "%s and %s hold %s", world_host(g->w, a)->name,
                                  world_host(g->w, b)->name,
                                  prefix_format(prefix_common(p[0], p[1]), text));
    return false;
}

static bool is_disjoint(struct stage *g, const struct story_arg *a)
{
    unsigned n = world_nodes(g->w), i, k;
    (void)a;
    for (i = 1; i <= n; i++)
        for (k = i + 1; k <= n; k++)
            if (overlap(g, i, k))
                return false;
    return true;
}

/* ---- what was said ---- */

static bool compare(struct stage *g, unsigned n, const struct story_arg *cmp)
{
    int64_t is = n, must = cmp[1].number;
    (void)stage_say(g, "it is %u", n);
    if (*cmp->word == '>')
        return is >= must;
    return *cmp->word == '<' ? is <= must : is == must;
}

static bool is_sent(struct stage *g, const struct story_arg *a)
{
    return compare(g,
                   witness_sent(g->x, (struct match){.types = (unsigned)a[0].number,
                                                     .from = a[1].node, .to = a[2].node,
                                                     .domain = a[3].id, .prefix = a[4].prefix,
                                                     .within = a[5].prefix, .since = g->mark}),
                   &a[6]);
}

/* Hints have address 0, which is in no space (11.5). */
static bool is_hinted(struct stage *g, const struct story_arg *a)
{
    struct match m = {.types = T(NEW_CLAIM), .from = a[0].node, .to = a[1].node, .since = g->mark};
    const struct sent *s;
    unsigned at = 0, n = 0;
    while ((s = witness_next(g->x, m, &at)))
        n += prefix_is_hint(s->a.prefix);
    return compare(g, n, &a[2]);
}

static bool is_logged(struct stage *g, const struct story_arg *a)
{
    return compare(g, witness_logged(g->x, a[1].node, a[0].word, g->mark), &a[2]);
}

static bool is_notified(struct stage *g, const struct story_arg *a)
{
    return compare(g, witness_notified(g->x, (uint8_t)a[0].number, (uint8_t)a[1].number), &a[2]);
}

static bool is_known(struct stage *g, const struct story_arg *a)
{
    unsigned type = 0;
    (void)stage_say(g, "%s does not", a[0].word);
    while (type < MASC_TYPES && a[1].number != 1 << type)
        type++;
    if (type == MASC_TYPES)
        return stage_say(g, "one type of UPDATE must be named");
    return witness_knows(g->x, a[0].node, a[3].id, (enum masc_type)type, a[2].prefix);
}

static bool is_connected(struct stage *g, const struct story_arg *a)
{
    (void)stage_say(g, "they have no session");
    return witness_session(g->x, a[0].node, a[1].node);
}

/* ---- all of it ---- */

static bool no_complaints(struct stage *g, const struct story_arg *a)
{
    (void)a;
    return witness_complaints(g->x) == 0 || stage_say(g, "somebody complained");
}

static bool no_violations(struct stage *g, const struct story_arg *a)
{
    (void)a;
    witness_look(g->x);
    return witness_violations(g->x) == 0 || stage_say(g, "an invariant is violated");
}

static bool all_known(struct stage *g, const struct story_arg *a)
{
    (void)a;
    return witness_unknown(g->x) == 0 || stage_say(g, "somebody does not know what it must");
}

const struct story_form story_expect[] = {
    {"NODE holds nothing|something", STORY_EXPECT, is_something},
    {"NODE holds PREFIX", STORY_EXPECT, is_held},
    {"NODE holds only PREFIX", STORY_EXPECT, is_all_held},
    {"NODE holds within PREFIX", STORY_EXPECT, is_held_within},
    {"NODE holds N prefixes", STORY_EXPECT, is_number_held},
    {"NODE inside NODE [or NODE]", STORY_EXPECT, is_inside},
    {"NODE usable PREFIX", STORY_EXPECT, is_usable},
    {"NODE routed PREFIX", STORY_EXPECT, is_routed},
    {"NODE knows TYPE PREFIX of ID", STORY_EXPECT, is_known},
    {"NODE connected NODE", STORY_EXPECT, is_connected},
    {"sent TYPE [by NODE] [to NODE] [of ID] [prefix PREFIX] [within PREFIX] CMP N", STORY_EXPECT,
     is_sent},
    {"hints [by NODE] [to NODE] CMP N", STORY_EXPECT, is_hinted},
    {"logged WORD [by NODE] CMP N", STORY_EXPECT, is_logged},
    {"notified N N CMP N", STORY_EXPECT, is_notified},
    {"no overlap", STORY_EXPECT, is_disjoint},
    {"no complaints", STORY_EXPECT, no_complaints},
    {"no violations", STORY_EXPECT, no_violations},
    {"everybody knows", STORY_EXPECT, all_known},
    {NULL, STORY_EXPECT, NULL},
};
