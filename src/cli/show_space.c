/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show_space: the words about address space: claims, prefixes, tree, clashes.
 *
 * Everything but the tree is a table that is printed while it comes. The tree has to be seen whole
 * before it can be drawn: whether a branch ends is told by what follows. Its rows are bounded by
 * the daemon.
 */
#include "cli/show.h"

#include <stdio.h>
#include <string.h>

#define TREE_DEPTH_MAX 32

static void end_table(struct show *s, const char *none)
{
    if (s->table != NULL)
        table_flush(s->table);
    else
        fprintf(s->term->out, "%s\n", none);
}

static void cell_state(struct show *s, const json_t *row)
{
    const char *state = row_text(row, "state");

    table_cell(s->table, show_state_tone(state), state);
}

/* ---- claims ---- */

static void claims_begin(struct show *s)
{
    s->table = table_new(s->term);
    table_column(s->table, "PREFIX", 0);
    table_column(s->table, "TYPE", 2);
    table_column(s->table, "STATE", 1);
    table_column(s->table, "DOMAIN", 0);
    table_column(s->table, "RELATION", 3);
    table_column(s->table, "NODE", 7);
    table_column(s->table, "SPACE OF", 6);
    table_column(s->table, "SINCE", 5);
    table_column(s->table, "UNTIL", 4);
}

static void claims_row(struct show *s, const json_t *row)
{
    char text[64];

    if (s->table == NULL)
        claims_begin(s);
    table_row(s->table);
    table_cell(s->table, TONE_NAME, show_place(row_text(row, "prefix"), text, sizeof(text)));
    cell_text(s, TONE_PLAIN, row, "type");
    cell_state(s, row);
    cell_text(s, TONE_PLAIN, row, "domain");
    cell_text(s, TONE_PLAIN, row, "relation");
    cell_text(s, TONE_PLAIN, row, "node");
    cell_text(s, TONE_PLAIN, row, "parent");
    cell_when(s, row, "since");
    cell_when(s, row, "until");
}

static void claims_end(struct show *s)
{
    end_table(s, "no claims");
}

/* ---- prefixes ---- */

static void prefixes_begin(struct show *s)
{
    s->table = table_new(s->term);
    table_column(s->table, "PREFIX", 0);
    table_column(s->table, "STATE", 0);
    table_column(s->table, "WAIT", 1);
    table_column(s->table, "UNTIL", 2);
    table_column(s->table, ">SIZE", 5);
    table_column(s->table, ">USED", 4);
    table_column(s->table, "PURPOSE", 6);
    table_column(s->table, "SCOPE", 7);
    table_column(s->table, "SPACE OF", 8);
    table_column(s->table, "SINCE", 3);
    table_column(s->table, "REMARKS", 9);
}

static void prefix_remarks(struct show *s, const json_t *row)
{
    char text[128];
    bool in_use = row_text_is(row, "state", "in use");

    snprintf(text, sizeof(text), "%s%s%s%s%s%s", row_true(row, "clashed") ? "clash, " : "",
             row_true(row, "unstored") ? "not stored, " : "",
             row_true(row, "deprecated") ? "runs out, " : "",
             row_true(row, "by_operator") ? "by operator, " : "",
             in_use && !row_true(row, "usable") ? "not for hosts, " : "",
             in_use && !row_true(row, "routed") ? "not routed, " : "");
    if (text[0] != '\0')
        text[strlen(text) - 2] = '\0';
    table_cell(s->table, row_true(row, "clashed") ? TONE_BAD : TONE_DIM, text);
}

static void prefixes_row(struct show *s, const json_t *row)
{
    if (s->table == NULL)
        prefixes_begin(s);
    table_row(s->table);
    cell_text(s, TONE_NAME, row, "prefix");
    cell_state(s, row);
    cell_wait(s, row);
    cell_when(s, row, "until");
    cell_count(s, row, "size");
    cell_count(s, row, "used");
    cell_text(s, TONE_PLAIN, row, "purpose");
    cell_text(s, TONE_PLAIN, row, "scope");
    cell_text(s, TONE_PLAIN, row, "parent");
    cell_when(s, row, "since");
    prefix_remarks(s, row);
}

static void prefixes_end(struct show *s)
{
    end_table(s, "no prefixes and no claims of our own");
}

/* ---- clashes ---- */

static void clashes_begin(struct show *s)
{
    s->table = table_new(s->term);
    table_column(s->table, "RANGE", 0);
    table_column(s->table, "OURS", 2);
    table_column(s->table, "THEIRS", 3);
    table_column(s->table, "DOMAIN", 0);
    table_column(s->table, "RESULT", 0);
    table_column(s->table, "SINCE", 4);
    table_column(s->table, "THEIRS ENDS", 1);
}

static void clashes_row(struct show *s, const json_t *row)
{
    const char *result = row_text(row, "result");

    if (s->table == NULL)
        clashes_begin(s);
    table_row(s->table);
    cell_text(s, TONE_NAME, row, "range");
    cell_text(s, TONE_PLAIN, row, "ours");
    cell_text(s, TONE_PLAIN, row, "theirs");
    cell_text(s, TONE_PLAIN, row, "domain");
    table_cell(s->table, show_state_tone(result), result);
    cell_when(s, row, "since");
    cell_when(s, row, "until");
    if (!row_text_is(row, "result", "undecided"))
        return;
    if (s->held == NULL)
        s->held = json_array();
    json_array_append(s->held, (json_t *)(uintptr_t)row);
}

/* Under the table: what the operator can do about those that wait for him. */
static void clashes_end(struct show *s)
{
    size_t waiting = json_array_size(s->held);
    const char *range = row_text(json_array_get(s->held, 0), "range");
    char text[64];

    end_table(s, "no clashes");
    if (waiting == 0)
        return;
    term_clean(s->term, text, sizeof(text), waiting == 1 && range != NULL ? range : "PREFIX");
    fprintf(s->term->out, "say: mascot resolve %s withdraw | ignore\n", text);
}

/* ---- tree ---- */

static unsigned depth_of(const json_t *row)
{
    int64_t depth = row_count(row, "depth");

    return depth < 0 ? 0 : depth < TREE_DEPTH_MAX ? (unsigned)depth : TREE_DEPTH_MAX;
}

/* Does another branch of `depth` follow row `at` before its parent's branches end? */
static bool continues(const json_t *rows, size_t at, unsigned depth)
{
    for (size_t i = at + 1; i < json_array_size(rows); i++) {
        unsigned d = depth_of(json_array_get(rows, i));
        if (d <= depth)
            return d == depth;
    }
    return false;
}

static void draw_branch(const struct term *term, const json_t *rows, size_t at, char *dst,
                        size_t cap)
{
    static const char *const box[] = {"\xE2\x94\x82  ", "   ", "\xE2\x94\x9C\xE2\x94\x80 ",
                                      "\xE2\x94\x94\xE2\x94\x80 "};
    static const char *const ascii[] = {"|  ", "   ", "|- ", "`- "};
    const char *const *draw = term->utf8 ? box : ascii;
    unsigned depth = depth_of(json_array_get(rows, at));
    size_t len = 0;

    dst[0] = '\0';
    for (unsigned d = 1; d <= depth; d++) {
        bool more = continues(rows, at, d);
        const char *part = draw[d < depth ? (more ? 0 : 1) : (more ? 2 : 3)];
        if (len + strlen(part) >= cap)
            return;
        memcpy(dst + len, part, strlen(part) + 1);
        len += strlen(part);
    }
}

static void tree_begin(struct show *s)
{
    s->table = table_new(s->term);
    table_column(s->table, "PREFIX", 0);
    table_column(s->table, "STATE", 0);
    table_column(s->table, "DOMAIN", 1);
    table_column(s->table, "RELATION", 4);
    table_column(s->table, "WAIT", 2);
    table_column(s->table, "UNTIL", 3);
    table_column(s->table, "PURPOSE", 5);
}

static void tree_line(struct show *s, size_t at)
{
    const json_t *row = json_array_get(s->held, at);
    const char *name = row_text(row, "name"), *domain = row_text(row, "domain");
    char branch[TREE_DEPTH_MAX * 8], prefix[64], text[256];
    bool self = row_text_is(row, "relation", "self");

    draw_branch(s->term, s->held, at, branch, sizeof(branch));
    snprintf(text, sizeof(text), "%s%s", branch,
             show_place(row_text(row, "prefix"), prefix, sizeof(prefix)));
    table_row(s->table);
    table_cell(s->table, self ? TONE_NAME : TONE_PLAIN, text);
    cell_state(s, row);
    if (row_text_is(row, "state", "range"))
        snprintf(text, sizeof(text), "top level");
    else if (name != NULL && domain != NULL)
        snprintf(text, sizeof(text), "%s (%s)", domain, name);
    else
        snprintf(text, sizeof(text), "%s", domain != NULL ? domain : "");
    table_cell_brief(s->table, self ? TONE_NAME : TONE_PLAIN, text, domain);
    cell_text(s, TONE_PLAIN, row, "relation");
    cell_wait(s, row);
    cell_when(s, row, "until");
    cell_text(s, TONE_DIM, row, "purpose");
}

static void tree_row(struct show *s, const json_t *row)
{
    if (s->held == NULL)
        s->held = json_array();
    json_array_append(s->held, (json_t *)(uintptr_t)row);
}

static void tree_end(struct show *s)
{
    if (json_array_size(s->held) == 0) {
        fputs("no space is known yet\n", s->term->out);
        return;
    }
    tree_begin(s);
    for (size_t i = 0; i < json_array_size(s->held); i++)
        tree_line(s, i);
    table_flush(s->table);
}

const struct painter show_painters_space[] = {
    {"claims", claims_row, claims_end},
    {"prefixes", prefixes_row, prefixes_end},
    {"claim", prefixes_row, prefixes_end}, /* what was planned */
    {"tree", tree_row, tree_end},
    {"clashes", clashes_row, clashes_end},
    {NULL, NULL, NULL},
};
