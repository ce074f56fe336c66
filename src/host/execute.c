/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * execute: events into the node, actions into the world. This is all the host knows of what the
 * node does: seven words, and none of them is of MASC (base/event.h has their contract).
 *
 * Nothing here waits: octets are queued for conns_flush(), records join the open group, rows are
 * written to queues.
 */
#include "host/daemon.h"

static void execute_one(struct daemon *d, const struct action *a)
{
    switch (a->kind) {
    case ACTION_CONNECT: conns_connect(d->conns, a); return;
    case ACTION_STREAM: conns_send(d->conns, a->conn, a->bytes, a->len); return;
    case ACTION_CLOSE: conns_close(d->conns, a->conn, d->now); return;
    case ACTION_STORE: store_put(d->store, a->row, a->ticket, a->remove); return;
    case ACTION_ANSWER: ctl_answer(d->ctl, a->ask_id, a->row); return;
    case ACTION_END: ctl_end(d->ctl, a->ask_id, a->status, a->text, a->cursor); return;
    case ACTION_LOG:
        log_row(&d->log, a->row, d->now);
        ctl_log(d->ctl, a->row);
        return;
    }
}

static void execute(struct daemon *d)
{
    for (size_t i = 0; i < d->out.actions; i++)
        execute_one(d, &d->out.action[i]);
}

void daemon_step(struct daemon *d, struct event *ev)
{
    ev->now = d->now;
    out_reset(&d->out);
    node_step(d->node, ev, &d->out);
    execute(d);
}

void daemon_configure(struct daemon *d, const struct node_config *c)
{
    out_reset(&d->out);
    node_configure(d->node, c, d->now, &d->out);
    execute(d);
}

void daemon_say(struct daemon *d, const char *event, const char *subject, const char *text)
{
    struct row row = log_daemon_row(event, subject, text);

    log_row(&d->log, &row, d->now);
    if (d->ctl != NULL)
        ctl_log(d->ctl, &row);
}
