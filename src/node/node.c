/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * node: the cores of one mascot node, joined; see node.h.
 *
 * Every event but ASK goes to the MASC speaker as it is. A question is looked up in asks.def and
 * given to its handler: answer.c and tree.c read, asks.c acts. A new word is a line in asks.def and
 * a handler; the switch below does not compile without it.
 *
 * Memory: the node's own struct first, the speaker right behind it, then the scratch of the two
 * questions that need much; pages that no question needs stay untouched.
 */
#include "node/answer.h"

#include "base/text.h"

#define ALIGNMENT 64

enum word {
#define ASK(word_, permission_, where_, arguments_, help_) WORD_##word_,
#include "node/asks.def"
#undef ASK
    WORDS,
};

enum where { WHERE_NODE, WHERE_HOST };

static const struct {
    const char *name;
    enum where where;
} words[] = {
#define ASK(word_, permission_, where_, arguments_, help_) {#word_, WHERE_##where_},
#include "node/asks.def"
#undef ASK
};

const struct row_type *const node_stored[NODE_STORED] = {&masc_row_own};

static size_t aligned(size_t octets)
{
    return (octets + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The parts of the memory, in order; with mem = 0 it only measures. */
static size_t lay_out(struct node *n, uintptr_t mem, const struct node_config *c, void **masc)
{
    size_t at = aligned(sizeof *n);

    *masc = (void *)(mem + at);
    at += aligned(masc_octets(&c->masc));
    n->covering = (void *)(mem + at);
    at += aligned(COVERING_MAX * sizeof *n->covering);
    n->tree = (void *)(mem + at);
    at += aligned(sizeof *n->tree);
    return at;
}

size_t node_octets(const struct node_config *c)
{
    struct node n;
    void *masc;

    return lay_out(&n, 0, c, &masc);
}

struct node *node_init(void *mem, const struct node_config *c, uint64_t seed)
{
    struct node *n = mem;
    void *masc;

    CHECK((uintptr_t)mem % ALIGNMENT == 0);
    n->config = c;
    (void)lay_out(n, (uintptr_t)mem, c, &masc);
    n->masc = masc_init(masc, &c->masc, seed);
    return n;
}

static enum word word_find(const char *name)
{
    for (unsigned i = 0; i < WORDS; i++)
        if (text_equal(words[i].name, name))
            return (enum word)i;
    return WORDS;
}

static void answer_unknown(const struct asking *a)
{
    struct wr w = answer_text(a);

    wr_text(&w, "'");
    wr_text(&w, a->ask->words > 0 ? a->ask->word[0] : "");
    wr_text(&w, "' is no word of this node; expected one of:");
    for (unsigned i = 0; i < WORDS; i++) {
        wr_text(&w, i == 0 ? " " : ", ");
        wr_text(&w, words[i].name);
    }
    answer_end(a, END_USAGE, &w);
}

static void answer_not_here(const struct asking *a)
{
    struct wr w = answer_text(a);

    wr_text(&w, a->ask->word[0]);
    wr_text(&w, ": this is answered by the daemon, not by the node");
    answer_end(a, END_USAGE, &w);
}

static void dispatch(const struct asking *a)
{
    enum word word = a->ask->words > 0 ? word_find(a->ask->word[0]) : WORDS;

    switch (word) {
    case WORD_status: answer_status(a); return;
    case WORD_peers: answer_peers(a); return;
    case WORD_claims: answer_claims(a); return;
    case WORD_prefixes: answer_prefixes(a); return;
    case WORD_tree: answer_tree(a); return;
    case WORD_clashes: answer_clashes(a); return;
    case WORD_claim: ask_claim(a); return;
    case WORD_release: ask_release(a); return;
    case WORD_resolve: ask_resolve(a); return;
    case WORD_peer: ask_peer(a); return;
    case WORD_reload:
    case WORD_watch: answer_not_here(a); return;
    case WORDS: answer_unknown(a); return;
    }
}

static void step_ask(struct node *n, const struct event *ev, struct out *out)
{
    struct asking a = {.node = n, .ask = ev->ask, .now = ev->now, .out = out};

    CHECK(ev->ask->words <= ASK_WORDS_MAX);
    dispatch(&a);
}

void node_step(struct node *n, const struct event *ev, struct out *out)
{
    if (ev->kind == EVENT_ASK)
        step_ask(n, ev, out);
    else
        masc_step(n->masc, ev, out);
}

mono_t node_deadline(const struct node *n)
{
    return masc_deadline(n->masc);
}

void node_configure(struct node *n, const struct node_config *c, struct now now, struct out *out)
{
    n->config = c;
    masc_configure(n->masc, &c->masc, now, out);
}
