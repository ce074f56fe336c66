/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness: records what was sent and logged, and judges each message when it is sent: framing
 * (I-30), order on a connection (I-29), who may say what to whom (I-20), nothing expired (I-27),
 * nothing twice (I-18), nothing back to where it came from (I-19), nothing that is not stored
 * (I-46), and outputs that add up (I-15).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/world_impl.h"

/* ---- what was said on a session before ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + UINT64_C(0x9e3779b97f4a7c15) + (h << 6) + (h >> 2);
    h *= UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 32;
}

/* An UPDATE in one direction of a session; without its role if `role` is 255. */
static uint64_t key_of(uint32_t pipe, unsigned side, const struct masc_attr *a, uint8_t role)
{
    uint64_t h = mix(mix(1, pipe), side);
    h = mix(mix(mix(h, a->type), a->deprecated), role);
    h = mix(mix(mix(h, a->timestamp_s), a->lifetime_s), a->holdtime_s);
    h = mix(mix(h, u128_lo(a->domain)), u128_lo(a->node));
    h = mix(mix(h, u128_lo(a->prefix.addr)), (uint64_t)a->prefix.family << 8 | a->prefix.len);
    return h ? h : 1;
}

static struct seen *look_up(const struct world *w, uint64_t key)
{
    size_t i = key % w->seen_max;
    while (w->seen[i].key && w->seen[i].key != key)
        i = (i + 1) % w->seen_max;
    return &w->seen[i];
}

static void remember(struct world *w, uint64_t key, uint64_t end)
{
    struct seen *old = w->seen;
    size_t i, max = w->seen_max;
    if (w->seen_n * 2 >= max) {
        w->seen_max *= 2;
        w->seen = calloc(w->seen_max, sizeof *w->seen);
        if (!w->seen)
            abort();
        for (i = 0; i < max; i++)
            if (old[i].key)
                *look_up(w, old[i].key) = old[i];
        free(old);
    }
    w->seen_n++;
    *look_up(w, key) = (struct seen){key, end};
}

/* ---- messages ---- */

/* What the sender is to the receiver: the role in the sender's configuration. */
static enum masc_role role_between(struct world *w, unsigned from, unsigned to)
{
    return world_peering(w, from, to)->role;
}

/* The matrix of A-59: rows are what the origin is to the sender, columns our role to the receiver.
 * */
static bool may_be_sent(enum masc_role origin, enum masc_type type, enum masc_role to)
{
    static const unsigned claims = T(PREFIX_IN_USE) | T_CLAIMS | T(WITHDRAW);
    static const unsigned words = T(CLAIM_DENIED) | T(PREFIX_MANAGED) | T(WITHDRAW);
    unsigned types = 0;
    switch (origin) {
    case MASC_INTERNAL:
        types = to == MASC_INTERNAL ? claims | words : to == MASC_PARENT ? words : claims;
        break;
    case MASC_CHILD:
        types = to == MASC_INTERNAL || to == MASC_PARENT ? claims : 0;
        break;
    case MASC_SIBLING:
        types = to == MASC_PARENT ? 0 : claims;
        break;
    case MASC_PARENT:
        types = to == MASC_PARENT ? 0 : words;
        break;
    }
    return types >> type & 1;
}

/* It was stored before, though it may be released by now: then its WITHDRAW follows (11.8). Or it
 * was learnt back after a reboot. */
static bool was_stored(const struct world *w, const struct sent *s)
{
    const struct node *x = &w->node[s->from];
    struct match back = {.to = s->from, .types = T(PREFIX_IN_USE) | T(PREFIX_MANAGED),
                         .prefix = s->a.prefix, .domain = s->a.domain,
                         .timestamp_s = s->a.timestamp_s};
    size_t i;
    for (i = 0; i < x->commits; i++)
        if (prefix_equal(x->committed[i].prefix, s->a.prefix) &&
            (uint32_t)x->committed[i].timestamp_s == s->a.timestamp_s)
            return true;
    return world_sent(w, back) > 0;
}

static void note(struct world *w, struct sent s)
{
    if (w->sents == w->sents_max) {
        w->sents_max = w->sents_max ? w->sents_max * 2 : 1024;
        w->sent = realloc(w->sent, w->sents_max * sizeof s);
        if (!w->sent)
            abort();
    }
    w->sent[w->sents++] = s;
}

/* Own UPDATEs that come back from children and siblings are as if never received. */
static bool is_not_believed(struct world *w, const struct sent *s)
{
    const struct masc_peer_config *p = world_peering(w, s->from, s->to);
    return s->a.domain == w->node[s->from].cfg->domain && !p->trust_own &&
           (p->role == MASC_PARENT || p->role == MASC_SIBLING);
}

/* The sender refused UPDATEs on this session: what it did not accept it need not remember.
 * */
static bool refused_something(const struct world *w, const struct sent *s)
{
    size_t i;
    for (i = w->sents; i-- > 0;)
        if (w->sent[i].pipe == s->pipe && w->sent[i].from == s->from &&
            w->sent[i].code == MASC_E_UPDATE)
            return true;
    return false;
}

static void judge_history(struct world *w, const struct sent *s, unsigned side, uint64_t end)
{
    const struct masc_attr *a = &s->a;
    uint64_t key = key_of(s->pipe, side, a, (uint8_t)a->role);
    struct seen came = *look_up(w, key_of(s->pipe, 1 - side, a, 255));
    char text[PREFIX_TEXT_MAX];
    if (look_up(w, key)->key)
        world_violated(w, "I-18", s->from, "%s %s by %u sent twice to %s", masc_type_name(a->type),
                       prefix_format(a->prefix, text), (unsigned)a->domain, w->node[s->to].name);
    else
        remember(w, key, end);
    key = key_of(s->pipe, side, a, 255);
    if (!look_up(w, key)->key)
        remember(w, key, end);
    if (came.key && came.end <= w->pipe[s->pipe].arrived[1 - side] && !is_not_believed(w, s) &&
        !refused_something(w, s))
        world_violated(w, "I-19", s->from, "%s %s by %u sent back to %s", masc_type_name(a->type),
                       prefix_format(a->prefix, text), (unsigned)a->domain, w->node[s->to].name);
}

static void judge_attr(struct world *w, const struct sent *s)
{
    const struct masc_attr *a = &s->a;
    const struct node *x = &w->node[s->from];
    int64_t now = world_wall(w, s->from);
    bool own = a->domain == x->cfg->domain && a->node == x->cfg->node;
    char text[PREFIX_TEXT_MAX];
    if (!may_be_sent(a->role, a->type, role_between(w, s->from, s->to)))
        world_violated(w, "I-20", s->from, "%s by %s sent to %s", masc_type_name(a->type),
                       masc_role_name(a->role), w->node[s->to].name);
    if ((int64_t)a->timestamp_s + a->holdtime_s <= now)
        world_violated(w, "I-27", s->from, "%s %s is expired", masc_type_name(a->type),
                       prefix_format(a->prefix, text));
    if (own && a->type == MASC_PREFIX_IN_USE && !was_stored(w, s))
        world_violated(w, "I-46", s->from, "%s announced but not stored",
                       prefix_format(a->prefix, text));
}

static void take_update(struct world *w, struct sent s, unsigned side, const uint8_t *p,
                        size_t len)
{
    struct masc_fault fault = masc_update_check(p, len, true, true);
    struct rd rest = rd_init(p + MASC_HEADER_OCTETS, len - MASC_HEADER_OCTETS);
    uint8_t again[MASC_MESSAGE_MAX];
    struct wr to = wr_init(again, sizeof again);
    if (masc_fault_is(&fault)) {
        world_violated(w, "I-30", s.from, "an UPDATE that closes the connection");
        return;
    }
    masc_update_begin(&to);
    while (masc_update_next(&rest, p, len, &s.a, &fault)) {
        if (masc_fault_is(&fault)) {
            world_violated(w, "I-30", s.from, "an attribute in error");
            continue;
        }
        masc_attr_encode(&to, &s.a);
        judge_attr(w, &s);
        judge_history(w, &s, side, w->pipe[s.pipe].written[side] + len);
        note(w, s);
    }
    masc_update_end(&to, 0);
    if (to.len != len || memcmp(again, p, len) != 0)
        world_violated(w, "I-30", s.from, "an UPDATE that is not what it decodes to");
}

/* I-29: OPEN, then KEEPALIVE, UPDATEs only when the other confirmed too, nothing after the end. */
static void judge_order(struct world *w, struct pipe *p, unsigned side, uint8_t message,
                        bool last_word)
{
    unsigned n = p->node[side];
    if (p->ended[side])
        world_violated(w, "I-29", n, "a message after a NOTIFICATION that closes");
    if (message == MASC_OPEN ? p->opened[side] : !p->opened[side])
        world_violated(w, "I-29", n, "message %u where OPEN comes first, and once", message);
    if (message == MASC_UPDATE && (!p->confirmed[side] || !p->confirmed[1 - side]))
        world_violated(w, "I-29", n, "an UPDATE before Established");
    p->opened[side] |= message == MASC_OPEN;
    p->confirmed[side] |= message == MASC_KEEPALIVE;
    p->ended[side] |= last_word;
}

static size_t take_message(struct world *w, uint32_t pipe, unsigned side, const uint8_t *m,
                           size_t left)
{
    struct pipe *p = &w->pipe[pipe];
    size_t len = left < 4 ? 0 : (size_t)m[0] << 8 | m[1];
    struct sent s = {.at = w->now, .from = p->node[side], .to = p->node[1 - side], .pipe = pipe};
    if (len < 4 || len > MASC_MESSAGE_MAX || len > left || m[3] != 0) {
        world_violated(w, "I-30", s.from, "octets that are not whole messages");
        return left;
    }
    s.message = m[2];
    judge_order(w, p, side, s.message, s.message == MASC_NOTIFICATION && !(m[4] & 0x80));
    if (s.message == MASC_NOTIFICATION) {
        s.code = m[4] & 0x7F;
        s.subcode = m[5];
    }
    if (s.message == MASC_OPEN) {
        struct masc_open o;
        (void)masc_open_decode(&o, m, len);
        s.parent = o.parent;
    }
    if (s.message == MASC_UPDATE)
        take_update(w, s, side, m, len);
    else if (s.message != MASC_KEEPALIVE)
        note(w, s);
    p->written[side] += len;
    return len;
}

void witness_stream(struct world *w, uint32_t pipe, unsigned side, const uint8_t *p, size_t len)
{
    size_t at = 0;
    while (at < len)
        at += take_message(w, pipe, side, p + at, len - at);
}

/* ---- rows ---- */

static unsigned find_told(const struct told *t, struct prefix p, bool hole)
{
    unsigned i = 0;
    while (i < t->n && !(prefix_equal(t->range[i], p) && t->hole[i] == hole))
        i++;
    return i;
}

static void forget_told(struct told *t, unsigned i)
{
    t->n--;
    t->range[i] = t->range[t->n];
    t->hole[i] = t->hole[t->n];
}

static bool told_covers(const struct told *t, struct prefix p)
{
    unsigned i;
    for (i = 0; i < t->n; i++)
        if (!t->hole[i] && prefix_covers(t->range[i], p))
            return true;
    return false;
}

static void tell_add(struct world *w, unsigned n, struct told *t, struct prefix p)
{
    unsigned i = find_told(t, p, true);
    char text[PREFIX_TEXT_MAX];
    if (i < t->n) { /* a part that comes back */
        forget_told(t, i);
        return;
    }
    if (find_told(t, p, false) < t->n || t->n == WORLD_TOLD) {
        world_violated(w, "I-15", n, "%s added twice", prefix_format(p, text));
        return;
    }
    t->range[t->n] = p;
    t->hole[t->n++] = false;
}

static void tell_remove(struct world *w, unsigned n, struct told *t, struct prefix p)
{
    unsigned i = find_told(t, p, false);
    char text[PREFIX_TEXT_MAX];
    if (i < t->n) {
        forget_told(t, i);
        for (i = 0; i < t->n;)
            if (t->hole[i] && !told_covers(t, t->range[i]))
                forget_told(t, i);
            else
                i++;
        return;
    }
    if (!told_covers(t, p) || find_told(t, p, true) < t->n || t->n == WORLD_TOLD) {
        world_violated(w, "I-15", n, "%s removed without being there", prefix_format(p, text));
        return;
    }
    t->range[t->n] = p;
    t->hole[t->n++] = true;
}

static void keep_log(struct world *w, struct logged l)
{
    if (w->loggeds == w->loggeds_max) {
        w->loggeds_max = w->loggeds_max ? w->loggeds_max * 2 : 1024;
        w->logged = realloc(w->logged, w->loggeds_max * sizeof l);
        if (!w->logged)
            abort();
    }
    w->logged[w->loggeds++] = l;
}

static void take_output(struct world *w, unsigned n, const struct row *row)
{
    struct node *x = &w->node[n];
    bool maas = strcmp(row->v[0].text, "maas") == 0, add = strcmp(row->v[1].text, "add") == 0;
    struct logged l = {.at = w->now, .node = n, .prefix = row->v[2].prefix};
    snprintf(l.event, sizeof l.event, "%s", row->v[0].text);
    snprintf(l.what, sizeof l.what, "%s", row->v[1].text);
    keep_log(w, l);
    if (add)
        tell_add(w, n, maas ? &x->maas : &x->g_rib, l.prefix);
    else
        tell_remove(w, n, maas ? &x->maas : &x->g_rib, l.prefix);
}

void witness_row(struct world *w, unsigned n, const struct row *row)
{
    struct logged l = {.at = w->now, .node = n};
    if (row->type == &masc_row_output)
        take_output(w, n, row);
    if (row->type != &masc_row_life)
        return;
    snprintf(l.event, sizeof l.event, "%s", row->v[0].text);
    l.prefix = row->v[1].prefix;
    l.domain = row->v[2].id;
    l.other = row->v[3].id == ID_NONE ? 0 : row->v[3].id;
    snprintf(l.reason, sizeof l.reason, "%s", row->v[6].text ? row->v[6].text : "");
    keep_log(w, l);
    if (strcmp(l.event, "in-use") == 0 || strcmp(l.event, "renewed") == 0 ||
        strcmp(l.event, "expanded") == 0)
        check_allocated(w, n, l.prefix, l.domain);
}

/* Address servers and routers forget what a dead speaker told them. */
void witness_crash(struct world *w, unsigned n)
{
    w->node[n].maas.n = w->node[n].g_rib.n = 0;
}

/* ---- questions ---- */

static bool fits(const struct sent *s, const struct match *m)
{
    if ((m->from && s->from != m->from) || (m->to && s->to != m->to) || s->at < m->since)
        return false;
    if (s->message != MASC_UPDATE || !m->types)
        return (s->message == MASC_UPDATE) == (m->types != 0);
    return m->types >> s->a.type & 1 && (!m->domain || s->a.domain == m->domain) &&
           (!m->node || s->a.node == m->node) &&
           (!m->timestamp_s || s->a.timestamp_s == (uint32_t)m->timestamp_s) &&
           (!m->within.family || prefix_covers(m->within, s->a.prefix)) &&
           (!m->prefix.family || prefix_equal(m->prefix, s->a.prefix));
}

const struct sent *world_next(const struct world *w, struct match match, unsigned *at)
{
    while (*at < w->sents)
        if (fits(&w->sent[(*at)++], &match))
            return &w->sent[*at - 1];
    return NULL;
}

unsigned world_sent(const struct world *w, struct match match)
{
    unsigned at = 0, n = 0;
    while (world_next(w, match, &at))
        n++;
    return n;
}

unsigned world_notified(const struct world *w, uint8_t code, uint8_t subcode)
{
    unsigned n = 0;
    size_t i;
    for (i = 0; i < w->sents; i++)
        n += w->sent[i].message == MASC_NOTIFICATION && w->sent[i].code == code &&
             w->sent[i].subcode == subcode;
    return n;
}

unsigned world_complaints(const struct world *w)
{
    unsigned n = 0;
    size_t i;
    for (i = 0; i < w->sents; i++) {
        const struct sent *s = &w->sent[i];
        if (s->message != MASC_NOTIFICATION || s->code == MASC_E_CEASE)
            continue;
        tap_diag("%lld ms: %s complains to %s: %u/%u %s", (long long)s->at, w->node[s->from].name,
                 w->node[s->to].name, s->code, s->subcode, masc_subcode_name(s->code, s->subcode));
        n++;
    }
    return n;
}

const struct logged *world_log(const struct world *w, unsigned node, const char *event,
                               int64_t since)
{
    size_t i;
    for (i = 0; i < w->loggeds; i++)
        if ((!node || w->logged[i].node == node) && strcmp(w->logged[i].event, event) == 0 &&
            w->logged[i].at >= since)
            return &w->logged[i];
    return NULL;
}

unsigned world_logged(const struct world *w, unsigned node, const char *event, int64_t since)
{
    unsigned n = 0;
    size_t i;
    for (i = 0; i < w->loggeds; i++)
        n += (!node || w->logged[i].node == node) && strcmp(w->logged[i].event, event) == 0 &&
             w->logged[i].at >= since;
    return n;
}
