/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own_heard: was an own claim heard by anybody (RFC 2909 5.1, readings A-76)?
 *
 * The Claim-Timer runs on when sessions end: the wait is there to outlast partitions. But if every
 * session that was given the claim ended before the kernel took it all, nobody can have heard it,
 * and waiting proves nothing: the claim starts anew, with another Timestamp and the full wait.
 * relay.c tells who was given it; it is heard once the queue of one of them was empty afterwards.
 */
#include "masc/speaker.h"

static bool waits_unheard(const struct own *o)
{
    return o->present && o->mine && o->state == MASC_OWN_WAITING && !o->heard;
}

void own_given(struct masc *m, uint32_t at, unsigned peer)
{
    struct own *o = own_find_pending(m, table_prefix(&m->table, at),
                                     m->table.entry[at].timestamp_s);
    if (!o || !waits_unheard(o))
        return;
    o->given[peer / 64] |= UINT64_C(1) << peer % 64;
    m->unheard = true;
}

void own_taken(struct masc *m)
{
    unsigned i, p;
    m->unheard = false;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!waits_unheard(o))
            continue;
        for (p = 0; p < m->peers_max && !o->heard; p++)
            o->heard = o->given[p / 64] >> p % 64 & 1 &&
                       masc_peer_room(m->peers, p) == MASC_WINDOW;
        m->unheard |= !o->heard;
    }
}

static bool is_given(const struct own *o)
{
    uint64_t any = 0;
    unsigned i;
    for (i = 0; i < MASC_PEERS_MAX / 64; i++)
        any |= o->given[i];
    return any != 0;
}

/* planned again, without another random delay. */
static void start_again(struct masc *m, struct own *o, struct out *out)
{
    uint32_t at = table_find_pending(&m->table, m->cfg->domain, o->prefix, o->timestamp_s);
    if (at != TABLE_NONE)
        m->table.entry[at].flags |= ENTRY_LOST | ENTRY_UNSENT;
    life_log(m, &(struct life){.event = "restarted", .prefix = o->prefix, .domain = m->cfg->domain,
                               .ready_s = INT64_MAX, .until_s = INT64_MAX,
                               .reason = "every session ended before the claim was sent whole"},
             out);
    o->state = MASC_OWN_DELAYED;
    o->began = o->due = m->now.mono;
    m->own_due = mono_min(m->own_due, o->due);
}

void own_session_down(struct masc *m, unsigned peer, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!waits_unheard(o))
            continue;
        o->given[peer / 64] &= ~(UINT64_C(1) << peer % 64);
        if (!is_given(o) && !own_space_reachable(m, o->space))
            start_again(m, o, out);
    }
}
