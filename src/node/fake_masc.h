/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_masc: a speaker for the tests of this part that holds what a test puts into it and notes
 * what it is asked to do. Include it in a test program only, once: it defines every function of
 * masc/masc.h and masc/peer.h, so that nothing of the real speaker's state is linked.
 *
 * `fake` is the only instance. Refusals: set fake.refuse to the reason.
 */
#ifndef NODE_FAKE_MASC_H
#define NODE_FAKE_MASC_H

#include "base/text.h"
#include "masc/masc.h"

#define FAKE_CLAIMS 3000
#define FAKE_OWN 64

static struct {
    const struct masc_config *config;
    struct masc_claim_view claim[FAKE_CLAIMS];
    uint64_t claims;
    struct masc_own_view own[FAKE_OWN];
    uint64_t owns;
    struct masc_clash_view clash[FAKE_OWN];
    uint64_t clashes;
    struct masc_peer_info peer[8];
    struct masc_status status;
    const char *refuse;
    unsigned steps, configured;
    mono_t deadline;
    /* what was asked last */
    char verb[16];
    struct masc_claim_wish wish;
    struct prefix prefix;
    bool withdraw;
    char name[MASC_NAME_MAX];
} fake;

struct masc {
    uint64_t seed;
};

size_t masc_octets(const struct masc_config *c)
{
    (void)c;
    return sizeof(struct masc);
}

struct masc *masc_init(void *mem, const struct masc_config *c, uint64_t seed)
{
    struct masc *m = mem;

    m->seed = seed;
    fake.config = c;
    return m;
}

void masc_step(struct masc *m, const struct event *ev, struct out *out)
{
    (void)m, (void)ev, (void)out;
    fake.steps++;
}

mono_t masc_deadline(const struct masc *m)
{
    (void)m;
    return fake.deadline;
}

void masc_configure(struct masc *m, const struct masc_config *c, struct now now, struct out *out)
{
    (void)m, (void)now, (void)out;
    fake.config = c;
    fake.configured++;
}

const struct masc_config *masc_configuration(const struct masc *m)
{
    (void)m;
    return fake.config;
}

const struct masc_peers *masc_sessions(const struct masc *m)
{
    (void)m;
    return NULL;
}

struct masc_status masc_status(const struct masc *m, struct now now)
{
    (void)m, (void)now;
    return fake.status;
}

bool masc_claim_next(const struct masc *m, struct now now, uint64_t *cursor,
                     struct masc_claim_view *v)
{
    (void)m, (void)now;
    if (*cursor >= fake.claims)
        return false;
    *v = fake.claim[(*cursor)++];
    return true;
}

bool masc_own_next(const struct masc *m, struct now now, uint64_t *cursor, struct masc_own_view *v)
{
    (void)m, (void)now;
    if (*cursor >= fake.owns)
        return false;
    *v = fake.own[(*cursor)++];
    return true;
}

bool masc_clash_next(const struct masc *m, struct now now, uint64_t *cursor,
                     struct masc_clash_view *v)
{
    (void)m, (void)now;
    if (*cursor >= fake.clashes)
        return false;
    *v = fake.clash[(*cursor)++];
    return true;
}

static bool fake_done(const char *verb, struct wr *why)
{
    text_copy(fake.verb, sizeof(fake.verb), verb);
    if (fake.refuse != NULL)
        wr_text(why, fake.refuse);
    return fake.refuse == NULL;
}

bool masc_claim(struct masc *m, const struct masc_claim_wish *wish,
                const struct masc_order *order)
{
    (void)m;
    fake.wish = *wish;
    return fake_done("claim", order->why);
}

bool masc_release(struct masc *m, struct prefix prefix, const struct masc_order *order)
{
    (void)m;
    fake.prefix = prefix;
    return fake_done("release", order->why);
}

bool masc_resolve(struct masc *m, struct prefix range, bool withdraw,
                  const struct masc_order *order)
{
    (void)m;
    fake.prefix = range;
    fake.withdraw = withdraw;
    return fake_done("resolve", order->why);
}

bool masc_peer_command(struct masc *m, const char *verb, const char *name,
                       const struct masc_order *order)
{
    (void)m;
    text_copy(fake.name, sizeof(fake.name), name);
    return fake_done(verb, order->why);
}

const char *masc_own_state_name(enum masc_own_state s)
{
    static const char *const name[] = {"delayed", "waiting", "storing", "in use"};
    return name[s];
}

const char *masc_purpose_name(enum masc_purpose p)
{
    static const char *const name[] = {"new", "renewal", "expansion", "local"};
    return name[p];
}

unsigned masc_peers_max(const struct masc_peers *ps)
{
    (void)ps;
    return sizeof(fake.peer) / sizeof(fake.peer[0]);
}

struct masc_peer_info masc_peer_info(const struct masc_peers *ps, unsigned peer)
{
    (void)ps;
    return fake.peer[peer];
}

bool masc_peer_established(const struct masc_peers *ps, unsigned peer)
{
    (void)ps;
    return fake.peer[peer].config != NULL && fake.peer[peer].state == MASC_ESTABLISHED;
}

int masc_peer_find(const struct masc_peers *ps, const char *name)
{
    (void)ps;
    for (int i = 0; i < (int)masc_peers_max(ps); i++)
        if (fake.peer[i].config != NULL && text_equal(fake.peer[i].config->name, name))
            return i;
    return -1;
}

uint64_t masc_peers_strangers(const struct masc_peers *ps)
{
    (void)ps;
    return 3;
}

const char *masc_state_name(enum masc_state s)
{
    static const char *const name[] = {"Idle",     "Connect",     "Active",
                                       "OpenSent", "OpenConfirm", "Established"};
    return name[s];
}

#endif
