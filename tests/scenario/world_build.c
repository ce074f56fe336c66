/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world_build: who there is in a world, and who knows whom.
 *
 * The address and Node Identifier of node n are 10.0.0.n. Configurations are small, so that a world
 * of many nodes is made and forgotten quickly; each is checked by masc_config_check() at boot.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/world_impl.h"

struct world *world_new(uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    unsigned a, b;
    if (!w)
        abort();
    w->rng = prng_init(seed);
    w->checked = -1;
    for (a = 0; a < WORLD_NODES; a++)
        for (b = 0; b < WORLD_NODES; b++)
            w->link[a][b] = (struct link){.min_ms = 1, .max_ms = 20};
    w->seen_max = 4096;
    w->seen = calloc(w->seen_max, sizeof *w->seen);
    out_init(&w->out, malloc(OUT_ACTIONS * sizeof(struct action)), OUT_ACTIONS, malloc(OUT_BYTES),
             OUT_BYTES);
    return w;
}

void world_end(struct world *w)
{
    size_t i;
    unsigned n;
    check_world(w);
    EXPECT_UEQ(w->violations, 0);
    for (i = 0; i < w->fates; i++)
        free(w->fate[i].bytes);
    for (i = 0; i < w->held_n; i++)
        free(w->held[i].bytes);
    for (n = 1; n <= w->nodes; n++) {
        free(w->node[n].m);
        free(w->node[n].cfg);
        free(w->node[n].spare);
        free(w->node[n].committed);
    }
    free(w->fate);
    free(w->held);
    free(w->pipe);
    free(w->sent);
    free(w->logged);
    free(w->seen);
    free(w->out.action);
    free(w->out.buf);
    free(w);
}

void world_rfc_times(struct world *w)
{
    w->rfc_times = true;
}

static void short_times(struct masc_config *c)
{
    c->waiting_period_s = 120;
    c->claim_delay_s = 6;
    c->lifetime_s = 1800;
    c->retention_s = 240;
    c->connect_retry_s = 3;
    c->start_backoff_s = 2;
    c->start_backoff_max_s = 4;
}

unsigned world_node(struct world *w, const char *name, u128 domain)
{
    unsigned n = ++w->nodes;
    struct node *x = &w->node[n];
    struct masc_config *c = calloc(1, sizeof *c);
    if (n >= WORLD_NODES || !c)
        abort();
    snprintf(x->name, sizeof x->name, "%s", name);
    masc_config_defaults(c);
    c->domain = domain;
    c->node = 0x0A000000u | n;
    c->ipv6 = false;
    c->claims_max = 2048;
    c->per_origin_max = 512;
    c->origins_max = 256;
    c->unassociated_max = 128;
    c->peers_max = 24;
    c->own_max = 32;
    c->soft_threshold = 0;
    c->start_backoff_max_s = 600;
    if (!w->rfc_times)
        short_times(c);
    x->cfg = c;
    x->spare = calloc(1, sizeof *c);
    if (!x->spare)
        abort();
    x->due = MONO_NEVER;
    return n;
}

unsigned world_named(const struct world *w, const char *name)
{
    unsigned n;
    for (n = 1; n <= w->nodes; n++)
        if (strcmp(w->node[n].name, name) == 0)
            return n;
    abort();
}

struct node *world_at(struct world *w, unsigned n)
{
    return &w->node[n];
}

struct masc_config *world_config(struct world *w, unsigned n)
{
    return w->node[n].cfg;
}

struct prefix prefix_of(const char *text)
{
    struct prefix p;
    if (!prefix_parse(&p, text))
        abort();
    return p;
}

void world_tld(struct world *w, unsigned n, const char *range)
{
    struct masc_config *c = w->node[n].cfg;
    c->tld = true;
    c->range[c->ranges++] = (struct masc_range){.prefix = prefix_of(range)};
}

void world_demand(struct world *w, unsigned n, uint64_t addresses)
{
    struct masc_config *c = w->node[n].cfg;
    c->demand[c->demands++] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = addresses, .lifetime_s = c->lifetime_s};
}

static void add_peer(struct world *w, unsigned n, unsigned other, enum masc_role role, u128 parent)
{
    struct masc_config *c = w->node[n].cfg;
    struct masc_peer_config *p = &c->peer[c->peers++];
    masc_peer_defaults(p);
    if (parent)
        snprintf(p->name, sizeof p->name, "%s/%u", w->node[other].name, (unsigned)parent);
    else
        snprintf(p->name, sizeof p->name, "%s", w->node[other].name);
    p->role = role;
    p->addr = (struct addr){.addr = 0x0A000000u | other, .family = FAMILY_IPV4};
    p->domain = w->node[other].cfg->domain;
    p->node = 0x0A000000u | other;
    p->parent = parent;
    p->hold_time_s = w->rfc_times ? 1800 : 12;
}

void world_parent(struct world *w, unsigned child, unsigned parent)
{
    add_peer(w, child, parent, MASC_CHILD, 0);
    add_peer(w, parent, child, MASC_PARENT, 0);
}

void world_siblings(struct world *w, unsigned a, unsigned b, u128 parent)
{
    add_peer(w, a, b, MASC_SIBLING, parent);
    add_peer(w, b, a, MASC_SIBLING, parent);
}

void world_internal(struct world *w, unsigned a, unsigned b)
{
    add_peer(w, a, b, MASC_INTERNAL, 0);
    add_peer(w, b, a, MASC_INTERNAL, 0);
}

struct masc_peer_config *world_peering(struct world *w, unsigned n, unsigned other)
{
    struct masc_config *c = w->node[n].cfg;
    unsigned i;
    for (i = 0; i < c->peers; i++)
        if (c->peer[i].addr.addr == (0x0A000000u | other))
            return &c->peer[i];
    abort();
}
