/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_judge: what can be wrong, or odd, in a file whose values agree with each other.
 *
 * masc_config_check() knows neither where we listen nor what a machine has; that is judged here.
 * Warnings are about files that work, but hardly as their writer meant: a domain that can never
 * claim, addresses that are not free to use, a waiting period for tests.
 */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/row.h"
#include "base/text.h"
#include "host/conf_impl.h"
#include "host/iana.h"

enum { SMALL_DOMAIN = 128 }; /* addresses */

/* ---- errors ---- */

static bool is_ours(const struct conf *c, const struct masc_peer_config *p)
{
    if (p->port != c->port)
        return false;
    for (unsigned i = 0; i < c->listens; i++)
        if (masc_addr_same(p->addr, c->listen[i]))
            return true;
    return masc_addr_same(p->addr, c->node.masc.local);
}

void conf_judge_host(struct conf_reading *r)
{
    char path[64];

    for (unsigned i = 0; i < r->c->node.masc.peers; i++) {
        if (!is_ours(r->c, &r->c->node.masc.peer[i]))
            continue;
        snprintf(path, sizeof(path), "peers[%u].address", i);
        conf_error(r, conf_place(r, path),
                   "is our own address and port: set those of the remote node");
    }
}

/* ---- warnings ---- */

static void warn_at(struct conf_reading *r, const char *path, const char *what)
{
    wr_text(conf_say(r, conf_place(r, path), true), what);
    conf_said(r);
}

static void warn_prefix(struct conf_reading *r, const char *list, unsigned i, struct prefix p)
{
    char sentence[600], path[64], text[PREFIX_TEXT_MAX];
    struct wr w = wr_init(sentence, sizeof(sentence));

    if (!iana_warn(p, &w))
        return;
    snprintf(path, sizeof(path), "%s[%u].prefix", list, i);
    struct wr *line = conf_say(r, conf_place(r, path), true);
    wr_text(line, prefix_format(p, text));
    wr_u8(line, ' ');
    wr_text(line, wr_nul(&w));
    conf_said(r);
}

/* 18: below the top level, without children, and with little demand. */
static bool is_too_small(const struct masc_config *m)
{
    uint64_t wanted = 0;

    for (unsigned i = 0; i < m->peers; i++)
        if (m->peer[i].role == MASC_PARENT)
            return false;
    for (unsigned i = 0; i < m->demands && wanted < SMALL_DOMAIN; i++)
        wanted += m->demand[i].addresses < SMALL_DOMAIN ? m->demand[i].addresses : SMALL_DOMAIN;
    return !m->tld && wanted > 0 && wanted < SMALL_DOMAIN;
}

static bool has_peer(const struct masc_config *m, enum masc_role role)
{
    for (unsigned i = 0; i < m->peers; i++)
        if (m->peer[i].role == role)
            return true;
    return false;
}

/* space comes from parents or out of ranges. */
static void warn_idle(struct conf_reading *r)
{
    const struct masc_config *m = &r->c->node.masc;
    bool ranges = false;

    for (unsigned i = 0; i < m->ranges; i++)
        ranges = ranges || m->range[i].scope == MASC_SCOPE_GLOBAL;
    if (m->tld && !ranges) {
        warn_at(r, "tld", "is set, but ranges has none for the global scope: this domain can never "
                          "claim in it");
        return;
    }
    for (unsigned i = 0; i < m->scopes; i++)
        if (m->scope[i].zone_tld)
            return;
    if (!m->tld && !has_peer(m, MASC_CHILD) && !has_peer(m, MASC_INTERNAL))
        warn_at(r, "", "neither tld is set nor has peers a parent or an internal one: this domain "
                       "can never claim");
}

/* sizes are powers of two. */
static void warn_size(struct conf_reading *r)
{
    uint64_t wanted = r->c->node.masc.claim_min, size = 1;

    while (size < wanted)
        size *= 2;
    if (size == wanted)
        return;
    struct wr *w = conf_say(r, conf_place(r, "claim_min"), true);
    wr_decimal(w, wanted);
    wr_text(w, " is no power of two: it is rounded up to ");
    wr_decimal(w, size);
    conf_said(r);
}

static void warn_local(struct conf_reading *r)
{
    const struct masc_config *m = &r->c->node.masc;
    uint8_t family = masc_addr_plain(m->local).family;

    if (family == 0 || m->peers == 0)
        return;
    for (unsigned i = 0; i < m->peers; i++)
        if (masc_addr_plain(m->peer[i].addr).family == family)
            return;
    warn_at(r, "local", "is of another family than the addresses of all peers: no connection can "
                        "be made from it");
}

void conf_warn(struct conf_reading *r)
{
    const struct masc_config *m = &r->c->node.masc;

    for (unsigned i = 0; i < m->ranges; i++)
        warn_prefix(r, "ranges", i, m->range[i].prefix);
    for (unsigned i = 0; i < m->scopes; i++)
        warn_prefix(r, "scopes", i, m->scope[i].prefix);
    /* 6 [WAITING_PERIOD] */
    if (m->waiting_period_s < MASC_WAITING_PERIOD_S)
        warn_at(r, "waiting_period",
                "is shorter than the 48h of RFC 2909 section 6: a claim may then win before a "
                "domain that is cut off can object; for tests only");
    if (is_too_small(m))
        warn_at(r, "demands",
                "is for fewer than 128 addresses: a domain that small should share the address "
                "servers of its parent instead (RFC 2909 section 18)");
    warn_idle(r);
    warn_size(r);
    warn_local(r);
}

static void warn_missing(struct conf_report *report, const char *file, const char *setting,
                         const char *what)
{
    struct wr *w = &report->text;

    report->warnings++;
    wr_text(w, file);
    wr_text(w, ": warning: ");
    wr_text(w, setting);
    wr_text(w, what);
}

void conf_check_machine(const struct conf *c, const char *file, struct conf_report *r)
{
    if (getpwnam(c->user) == NULL) {
        warn_missing(r, file, "user: there is no \"", c->user);
        wr_text(&r->text, "\" here: mascotd does not start as root without it\n");
    }
    if (c->control_group[0] != '\0' && getgrnam(c->control_group) == NULL) {
        warn_missing(r, file, "control-group: there is no \"", c->control_group);
        wr_text(&r->text, "\" here: only the daemon's user and root may ask\n");
    }
    wr_nul(&r->text);
}
