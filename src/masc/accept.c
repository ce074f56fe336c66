/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * accept: whose is a connection that came in? (RFC 2909 10.1, 14, 4.4)
 *
 * The remote address tells the peerings it may be for. None: a stranger, closed before the state
 * machine sees it. All of them Idle: closed without a word, which the peer takes for a
 * transport failure and not for an error. One: our OPEN goes out at once. Several (siblings
 * with common parents), or one that has an accepted connection already (the peer restarted): the
 * connection waits in a pool, and the initiator's OPEN tells whose it is. Initiators speak
 * first, so nobody waits for the other.
 *
 * What is refused out of the pool gets our OPEN before the NOTIFICATION (7.2: the first message of
 * each side); the peering that its OPEN came nearest to lends its settings and is not touched.
 */
#include "masc/open.h"
#include "masc/session.h"

static bool addr_equal(struct addr a, struct addr b)
{
    return a.family == b.family && a.addr == b.addr;
}

/* The next peering at or after number *i that has this address, or NULL. */
static struct masc_peering *next_candidate(const struct masc_peers *ps, struct addr remote,
                                           uint16_t *i)
{
    for (; *i < ps->peers_max; (*i)++)
        if (ps->peering[*i].used && addr_equal(ps->peering[*i].config.addr, remote))
            return &ps->peering[(*i)++];
    return NULL;
}

static void refuse_stranger(struct masc_peers *ps, conn_t id, struct addr remote)
{
    out_close(ps->out, id);
    ps->strangers++;
    masc_log_stranger(ps, remote);
    /* 10.1 Active, A-45 */
    for (uint16_t i = 0; i < ps->peers_max; i++)
        if (ps->peering[i].used)
            masc_session_event(ps, &ps->peering[i], NULL, MASC_EV_STRANGER, NULL);
}

static void wait_for_open(struct masc_peers *ps, conn_t id, struct addr remote)
{
    const struct masc_cause cause = {.reason = "too many connections wait for their OPEN"};
    struct masc_conn *x;

    if (ps->waiting == MASC_WAITING_MAX) {
        out_close(ps->out, id);
        masc_log_refused(ps, remote, &cause);
        return;
    }
    x = masc_conn_new(ps, id, MASC_ACTIVE);
    x->remote = remote;
    ps->waiting++;
    masc_timer_set(ps, &x->hold_at, mono_add_ms(ps->now.mono, 1000 * MASC_WAITING_GUARD_S));
}

/* The accepted connection `x`, new or out of the pool, belongs to `p`: sends our OPEN. */
static void join(struct masc_peers *ps, struct masc_peering *p, struct masc_conn *x)
{
    x->peer = masc_peering_index(ps, p);
    p->accepted = masc_conn_index(ps, x);
    masc_session_event(ps, p, x, MASC_EV_TRANSPORT_OPEN, NULL);
}

static void accept_one(struct masc_peers *ps, struct masc_peering *p, conn_t id, struct addr remote)
{
    struct masc_conn *x;

    if (p->accepted != MASC_NO_INDEX) {
        wait_for_open(ps, id, remote);
        return;
    }
    x = masc_conn_new(ps, id, MASC_ACTIVE);
    x->remote = remote;
    join(ps, p, x);
}

void masc_accept_up(struct masc_peers *ps, conn_t id, struct addr remote)
{
    struct masc_peering *p, *last = NULL;
    unsigned candidates = 0, listening = 0;

    for (uint16_t i = 0; (p = next_candidate(ps, remote, &i)); last = p) {
        candidates++;
        if (masc_session_state(ps, p) != MASC_IDLE)
            listening++;
        /* the peer may have lost what we think is Established */
        masc_session_probe(ps, p);
    }
    if (candidates == 0) {
        refuse_stranger(ps, id, remote);
    } else if (listening == 0) {
        masc_session_event(ps, last, NULL, MASC_EV_TRANSPORT_OPEN, NULL);
        out_close(ps->out, id); /* 10.1 Idle */
    } else if (candidates == 1) {
        accept_one(ps, last, id, remote);
    } else {
        wait_for_open(ps, id, remote);
    }
}

/* ---- the waiting pool ---- */

/* Out of the pool with this error: our OPEN, the NOTIFICATION, CLOSE. */
static void reject(struct masc_peers *ps, struct masc_conn *x, const struct masc_peering *nearest,
                   struct masc_fault fault)
{
    const struct masc_open o = masc_open_make(ps->config, &nearest->config, nearest->version);
    const struct masc_cause cause = {.sent = true, .code = fault.code, .subcode = fault.subcode};

    fault.open = false;
    masc_conn_send_open(ps, x, &o);
    masc_conn_send_notification(ps, x, &fault);
    masc_log_refused(ps, x->remote, &cause);
    masc_conn_free(ps, x);
}

/* The peering for which the OPEN is acceptable, or else the one that came nearest; *fault tells. */
static struct masc_peering *whose(struct masc_peers *ps, const struct masc_conn *x,
                                  const struct masc_frame *f, struct masc_fault *fault,
                                  uint8_t data[MASC_OPEN_DATA_MAX])
{
    struct rd body = rd_init(f->octets + MASC_HEADER_OCTETS, f->len - MASC_HEADER_OCTETS);
    struct masc_peering *p, *best = NULL;
    struct masc_open o;
    struct masc_fault unreadable = masc_open_decode(&o, f->octets, f->len);
    unsigned nearness = 0;

    for (uint16_t i = 0; (p = next_candidate(ps, x->remote, &i));) {
        *fault = unreadable;
        if (!masc_fault_is(fault))
            *fault = masc_open_judge(ps->config, &p->config, &o, body, data);
        if (best && masc_open_nearness(fault) <= nearness)
            continue;
        best = p;
        nearness = masc_open_nearness(fault);
    }
    *fault = unreadable;
    if (best && !masc_fault_is(fault))
        *fault = masc_open_judge(ps->config, &best->config, &o, body, data);
    return best;
}

/* The peering has an accepted connection already: which of the two goes on? (8.8, A-35) */
static bool newcomer_wins(const struct masc_peers *ps, const struct masc_peering *p,
                          const struct masc_open *o)
{
    const struct masc_conn *old = &ps->conn[p->accepted];

    if (p->up != MASC_NO_INDEX)
        return false;
    /* It has not said who it is, and the newcomer has. */
    if (!masc_conn_identified(old))
        return true;
    return masc_collision_decide(ps->config->node, o->node, false, false) ==
           MASC_COLLISION_CLOSE_OLD;
}

static void take_open(struct masc_peers *ps, struct masc_conn *x, const struct masc_frame *f)
{
    uint8_t data[MASC_OPEN_DATA_MAX];
    struct masc_fault fault;
    struct masc_peering *p = whose(ps, x, f, &fault, data);
    struct masc_conn *old = NULL;
    struct masc_open o;

    CHECK(p != NULL); /* a change of the configuration empties the pool */
    if (masc_fault_is(&fault)) {
        reject(ps, x, p, fault);
        return;
    }
    /* 10.1 Idle, A-49 */
    if (masc_session_state(ps, p) == MASC_IDLE) {
        masc_conn_free(ps, x);
        return;
    }
    (void)masc_open_decode(&o, f->octets, f->len);
    if (p->accepted != MASC_NO_INDEX) {
        if (!newcomer_wins(ps, p, &o)) {
            reject(ps, x, p, (struct masc_fault){.code = MASC_E_CEASE});
            return;
        }
        old = &ps->conn[p->accepted];
    }
    ps->waiting--;
    join(ps, p, x);
    if (old)
        masc_session_event(ps, p, old, MASC_EV_COLLISION_LOST, NULL);
    masc_messages_open(ps, x, f->octets, f->len);
}

/* Anything but OPEN: as OpenSent would answer it. */
static void take_other(struct masc_peers *ps, struct masc_conn *x, const struct masc_frame *f,
                       const struct masc_peering *nearest)
{
    enum masc_fsm_event event = MASC_EV_KEEPALIVE;
    struct masc_notification n;
    struct masc_fsm_step step;
    bool erroneous;

    if (f->type == MASC_UPDATE)
        event = MASC_EV_UPDATE_GOOD;
    if (f->type == MASC_NOTIFICATION) {
        (void)masc_notification_decode(&n, &erroneous, f->octets, f->len);
        event = n.open ? MASC_EV_NOTIFICATION_OPEN : MASC_EV_NOTIFICATION_CLOSING;
    }
    step = masc_fsm_step(MASC_OPENSENT, event);
    if (step.action == MASC_DO_NOTIFY)
        reject(ps, x, nearest, (struct masc_fault){.code = step.code, .subcode = step.subcode});
    else
        masc_conn_free(ps, x);
}

void masc_accept_message(struct masc_peers *ps, struct masc_conn *x, const struct masc_frame *f)
{
    uint16_t i = 0;
    const struct masc_peering *first = next_candidate(ps, x->remote, &i);

    CHECK(first != NULL);
    if (masc_fault_is(&f->fault))
        reject(ps, x, first, f->fault);
    else if (f->type == MASC_OPEN)
        take_open(ps, x, f);
    else
        take_other(ps, x, f, first);
}

void masc_accept_flush(struct masc_peers *ps)
{
    for (uint16_t i = 0; i < ps->conns_top; i++)
        if (ps->conn[i].state != MASC_IDLE && ps->conn[i].peer == MASC_NO_INDEX)
            masc_conn_free(ps, &ps->conn[i]);
}
