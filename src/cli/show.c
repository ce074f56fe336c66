/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show: what the painters share: members of rows, cells, and the painter for words without one.
 *
 * jansson owns rows; texts taken from them live as long as the row. Every text goes through
 * term_clean() before it is printed, in a cell by table.c.
 */
#include "cli/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- members ---- */

const char *row_text(const json_t *row, const char *name)
{
    return json_string_value(json_object_get(row, name));
}

bool row_number(const json_t *row, const char *name, int64_t *v)
{
    const json_t *value = json_object_get(row, name);

    if (!json_is_integer(value))
        return false;
    *v = json_integer_value(value);
    return true;
}

int64_t row_count(const json_t *row, const char *name)
{
    int64_t v = 0;

    row_number(row, name, &v);
    return v;
}

bool row_true(const json_t *row, const char *name)
{
    return json_is_true(json_object_get(row, name));
}

bool row_text_is(const json_t *row, const char *name, const char *text)
{
    const char *value = row_text(row, name);

    return value != NULL && strcmp(value, text) == 0;
}

bool row_is(const json_t *row, const char *type)
{
    return row_text_is(row, "row", type);
}

/* ---- cells ---- */

void cell_when(struct show *s, const json_t *row, const char *name)
{
    char full[WHEN_TEXT_MAX], brief[WHEN_TEXT_MAX];
    int64_t at;

    if (!row_number(row, name, &at)) {
        table_cell(s->table, TONE_PLAIN, NULL);
        return;
    }
    table_cell_brief(s->table, TONE_PLAIN, when_long(full, at, s->now_s),
                     when_short(brief, at, s->now_s));
}

void cell_count(struct show *s, const json_t *row, const char *name)
{
    char text[32] = "";
    int64_t v;

    if (row_number(row, name, &v))
        snprintf(text, sizeof(text), "%" PRId64, v);
    table_cell(s->table, TONE_PLAIN, text);
}

void cell_text(struct show *s, enum tone tone, const json_t *row, const char *name)
{
    table_cell(s->table, tone, row_text(row, name));
}

bool show_wait(const struct show *s, const json_t *row, unsigned cells, char *dst, size_t cap)
{
    char bar[256], left[WHEN_TEXT_MAX];
    int64_t ready, wait;
    double part;

    dst[0] = '\0';
    if (!row_number(row, "ready", &ready) || !row_number(row, "wait", &wait))
        return false;
    part = wait > 0 ? 1 - (double)(ready - s->now_s) / (double)wait : 1;
    part = part < 0 ? 0 : part > 1 ? 1 : part;
    when_span(left, ready > s->now_s ? (uint64_t)(ready - s->now_s) : 0);
    snprintf(dst, cap, "%s%s%3.0f%%, %s left", term_bar(s->term, bar, sizeof(bar), cells, part),
             cells > 0 ? " " : "", part * 100, left);
    return true;
}

void cell_wait(struct show *s, const json_t *row)
{
    char full[256], brief[WHEN_TEXT_MAX];

    if (!show_wait(s, row, 10, full, sizeof(full))) {
        table_cell(s->table, TONE_PLAIN, NULL);
        return;
    }
    show_wait(s, row, 0, brief, sizeof(brief));
    table_cell_brief(s->table, TONE_WAIT, full, brief);
}

enum tone show_state_tone(const char *state)
{
    static const struct {
        const char *state;
        enum tone tone;
    } known[] = {
        {"in use", TONE_GOOD},   {"Established", TONE_GOOD}, {"managed", TONE_PLAIN},
        {"range", TONE_DIM},     {"waiting", TONE_WAIT},     {"delayed", TONE_WAIT},
        {"storing", TONE_WAIT},  {"claimed", TONE_WAIT},     {"wanted", TONE_WAIT},
        {"OpenSent", TONE_WAIT}, {"OpenConfirm", TONE_WAIT}, {"Connect", TONE_WAIT},
        {"Active", TONE_WAIT},   {"Idle", TONE_BAD},         {"lost", TONE_BAD},
        {"denied", TONE_BAD},    {"clash", TONE_BAD},        {"withdrawn", TONE_BAD},
        {"live", TONE_GOOD},     {"retained", TONE_DIM},     {"superseded", TONE_DIM},
        {"obsolete", TONE_DIM},  {"undecided", TONE_BAD},    {"won", TONE_GOOD},
    };

    for (size_t i = 0; state != NULL && i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].state, state) == 0)
            return known[i].tone;
    return TONE_PLAIN;
}

const char *show_place(const char *prefix, char *dst, size_t cap)
{
    bool hint = prefix != NULL &&
                (strncmp(prefix, "0.0.0.0/", 8) == 0 || strncmp(prefix, "::/", 3) == 0);

    if (!hint)
        return prefix;
    snprintf(dst, cap, "any %s", strchr(prefix, '/'));
    return dst;
}

/* ---- any row ---- */

static void any_value(const struct show *s, const char *name, const json_t *value)
{
    char text[1024];

    if (json_is_null(value) || strcmp(name, "row") == 0)
        return;
    fputc(' ', s->term->out);
    term_put(s->term, TONE_DIM, term_clean(s->term, text, sizeof(text), name));
    fputc('=', s->term->out);
    if (json_is_string(value))
        fputs(term_clean(s->term, text, sizeof(text), json_string_value(value)), s->term->out);
    else if (json_is_integer(value))
        fprintf(s->term->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else
        fputs(json_is_true(value) ? "yes" : "no", s->term->out);
}

void show_any(struct show *s, const json_t *row)
{
    const char *type = row_text(row, "row");
    char text[64];
    void *at;

    fputs(term_clean(s->term, text, sizeof(text), type), s->term->out);
    for (at = json_object_iter((json_t *)(uintptr_t)row); at != NULL;
         at = json_object_iter_next((json_t *)(uintptr_t)row, at))
        any_value(s, json_object_iter_key(at), json_object_iter_value(at));
    fputc('\n', s->term->out);
}

static void nothing(struct show *s)
{
    (void)s;
}

static const struct painter any = {NULL, show_any, nothing};

const struct painter *show_painter(const char *word)
{
    static const struct painter *const group[] = {show_painters_node, show_painters_space};

    for (size_t i = 0; i < sizeof(group) / sizeof(group[0]); i++)
        for (const struct painter *p = group[i]; p->word != NULL; p++)
            if (strcmp(p->word, word) == 0)
                return p;
    return &any;
}
