/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plot for people: who there is, by which rules, and what happens, with the numbers by which
 * `--only` and `--without-nodes` name it.
 *
 * What is left out is listed all the same, with a minus, so that the numbers can be followed from a
 * seed to the story that it was shrunk to. Links have no numbers: they go with their nodes.
 */
#include "sim/plot.h"

const char *plot_deed_name(enum deed_kind kind)
{
    switch (kind) {
    case DEED_NEED: return "need";
    case DEED_CLAIM: return "claim";
    case DEED_RELEASE: return "release";
    case DEED_RESOLVE: return "resolve";
    case DEED_STOP: return "peer stop";
    case DEED_CUT: return "cut";
    case DEED_SEVER: return "sever";
    case DEED_STALL: return "stall";
    case DEED_HANG: return "hang";
    case DEED_CLOG: return "clog";
    case DEED_SLOW: return "slow reader";
    case DEED_ISOLATE: return "isolate";
    case DEED_PARTITION: return "partition";
    case DEED_CRASH: return "crash";
    case DEED_DIE: return "die";
    case DEED_LOSE: return "lose store";
    case DEED_DISK_FAIL: return "disk fails";
    case DEED_DISK_MUTE: return "disk mute";
    case DEED_DISK_SLOW: return "disk slow";
    case DEED_CLOCK: return "clock";
    case DEED_DRIFT: return "drift";
    }
    return "";
}

const char *plot_liar_name(enum liar_kind kind)
{
    switch (kind) {
    case LIAR_SILENT: return "silent";
    case LIAR_GARBAGE: return "garbage";
    case LIAR_MANGLER: return "mangler";
    case LIAR_GREEDY: return "greedy";
    case LIAR_FORGER: return "forger";
    case LIAR_DRIP: return "drip";
    case LIAR_FLAPPER: return "flapper";
    }
    return "";
}

static void print_features(const struct plot *p, FILE *to)
{
    static const char *const name[] = {
        "workload", "operators", "links", "long faults", "crashes", "disks", "clocks",
        "wild clocks", "liar", "twin", "tight tables", "limits", "zone", "manual",
    };
    unsigned i;
    for (i = 0; i < sizeof name / sizeof name[0]; i++)
        if (p->features >> i & 1)
            fprintf(to, ", %s", name[i]);
}

static void print_rules(const struct plot *p, FILE *to)
{
    const struct plot_rules *r = &p->rules;
    fprintf(to, "  wait %us delay %us life %us retention %us hold %us; range /%u; "
                "use %u-%u %% of %u prefixes, at least %llu\n",
            r->wait_s, r->delay_s, r->lifetime_s, r->retention_s, r->hold_s, r->range_len,
            r->utilization_low, r->utilization_high, r->prefixes_max,
            (unsigned long long)r->claim_min);
    fprintf(to, "  tables %u/%u/%u/%u own %u;%s%s%s soft %llu hard %llu size-max %llu\n",
            r->claims_max, r->per_origin_max, r->origins_max, r->unassociated_max, r->own_max,
            r->packed ? " packed" : "", r->relay_siblings ? " relays-siblings" : "",
            r->strict_third_party ? " strict" : "", (unsigned long long)r->soft,
            (unsigned long long)r->hard, (unsigned long long)r->size_max);
}

static void print_node(const struct plot *p, unsigned n, FILE *to)
{
    const struct plot_node *x = &p->node[n];
    const struct plot_domain *d = &p->domain[x->domain];
    fprintf(to, "  %s%2u %-5s domain %u%s%s%s", x->left_out ? "-" : " ", n, x->name, d->number,
            d->top ? ", top-level" : "", d->zone_tld ? ", zone TLD" : "",
            d->in_zone && !d->zone_tld ? ", in the zone" : "");
    if (x->lies)
        fprintf(to, ", a liar: %s", plot_liar_name(x->liar));
    if (x->twin_of)
        fprintf(to, ", twin of %s", p->node[x->twin_of].name);
    fprintf(to, "\n");
}

static void print_link(const struct plot *p, const struct plot_link *l, FILE *to)
{
    static const char *const tie[] = {"child of", "sibling of", "internal with"};
    fprintf(to, "     %s %s %s", p->node[l->a].name, tie[l->tie], p->node[l->b].name);
    if (l->tie == TIE_SIBLING)
        fprintf(to, " under %u", l->parent ? p->domain[l->parent - 1].number : 0);
    fprintf(to, ", %u-%u ms\n", l->min_ms, l->max_ms);
}

static void print_amount(const struct deed *d, FILE *to)
{
    switch (d->kind) {
    case DEED_CLOCK:
    case DEED_DRIFT:
        fprintf(to, " to %lld %s", (long long)d->amount - PLOT_CLOCK_ZERO,
                d->kind == DEED_CLOCK ? "s" : "ppm");
        return;
    case DEED_PARTITION: fprintf(to, " of nodes 0x%llx", (unsigned long long)d->amount); return;
    case DEED_NEED:
    case DEED_CLAIM:
    case DEED_RELEASE:
    case DEED_RESOLVE:
    case DEED_CLOG:
    case DEED_SLOW:
    case DEED_DISK_SLOW: fprintf(to, " %llu", (unsigned long long)d->amount); return;
    case DEED_STOP:
    case DEED_CUT:
    case DEED_SEVER:
    case DEED_STALL:
    case DEED_HANG:
    case DEED_ISOLATE:
    case DEED_CRASH:
    case DEED_DIE:
    case DEED_LOSE:
    case DEED_DISK_FAIL:
    case DEED_DISK_MUTE: return;
    }
}

static void print_deed(const struct plot *p, unsigned i, FILE *to)
{
    const struct deed *d = &p->deed[i];
    fprintf(to, "  %s%2u at %6lld.%03d %-11s", plot_deed_happens(p, i) ? " " : "-", i,
            (long long)(d->begin_ms / 1000), (int)(d->begin_ms % 1000), plot_deed_name(d->kind));
    if (d->node)
        fprintf(to, " %s", p->node[d->node].name);
    if (d->other)
        fprintf(to, " - %s", p->node[d->other].name);
    print_amount(d, to);
    if (d->lasts_ms)
        fprintf(to, " for %lld.%03d s", (long long)(d->lasts_ms / 1000),
                (int)(d->lasts_ms % 1000));
    fprintf(to, "\n");
}

void plot_print(const struct plot *p, FILE *to)
{
    unsigned i;
    fprintf(to, "seed %llu: %u nodes of %u domains, %u deeds", (unsigned long long)p->seed,
            p->nodes, p->domains, p->deeds);
    print_features(p, to);
    fprintf(to, "%s\n", p->features ? "" : ", nothing goes wrong");
    print_rules(p, to);
    for (i = 1; i <= p->nodes; i++)
        print_node(p, i, to);
    for (i = 0; i < p->links; i++)
        if (!p->node[p->link[i].a].left_out && !p->node[p->link[i].b].left_out)
            print_link(p, &p->link[i], to);
    for (i = 1; i <= p->deeds; i++)
        print_deed(p, i, to);
}
