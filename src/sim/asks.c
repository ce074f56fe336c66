/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * asks: what operators do in a world: they say words to a node (asks.def), and they change its
 * configuration. An answer that comes in parts is asked for until it is whole. A configuration is
 * changed in the spare copy, and the copies change places: a node borrows the one it was given.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/world_impl.h"

/* ---- words ---- */

static void split(char *text, struct ask *ask)
{
    char *rest = NULL, *word = strtok_r(text, " ", &rest);
    for (; word && ask->words < ASK_WORDS_MAX; word = strtok_r(NULL, " ", &rest))
        ask->word[ask->words++] = word;
}

/* Takes the rows out of the list of actions; returns the END. */
static const struct action *read_answer(const struct world *w, const struct asked *asked)
{
    const struct action *end = NULL;
    size_t i;
    for (i = 0; i < w->out.actions; i++) {
        const struct action *a = &w->out.action[i];
        if (a->kind == ACTION_END)
            end = a;
        else if (a->kind == ACTION_ANSWER && asked && asked->row)
            asked->row(asked->self, a->row);
    }
    return end;
}

enum end_status world_ask(struct world *w, unsigned n, const char *words, const struct asked *asked)
{
    char text[256];
    struct ask ask = {.id = 1};
    enum end_status status = END_USAGE;
    snprintf(text, sizeof text, "%s", words);
    split(text, &ask);
    if (!w->host[n]->up || !w->host[n]->node)
        return END_REFUSED;
    do {
        struct event ev = {.kind = EVENT_ASK, .ask = &ask, .now = world_clock(w, n)};
        const struct action *end;
        out_reset(&w->out);
        node_step(w->host[n]->node, &ev, &w->out);
        end = read_answer(w, asked);
        if (!end)
            abort();
        status = end->status;
        ask.cursor = end->cursor;
        if (asked && asked->why)
            snprintf(asked->why, asked->size, "%s", end->text ? end->text : "");
        world_after(w, n, &ev, SIDE_NONE);
    } while (ask.cursor);
    return status;
}

static bool order(struct world *w, unsigned n, const char *words)
{
    return world_ask(w, n, words, NULL) == END_DONE;
}

bool world_claim(struct world *w, unsigned n, const char *prefix)
{
    char words[80];
    snprintf(words, sizeof words, "claim %s", prefix);
    return order(w, n, words);
}

bool world_release(struct world *w, unsigned n, struct prefix p)
{
    char words[80], text[PREFIX_TEXT_MAX];
    snprintf(words, sizeof words, "release %s", prefix_format(p, text));
    return order(w, n, words);
}

bool world_resolve(struct world *w, unsigned n, struct prefix p, bool withdraw)
{
    char words[80], text[PREFIX_TEXT_MAX];
    snprintf(words, sizeof words, "resolve %s %s", prefix_format(p, text),
             withdraw ? "withdraw" : "ignore");
    return order(w, n, words);
}

/* ---- configuration ---- */

struct masc_config *world_edit(struct world *w, unsigned n)
{
    struct host *h = w->host[n];
    memcpy(h->spare, h->cfg, node_config_octets(h->peers_max));
    return &h->spare->masc;
}

void world_apply(struct world *w, unsigned n)
{
    struct host *h = w->host[n];
    struct node_config *old = h->cfg;
    struct event none = {.kind = EVENT_TIME, .now = world_clock(w, n)};
    h->cfg = h->spare;
    h->spare = old;
    if (!h->up)
        return;
    out_reset(&w->out);
    node_configure(h->node, h->cfg, none.now, &w->out);
    world_after(w, n, &none, SIDE_NONE);
}

void world_need(struct world *w, unsigned n, uint64_t addresses)
{
    struct masc_config *c = world_edit(w, n);
    if (!c->demands)
        c->demand[c->demands++] =
            (struct masc_demand){.family = FAMILY_IPV4, .lifetime_s = c->lifetime_s};
    c->demand[0].addresses = addresses;
    world_apply(w, n);
}
