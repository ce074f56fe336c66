/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of a trace: messages as they are written, and the rows that nodes log and store.
 *
 * Messages are decoded from their octets (7); rows are read by the names of their fields, so that a
 * field that comes is no harm. A node whose octets are no messages is told so, and no more.
 */
#include <string.h>

#include "base/text.h"
#include "masc/rows.h"
#include "sim/trace_impl.h"

static void write_wait(struct wr *to, int64_t s)
{
    row_write_duration(to, (uint64_t)(s < 0 ? -s : s), "");
}

/* Who: a node by its name; one that is none of the world by the number of its domain. */
static void write_origin(struct trace *t, struct wr *to, const struct masc_attr *a)
{
    unsigned n = world_of_address(t->w, (struct addr){.addr = a->node, .family = FAMILY_IPV4});
    wr_text(to, "by ");
    if (n) {
        wr_text(to, world_host(t->w, n)->name);
    } else {
        wr_text(to, "domain ");
        wr_decimal(to, (uint64_t)a->domain);
    }
    wr_text(to, " as ");
    wr_text(to, a->role == MASC_INTERNAL ? "internal" : masc_role_name(a->role));
}

/* ---- messages ---- */

static void tell_attr(struct trace *t, struct trace_head h, const struct masc_attr *a)
{
    int64_t now = world_wall(t->w, h.node);
    int64_t age = now - masc_timestamp_extend(a->timestamp_s, now);
    struct wr to;
    h.what = masc_type_name(a->type);
    h.prefix = a->prefix;
    to = trace_begin(t, &h);
    write_origin(t, &to, a);
    wr_text(&to, age < 0 ? ", ahead " : ", age ");
    write_wait(&to, age);
    wr_text(&to, ", life ");
    write_wait(&to, a->lifetime_s);
    if (a->holdtime_s != a->lifetime_s) {
        wr_text(&to, ", hold ");
        write_wait(&to, a->holdtime_s);
    }
    if (a->deprecated)
        wr_text(&to, ", deprecated");
    trace_end(t, &to);
}

static void tell_update(struct trace *t, const struct trace_head *h, const struct masc_frame *f)
{
    struct masc_fault fault = masc_update_check(f->octets, f->len, true, true);
    struct rd rest = rd_init(f->octets + MASC_HEADER_OCTETS, f->len - MASC_HEADER_OCTETS);
    struct masc_attr a;
    bool bad = masc_fault_is(&fault);
    while (!bad && masc_update_next(&rest, f->octets, f->len, &a, &fault)) {
        bad = masc_fault_is(&fault);
        if (!bad)
            tell_attr(t, *h, &a);
    }
    if (bad) {
        struct wr to = trace_begin(t, h);
        wr_text(&to, "in error: ");
        wr_text(&to, masc_subcode_name(fault.code, fault.subcode));
        trace_end(t, &to);
    }
}

static void tell_notification(struct trace *t, const struct trace_head *h,
                              const struct masc_frame *f)
{
    struct wr to = trace_begin(t, h);
    uint8_t code = f->len > 4 ? f->octets[4] & 0x7F : 0, subcode = f->len > 5 ? f->octets[5] : 0;
    bool open = f->len > 4 && f->octets[4] & 0x80;
    wr_decimal(&to, code);
    wr_text(&to, "/");
    wr_decimal(&to, subcode);
    wr_text(&to, " ");
    wr_text(&to, subcode ? masc_subcode_name(code, subcode) : masc_code_name(code));
    wr_text(&to, open ? ", stays open" : ", closes");
    trace_end(t, &to);
}

static void tell_open(struct trace *t, const struct trace_head *h, const struct masc_frame *f)
{
    struct wr to = trace_begin(t, h);
    struct masc_open o;
    struct masc_fault fault = masc_open_decode(&o, f->octets, f->len);
    if (masc_fault_is(&fault)) {
        wr_text(&to, "in error");
    } else {
        wr_text(&to, "domain ");
        wr_decimal(&to, (uint64_t)o.domain);
        wr_text(&to, " as ");
        wr_text(&to, masc_role_name(o.role));
        wr_text(&to, ", hold time ");
        row_write_duration(&to, o.hold_time_s, "");
    }
    trace_end(t, &to);
}

static void tell_message(struct trace *t, struct trace_head h, const struct masc_frame *f)
{
    bool all = t->level >= TRACE_ALL;
    struct wr to;
    switch ((enum masc_message)f->type) {
    case MASC_OPEN:
        h.what = "OPEN";
        if (all)
            tell_open(t, &h, f);
        return;
    case MASC_UPDATE:
        h.what = "UPDATE";
        tell_update(t, &h, f);
        return;
    case MASC_NOTIFICATION:
        h.what = "NOTIFICATION";
        tell_notification(t, &h, f);
        return;
    case MASC_KEEPALIVE:
        h.what = "KEEPALIVE";
        if (!all)
            return;
        to = trace_begin(t, &h);
        trace_end(t, &to);
        return;
    }
}

void trace_wrote(struct trace *t, const struct happening *h, unsigned other)
{
    struct trace_head head = {.node = h->node, .other = other, .arrow = " -> "};
    struct masc_frame f;
    size_t at = 0;
    while (at < h->len) {
        if (masc_frame_next(&f, h->bytes + at, h->len - at) != MASC_FRAME_MESSAGE) {
            struct wr to;
            head.what = "(garbage)";
            to = trace_begin(t, &head);
            trace_end(t, &to);
            return;
        }
        tell_message(t, head, &f);
        at += f.len;
    }
}

/* ---- rows ---- */

static const union value *value(const struct row *row, const char *name)
{
    static const union value none;
    uint8_t i;
    for (i = 0; i < row->type->fields; i++)
        if (strcmp(row->type->field[i].name, name) == 0)
            return &row->v[i];
    return &none;
}

/* `word` stands before it if it is not the first of the rest of its line. */
static void also(struct wr *to, size_t begun, const char *word)
{
    if (to->len > begun)
        wr_text(to, ", ");
    wr_text(to, word);
}

static void tell_life(struct trace *t, unsigned n, const struct row *row)
{
    const char *reason = value(row, "reason")->text;
    int64_t ready = value(row, "ready")->wall.s, until = value(row, "until")->wall.s;
    int64_t now = world_wall(t->w, n);
    u128 domain = value(row, "domain")->id, other = value(row, "other")->id;
    struct wr to = trace_begin(t, &(struct trace_head){.node = n, .what = value(row, "event")->text,
                                                       .prefix = value(row, "prefix")->prefix});
    size_t begun = to.len;
    if (domain != ID_NONE && domain != world_host(t->w, n)->cfg->masc.domain) {
        also(&to, begun, "of domain ");
        wr_decimal(&to, (uint64_t)domain);
    }
    if (other != ID_NONE) {
        also(&to, begun, "met domain ");
        wr_decimal(&to, (uint64_t)other);
    }
    if (ready != INT64_MAX && ready > now) {
        also(&to, begun, "ready in ");
        write_wait(&to, ready - now);
    }
    if (until != INT64_MAX) {
        also(&to, begun, until < now ? "ended for " : "ends in ");
        write_wait(&to, until - now);
    }
    if (reason && *reason) {
        also(&to, begun, "");
        wr_text(&to, reason);
    }
    trace_end(t, &to);
}

static void tell_output(struct trace *t, unsigned n, const struct row *row)
{
    char what[16] = "";
    struct wr word = wr_init(what, sizeof what - 1), to;
    wr_text(&word, value(row, "to")->text);
    wr_text(&word, value(row, "what")->text[0] == 'a' ? " +" : " -");
    to = trace_begin(t, &(struct trace_head){.node = n, .what = what,
                                             .prefix = value(row, "prefix")->prefix});
    trace_end(t, &to);
}

static void tell_session(struct trace *t, unsigned n, const struct row *row)
{
    const char *reason = value(row, "reason")->text;
    struct wr to = trace_begin(
        t, &(struct trace_head){.node = n, .arrow = " <> ", .what = value(row, "event")->text,
                                .other = world_of_address(t->w, value(row, "address")->addr)});
    if (reason)
        wr_text(&to, reason);
    trace_end(t, &to);
}

void trace_logged(struct trace *t, const struct happening *h)
{
    size_t i;
    for (i = 0; i < h->out->actions; i++) {
        const struct action *a = &h->out->action[i];
        if (a->kind != ACTION_LOG)
            continue;
        if (a->row->type == &masc_row_life)
            tell_life(t, h->node, a->row);
        else if (a->row->type == &masc_row_output)
            tell_output(t, h->node, a->row);
        else if (a->row->type == &masc_row_session && t->level >= TRACE_NORMAL)
            tell_session(t, h->node, a->row);
    }
}

void trace_stored(struct trace *t, const struct happening *h)
{
    struct trace_head head = {.node = h->node, .what = h->remove ? "deletes" : "stores"};
    struct wr to;
    if (h->row->type == &masc_row_own)
        head.prefix = value(h->row, "prefix")->prefix;
    to = trace_begin(t, &head);
    if (h->row->type != &masc_row_own) {
        wr_text(&to, h->row->type->name);
    } else {
        wr_text(&to, value(h->row, "use")->text);
        if (!h->remove) {
            wr_text(&to, ", life ");
            row_write_duration(&to, value(h->row, "lifetime")->u, "");
        }
    }
    trace_end(t, &to);
}
