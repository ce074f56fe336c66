/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lines of a story become a world, one after the other.
 *
 * Trace and witness watch from the moment the world starts: then it is known who there is. What the
 * witness says goes to the standard error output, for it tells more than the fault of a story can.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/story_impl.h"

struct play {
    const struct story *s;
    FILE *trace;
    enum trace_level level;
    struct stage g;
};

static void say(const char *line)
{
    fprintf(stderr, "# %s\n", line);
}

/* ---- the stage ---- */

bool stage_say(struct stage *g, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(g->why, sizeof g->why, format, args);
    va_end(args);
    return false;
}

static bool is_sound(struct stage *g, const struct masc_config *c)
{
    char why[200] = "", path[80] = "";
    struct wr to = wr_init(why, sizeof why - 1), at = wr_init(path, sizeof path - 1);
    return masc_config_check(c, &at, &to) || stage_say(g, "%s: %s", path, why);
}

struct masc_config *stage_edit(struct stage *g, unsigned n)
{
    return g->started ? world_edit(g->w, n) : world_config(g->w, n);
}

bool stage_apply(struct stage *g, unsigned n)
{
    if (!g->started)
        return true;
    if (!is_sound(g, &world_host(g->w, n)->spare->masc))
        return false;
    world_apply(g->w, n);
    return true;
}

static bool start(struct play *p)
{
    struct stage *g = &p->g;
    unsigned n;
    if (!g->w)
        return stage_say(g, "nobody is there");
    for (n = 1; n <= world_nodes(g->w); n++)
        if (!is_sound(g, world_config(g->w, n)))
            return false;
    g->t = trace_new(g->w, p->trace, p->level);
    g->x = witness_new(g->w, say);
    g->started = true;
    world_start(g->w);
    return true;
}

/* ---- lines ---- */

static bool is_so(struct stage *g, const struct story_line *l)
{
    return l->form->run(g, l->arg) != l->not;
}

static bool is_so_in_time(struct stage *g, const struct story_line *l)
{
    int64_t until = world_now(g->w) + (l->within > 0 ? l->within : 0);
    while (!is_so(g, l)) {
        if (world_now(g->w) >= until)
            return false;
        world_run(g->w, SECOND);
    }
    return true;
}

static bool pass(struct stage *g, const struct story_line *l)
{
    int64_t ms = l->wait >= 0 ? l->wait : l->at >= 0 ? l->at - world_now(g->w) : 0;
    if (ms < 0)
        return stage_say(g, "that time is over");
    world_run(g->w, ms);
    return true;
}

static bool needs_start(const struct story_line *l)
{
    return !l->form || l->at >= 0 || l->wait >= 0 || l->form->phase == STORY_HAPPEN ||
           l->form->phase == STORY_EXPECT;
}

static bool play_line(struct play *p, const struct story_line *l)
{
    struct stage *g = &p->g;
    if (!g->started && needs_start(l) && !start(p))
        return false;
    if (g->started && !pass(g, l))
        return false;
    g->why[0] = 0;
    if (!l->form)
        return true;
    switch (l->kind) {
    case STORY_PLAIN: return l->form->run(g, l->arg);
    case STORY_REFUSED: return !l->form->run(g, l->arg) || stage_say(g, "it was not refused");
    case STORY_MUST: return is_so_in_time(g, l);
    }
    abort();
}

static bool play_end(struct play *p, struct story_fault *f)
{
    struct stage *g = &p->g;
    if (!g->started && !start(p)) {
        snprintf(f->text, sizeof f->text, "%s", g->why);
        return false;
    }
    witness_look(g->x);
    if (witness_violations(g->x) == 0)
        return true;
    snprintf(f->text, sizeof f->text, "invariants were violated: %u times",
             witness_violations(g->x));
    return false;
}

static bool play(struct play *p, struct story_fault *f)
{
    const struct story *s = p->s;
    size_t i;
    for (i = 0; i < s->lines; i++) {
        const struct story_line *l = &s->line[i];
        if (play_line(p, l))
            continue;
        f->line = l->number;
        snprintf(f->text, sizeof f->text, "%s%s%s", l->text, *p->g.why ? ": but " : "",
                 p->g.why);
        return false;
    }
    return play_end(p, f);
}

bool story_play(const struct story *s, FILE *trace, enum trace_level level, struct story_fault *f)
{
    struct play p = {.s = s, .trace = trace, .level = level,
                     .g = {.seed = 1, .hold_s = 12}};
    bool well;
    *f = (struct story_fault){.line = 0};
    well = play(&p, f);
    if (p.g.x)
        witness_free(p.g.x);
    if (p.g.w)
        world_free(p.g.w);
    trace_free(p.g.t);
    return well;
}

static void print_forms(FILE *to, const struct story_form *form, const char *what)
{
    fprintf(to, "\n%s\n", what);
    for (; form->form; form++)
        fprintf(to, "  %s\n", form->form);
}

void story_forms(FILE *to)
{
    print_forms(to, story_who, "who there is, and how it is configured:");
    print_forms(to, story_happen,
                "what happens, with `at TIME` or `wait TIME` before it or alone; with `refused`\n"
                "before an order that the node must refuse:");
    print_forms(to, story_expect,
                "what must be so, after `expect` or `within TIME`, and maybe `not`:");
}
