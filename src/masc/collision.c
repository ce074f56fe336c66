/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * collision: two connections between the same two nodes; one must go (RFC 2909 8.8).
 *
 * RFC: compares identifiers and closes "the existing" or "the newly created" connection, which lets
 * both sides close a different one when the OPENs arrive in different orders.
 * Ours: the connection initiated by the node with the higher identifier stays, whatever came
 * first; the literal steps decide only between two with the same initiator (the peer restarted).
 *
 * A race is left by the RFC: one side may be Established on the connection that loses before
 * the OPEN on the other one is there; then each keeps another one. Two rules close it between two
 * nodes like us. The node with the higher identifier counts its own connection from OpenSent on (a
 * MAY of 8.8: the peering tells whose it is), so it confirms no OPEN on the peer's connection while
 * its own is up; and whoever confirms an OPEN gives up an attempt that is not up yet (session.c), so
 * it sends no OPEN on that one any more.
 *
 * Siblings with several common parents have a connection for each: no collision (4.4). The same
 * node met under another peering (its other address) is one: between two nodes there is one session.
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

static enum masc_collision judge(const struct masc_peers *ps, const struct masc_conn *x,
                                 const struct masc_conn *y, const struct masc_open *o)
{
    u128 local = ps->config->node;

    if (y->state == MASC_OPENSENT && y->peer == x->peer && y->initiated && !x->initiated)
        return local > o->node ? MASC_COLLISION_CLOSE_NEW : MASC_COLLISION_NONE;
    if (y->state < MASC_OPENCONFIRM)
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

bool masc_collision_wins(struct masc_peers *ps, const struct masc_conn *x,
                         const struct masc_open *o)
{
    uint16_t self = masc_conn_index(ps, x);

    for (uint16_t i = 0; i < ps->conns_max; i++) {
        const struct masc_conn *y = &ps->conn[i];
        if (i == self || y->state == MASC_IDLE || y->peer == MASC_NO_INDEX)
            continue;
        if (judge(ps, x, y, o) == MASC_COLLISION_CLOSE_NEW)
            return false;
    }
    for (uint16_t i = 0; i < ps->conns_max; i++) {
        struct masc_conn *y = &ps->conn[i];
        if (i == self || y->state == MASC_IDLE || y->peer == MASC_NO_INDEX)
            continue;
        if (judge(ps, x, y, o) == MASC_COLLISION_CLOSE_OLD)
            masc_session_event(ps, &ps->peering[y->peer], y, MASC_EV_COLLISION_LOST, NULL);
    }
    return true;
}
