/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places of a plot: domains above and below each other, their nodes, and who knows whom.
 *
 * One to four top-level domains, two or three levels, children of one or several parents, siblings
 * that know each other all, in a chain or not at all, one to three nodes to a domain; sometimes a
 * zone of administrative scope (4.5), a liar, or two nodes with one identifier.
 */
#include "sim/plot.h"

enum { TOPS_MAX = 4, NODES_EACH_MAX = 3, LEVELS_MAX = 3, FIRST_CHILD_NUMBER = 11 };

static void join(struct plot_maker *m, unsigned a, unsigned b, struct plot_link how)
{
    struct plot *p = m->p;
    unsigned i;
    for (i = 0; i < p->links; i++)
        if (((p->link[i].a == a && p->link[i].b == b) ||
             (p->link[i].a == b && p->link[i].b == a)) &&
            (how.tie != TIE_SIBLING || p->link[i].tie != TIE_SIBLING ||
             p->link[i].parent == how.parent))
            return;
    if (p->links == PLOT_LINKS_MAX || a == b)
        return;
    how.a = a;
    how.b = b;
    how.min_ms = (uint16_t)(1 + plot_below(m, plot_below(m, 8) ? 20 : 400));
    how.max_ms = (uint16_t)(how.min_ms + plot_below(m, plot_below(m, 8) ? 20 : 600));
    p->link[p->links++] = how;
}

/* ---- domains and their nodes ---- */

static void name_node(char name[WORLD_NAME_MAX], const struct plot_domain *d, unsigned i)
{
    unsigned number = d->top ? d->number : d->number - (FIRST_CHILD_NUMBER - 1);
    snprintf(name, WORLD_NAME_MAX, "%c%u%c", d->top ? 'T' : 'D', number, (char)('a' + i));
}

/* Internal peers know each other all (4.1). */
static void add_nodes(struct plot_maker *m, unsigned domain, unsigned nodes)
{
    struct plot *p = m->p;
    struct plot_domain *d = &p->domain[domain];
    unsigned i, j;
    d->first = p->nodes + 1;
    d->nodes = nodes;
    for (i = 0; i < nodes; i++) {
        struct plot_node *n = &p->node[++p->nodes];
        *n = (struct plot_node){.domain = domain};
        name_node(n->name, d, i);
        for (j = 0; j < i; j++)
            join(m, d->first + j, p->nodes, (struct plot_link){.tie = TIE_INTERNAL});
    }
}

/* Of those that may still come; top-level domains leave room for a child. */
static unsigned how_many_nodes(struct plot_maker *m, bool top)
{
    unsigned used = m->p->nodes + (top ? 1 : 0), left = 1;
    unsigned n = plot_below(m, top ? 4 : 2) ? 1 : 2 + plot_below(m, NODES_EACH_MAX - 1);
    if (m->p->nodes_max > used + 1)
        left = m->p->nodes_max - used;
    return n < left ? n : left;
}

static unsigned any_node(struct plot_maker *m, unsigned domain)
{
    const struct plot_domain *d = &m->p->domain[domain];
    return d->first + plot_below(m, d->nodes);
}

static bool is_child_of(const struct plot *p, unsigned node, unsigned parent)
{
    unsigned i;
    for (i = 0; i < p->links; i++)
        if (p->link[i].tie == TIE_PARENT && p->link[i].a == node &&
            p->node[p->link[i].b].domain == parent)
            return true;
    return false;
}

/* That may have sessions with siblings: it knows the parent itself. `parent` is 0 at the top. */
static unsigned any_sibling(struct plot_maker *m, unsigned domain, unsigned parent)
{
    unsigned n = any_node(m, domain);
    return !parent || is_child_of(m->p, n, parent - 1) ? n : m->p->domain[domain].first;
}

/* How `n` siblings know each other. */
enum mesh { MESH_NONE, MESH_CHAIN, MESH_FULL };

static void join_siblings(struct plot_maker *m, unsigned a, unsigned b, unsigned parent)
{
    unsigned x = any_sibling(m, a, parent), y = any_sibling(m, b, parent);
    join(m, x, y, (struct plot_link){.tie = TIE_SIBLING, .parent = parent});
}

static void mesh(struct plot_maker *m, const unsigned *domain, unsigned n, unsigned parent,
                 enum mesh how)
{
    unsigned i, j;
    if (how == MESH_NONE)
        return;
    for (i = 0; i < n; i++)
        for (j = i + 1; j < n; j++)
            if (how == MESH_FULL || j == i + 1)
                join_siblings(m, domain[i], domain[j], parent);
}

/* Top-level domains are joined in one piece, since nobody above tells them of each other. */
static void add_tops(struct plot_maker *m)
{
    struct plot *p = m->p;
    unsigned i, tops = 1 + plot_below(m, TOPS_MAX), place[TOPS_MAX];
    if (tops > p->nodes_max / 3)
        tops = 1;
    for (i = 0; i < tops; i++) {
        place[i] = p->domains++;
        p->domain[place[i]] = (struct plot_domain){.number = i + 1, .top = true};
        add_nodes(m, place[i], how_many_nodes(m, true));
    }
    mesh(m, place, tops, 0, plot_below(m, 2) ? MESH_FULL : MESH_CHAIN);
}

/* The first node always knows the parent. */
static void add_parent(struct plot_maker *m, unsigned domain, unsigned parent)
{
    struct plot_domain *d = &m->p->domain[domain];
    unsigned i;
    for (i = 0; i < d->parents; i++)
        if (d->parent[i] == parent)
            return;
    d->parent[d->parents++] = parent;
    if (m->p->domain[parent].depth >= d->depth)
        d->depth = m->p->domain[parent].depth + 1;
    for (i = 0; i < d->nodes; i++)
        if (i == 0 || plot_below(m, 2))
            join(m, d->first + i, any_node(m, parent), (struct plot_link){.tie = TIE_PARENT});
}

static unsigned any_parent(struct plot_maker *m, unsigned levels)
{
    unsigned d;
    do
        d = plot_below(m, m->p->domains);
    while (m->p->domain[d].depth + 2 > levels);
    return d;
}

static unsigned add_child(struct plot_maker *m, unsigned levels, unsigned nodes)
{
    struct plot *p = m->p;
    unsigned place = p->domains, parent = any_parent(m, levels), other = any_parent(m, levels);
    p->domain[place] = (struct plot_domain){.number = FIRST_CHILD_NUMBER + place};
    p->domains++;
    add_nodes(m, place, nodes);
    add_parent(m, place, parent);
    if (plot_below(m, 4) == 0 && other != place && !plot_is_related(p, other, parent))
        add_parent(m, place, other);
    return place;
}

static void mesh_children(struct plot_maker *m, unsigned parent)
{
    unsigned place[PLOT_DOMAINS_MAX], n = 0, i, j;
    for (i = 0; i < m->p->domains; i++)
        for (j = 0; j < m->p->domain[i].parents; j++)
            if (m->p->domain[i].parent[j] == parent)
                place[n++] = i;
    mesh(m, place, n, parent + 1, (enum mesh)plot_below(m, MESH_FULL + 1));
}

/* ---- zones, liars, twins ---- */

/* A domain below the top and what is below it alone. */
static void add_zone(struct plot_maker *m)
{
    struct plot *p = m->p;
    unsigned i, j, head = plot_below(m, p->domains);
    if (p->domain[head].top)
        return;
    p->domain[head].zone_tld = p->domain[head].in_zone = true;
    for (i = head + 1; i < p->domains; i++) {
        bool in = p->domain[i].parents > 0;
        for (j = 0; j < p->domain[i].parents; j++)
            in &= p->domain[p->domain[i].parent[j]].in_zone;
        p->domain[i].in_zone = in;
    }
}

static void become_liar(struct plot_maker *m, unsigned node)
{
    m->p->node[node].lies = true;
    m->p->node[node].liar = (enum liar_kind)plot_below(m, LIAR_KINDS);
}

/* A child, and maybe a sibling; a top-level domain; an internal peer. */
static void add_liar(struct plot_maker *m, unsigned levels)
{
    struct plot *p = m->p;
    unsigned place, i, kind = plot_below(m, 10);
    if (kind < 7) {
        place = add_child(m, levels, 1);
        for (i = 0; i < place; i++)
            if (p->domain[i].parents && p->domain[i].parent[0] == p->domain[place].parent[0] &&
                plot_below(m, 2))
                join(m, p->domain[i].first, p->domain[place].first,
                     (struct plot_link){.tie = TIE_SIBLING,
                                        .parent = p->domain[place].parent[0] + 1});
    } else if (kind < 9) {
        place = p->domains++;
        p->domain[place] = (struct plot_domain){.number = place + 1, .top = true};
        add_nodes(m, place, 1);
        join(m, p->domain[0].first, p->nodes, (struct plot_link){.tie = TIE_SIBLING});
    } else {
        struct plot_domain *last = &p->domain[p->domains - 1];
        p->node[++p->nodes] = (struct plot_node){.domain = p->domains - 1};
        name_node(p->node[p->nodes].name, last, last->nodes++);
        join(m, last->first, p->nodes, (struct plot_link){.tie = TIE_INTERNAL});
    }
    become_liar(m, p->nodes);
}

/* The last node once more, under another address, known to a parent of it. */
static void add_twin(struct plot_maker *m)
{
    struct plot *p = m->p;
    struct plot_domain *d = &p->domain[p->domains - 1];
    unsigned first = p->nodes, parent = any_node(m, d->parent[0]);
    p->node[++p->nodes] = (struct plot_node){.domain = p->domains - 1, .twin_of = first};
    name_node(p->node[p->nodes].name, d, d->nodes++);
    join(m, p->nodes, parent, (struct plot_link){.tie = TIE_PARENT});
}

void plot_place(struct plot_maker *m)
{
    struct plot *p = m->p;
    unsigned i, levels = 2 + plot_below(m, LEVELS_MAX - 1), wanted;
    add_tops(m);
    wanted = p->nodes + 1;
    if (p->nodes_max > wanted)
        wanted += plot_below(m, p->nodes_max - wanted + 1);
    while (p->nodes < wanted && p->domains < PLOT_DOMAINS_MAX - 2)
        (void)add_child(m, levels, how_many_nodes(m, false));
    for (i = 0; i < p->domains; i++)
        mesh_children(m, i);
    if (plot_has(p, HAS_ZONE))
        add_zone(m);
    if (plot_has(p, HAS_LIAR))
        add_liar(m, levels);
    if (plot_has(p, HAS_TWIN))
        add_twin(m);
}
