/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * build: who there is in a world, and who knows whom.
 *
 * The address of node n is 10.0.0.0 + n, and so is its Node Identifier. Configurations are small,
 * so that a world of many nodes is made and forgotten quickly; each is checked at boot.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/world_impl.h"

enum { PEERS_MAX = 24, DISK_MS = 5, ADDRESS_BASE = 0x0A000000 };

struct addr world_address(unsigned n)
{
    return (struct addr){.addr = (u128)ADDRESS_BASE | n, .family = FAMILY_IPV4};
}

unsigned world_of_address(const struct world *w, struct addr a)
{
    uint64_t n = (uint64_t)a.addr ^ ADDRESS_BASE;
    return n >= 1 && n <= w->hosts ? (unsigned)n : 0;
}

void world_rfc_times(struct world *w, uint16_t hold_s)
{
    w->rfc_times = true;
    w->hold_s = hold_s;
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

static void small(struct masc_config *c)
{
    c->ipv6 = false;
    c->claims_max = 2048;
    c->per_origin_max = 512;
    c->origins_max = 256;
    c->unassociated_max = 128;
    c->own_max = 32;
    c->soft_threshold = 0;
    c->start_backoff_max_s = 600;
}

static struct node_config *make_config(unsigned peers_max)
{
    struct node_config *c = calloc(1, node_config_octets(peers_max));
    if (!c)
        abort();
    return c;
}

static void make_place(struct world *w)
{
    size_t max = w->hosts_max;
    w->host = world_grow(w->host, w->hosts, &max, sizeof *w->host);
    if (max != w->hosts_max) {
        w->inside = realloc(w->inside, max * sizeof *w->inside);
        if (!w->inside)
            abort();
    }
    w->hosts_max = (unsigned)max;
}

static void configure(struct world *w, unsigned n, u128 domain, unsigned peers_max)
{
    struct host *h = w->host[n];
    struct masc_config *c;
    h->cfg = make_config(peers_max);
    h->spare = make_config(peers_max);
    snprintf(h->cfg->name, sizeof h->cfg->name, "%s", h->name);
    c = &h->cfg->masc;
    masc_config_defaults(c);
    small(c);
    c->domain = domain;
    c->node = world_address(n).addr;
    c->peers_max = (uint16_t)peers_max;
    if (!w->rfc_times)
        short_times(c);
}

unsigned world_node_wide(struct world *w, const char *name, u128 domain, unsigned peers_max)
{
    unsigned n = w->hosts ? w->hosts + 1 : 1;
    struct host *h = calloc(1, sizeof *h);
    w->hosts = n;
    make_place(w);
    if (!h)
        abort();
    w->host[n] = h;
    w->inside[n] = (struct inside){.mono_base = 1000000, .moment = -1};
    *h = (struct host){.number = n, .peers_max = peers_max, .due = MONO_NEVER, .alarm = INT64_MAX,
                       .disk = {.latency_ms = DISK_MS}};
    snprintf(h->name, sizeof h->name, "%s", name);
    configure(w, n, domain, peers_max);
    return n;
}

unsigned world_node(struct world *w, const char *name, u128 domain)
{
    return world_node_wide(w, name, domain, PEERS_MAX);
}

unsigned world_nodes(const struct world *w)
{
    return w->hosts;
}

unsigned world_named(const struct world *w, const char *name)
{
    unsigned n;
    for (n = 1; n <= w->hosts; n++)
        if (strcmp(w->host[n]->name, name) == 0)
            return n;
    return 0;
}

struct host *world_at(struct world *w, unsigned n)
{
    return w->host[n];
}

const struct host *world_host(const struct world *w, unsigned n)
{
    return w->host[n];
}

struct masc_config *world_config(struct world *w, unsigned n)
{
    return &w->host[n]->cfg->masc;
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
    struct masc_config *c = world_config(w, n);
    c->tld = true;
    c->range[c->ranges++] = (struct masc_range){.prefix = prefix_of(range)};
}

void world_demand(struct world *w, unsigned n, uint64_t addresses)
{
    struct masc_config *c = world_config(w, n);
    c->demand[c->demands++] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = addresses, .lifetime_s = c->lifetime_s};
}

static void add_peer(struct world *w, unsigned n, unsigned other, enum masc_role role, u128 parent)
{
    struct masc_config *c = world_config(w, n);
    struct masc_peer_config *p = &c->peer[c->peers++];
    if (c->peers > w->host[n]->peers_max)
        abort();
    masc_peer_defaults(p);
    if (parent)
        snprintf(p->name, sizeof p->name, "%s/%u", w->host[other]->name, (unsigned)parent);
    else
        snprintf(p->name, sizeof p->name, "%s", w->host[other]->name);
    p->role = role;
    p->addr = world_address(other);
    p->domain = world_config(w, other)->domain;
    p->node = world_config(w, other)->node;
    p->parent = parent;
    p->hold_time_s = w->rfc_times ? w->hold_s : 12;
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

static struct masc_peer_config *peering(const struct world *w, unsigned n, unsigned other)
{
    struct masc_config *c = &w->host[n]->cfg->masc;
    unsigned i;
    for (i = 0; i < c->peers; i++)
        if (c->peer[i].addr.addr == world_address(other).addr)
            return &c->peer[i];
    return NULL;
}

struct masc_peer_config *world_peering(const struct world *w, unsigned n, unsigned other)
{
    struct masc_peer_config *p = peering(w, n, other);
    if (!p)
        abort();
    return p;
}

bool world_linked(const struct world *w, unsigned a, unsigned b)
{
    return peering(w, a, b) != NULL;
}

/* ---- links ---- */

uint32_t link_between(struct world *w, unsigned from, unsigned to)
{
    struct host *h = w->host[from];
    size_t max = h->links_max;
    uint32_t i, id;
    for (i = 0; i < h->links; i++)
        if (w->link[h->link[i]].to == to)
            return h->link[i];
    id = (uint32_t)w->links++;
    w->link = world_grow(w->link, id, &w->links_max, sizeof *w->link);
    w->link[id] = (struct link){.from = from, .to = to, .min_ms = 1, .max_ms = 20};
    if (h->links == h->links_max) {
        max = max ? max * 2 : 4;
        h->link = realloc(h->link, max * sizeof *h->link);
        if (!h->link)
            abort();
    }
    h->links_max = (uint32_t)max;
    h->link[h->links++] = id;
    return id;
}

void world_delay(struct world *w, unsigned a, unsigned b, int64_t min_ms, int64_t max_ms)
{
    uint32_t id[2] = {link_between(w, a, b), link_between(w, b, a)};
    unsigned i;
    for (i = 0; i < 2; i++) {
        w->link[id[i]].min_ms = min_ms;
        w->link[id[i]].max_ms = max_ms;
    }
}
