/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who there is in a story, who knows whom, and how each is configured.
 *
 * Most of it may also be said later: then a copy of the configuration is changed and handed to the
 * running node, as an operator would (12.5 is a story of that).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/story_impl.h"

/* ---- the world ---- */

static bool run_seed(struct stage *g, const struct story_arg *a)
{
    if (g->w)
        return stage_say(g, "the seed must come before the first node");
    g->seed = (uint64_t)a[0].number;
    return true;
}

static bool run_times(struct stage *g, const struct story_arg *a)
{
    if (g->w)
        return stage_say(g, "the times must come before the first node");
    g->rfc_times = strcmp(a[0].word, "rfc") == 0;
    if (a[1].given)
        g->hold_s = (uint16_t)(a[1].number / SECOND);
    else if (g->rfc_times)
        g->hold_s = MASC_HOLDTIME_S;
    if (a[1].given && !g->rfc_times)
        return stage_say(g, "only the times of the RFC have a choice of Hold Time");
    return true;
}

static bool run_trace(struct stage *g, const struct story_arg *a)
{
    (void)g;
    (void)a; /* the parser knows it */
    return true;
}

static bool run_node(struct stage *g, const struct story_arg *a)
{
    if (!g->w) {
        g->w = world_new(g->seed);
        if (g->rfc_times)
            world_rfc_times(g->w, g->hold_s);
    }
    (void)world_node(g->w, a[0].word, (u128)a[1].number);
    return true;
}

static bool run_tld(struct stage *g, const struct story_arg *a)
{
    world_tld(g->w, a[0].node, a[1].word);
    world_config(g->w, a[0].node)->sole_tld = a[2].given;
    return true;
}

/* ---- peerings ---- */

static bool add_peer(struct stage *g, const unsigned node[2], enum masc_role role, u128 parent)
{
    struct masc_config *c = stage_edit(g, node[0]);
    const struct masc_config *other = world_config(g->w, node[1]);
    struct masc_peer_config *p = &c->peer[c->peers];
    if (c->peers == c->peers_max)
        return stage_say(g, "no more than %u peerings", c->peers_max);
    c->peers++;
    masc_peer_defaults(p);
    snprintf(p->name, sizeof p->name, "%s", world_host(g->w, node[1])->name);
    if (parent)
        snprintf(p->name, sizeof p->name, "%s/%u", world_host(g->w, node[1])->name,
                 (unsigned)parent);
    p->role = role;
    p->addr = world_address(node[1]);
    p->domain = other->domain;
    p->node = other->node;
    p->parent = parent;
    p->hold_time_s = g->hold_s;
    return stage_apply(g, node[0]);
}

static bool add_both(struct stage *g, const struct story_arg *a, enum masc_role role, u128 parent)
{
    unsigned there[2] = {a[0].node, a[1].node}, back[2] = {a[1].node, a[0].node};
    enum masc_role other = role == MASC_CHILD ? MASC_PARENT : role;
    return add_peer(g, there, role, parent) && add_peer(g, back, other, parent);
}

static bool run_parent(struct stage *g, const struct story_arg *a)
{
    return add_both(g, a, MASC_CHILD, 0);
}

static bool run_siblings(struct stage *g, const struct story_arg *a)
{
    return add_both(g, a, MASC_SIBLING, a[2].given ? a[2].id : 0);
}

static bool run_internal(struct stage *g, const struct story_arg *a)
{
    return add_both(g, a, MASC_INTERNAL, 0);
}

static struct masc_peer_config *peering(struct stage *g, struct masc_config *c, unsigned other)
{
    unsigned i;
    for (i = 0; i < c->peers; i++)
        if (c->peer[i].addr.addr == world_address(other).addr)
            return &c->peer[i];
    (void)stage_say(g, "there is no such peering");
    return NULL;
}

static bool drop_peer(struct stage *g, unsigned n, unsigned other)
{
    struct masc_config *c = stage_edit(g, n);
    struct masc_peer_config *p = peering(g, c, other);
    if (!p)
        return false;
    c->peers--;
    memmove(p, p + 1, (size_t)(&c->peer[c->peers] - p) * sizeof *p);
    return stage_apply(g, n);
}

static bool run_part(struct stage *g, const struct story_arg *a)
{
    return drop_peer(g, a[0].node, a[1].node) && drop_peer(g, a[1].node, a[0].node);
}

static bool run_peer(struct stage *g, const struct story_arg *a)
{
    struct masc_config *c = stage_edit(g, a[0].node);
    struct masc_peer_config *p = peering(g, c, a[1].node);
    bool yes = strcmp(a[3].word, "yes") == 0;
    if (!p)
        return false;
    if (strcmp(a[2].word, "defend-only") == 0)
        p->defend_only = yes;
    else if (strcmp(a[2].word, "unrouted") == 0)
        p->unrouted = yes;
    else
        p->trust_own = yes;
    return stage_apply(g, a[0].node);
}

/* ---- scopes ---- */

static unsigned scope_of(const struct masc_config *c, const char *name)
{
    unsigned i;
    for (i = 0; i < c->scopes; i++)
        if (strcmp(c->scope[i].name, name) == 0)
            return i + 1;
    return 0;
}

static bool run_scope(struct stage *g, const struct story_arg *a)
{
    const struct story_arg *who;
    for (who = &a[2]; who < &a[STORY_ARGS] && who->given; who++) {
        struct masc_config *c = world_config(g->w, who->node);
        struct masc_scope *s = &c->scope[c->scopes];
        if (c->scopes == MASC_SCOPES_MAX)
            return stage_say(g, "no more than %d scopes", MASC_SCOPES_MAX);
        c->scopes++;
        *s = (struct masc_scope){.prefix = a[1].prefix};
        snprintf(s->name, sizeof s->name, "%s", a[0].word);
    }
    return true;
}

static bool run_zone_tld(struct stage *g, const struct story_arg *a)
{
    struct masc_config *c = world_config(g->w, a[0].node);
    unsigned scope = scope_of(c, a[1].word);
    if (!scope)
        return stage_say(g, "%s is not in a scope of that name", a[0].word);
    if (c->ranges == MASC_RANGES_MAX)
        return stage_say(g, "no more than %d ranges", MASC_RANGES_MAX);
    c->scope[scope - 1].zone_tld = true;
    c->range[c->ranges++] = (struct masc_range){.prefix = a[2].prefix, .scope = (uint8_t)scope};
    c->sole_tld = c->sole_tld || a[3].given;
    return true;
}

static bool run_boundary(struct stage *g, const struct story_arg *a)
{
    struct masc_config *c = stage_edit(g, a[1].node);
    struct masc_peer_config *p = peering(g, c, a[2].node);
    unsigned scope = scope_of(c, a[0].word);
    if (!p)
        return false;
    if (!scope)
        return stage_say(g, "%s is not in a scope of that name", a[1].word);
    p->boundary |= 1u << (scope - 1);
    return stage_apply(g, a[1].node);
}

/* ---- what is wanted, and other settings ---- */

static void drop_demand(struct masc_config *c, unsigned i)
{
    c->demands--;
    memmove(&c->demand[i], &c->demand[i + 1], (c->demands - i) * sizeof c->demand[0]);
}

static bool run_demand(struct stage *g, const struct story_arg *a)
{
    struct masc_config *c = stage_edit(g, a[0].node);
    unsigned scope = a[2].given ? scope_of(c, a[2].word) : 0, i = 0;
    if (a[2].given && !scope)
        return stage_say(g, "%s is not in a scope of that name", a[0].word);
    while (i < c->demands && c->demand[i].scope != scope)
        i++;
    if (a[1].number == 0 && i < c->demands)
        drop_demand(c, i);
    if (a[1].number == 0)
        return stage_apply(g, a[0].node);
    if (i == MASC_DEMANDS_MAX)
        return stage_say(g, "no more than %d demands", MASC_DEMANDS_MAX);
    if (i == c->demands)
        c->demands++;
    c->demand[i] = (struct masc_demand){.scope = (uint8_t)scope, .family = FAMILY_IPV4,
                                        .addresses = (uint64_t)a[1].number,
                                        .lifetime_s = c->lifetime_s};
    return stage_apply(g, a[0].node);
}

static bool run_set_time(struct stage *g, const struct story_arg *a)
{
    struct masc_config *c = stage_edit(g, a[0].node);
    const struct { const char *name; uint32_t *at; } setting[] = {
        {"lifetime", &c->lifetime_s}, {"lifetime-max", &c->lifetime_max_s},
        {"wait", &c->waiting_period_s}, {"delay", &c->claim_delay_s},
        {"retention", &c->retention_s}, {"skew", &c->timestamp_skew_s},
    };
    unsigned i;
    for (i = 0; i < sizeof setting / sizeof setting[0]; i++)
        if (strcmp(a[1].word, setting[i].name) == 0)
            *setting[i].at = (uint32_t)(a[2].number / SECOND);
    for (i = 0; i < c->demands; i++)
        c->demand[i].lifetime_s = c->lifetime_s;
    return stage_apply(g, a[0].node);
}

static bool run_set_number(struct stage *g, const struct story_arg *a)
{
    struct masc_config *c = stage_edit(g, a[0].node);
    if (strcmp(a[1].word, "claim-min") == 0)
        c->claim_min = (uint64_t)a[2].number;
    else if (strcmp(a[1].word, "hard-threshold") == 0)
        c->hard_threshold = (uint64_t)a[2].number;
    else
        c->prefixes_max = (uint8_t)a[2].number;
    return stage_apply(g, a[0].node);
}

static bool run_set_clash(struct stage *g, const struct story_arg *a)
{
    stage_edit(g, a[0].node)->clash =
        strcmp(a[1].word, "manual") == 0 ? MASC_CLASH_MANUAL : MASC_CLASH_AUTOMATIC;
    return stage_apply(g, a[0].node);
}

const struct story_form story_who[] = {
    {"seed N", STORY_WHO, run_seed},
    {"times short|rfc [TIME]", STORY_WHO, run_times},
    {"trace quiet|normal|all", STORY_WHO, run_trace},
    {"node NAME domain N", STORY_WHO, run_node},
    {"tld NODE PREFIX [sole]", STORY_WHO, run_tld},
    {"parent NODE NODE", STORY_EITHER, run_parent},
    {"siblings NODE NODE [under ID]", STORY_EITHER, run_siblings},
    {"internal NODE NODE", STORY_EITHER, run_internal},
    {"part NODE NODE", STORY_EITHER, run_part},
    {"peer NODE NODE defend-only|unrouted|trust-own yes|no", STORY_EITHER, run_peer},
    {"scope WORD PREFIX NODE...", STORY_WHO, run_scope},
    {"zone-tld NODE WORD PREFIX [sole]", STORY_WHO, run_zone_tld},
    {"boundary WORD NODE NODE", STORY_EITHER, run_boundary},
    {"demand NODE N [in WORD]", STORY_EITHER, run_demand},
    {"set NODE lifetime|lifetime-max|wait|delay|retention|skew TIME", STORY_EITHER, run_set_time},
    {"set NODE claim-min|hard-threshold|prefixes N", STORY_EITHER, run_set_number},
    {"set NODE clash automatic|manual", STORY_EITHER, run_set_clash},
    {NULL, STORY_WHO, NULL},
};
