/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * live_draw: the picture of several nodes: a line on top, the tree of domains and prefixes, the
 * last events, and the notes at the bottom.
 *
 * Lines are made first and measured against the screen: the tree gets what it needs but leaves a
 * few lines for events; what does not fit is counted, not hidden. Every line is cut to the width
 * and the rest of it cleared, so that redrawing does not flicker.
 */
#include "cli/live.h"

#include <stdio.h>
#include <string.h>

#define LINES_MAX 256
#define LABEL_COLUMNS 34
#define STATE_COLUMNS 9
#define EVENT_LINES_MIN 4
#define DEPTH_MAX 8

struct picture {
    struct live *live;
    struct {
        char label[256], state[32], detail[256];
        enum tone label_tone, state_tone;
    } line[LINES_MAX];
    unsigned lines;
    bool drawn[LIVE_NODES_MAX];
};

/* ---- hierarchy ---- */

/* The shown node that is the first parent of `n`; -1: none. */
static int parent_of(const struct live *v, const struct live_node *n)
{
    const json_t *row;
    size_t i;

    json_array_foreach(n->peers, i, row) {
        const char *domain = row_text(row, "domain");
        if (!row_text_is(row, "relation", "parent") || domain == NULL)
            continue;
        for (unsigned k = 0; k < v->nodes; k++)
            if (&v->node[k] != n && strcmp(v->node[k].domain, domain) == 0)
                return (int)k;
    }
    return -1;
}

/* Rows that belong to the node itself: what it holds, and the ranges of a top-level domain. */
static bool is_own(const json_t *row)
{
    return row_text_is(row, "relation", "self") || row_text_is(row, "state", "range");
}

/* ---- lines ---- */

static const char *branch(const struct picture *p, bool last)
{
    if (!p->live->term.utf8)
        return last ? "`- " : "|- ";
    return last ? "\xE2\x94\x94\xE2\x94\x80 " : "\xE2\x94\x9C\xE2\x94\x80 ";
}

static const char *stem(const struct picture *p, bool last)
{
    if (last)
        return "   ";
    return p->live->term.utf8 ? "\xE2\x94\x82  " : "|  ";
}

static void session_counts(const struct live_node *n, unsigned *up, unsigned *all)
{
    const json_t *row;
    size_t i;

    *up = *all = 0;
    json_array_foreach(n->peers, i, row) {
        (*all)++;
        *up += row_text_is(row, "state", "Established");
    }
}

static void add_domain(struct picture *p, const struct live_node *n, const char *before)
{
    unsigned at = p->lines, up, all;
    char domain[64];

    if (at == LINES_MAX)
        return;
    term_clean(&p->live->term, domain, sizeof(domain), n->domain);
    snprintf(p->line[at].label, sizeof(p->line[at].label), "%s%s%s%s", before, n->name,
             domain[0] != '\0' ? "  domain " : "", domain);
    p->line[at].label_tone = TONE_HEAD;
    p->line[at].state_tone = TONE_DIM;
    session_counts(n, &up, &all);
    if (!n->up) {
        snprintf(p->line[at].state, sizeof(p->line[at].state), "does not answer");
        p->line[at].state_tone = TONE_BAD;
    } else {
        snprintf(p->line[at].detail, sizeof(p->line[at].detail), "%u of %u sessions", up, all);
    }
    p->lines++;
}

/* How much of an own prefix is delegated: the children's prefixes in use right under it. */
static unsigned delegated(const json_t *tree, size_t at)
{
    int64_t depth = row_count(json_array_get(tree, at), "depth");
    unsigned n = 0;

    for (size_t i = at + 1; i < json_array_size(tree); i++) {
        const json_t *row = json_array_get(tree, i);
        if (row_count(row, "depth") <= depth)
            break;
        n += row_text_is(row, "relation", "child") && row_text_is(row, "state", "in use");
    }
    return n;
}

static void prefix_detail(const struct live *v, const json_t *tree, size_t at, char *dst,
                          size_t cap)
{
    const json_t *row = json_array_get(tree, at);
    unsigned given = delegated(tree, at);
    char when[WHEN_TEXT_MAX];
    int64_t until;
    size_t len;

    if (show_wait(&v->show, row, 12, dst, cap))
        return;
    if (row_number(row, "until", &until) && row_text_is(row, "state", "in use"))
        snprintf(dst, cap, "%sends %s", row_text_is(row, "purpose", "local") ? "own hosts, " : "",
                 when_short(when, until, v->show.now_s));
    len = strlen(dst);
    if (given > 0 && !row_text_is(row, "state", "range"))
        snprintf(dst + len, cap - len, "%s%u delegated", len > 0 ? ", " : "", given);
}

static void add_prefix(struct picture *p, const json_t *tree, size_t at, const char *before)
{
    const json_t *row = json_array_get(tree, at);
    const char *state = row_text(row, "state");
    unsigned to = p->lines;
    char prefix[64];

    if (to == LINES_MAX)
        return;
    term_clean(&p->live->term, prefix, sizeof(prefix), row_text(row, "prefix"));
    snprintf(p->line[to].label, sizeof(p->line[to].label), "%s%s", before, prefix);
    term_clean(&p->live->term, p->line[to].state, sizeof(p->line[to].state), state);
    p->line[to].label_tone = row_text_is(row, "state", "range") ? TONE_DIM : TONE_NAME;
    p->line[to].state_tone = show_state_tone(state);
    prefix_detail(p->live, tree, at, p->line[to].detail, sizeof(p->line[to].detail));
    p->lines++;
}

struct place {
    unsigned node;
    unsigned depth;
    char indent[DEPTH_MAX * 8];
};

static void add_node(struct picture *p, const struct place *at, const char *before);

static void add_prefixes(struct picture *p, const struct place *at, unsigned left)
{
    const struct live_node *n = &p->live->node[at->node];
    char before[160];

    for (size_t i = 0; i < json_array_size(n->tree); i++) {
        if (!is_own(json_array_get(n->tree, i)))
            continue;
        left--;
        snprintf(before, sizeof(before), "%s%s", at->indent, branch(p, left == 0));
        add_prefix(p, n->tree, i, before);
    }
}

static unsigned count_own(const struct live_node *n)
{
    unsigned own = 0;
    const json_t *row;
    size_t i;

    json_array_foreach(n->tree, i, row)
        own += is_own(row);
    return own;
}

static void add_children(struct picture *p, const struct place *at, const bool *child,
                         unsigned left)
{
    char before[160];

    for (unsigned i = 0; i < p->live->nodes; i++) {
        struct place below = {.node = i, .depth = at->depth + 1};
        if (!child[i])
            continue;
        left--;
        snprintf(before, sizeof(before), "%s%s", at->indent, branch(p, left == 0));
        snprintf(below.indent, sizeof(below.indent), "%.*s%s", DEPTH_MAX * 6, at->indent,
                 stem(p, left == 0));
        add_node(p, &below, before);
    }
}

/* Recursion is bounded by DEPTH_MAX and by each node being drawn once. */
static void add_node(struct picture *p, const struct place *at, const char *before)
{
    const struct live *v = p->live;
    bool child[LIVE_NODES_MAX] = {false};
    unsigned children = 0;

    if (p->drawn[at->node])
        return;
    p->drawn[at->node] = true;
    add_domain(p, &v->node[at->node], before);
    for (unsigned i = 0; i < v->nodes && at->depth < DEPTH_MAX - 1; i++) {
        child[i] = !p->drawn[i] && parent_of(v, &v->node[i]) == (int)at->node;
        children += child[i];
    }
    add_prefixes(p, at, count_own(&v->node[at->node]) + children);
    add_children(p, at, child, children);
}

static void add_all(struct picture *p)
{
    for (unsigned i = 0; i < p->live->nodes; i++)
        if (parent_of(p->live, &p->live->node[i]) < 0)
            add_node(p, &(struct place){.node = i}, "");
    for (unsigned i = 0; i < p->live->nodes; i++)
        add_node(p, &(struct place){.node = i}, ""); /* a circle of parents */
}

/* ---- the screen ---- */

static void end_line(const struct term *t)
{
    fputs("\033[K\r\n", t->out);
}

/* A text in at most `columns`, filled with blanks if `fill`. Returns the columns used. */
static unsigned put(const struct term *t, enum tone tone, const char *text, unsigned columns,
                    bool fill)
{
    char cut[512];
    unsigned used;

    snprintf(cut, sizeof(cut) - 4, "%s", text);
    term_cut(t, cut, columns);
    used = term_columns(t, cut);
    term_put(t, tone, cut);
    if (fill && used < columns) {
        fprintf(t->out, "%*s", (int)(columns - used), "");
        used = columns;
    }
    return used;
}

static void draw_top(const struct live *v)
{
    char clock[WHEN_TEXT_MAX], text[160];

    snprintf(text, sizeof(text), "mascot live   %s   %u nodes   q or Ctrl-C ends",
             when_clock(clock, v->show.now_s), v->nodes);
    put(&v->term, TONE_DIM, text, v->term.width, false);
    end_line(&v->term);
}

static void draw_tree_line(const struct picture *p, unsigned at)
{
    const struct term *t = &p->live->term;
    unsigned label = t->width < LABEL_COLUMNS ? t->width : LABEL_COLUMNS;
    unsigned used = put(t, p->line[at].label_tone, p->line[at].label, label, true);
    unsigned wide = p->line[at].detail[0] == '\0' ? t->width : STATE_COLUMNS;

    if (used + 1 + wide < t->width || wide == t->width) {
        fputc(' ', t->out);
        used++;
        wide = wide < t->width - used ? wide : t->width - used;
        used += put(t, p->line[at].state_tone, p->line[at].state, wide, wide == STATE_COLUMNS);
    }
    if (used + 1 < t->width) {
        fputc(' ', t->out);
        put(t, TONE_PLAIN, p->line[at].detail, t->width - used - 1, false);
    }
    end_line(t);
}

static void draw_tree(const struct picture *p, unsigned room)
{
    unsigned shown = p->lines <= room ? p->lines : room > 0 ? room - 1 : 0;
    char text[64];

    for (unsigned i = 0; i < shown; i++)
        draw_tree_line(p, i);
    if (shown < p->lines && room > 0) {
        snprintf(text, sizeof(text), "... %u more lines", p->lines - shown);
        put(&p->live->term, TONE_DIM, text, p->live->term.width, false);
        end_line(&p->live->term);
    }
}

static void draw_event(const struct live *v, unsigned long number)
{
    const struct live_event *e = &v->event[number % LIVE_EVENTS_MAX];
    char clock[WHEN_TEXT_MAX], head[96];
    unsigned used;

    snprintf(head, sizeof(head), "%s  %-8s ", when_clock(clock, e->at_s), v->node[e->node].name);
    used = put(&v->term, TONE_DIM, head, v->term.width, false);
    put(&v->term, e->tone, e->text, v->term.width - used, false);
    end_line(&v->term);
}

static void draw_events(const struct live *v, unsigned room)
{
    unsigned long first = v->events > room ? v->events - room : 0;

    if (first + LIVE_EVENTS_MAX < v->events)
        first = v->events - LIVE_EVENTS_MAX;
    for (unsigned long i = first; i < v->events; i++)
        draw_event(v, i);
    for (unsigned long i = v->events - first; i < room; i++)
        end_line(&v->term);
}

static void draw_rule(const struct term *t)
{
    term_tone(t, TONE_DIM);
    for (unsigned i = 0; i < t->width; i++)
        fputs(t->utf8 ? "\xE2\x94\x80" : "-", t->out);
    term_plain(t);
    fputs("\r\n", t->out);
}

/* The last line is left alone: writing its last column may scroll. */
void live_draw(struct live *v)
{
    static struct picture p;
    const struct term *t = &v->term;
    unsigned room, events;

    memset(&p, 0, sizeof(p));
    p.live = v;
    add_all(&p);
    fputs("\033[H", t->out);
    draw_top(v);
    room = t->height > v->notes + 3 ? t->height - v->notes - 3 : 0;
    events = room > p.lines + EVENT_LINES_MIN ? room - p.lines : EVENT_LINES_MIN;
    events = events < room ? events : room;
    draw_tree(&p, room - events);
    if (events > 0) {
        draw_rule(t);
        room = p.lines < room - events ? room - events - p.lines + events : events;
        draw_events(v, room);
    }
    for (unsigned i = 0; i < v->notes; i++) {
        put(t, TONE_DIM, v->note[i], t->width, false);
        fputs(i + 1 < v->notes ? "\033[K\r\n" : "\033[K", t->out);
    }
    fputs("\033[J", t->out);
    fflush(t->out);
}
