/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What counts in a plot.
 *
 * Without liars everything that the witness finds. With a liar that can be believed, or with two
 * nodes that have one identifier, what depends on belief does not: then the form of what honest
 * nodes say and tell counts, and that domains which no lie reaches hold nothing twice. The witness
 * cannot know what reaches whom, so that is looked at here. Of tables that are too small only form
 * is demanded: who could not keep what it heard may take what is another's, until the clash is
 * settled.
 */
#include "sim/swarm.h"

#include <string.h>

static bool has_belief(const struct plot *p)
{
    unsigned n;
    for (n = 1; n <= p->nodes; n++)
        if (!p->node[n].left_out &&
            (p->node[n].twin_of || (p->node[n].lies && liar_is_credible(p->node[n].liar))))
            return true;
    return false;
}

static bool happens(const struct plot *p, enum deed_kind kind)
{
    unsigned i;
    for (i = 1; i <= p->deeds; i++)
        if (p->deed[i].kind == kind && plot_deed_happens(p, i))
            return true;
    return false;
}

/* What a parent lost with its store and nobody could tell it, its children still have. A node that
 * was down knows by its wall clock alone how long it waited, and that may have been set. */
static bool is_excused(const struct plot *p, const char *invariant, const char *line)
{
    if (strcmp(invariant, "I-05") == 0 || strcmp(invariant, "I-06") == 0)
        return happens(p, DEED_LOSE);
    return strcmp(invariant, "I-07") == 0 && strstr(line, "became a prefix after") &&
           happens(p, DEED_CLOCK);
}

/* What was not kept was not known: a node whose tables are too small may forget what it heard. */
static bool is_doubtful(const struct plot *p)
{
    return has_belief(p) || p->features & (HAS_TIGHT_TABLES | HAS_WILD_CLOCKS);
}

/* Of form, of a node's own outputs, and of what it stored before it spoke. */
static bool is_of_form(const char *invariant)
{
    static const char *const name[] = {"host", "I-12", "I-15", "I-20", "I-27",
                                       "I-29", "I-30", "I-46"};
    unsigned i;
    for (i = 0; i < sizeof name / sizeof name[0]; i++)
        if (strcmp(name[i], invariant) == 0)
            return true;
    return false;
}

void swarm_violate(struct swarm_verdict *v, const char *invariant, const char *line)
{
    if (!v->violations++)
        snprintf(v->invariant, sizeof v->invariant, "%s", invariant);
    if (v->lines < SWARM_LINES)
        snprintf(v->line[v->lines++], SWARM_LINE_OCTETS, "%s", line);
}

static bool is_liar(const struct plot *p, const char *name)
{
    unsigned n;
    for (n = 1; n <= p->nodes; n++)
        if (p->node[n].lies && strcmp(p->node[n].name, name) == 0)
            return true;
    return false;
}

void swarm_hear(struct swarm_judge *j, const char *line)
{
    char invariant[16] = "", name[WORLD_NAME_MAX] = "";
    if (sscanf(line, "violated %15s at %*s %15[^:]", invariant, name) < 1 || is_liar(j->p, name))
        return;
    if (is_excused(j->p, invariant, line))
        return;
    if (!is_doubtful(j->p) || is_of_form(invariant))
        swarm_violate(j->v, invariant, line);
}

/* ---- who holds what, where no lie reaches ---- */

static bool is_honest(const struct plot *p, unsigned n)
{
    return !p->node[n].left_out && !p->node[n].lies && !p->node[n].twin_of;
}

/* A liar is in its domain, or in one above, which gives it space that nobody has. */
static bool is_spoilt(const struct plot *p, unsigned domain)
{
    unsigned n;
    for (n = 1; n <= p->nodes; n++)
        if (!p->node[n].left_out && !is_honest(p, n) &&
            plot_is_below(p, domain, p->node[n].domain))
            return true;
    return false;
}

/* A liar elsewhere spoils a pair only if it reaches both. */
static bool must_differ(const struct plot *p, unsigned a, unsigned b)
{
    unsigned da = p->node[a].domain, db = p->node[b].domain;
    return is_honest(p, a) && is_honest(p, b) && !is_spoilt(p, da) && !is_spoilt(p, db) &&
           !plot_is_related(p, da, db) &&
           !(plot_is_reached_by_lies(p, da) && plot_is_reached_by_lies(p, db));
}

static void look_at_pair(struct swarm_judge *j, unsigned a, unsigned b)
{
    char text[PREFIX_TEXT_MAX], line[SWARM_LINE_OCTETS];
    struct prefix pa, pb;
    unsigned i, k;
    for (i = 0; (pa = witness_holds(j->x, j->number[a], i)).family; i++)
        for (k = 0; (pb = witness_holds(j->x, j->number[b], k)).family; k++) {
            if (!prefix_overlaps(pa, pb))
                continue;
            snprintf(line, sizeof line, "violated I-01 at %lld.%03d %s: %s is of %s, too",
                     (long long)(world_now(j->w) / 1000), (int)(world_now(j->w) % 1000),
                     j->p->node[a].name, prefix_format(prefix_common(pa, pb), text),
                     j->p->node[b].name);
            swarm_violate(j->v, "I-01", line);
        }
}

void swarm_look(struct swarm_judge *j)
{
    unsigned a, b;
    if (!has_belief(j->p) || j->v->violations)
        return;
    for (a = 1; a <= j->p->nodes; a++)
        for (b = a + 1; b <= j->p->nodes; b++)
            if (must_differ(j->p, a, b))
                look_at_pair(j, a, b);
}

/* ---- in the end ---- */

bool swarm_all_satisfied(const struct swarm_judge *j)
{
    unsigned n, i;
    for (n = 1; n <= j->p->nodes; n++) {
        const struct masc_config *c;
        uint64_t wanted = 0;
        if (!is_honest(j->p, n))
            continue;
        c = &world_host(j->w, j->number[n])->cfg->masc;
        for (i = 0; i < c->demands; i++)
            wanted += c->demand[i].addresses;
        if (witness_usable_addresses(j->x, j->number[n]) < wanted)
            return false;
    }
    return true;
}

/* I-26: where nothing ever went wrong nobody complains, but of news that overtook other news. */
static void demand_silence(struct swarm_judge *j)
{
    char line[SWARM_LINE_OCTETS];
    unsigned code, subcode;
    for (code = MASC_E_HEADER; code <= MASC_E_NOTIFICATION; code++)
        for (subcode = 0; subcode <= MASC_UPDATE_HOLDTIME_LONG; subcode++) {
            if (!witness_notified(j->x, (uint8_t)code, (uint8_t)subcode) ||
                (code == MASC_E_UPDATE && subcode >= MASC_UPDATE_NO_PARENT_PREFIX &&
                 subcode <= MASC_UPDATE_NO_SIBLING_PREFIX))
                continue;
            snprintf(line, sizeof line, "violated I-26 at the end: NOTIFICATION %u/%u", code,
                     subcode);
            swarm_violate(j->v, "I-26", line);
        }
}

void swarm_conclude(struct swarm_judge *j)
{
    witness_look(j->x);
    swarm_look(j);
    if (plot_is_peaceful(j->p))
        witness_demand_peace(j->x);
    if (!j->p->features)
        demand_silence(j);
}
