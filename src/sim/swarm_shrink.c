/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Less of a plot that still fails: first whole stretches of deeds are left out, then shorter ones,
 * then nodes one by one, until nothing more can go or the plays are used up.
 *
 * What counts as the same failure is the first invariant that was violated. A node goes only if no
 * other depends on it as its parent; deeds that concern it go with it.
 */
#include "sim/swarm.h"

#include <string.h>
#include <time.h>

enum { SHRINK_S = 30 }; /* of a person's patience */

struct shrinking {
    struct plot *p;
    const struct swarm_how *how;
    const char *invariant;
    unsigned plays, plays_max;
    time_t until;
};

static bool is_over(const struct shrinking *s)
{
    return s->plays >= s->plays_max || time(NULL) >= s->until;
}

static bool still_fails(struct shrinking *s, const struct plot *p)
{
    struct swarm_verdict v;
    s->plays++;
    v = swarm_play_apart(p, s->how);
    return v.violations && strcmp(v.invariant, s->invariant) == 0;
}

/* Keeps the smaller one if it fails, too. */
static bool try_without(struct shrinking *s, const struct plot *smaller)
{
    if (is_over(s) || plot_size(smaller) == plot_size(s->p) ||
        !still_fails(s, smaller))
        return false;
    *s->p = *smaller;
    return true;
}

static bool leave_out_deeds(struct shrinking *s, unsigned stretch)
{
    bool any = false;
    unsigned first, i;
    for (first = 1; first <= s->p->deeds; first += stretch) {
        struct plot smaller = *s->p;
        for (i = first; i < first + stretch && i <= s->p->deeds; i++)
            smaller.deed[i].left_out = true;
        any |= try_without(s, &smaller);
    }
    return any;
}

/* A node must not be the only parent of one that stays. */
static bool is_needed(const struct plot *p, unsigned n)
{
    unsigned i;
    for (i = 0; i < p->links; i++)
        if (p->link[i].tie == TIE_PARENT && p->link[i].b == n && !p->node[p->link[i].a].left_out)
            return true;
    return false;
}

static bool leave_out_nodes(struct shrinking *s)
{
    bool any = false;
    unsigned n;
    for (n = s->p->nodes; n; n--) {
        struct plot smaller = *s->p;
        if (smaller.node[n].left_out || is_needed(&smaller, n))
            continue;
        smaller.node[n].left_out = true;
        any |= try_without(s, &smaller);
    }
    return any;
}

unsigned swarm_shrink(struct plot *p, const struct swarm_how *how, const char *invariant,
                      unsigned plays)
{
    struct shrinking s = {.p = p, .how = how, .invariant = invariant, .plays_max = plays,
                          .until = time(NULL) + SHRINK_S};
    unsigned stretch, i;
    bool any = true;
    for (stretch = (p->deeds + 1) / 2; stretch > 1; stretch = (stretch + 1) / 2) {
        (void)leave_out_deeds(&s, stretch);
        if (stretch == 2)
            break;
    }
    while (any && !is_over(&s)) {
        any = leave_out_nodes(&s);
        any |= leave_out_deeds(&s, 1);
    }
    for (i = 1; i <= p->deeds; i++)
        p->deed[i].left_out = !plot_deed_happens(p, i);
    return s.plays;
}
