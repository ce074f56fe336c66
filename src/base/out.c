/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * out: filling the list of actions of one step; see event.h.
 *
 * Payload is laid into the host's buffer from the front: octets of streams without alignment, rows
 * aligned for the 128-bit values they hold and followed by their texts. Nothing is given back but
 * all at once, by out_reset(). A stream that is being written owns the end of the buffer: any other
 * call between begin and commit that takes buffer would write over it, and is caught in commit.
 */
#include "base/event.h"

#include "base/text.h"

void out_init(struct out *o, struct action *action, size_t actions_max, void *buf, size_t cap)
{
    *o = (struct out){.action = action, .actions_max = actions_max, .buf = buf, .cap = cap};
}

void out_reset(struct out *o)
{
    o->actions = 0;
    o->used = 0;
}

size_t out_room(const struct out *o)
{
    size_t left = o->cap - o->used;

    if (o->actions_max - o->actions < OUT_ACTIONS_RESERVE || left < OUT_BYTES_RESERVE)
        return 0;
    return left - OUT_BYTES_RESERVE;
}

/* `n` octets of the buffer, for ever of this step. `align` is a power of two. */
static void *take(struct out *o, size_t n, size_t align)
{
    size_t pad = (size_t)(-(uintptr_t)(o->buf + o->used) & (align - 1));
    uint8_t *p;

    CHECK(pad <= o->cap - o->used && n <= o->cap - o->used - pad);
    p = o->buf + o->used + pad;
    o->used += pad + n;
    return p;
}

static const char *copy_text(struct out *o, const char *text)
{
    size_t size;

    if (text == NULL)
        return NULL;
    size = text_len(text) + 1;
    return memcpy(take(o, size, 1), text, size);
}

/* Values past the last field are not copied: nobody may read them. */
static const struct row *copy_row(struct out *o, const struct row *row)
{
    const struct row_type *type = row->type;
    struct row *copy;

    CHECK(type != NULL && type->fields <= ROW_FIELDS_MAX);
    copy = take(o, sizeof(*copy), _Alignof(struct row));
    copy->type = type;
    memcpy(copy->v, row->v, type->fields * sizeof(row->v[0]));
    for (int i = 0; i < type->fields; i++)
        if (type->field[i].kind == FIELD_TEXT)
            copy->v[i].text = copy_text(o, row->v[i].text);
    return copy;
}

static void append(struct out *o, struct action action)
{
    CHECK(o->actions < o->actions_max);
    o->action[o->actions++] = action;
}

void out_connect(struct out *o, conn_t conn, struct addr to, uint16_t port, struct addr from)
{
    CHECK(conn.id % 2 == 0);
    append(o, (struct action){
                  .kind = ACTION_CONNECT, .conn = conn, .addr = to, .port = port, .local = from});
}

void out_close(struct out *o, conn_t conn)
{
    append(o, (struct action){.kind = ACTION_CLOSE, .conn = conn});
}

struct wr out_stream_begin(struct out *o, size_t max)
{
    CHECK(max <= o->cap - o->used);
    return wr_init(o->buf + o->used, max);
}

/* The last action, if it is a stream of `conn` whose octets end where `w` begins. */
static struct action *preceding_stream(struct out *o, conn_t conn, const struct wr *w)
{
    struct action *last = o->actions > 0 ? &o->action[o->actions - 1] : NULL;

    if (last == NULL || last->kind != ACTION_STREAM || !conn_equal(last->conn, conn))
        return NULL;
    return last->bytes + last->len == w->buf ? last : NULL;
}

void out_stream_commit(struct out *o, conn_t conn, const struct wr *w)
{
    struct action *last;

    CHECK(w->buf == o->buf + o->used && w->len <= o->cap - o->used);
    if (!wr_ok(w) || w->len == 0)
        return;
    o->used += w->len;
    last = preceding_stream(o, conn, w);
    if (last != NULL)
        last->len += w->len;
    else
        append(o, (struct action){
                      .kind = ACTION_STREAM, .conn = conn, .bytes = w->buf, .len = w->len});
}

void out_store(struct out *o, const struct row *row, uint64_t ticket, bool remove)
{
    CHECK(row->type != NULL && row->type->keys > 0);
    append(o,
           (struct action){
               .kind = ACTION_STORE, .row = copy_row(o, row), .ticket = ticket, .remove = remove});
}

void out_answer(struct out *o, uint32_t ask_id, const struct row *row)
{
    append(o, (struct action){.kind = ACTION_ANSWER, .ask_id = ask_id, .row = copy_row(o, row)});
}

void out_end(struct out *o, uint32_t ask_id, enum end_status status, const char *text,
             uint64_t cursor)
{
    append(o, (struct action){.kind = ACTION_END,
                              .ask_id = ask_id,
                              .status = status,
                              .text = copy_text(o, text),
                              .cursor = cursor});
}

void out_log(struct out *o, const struct row *row)
{
    append(o, (struct action){.kind = ACTION_LOG, .row = copy_row(o, row)});
}
