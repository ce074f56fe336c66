/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show_event: what happened, as one line a person can follow: what, which prefix, and the rest in
 * the words that matter for it.
 *
 * Rows of the life of prefixes have an event and a prefix (masc_row_life); rows of sessions have an
 * event and a peer; what others are told of a prefix is a row "output" (masc_row_output). Whatever
 * else a daemon logs is shown by show_any().
 */
#include "cli/show.h"

#include <stdio.h>
#include <string.h>

bool show_event_is_session(const json_t *row)
{
    return row_is(row, "session");
}

bool show_event_is_life(const json_t *row)
{
    return row_text(row, "event") != NULL && row_text(row, "prefix") != NULL &&
           !show_event_is_session(row);
}

const char *show_domain(const struct show *s, const char *domain, char *dst, size_t cap)
{
    char clean[64];
    const char *name;

    dst[0] = '\0';
    if (domain == NULL)
        return dst;
    name = json_string_value(json_object_get(s->names, domain));
    term_clean(s->term, clean, sizeof(clean), name != NULL ? name : domain);
    snprintf(dst, cap, "%s%s", name != NULL ? "" : "domain ", clean);
    return dst;
}

static enum tone event_tone(const char *event)
{
    static const char *const good[] = {"in-use", "renewed", "expanded", "delegated", "won",
                                       "restored", "learnt", "stored", "established"};
    static const char *const wait[] = {"delay", "claim", "hint"};
    static const char *const bad[] = {"lost", "denied", "clash", "withdrawn", "refused", "down",
                                      "table-full", "unstored", "dropped", "error", "idle"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (strcmp(event, good[i]) == 0)
            return TONE_GOOD;
    for (size_t i = 0; i < sizeof(wait) / sizeof(wait[0]); i++)
        if (strcmp(event, wait[i]) == 0)
            return TONE_WAIT;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (strcmp(event, bad[i]) == 0)
            return TONE_BAD;
    return TONE_PLAIN;
}

/* Text that grows and is cut at its end. */
struct line {
    char *dst;
    size_t len, cap;
};

static void add(struct line *l, const char *a, const char *b, const char *c)
{
    int n = snprintf(l->dst + l->len, l->cap - l->len, "%s%s%s", a, b, c);

    if (n > 0)
        l->len = l->len + (size_t)n < l->cap ? l->len + (size_t)n : l->cap - 1;
}

/* A phrase, set off from what is there. */
static void phrase(struct line *l, const char *before, const char *what)
{
    if (what == NULL || what[0] == '\0')
        return;
    if (l->len > 0 && l->dst[l->len - 1] != ' ')
        add(l, ",", "", " ");
    add(l, before, what, "");
}

static void add_time(const struct show *s, struct line *l, const json_t *row)
{
    char text[WHEN_TEXT_MAX];
    int64_t at;

    if (row_number(row, "ready", &at) && at >= s->now_s)
        phrase(l, "ready ", when_short(text, at, s->now_s));
    else if (row_number(row, "until", &at))
        phrase(l, "ends ", when_short(text, at, s->now_s));
}

/* What the other domain is in this. */
static const char *other_is(const char *event)
{
    if (strcmp(event, "won") == 0 || strcmp(event, "lost") == 0)
        return "collision with ";
    if (strcmp(event, "hint") == 0)
        return "to ";
    return "against ";
}

static void life(const struct show *s, const json_t *row, struct line *l)
{
    const char *domain = row_text(row, "domain"), *other = row_text(row, "other");
    const char *prefix = row_text(row, "prefix");
    char text[256], place[64];

    term_clean(s->term, text, sizeof(text), show_place(prefix, place, sizeof(place)));
    add(l, text, "  ", "");
    if (domain != NULL && (s->own == NULL || strcmp(domain, s->own) != 0))
        phrase(l, "of ", show_domain(s, domain, text, sizeof(text)));
    if (other != NULL && strcmp(other, "0") != 0)
        phrase(l, other_is(row_text(row, "event")), show_domain(s, other, text, sizeof(text)));
    phrase(l, "", term_clean(s->term, text, sizeof(text), row_text(row, "reason")));
    add_time(s, l, row);
}

static void session(const struct show *s, const json_t *row, struct line *l)
{
    const char *peer = row_text(row, "peer");
    char text[256], span[WHEN_TEXT_MAX];
    int64_t retry;

    term_clean(s->term, text, sizeof(text), peer != NULL ? peer : row_text(row, "address"));
    add(l, "session  ", text, " ");
    phrase(l, "", term_clean(s->term, text, sizeof(text), row_text(row, "reason")));
    if (row_text(row, "direction") != NULL)
        add(l, " (", term_clean(s->term, text, sizeof(text), row_text(row, "direction")), ")");
    if (row_number(row, "retry", &retry) && retry >= 0)
        phrase(l, "next try in ", when_span(span, (uint64_t)retry));
}

enum tone show_event(const struct show *s, const json_t *row, char *dst, size_t cap)
{
    struct line l = {.dst = dst, .cap = cap};
    const char *event = row_text(row, "event");
    char text[64], padded[80];

    dst[0] = '\0';
    if (event == NULL)
        event = "";
    snprintf(padded, sizeof(padded), "%-11s ", term_clean(s->term, text, sizeof(text), event));
    add(&l, padded, "", "");
    if (show_event_is_session(row))
        session(s, row, &l);
    else
        life(s, row, &l);
    while (l.len > 0 && dst[l.len - 1] == ' ')
        dst[--l.len] = '\0';
    return event_tone(event);
}

bool show_output(const struct show *s, const json_t *row, char *dst, size_t cap)
{
    static const struct {
        const char *to, *what, *words;
    } known[] = {
        {"maas", "add", "hosts may use "},
        {"maas", "remove", "hosts must stop using "},
        {"g-rib", "add", "routed "},
        {"g-rib", "remove", "not routed any more: "},
    };
    struct line l = {.dst = dst, .cap = cap};
    const char *prefix = row_text(row, "prefix"), *scope = row_text(row, "scope");
    char text[64];

    for (size_t i = 0; row_is(row, "output") && i < sizeof(known) / sizeof(known[0]); i++) {
        if (prefix == NULL || !row_text_is(row, "to", known[i].to) ||
            !row_text_is(row, "what", known[i].what))
            continue;
        add(&l, known[i].words, term_clean(s->term, text, sizeof(text), prefix), "");
        if (scope != NULL && strcmp(scope, "global") != 0)
            phrase(&l, "scope ", term_clean(s->term, text, sizeof(text), scope));
        return true;
    }
    return false;
}
