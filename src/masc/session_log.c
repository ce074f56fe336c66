/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of the sessions. What a neighbour can cause at will is limited here: one row per second
 * for all strangers, for all connections refused, and per peering or connection for what leaves the
 * session open. Ends of sessions
 * are limited by the start back-off already.
 */
#include "masc/rows.h"
#include "masc/session.h"

static const char *direction(const struct masc_cause *cause)
{
    if (cause->code == MASC_E_NONE)
        return NULL;
    return cause->sent ? "sent" : "received";
}

static const char *reason(const struct masc_cause *cause)
{
    if (cause->reason)
        return cause->reason;
    if (cause->subcode)
        return masc_subcode_name(cause->code, cause->subcode);
    return masc_code_name(cause->code);
}

static void log_row(struct masc_peers *ps, const struct masc_peering *p, const char *event,
                    const struct masc_cause *cause, uint64_t again)
{
    struct row row = {.type = &masc_row_session};
    int64_t wait_ms = p->start_at.ms - ps->now.mono.ms;

    row.v[MASC_ROW_SESSION_PEER].text = p->config.name;
    row.v[MASC_ROW_SESSION_ADDRESS].addr = p->config.addr;
    row.v[MASC_ROW_SESSION_DOMAIN].id = p->config.domain;
    row.v[MASC_ROW_SESSION_NODE].id = p->config.node;
    if (p->up != MASC_NO_INDEX)
        row.v[MASC_ROW_SESSION_NODE].id = ps->conn[p->up].open.node;
    row.v[MASC_ROW_SESSION_EVENT].text = event;
    row.v[MASC_ROW_SESSION_STATE].text = masc_state_name(masc_session_state(ps, p));
    row.v[MASC_ROW_SESSION_DIRECTION].text = direction(cause);
    row.v[MASC_ROW_SESSION_CODE].u = cause->code;
    row.v[MASC_ROW_SESSION_SUBCODE].u = cause->subcode;
    row.v[MASC_ROW_SESSION_REASON].text = reason(cause);
    row.v[MASC_ROW_SESSION_RETRY].u = UINT64_MAX;
    if (p->start_at.ms != MONO_NEVER.ms)
        row.v[MASC_ROW_SESSION_RETRY].u = wait_ms > 0 ? ((uint64_t)wait_ms + 999) / 1000 : 0;
    row.v[MASC_ROW_SESSION_AGAIN].u = again;
    out_log(ps->out, &row);
}

void masc_log_session(struct masc_peers *ps, const struct masc_peering *p, const char *event,
                      const struct masc_cause *cause)
{
    log_row(ps, p, event, cause, 0);
}

/* Whether a row may be written now; *again is how many were not since the last one. */
static bool quiet_over(const struct masc_peers *ps, struct masc_quiet *q, uint64_t *again)
{
    if (ps->now.mono.ms < q->until.ms) {
        q->left_out++;
        return false;
    }
    *again = q->left_out;
    *q = (struct masc_quiet){.until = mono_add_ms(ps->now.mono, MASC_QUIET_MS)};
    return true;
}

void masc_log_closed(struct masc_peers *ps, struct masc_peering *p, const struct masc_cause *cause)
{
    uint64_t again;

    if (quiet_over(ps, &p->quiet, &again))
        log_row(ps, p, "closed", cause, again);
}

void masc_log_error(struct masc_peers *ps, struct masc_conn *x, const struct masc_cause *cause)
{
    uint64_t again;

    if (quiet_over(ps, &x->quiet, &again))
        log_row(ps, &ps->peering[x->peer], "error", cause, again);
}

/* Of a connection that no peering has. */
static void log_nameless(struct masc_peers *ps, struct addr remote, const char *event,
                         const struct masc_cause *cause, uint64_t again)
{
    struct row row = {.type = &masc_row_session};

    row.v[MASC_ROW_SESSION_ADDRESS].addr = remote;
    row.v[MASC_ROW_SESSION_EVENT].text = event;
    row.v[MASC_ROW_SESSION_DIRECTION].text = direction(cause);
    row.v[MASC_ROW_SESSION_CODE].u = cause->code;
    row.v[MASC_ROW_SESSION_SUBCODE].u = cause->subcode;
    row.v[MASC_ROW_SESSION_REASON].text = reason(cause);
    row.v[MASC_ROW_SESSION_RETRY].u = UINT64_MAX;
    row.v[MASC_ROW_SESSION_AGAIN].u = again;
    out_log(ps->out, &row);
}

void masc_log_refused(struct masc_peers *ps, struct addr remote, const struct masc_cause *cause)
{
    uint64_t again;

    if (quiet_over(ps, &ps->quiet_refused, &again))
        log_nameless(ps, remote, "refused", cause, again);
}

void masc_log_stranger(struct masc_peers *ps, struct addr remote)
{
    const struct masc_cause cause = {.reason = "no peer has this address"};
    uint64_t again;

    if (quiet_over(ps, &ps->quiet_strangers, &again))
        log_nameless(ps, remote, "stranger", &cause, again);
}
