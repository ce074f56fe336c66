/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line of a story becomes a form and its arguments.
 *
 * All forms that a line may have are tried; the first that fits to the last word is taken. If none
 * does, the fault tells what was expected where the best of them ended. Nodes are numbered as the
 * world will number them: in the order of their lines.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/story_impl.h"

struct parse {
    struct story *s;
    char **word;              /* ends with NULL */
    struct story_arg *arg;
    unsigned args;
    unsigned best;            /* the word at which the best form failed ... */
    char expected[400];       /* ... and what could have stood there */
};

/* ---- a word ---- */

static int64_t unit_ms(const char *unit, size_t *len)
{
    *len = unit[0] == 'm' && unit[1] == 's' ? 2 : 1;
    switch (unit[0]) {
    case 'd': return DAY;
    case 'h': return HOUR;
    case 'm': return *len == 2 ? 1 : MINUTE;
    case 's': return SECOND;
    default: return 0;
    }
}

bool story_time(const char *text, int64_t *ms)
{
    int64_t sign = *text == '-' ? -1 : 1, sum = 0;
    text += *text == '-' || *text == '+';
    if (!*text)
        return false;
    while (*text) {
        int64_t n = 0, unit;
        size_t len = strspn(text, "0123456789");
        if (len == 0 || len > 9)
            return false;
        for (; len; len--)
            n = 10 * n + *text++ - '0';
        unit = unit_ms(text, &len);
        if (!unit)
            return false;
        sum += n * unit;
        text += len;
    }
    *ms = sign * sum;
    return true;
}

static bool is_number(const char *word, int64_t *v)
{
    const char *at = word + (*word == '-' || *word == '+');
    size_t len = strlen(at);
    if (!len || len > 15 || strspn(at, "0123456789") != len)
        return false;
    *v = strtoll(word, NULL, 10);
    return true;
}

static unsigned node_of(const struct story *s, const char *word)
{
    unsigned i;
    for (i = 0; i < s->nodes; i++)
        if (strcmp(s->name[i], word) == 0)
            return i + 1;
    return 0;
}

static bool is_domain(const struct story *s, const char *word, struct story_arg *a)
{
    unsigned n = node_of(s, word);
    if (n)
        a->id = s->domain[n - 1];
    else if (is_number(word, &a->number) && a->number >= 0)
        a->id = (u128)a->number;
    else
        return false;
    return true;
}

static bool is_type(const char *word, int64_t *bits)
{
    unsigned i;
    *bits = strcmp(word, "UPDATE") == 0 ? T_ALL : strcmp(word, "CLAIM") == 0 ? T_CLAIMS : 0;
    for (i = 0; i < MASC_TYPES; i++)
        if (strcmp(word, masc_type_name((enum masc_type)i)) == 0)
            *bits = 1 << i;
    return *bits != 0;
}

static bool is_new_name(const struct story *s, const char *word)
{
    return strlen(word) < WORLD_NAME_MAX && !node_of(s, word);
}

/* The capital words of forms. */
static const char *const kind_name[] = {"NODE", "NAME", "ID", "PREFIX", "TIME", "N", "INT", "TYPE",
                                        "CMP", "WORD"};
static const char *const kind_words[] = {
    "a node", "a new name", "a domain", "a prefix", "a time such as 2h30m", "a number", "a number",
    "a type of UPDATE", "= or >= or <=", "a word"};
enum { NODE, NAME, ID, PREFIX, TIME, N, INT, TYPE, CMP, WORD, KINDS };

static unsigned kind_of(const char *token, size_t len)
{
    unsigned i;
    for (i = 0; i < KINDS; i++)
        if (strlen(kind_name[i]) == len && strncmp(kind_name[i], token, len) == 0)
            return i;
    return KINDS;
}

static bool fits(const struct story *s, unsigned kind, const char *word, struct story_arg *a)
{
    *a = (struct story_arg){.given = true, .word = word};
    switch (kind) {
    case NODE: a->node = node_of(s, word); return a->node != 0;
    case NAME: return is_new_name(s, word);
    case ID: return is_domain(s, word, a);
    case PREFIX: return prefix_parse(&a->prefix, word);
    case TIME: return story_time(word, &a->number);
    case N: return is_number(word, &a->number) && a->number >= 0;
    case INT: return is_number(word, &a->number);
    case TYPE: return is_type(word, &a->number);
    case CMP: return !strcmp(word, "=") || !strcmp(word, ">=") || !strcmp(word, "<=");
    default: return true;
    }
}

static bool is_choice(const char *token, size_t len, const char *word)
{
    size_t n = strlen(word), at = 0;
    while (at < len) {
        size_t part = strcspn(token + at, "| ]");
        part = part > len - at ? len - at : part;
        if (part == n && strncmp(token + at, word, n) == 0)
            return true;
        at += part + 1;
    }
    return false;
}

/* ---- a form ---- */

static void expect(struct parse *p, unsigned at, const char *what, size_t len)
{
    size_t used;
    char text[80];
    snprintf(text, sizeof text, "%.*s", (int)len, what);
    if (at > p->best)
        p->expected[0] = 0;
    if (at < p->best || strstr(p->expected, text))
        return;
    p->best = at;
    used = strlen(p->expected);
    snprintf(p->expected + used, sizeof p->expected - used, "%s%s", used ? ", " : "", text);
}

/* One token and the word at *at. `lone`: all of an optional group. */
static bool match_token(struct parse *p, const char *token, size_t len, unsigned *at, bool lone)
{
    const char *word = p->word[*at];
    bool choice = memchr(token, '|', len) != NULL;
    unsigned kind = choice ? KINDS : kind_of(token, len);
    struct story_arg a;
    if (kind < KINDS ? !word || !fits(p->s, kind, word, &a)
                     : !word || !is_choice(token, len, word)) {
        if (kind < KINDS)
            expect(p, *at, kind_words[kind], strlen(kind_words[kind]));
        else
            expect(p, *at, token, len);
        return false;
    }
    if (kind == KINDS)
        a = (struct story_arg){.given = true, .word = word};
    if (kind < KINDS || choice || lone)
        p->arg[p->args++] = a;
    ++*at;
    return true;
}

/* How many arguments the tokens up to `end` fill. */
static unsigned slots(const char *token, const char *end)
{
    unsigned n = 0, tokens = 0;
    while (token < end) {
        size_t len = strcspn(token, " ]");
        n += kind_of(token, len) < KINDS || memchr(token, '|', len) != NULL;
        tokens++;
        token += len + 1;
    }
    return tokens == 1 && n == 0 ? 1 : n;
}

static bool match_group(struct parse *p, const char *token, unsigned *at)
{
    const char *end = token + strcspn(token, "]");
    unsigned before = *at, args = p->args, n = slots(token, end), i;
    bool lone = !memchr(token, ' ', (size_t)(end - token));
    while (token < end) {
        size_t len = strcspn(token, " ]");
        if (!match_token(p, token, len, at, lone)) {
            *at = before;
            p->args = args;
            for (i = 0; i < n; i++)
                p->arg[p->args++] = (struct story_arg){.given = false};
            return false;
        }
        token += len + 1;
    }
    return true;
}

static bool match_many(struct parse *p, const char *token, size_t len, unsigned *at)
{
    unsigned n = 0;
    while (p->word[*at] && p->args < STORY_ARGS && match_token(p, token, len, at, false))
        n++;
    if (n == 0)
        expect(p, *at, kind_words[kind_of(token, len)], 40);
    return n > 0;
}

/* From the word `at` on. */
static bool match(struct parse *p, const char *form, unsigned at)
{
    memset(p->arg, 0, STORY_ARGS * sizeof *p->arg);
    p->args = 0;
    while (*form) {
        size_t len = strcspn(form, " ");
        if (*form == '[') {
            len = strcspn(form, "]") + 1;
            (void)match_group(p, form + 1, &at);
        } else if (len > 3 && strncmp(form + len - 3, "...", 3) == 0) {
            if (!match_many(p, form, len - 3, &at))
                return false;
        } else if (!match_token(p, form, len, &at, false)) {
            return false;
        }
        form += len;
        form += *form == ' ';
    }
    if (p->word[at])
        expect(p, at, "the end of the line", 40);
    return !p->word[at];
}

static const struct story_form *find(struct parse *p, const struct story_form *form, unsigned at)
{
    for (; form->form; form++)
        if (match(p, form->form, at))
            return form;
    return NULL;
}

/* ---- a line ---- */

static bool take_time(struct parse *p, unsigned at, int64_t *ms)
{
    if (p->word[at] && story_time(p->word[at], ms) && *ms >= 0)
        return true;
    expect(p, at, "a time such as 2h30m", 40);
    return false;
}

static bool begins(const struct parse *p, unsigned at, const char *word)
{
    return p->word[at] && strcmp(p->word[at], word) == 0;
}

/* What stands before a form: `at TIME`, `wait TIME`, `within TIME`, `expect`, `refused`, `not`.
 * Returns whether a form must follow. */
static bool take_front(struct parse *p, struct story_line *l, unsigned *at, bool *wrong)
{
    if (begins(p, *at, "at") || begins(p, *at, "wait")) {
        *wrong = !take_time(p, *at + 1, begins(p, *at, "at") ? &l->at : &l->wait);
        *at += 2;
        if (*wrong || !p->word[*at])
            return false;
    }
    if (begins(p, *at, "within")) {
        *wrong = !take_time(p, *at + 1, &l->within);
        *at += 2;
        l->kind = STORY_MUST;
    } else if (begins(p, *at, "expect")) {
        ++*at;
        l->kind = STORY_MUST;
    } else if (begins(p, *at, "refused")) {
        ++*at;
        l->kind = STORY_REFUSED;
    }
    if (l->kind == STORY_MUST && begins(p, *at, "not")) {
        l->not = true;
        ++*at;
    }
    return !*wrong;
}

/* What the parser itself needs to know. */
static bool learn(struct story *s, const struct story_line *l, struct story_fault *f)
{
    if (strncmp(l->form->form, "trace ", 6) == 0)
        return trace_level_of(l->arg[0].word, &s->level);
    if (strncmp(l->form->form, "node ", 5) != 0)
        return true;
    if (s->nodes == STORY_NODES) {
        snprintf(f->text, sizeof f->text, "more than %d nodes", STORY_NODES);
        return false;
    }
    snprintf(s->name[s->nodes], WORLD_NAME_MAX, "%s", l->arg[0].word);
    s->domain[s->nodes++] = (u128)l->arg[1].number;
    return true;
}

static bool is_late(const struct story *s, const struct story_line *l)
{
    size_t i;
    for (i = 0; i + 1 < s->lines; i++) {
        const struct story_line *b = &s->line[i];
        if (!b->form || b->kind == STORY_MUST || b->at >= 0 || b->wait >= 0 ||
            b->form->phase == STORY_HAPPEN)
            return l->form->phase == STORY_WHO;
    }
    return false;
}

bool story_parse(struct story *s, struct story_line *l, char **word, struct story_fault *f)
{
    struct parse p = {.s = s, .word = word, .arg = l->arg};
    unsigned at = 0;
    bool wrong = false;
    if (!take_front(&p, l, &at, &wrong) && !wrong)
        return true;
    if (!wrong && l->kind == STORY_MUST)
        l->form = find(&p, story_expect, at);
    else if (!wrong && !(l->form = find(&p, story_who, at)))
        l->form = find(&p, story_happen, at);
    if (!l->form) {
        snprintf(f->text, sizeof f->text, "%s%s%s: expected %s", word[p.best] ? "'" : "",
                 word[p.best] ? word[p.best] : "the line ends", word[p.best] ? "'" : "",
                 p.expected);
        return false;
    }
    if (is_late(s, l)) {
        snprintf(f->text, sizeof f->text, "'%s' must come before anything happens", word[at]);
        return false;
    }
    return learn(s, l, f);
}
