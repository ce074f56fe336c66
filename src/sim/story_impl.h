/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * story_impl: what the files of the stories share.
 *
 * A form is the text of a kind of line: small words stand for themselves, capital ones for what a
 * story fills in (NODE, PREFIX, TIME ...), [..] may be missing, a|b is a choice, and NODE... at the
 * end may be given often. Each capital word and each choice fills the next argument, in order, as
 * does a lone [word].
 */
#ifndef SIM_STORY_IMPL_H
#define SIM_STORY_IMPL_H

#include "sim/story.h"
#include "sim/witness.h"

#define STORY_WORDS 32
#define STORY_ARGS 24
#define STORY_NODES 64

struct story_arg {
    bool given;
    const char *word;   /* what was written */
    unsigned node;      /* NODE */
    u128 id;            /* ID: a domain, by number or by the name of one of its nodes */
    struct prefix prefix;
    int64_t number;     /* N, INT; ms of TIME; bits of TYPE */
};

/* The world while it is played. */
struct stage {
    struct world *w;
    struct witness *x;
    struct trace *t;
    bool started;
    uint64_t seed;
    uint16_t hold_s;    /* Hold Time of sessions that are added later */
    bool rfc_times;
    int64_t mark;       /* `sent` and `logged` count from here on */
    char why[400];      /* what is so instead */
};

enum story_phase {
    STORY_WHO,     /* before the world starts */
    STORY_EITHER,
    STORY_HAPPEN,  /* starts it */
    STORY_EXPECT,  /* a condition: no line of its own */
};

struct story_form {
    const char *form;
    enum story_phase phase;
    /* False: it cannot be done, or is not so; g->why says why. */
    bool (*run)(struct stage *g, const struct story_arg *a);
};

extern const struct story_form story_who[], story_happen[], story_expect[]; /* form NULL: the end */

enum story_kind {
    STORY_PLAIN,   /* do it */
    STORY_REFUSED, /* an order that the node must refuse */
    STORY_MUST,    /* a condition, now or within a time */
};

struct story_line {
    unsigned number;
    enum story_kind kind;
    bool not;
    int64_t at, wait, within;     /* ms; -1: none */
    const struct story_form *form; /* NULL: only time passes */
    const char *text;             /* as written */
    struct story_arg arg[STORY_ARGS];
};

struct story {
    char *text;                   /* words lie in it */
    char *shown;                  /* the same, whole lines */
    struct story_line *line;
    size_t lines, lines_max;
    char name[STORY_NODES][WORLD_NAME_MAX]; /* name[n - 1] is that of node n */
    u128 domain[STORY_NODES];
    unsigned nodes;
    enum trace_level level;
};

/* story_parse.c: fills *l from its words; false, and f->text says what was expected. */
bool story_parse(struct story *s, struct story_line *l, char **word, struct story_fault *f);
/* "2h30m", "+23h", "-60s", "1500ms"; false on anything else. */
bool story_time(const char *text, int64_t *ms);

/* story_run.c */
bool stage_say(struct stage *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The configuration of `n` to change: its own before the start, a copy that stage_apply() hands
 * over afterwards. stage_apply() is false if it contradicts itself. */
struct masc_config *stage_edit(struct stage *g, unsigned n);
bool stage_apply(struct stage *g, unsigned n);

#endif
