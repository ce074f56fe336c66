/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * collision: two connections between the same two nodes; one must go (RFC 2909 8.8).
 *
 * RFC: compares identifiers and closes "the existing" or "the newly created" connection, which lets
 * both sides close a different one when the OPENs arrive in different orders.
 * Ours: the connection initiated by the node with the higher identifier stays, whatever came
 * first; the literal steps decide only between two with the same initiator (the peer restarted).
 *
 * A race is left by the RFC: one side may be Established on the connection that loses
 * before the OPEN on the other one is there; then each keeps another one. Two rules close it for
 * two nodes like us. The node with the higher identifier looks at its own connection from OpenSent
 * on (a MAY of 8.8: the peering tells whose it is): while that one waits for its OPEN, an OPEN on
 * the peer's connection is neither confirmed nor refused but deferred. So nothing gets Established
 * that could lose, and nothing is closed before the peer is seen on the other one. And whoever
 * confirms an OPEN gives up an attempt that is not up yet (session.c), so it sends no OPEN on it.
 *
 * Siblings with several common parents have a connection for each: no collision (4.4). The same
 * node met under another peering (its other address) is one: two nodes have one session.
 */
#include "masc/session.h"

enum masc_collision masc_collision_decide(u128 local, u128 remote, bool old_initiated,
                                          bool new_initiated)
{
    /* 8.8 steps 2 and 3: nothing tells the two apart but their age */
    if (old_initiated == new_initiated)
        return local < remote ? MASC_COLLISION_CLOSE_OLD : MASC_COLLISION_CLOSE_NEW;
    /* */
    return new_initiated == (local > remote) ? MASC_COLLISION_CLOSE_OLD : MASC_COLLISION_CLOSE_NEW;
}

static bool both_siblings(const struct masc_peers *ps, const struct masc_conn *x,
                          const struct masc_conn *y)
{
    return ps->peering[x->peer].config.role == MASC_SIBLING &&
           ps->peering[y->peer].config.role == MASC_SIBLING;
}

/* What becomes of `x`, whose OPEN is there, and of `y`. */
static enum masc_collision judge(const struct masc_peers *ps, const struct masc_conn *x,
                                 const struct masc_conn *y)
{
    const struct masc_open *o = &x->open;
    u128 local = ps->config->node;

    if (y->state == MASC_OPENSENT && y->peer == x->peer && y->initiated && !x->initiated)
        return local > o->node ? MASC_COLLISION_DEFER : MASC_COLLISION_NONE;
    if (!masc_conn_identified(y))
        return MASC_COLLISION_NONE;
    if (y->peer != x->peer) {
        if (y->open.node != o->node)
            return MASC_COLLISION_NONE;
        if (both_siblings(ps, x, y) && y->open.parent != o->parent)
            return MASC_COLLISION_NONE;
    }
    /* 8.8: unconditionally */
    if (y->state == MASC_ESTABLISHED)
        return MASC_COLLISION_CLOSE_NEW;
    return masc_collision_decide(local, o->node, y->initiated, x->initiated);
}

/* Whether some other connection gives this judgement. */
static struct masc_conn *find(const struct masc_peers *ps, const struct masc_conn *x,
                              enum masc_collision wanted)
{
    for (uint16_t i = 0; i < ps->conns_top; i++) {
        struct masc_conn *y = &ps->conn[i];
        if (y == x || y->state == MASC_IDLE || y->peer == MASC_NO_INDEX)
            continue;
        if (judge(ps, x, y) == wanted)
            return y;
    }
    return NULL;
}

void masc_collision_resolve(struct masc_peers *ps, struct masc_conn *x)
{
    struct masc_peering *p = &ps->peering[x->peer];
    struct masc_conn *loser;
    bool confirmed = x->confirmed;

    if (find(ps, x, MASC_COLLISION_CLOSE_NEW)) {
        masc_session_event(ps, p, x, MASC_EV_COLLISION_LOST, NULL);
        return;
    }
    if (find(ps, x, MASC_COLLISION_DEFER)) {
        x->deferred = true;
        return;
    }
    /* From here on `x` is seen by none of those that it closes. */
    x->deferred = x->confirmed = false;
    while ((loser = find(ps, x, MASC_COLLISION_CLOSE_OLD)))
        masc_session_event(ps, &ps->peering[loser->peer], loser, MASC_EV_COLLISION_LOST, NULL);
    masc_session_event(ps, p, x, MASC_EV_OPEN_GOOD, NULL);
    if (confirmed)
        masc_session_event(ps, p, x, MASC_EV_KEEPALIVE, NULL);
}

void masc_collision_resume(struct masc_peers *ps, struct masc_peering *p)
{
    struct masc_conn *x = p->accepted == MASC_NO_INDEX ? NULL : &ps->conn[p->accepted];

    if (x && x->deferred && !find(ps, x, MASC_COLLISION_DEFER))
        masc_collision_resolve(ps, x);
}
