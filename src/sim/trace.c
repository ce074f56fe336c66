/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace: see trace.h.
 *
 * A line is made in a writer of fixed size and cut there; what stands in a column is padded. Who is
 * at the other end of a stream is learned from CONN_UP, which comes before any octet.
 */
#include "sim/trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim/trace_impl.h"

enum { WHAT_WIDTH = 15, PREFIX_WIDTH = 18 };

bool trace_level_of(const char *text, enum trace_level *level)
{
    static const char *const name[] = {"quiet", "normal", "all"};
    unsigned i;
    for (i = 0; i < 3; i++)
        if (strcmp(text, name[i]) == 0) {
            *level = (enum trace_level)i;
            return true;
        }
    return false;
}

/* ---- a line ---- */

static void pad(struct wr *to, size_t column)
{
    while (to->len < column && wr_ok(to))
        wr_u8(to, ' ');
}

/* With leading zeros: as many digits as `least` has. */
static void digits(struct wr *to, int64_t v, int64_t least)
{
    for (; least > 1 && v < least; least /= 10)
        wr_u8(to, '0');
    wr_int(to, v);
}

static void write_time(struct wr *to, int64_t ms)
{
    int64_t s = ms / 1000, days = s / 86400;
    pad(to, days < 10 ? 2 : days < 100 ? 1 : 0);
    wr_int(to, days);
    wr_text(to, "d ");
    digits(to, s / 3600 % 24, 10);
    wr_text(to, ":");
    digits(to, s / 60 % 60, 10);
    wr_text(to, ":");
    digits(to, s % 60, 10);
    wr_text(to, ".");
    digits(to, ms % 1000, 100);
    wr_text(to, "  ");
}

struct wr trace_begin(struct trace *t, const struct trace_head *h)
{
    struct wr to = wr_init(t->line, sizeof t->line - 1);
    size_t column;
    char text[PREFIX_TEXT_MAX];
    write_time(&to, world_now(t->w));
    column = to.len;
    wr_text(&to, h->node ? world_host(t->w, h->node)->name : "--");
    pad(&to, column += t->widest);
    if (h->other) {
        wr_text(&to, h->arrow);
        wr_text(&to, world_host(t->w, h->other)->name);
    }
    pad(&to, column += t->widest + 4);
    wr_text(&to, "  ");
    wr_text(&to, h->what);
    pad(&to, column += WHAT_WIDTH + 4);
    if (h->prefix.family) {
        wr_text(&to, prefix_format(h->prefix, text));
        pad(&to, column + PREFIX_WIDTH);
        wr_text(&to, "  ");
    }
    return to;
}

void trace_end(struct trace *t, struct wr *to)
{
    while (to->len && to->buf[to->len - 1] == ' ')
        to->len--;
    fprintf(t->to, "%.*s\n", (int)to->len, (const char *)to->buf);
}

void trace_say(struct trace *t, const char *text)
{
    struct wr to = trace_begin(t, &(struct trace_head){.what = text});
    trace_end(t, &to);
}

static void line(struct trace *t, struct trace_head h)
{
    struct wr to = trace_begin(t, &h);
    trace_end(t, &to);
}

/* ---- streams ---- */

static unsigned *remote(struct trace *t, uint32_t stream, unsigned side)
{
    size_t at = 2 * (size_t)stream + side, was = t->remotes;
    if (at >= was) {
        t->remotes = 2 * (at + 1);
        t->remote = realloc(t->remote, t->remotes * sizeof *t->remote);
        if (!t->remote)
            abort();
        memset(t->remote + was, 0, (t->remotes - was) * sizeof *t->remote);
    }
    return &t->remote[at];
}

static void stepped(struct trace *t, const struct happening *h)
{
    const struct event *ev = h->event;
    struct trace_head head = {.node = h->node, .arrow = " <- "};
    struct wr to;
    if (ev->kind == EVENT_CONN_UP) {
        *remote(t, h->stream, h->side) = world_of_address(t->w, ev->addr);
        head.what = ev->conn.id & 1 ? "accepted" : "connected";
    } else if (ev->kind == EVENT_CONN_DOWN) {
        head.what = "connection down";
    } else if (ev->kind == EVENT_STREAM) {
        head.what = "reads";
    }
    if (t->level < TRACE_ALL || !head.what)
        return;
    head.other = *remote(t, h->stream, h->side);
    to = trace_begin(t, &head);
    if (ev->kind == EVENT_STREAM) {
        wr_decimal(&to, ev->len);
        wr_text(&to, " octets");
    }
    trace_end(t, &to);
}

/* ---- the watch ---- */

static void faulted(struct trace *t, const struct happening *h)
{
    struct trace_head head = {.node = h->node, .other = h->other, .arrow = " ## ", .what = h->what};
    struct wr to;
    if (strcmp(h->what, "crash") == 0)
        return; /* told by "dies" and "boots" */
    to = trace_begin(t, &head);
    wr_text(&to, h->ends ? "is over" : "begins");
    trace_end(t, &to);
}

static void see(void *self, const struct happening *h)
{
    struct trace *t = self;
    struct trace_head head = {.node = h->node, .what = h->what, .arrow = " -> "};
    switch (h->sight) {
    case SIGHT_STEP: stepped(t, h); return;
    case SIGHT_DONE: trace_logged(t, h); return;
    case SIGHT_WROTE:
        if (t->level >= TRACE_NORMAL)
            trace_wrote(t, h, *remote(t, h->stream, h->side));
        return;
    case SIGHT_CLOSED:
        head.what = "closes";
        head.other = *remote(t, h->stream, h->side);
        if (t->level >= TRACE_ALL)
            line(t, head);
        return;
    case SIGHT_COMMITTED:
        if (t->level >= TRACE_ALL)
            trace_stored(t, h);
        return;
    case SIGHT_BOOTED:
        head.what = "boots";
        line(t, head);
        return;
    case SIGHT_DIED:
        head.what = "dies";
        line(t, head);
        return;
    case SIGHT_FAULT: faulted(t, h); return;
    case SIGHT_WORLD: line(t, head); return;
    }
}

struct trace *trace_new(struct world *w, FILE *to, enum trace_level level)
{
    struct trace *t = calloc(1, sizeof *t);
    unsigned n;
    if (!t)
        abort();
    t->w = w;
    t->to = to;
    t->level = level;
    t->widest = 2;
    for (n = 1; n <= world_nodes(w); n++) {
        size_t len = strlen(world_host(w, n)->name);
        t->widest = len > t->widest ? len : t->widest;
    }
    t->watch = (struct watch){.self = t, .see = see};
    world_watch(w, &t->watch);
    return t;
}

void trace_free(struct trace *t)
{
    if (!t)
        return;
    free(t->remote);
    free(t);
}
