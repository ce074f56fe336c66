/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_lists: settings that come in numbers: listen, families, scopes, ranges, demand, peers and
 * ignore.
 *
 * Scopes are read first, since the others name them; scope i of the file has number i + 1. A list
 * that is too long is cut after one complaint. Each entry is read into a struct that starts with
 * defaults and is looked at as a whole at the end.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "host/conf_impl.h"

static const char *const families[] = {"ipv4", "ipv6", NULL};

/* Calls `read` with each group of the list, at most `max`; returns their number. */
static unsigned each_group(struct conf_reading *r, const char *name, unsigned max,
                           void (*read)(struct conf_reading *, const config_setting_t *, unsigned))
{
    const config_setting_t *list = config_lookup(&r->lib, name);
    unsigned n;
    char what[64];

    if (list == NULL)
        return 0;
    if (!config_setting_is_list(list)) {
        conf_unexpected(r, list, "a list ( { ... }, { ... } )");
        return 0;
    }
    n = (unsigned)config_setting_length(list);
    if (n > max) {
        snprintf(what, sizeof(what), "has %u entries, at most %u are possible", n, max);
        conf_error(r, list, what);
        n = max;
    }
    for (unsigned i = 0; i < n; i++)
        read(r, config_setting_get_elem(list, i), i);
    return n;
}

/* The number of a scope by name; "" is the global one. -1: there is none, complained at `s`. */
static int find_scope(struct conf_reading *r, const config_setting_t *s, const char *name)
{
    const struct masc_config *m = &r->c->node.masc;

    if (name[0] == '\0')
        return MASC_SCOPE_GLOBAL;
    for (int i = 0; i < m->scopes; i++)
        if (strcmp(m->scope[i].name, name) == 0)
            return i + 1;
    struct wr *w = conf_say(r, s, false);
    wr_text(w, "there is no scope \"");
    wr_text(w, name);
    wr_text(w, m->scopes == 0 ? "\": scopes has none" : "\" in scopes");
    conf_said(r);
    return -1;
}

/* A member for complaints, or the group itself if it is not there. */
static const config_setting_t *member(const config_setting_t *s, const char *name)
{
    const config_setting_t *m = config_setting_get_member(s, name);

    return m == NULL ? s : m;
}

/* ---- listen, families ---- */

static void read_listen(struct conf_reading *r, const config_setting_t *s, void *arg)
{
    struct addr a;

    (void)arg;
    if (!addr_parse(&a, config_setting_get_string(s))) {
        conf_unexpected(r, s, "an address such as \"127.0.0.10\", \"0.0.0.0\" or \"::\"");
        return;
    }
    for (unsigned i = 0; i < r->c->listens; i++) {
        if (!masc_addr_same(a, r->c->listen[i]))
            continue;
        conf_error(r, s, "is the same address as an earlier one: remove one of them");
        return;
    }
    if (r->c->listens < CONN_LISTENERS_MAX)
        r->c->listen[r->c->listens++] = a;
}

static void read_family(struct conf_reading *r, const config_setting_t *s, void *arg)
{
    const char *text = config_setting_get_string(s);

    (void)arg;
    if (strcmp(text, "ipv4") == 0)
        r->c->node.masc.ipv4 = true;
    else if (strcmp(text, "ipv6") == 0)
        r->c->node.masc.ipv6 = true;
    else
        conf_unexpected(r, s, "\"ipv4\" or \"ipv6\"");
}

static void read_addresses(struct conf_reading *r)
{
    const config_setting_t *listen = config_lookup(&r->lib, "listen");
    const config_setting_t *spoken = config_lookup(&r->lib, "families");

    if (listen != NULL)
        conf_read_texts(r, listen, CONN_LISTENERS_MAX, read_listen, NULL);
    if (spoken != NULL) {
        r->c->node.masc.ipv4 = r->c->node.masc.ipv6 = false;
        conf_read_texts(r, spoken, 2, read_family, NULL);
    }
}

/* ---- scopes, ranges, demand ---- */

struct scope_entry {
    struct masc_scope scope;
    bool divisible;
};

static void read_scope(struct conf_reading *r, const config_setting_t *s, unsigned i)
{
    static const struct setting table[] = {
        {"name", SETTING_TEXT, true, offsetof(struct scope_entry, scope.name), MASC_NAME_MAX, 1, 0,
         NULL},
        {"prefix", SETTING_PREFIX, true, offsetof(struct scope_entry, scope.prefix), 0, 0, 0, NULL},
        {"zone-tld", SETTING_BOOL, false, offsetof(struct scope_entry, scope.zone_tld), 1, 0, 1,
         NULL},
        {"divisible", SETTING_BOOL, false, offsetof(struct scope_entry, divisible), 1, 0, 1, NULL},
        {.name = NULL},
    };
    struct scope_entry e = {.divisible = true};

    conf_read_group(r, s, table, &e);
    /* 4.5, A-92 */
    if (!e.divisible)
        conf_error(r, member(s, "divisible"),
                   "MASC does not allocate from scopes that are not divisible (RFC 2909 4.5): "
                   "leave this scope out");
    r->c->node.masc.scope[i] = e.scope;
}

struct range_entry {
    struct prefix prefix;
    char scope[MASC_NAME_MAX];
};

static void read_range(struct conf_reading *r, const config_setting_t *s, unsigned i)
{
    static const struct setting table[] = {
        {"prefix", SETTING_PREFIX, true, offsetof(struct range_entry, prefix), 0, 0, 0, NULL},
        {"scope", SETTING_TEXT, false, offsetof(struct range_entry, scope), MASC_NAME_MAX, 1, 0,
         NULL},
        {.name = NULL},
    };
    struct range_entry e = {.scope = ""};

    if (!conf_read_group(r, s, table, &e))
        return;
    int scope = find_scope(r, member(s, "scope"), e.scope);
    r->c->node.masc.range[i] = (struct masc_range){e.prefix, (uint8_t)(scope < 0 ? 0 : scope)};
}

struct demand_entry {
    struct masc_demand demand;
    char scope[MASC_NAME_MAX];
};

#define DEMAND(field_)                                                                             \
    offsetof(struct demand_entry, demand.field_), sizeof(((struct masc_demand *)0)->field_)

static void read_demand(struct conf_reading *r, const config_setting_t *s, unsigned i)
{
    static const struct setting table[] = {
        {"addresses", SETTING_NUMBER, true, DEMAND(addresses), 1, INT64_MAX, NULL},
        {"scope", SETTING_TEXT, false, offsetof(struct demand_entry, scope), MASC_NAME_MAX, 1, 0,
         NULL},
        {"family", SETTING_CHOICE, false, DEMAND(family), FAMILY_IPV4, 0, families},
        {"lifetime", SETTING_TIME, false, DEMAND(lifetime_s), 1, UINT32_MAX, NULL},
        {.name = NULL},
    };
    const struct masc_config *m = &r->c->node.masc;
    struct demand_entry e = {.demand = {.lifetime_s = m->lifetime_s}, .scope = ""};

    if (!conf_read_group(r, s, table, &e))
        return;
    int scope = find_scope(r, member(s, "scope"), e.scope);
    e.demand.scope = (uint8_t)(scope < 0 ? 0 : scope);
    /* The scope's family is the natural one. */
    if (e.demand.family == 0 && scope > 0)
        e.demand.family = m->scope[scope - 1].prefix.family;
    if (e.demand.family == 0)
        e.demand.family = m->ipv4 ? FAMILY_IPV4 : FAMILY_IPV6;
    r->c->node.masc.demand[i] = e.demand;
}

/* ---- peers, ignore ---- */

static void read_boundary(struct conf_reading *r, const config_setting_t *s, void *arg)
{
    struct masc_peer_config *p = arg;
    int scope = find_scope(r, s, config_setting_get_string(s));

    if (scope > 0)
        p->boundary |= 1u << (scope - 1);
}

static void read_peer(struct conf_reading *r, const config_setting_t *s, unsigned i)
{
    const struct masc_config *m = &r->c->node.masc;
    struct masc_peer_config p;
    const config_setting_t *boundary;

    masc_peer_defaults(&p);
    p.port = MASC_PORT;
    p.hold_time_s = r->c->hold_time_s;
    if (!conf_read_group(r, s, conf_peer, &p))
        return;
    boundary = config_setting_get_member(s, "boundary");
    if (boundary != NULL)
        conf_read_texts(r, boundary, MASC_SCOPES_MAX, read_boundary, &p);
    if (config_setting_get_member(s, "domain") == NULL) {
        if (p.role != MASC_INTERNAL)
            conf_error(r, s, "\"domain\" is missing: the Domain Identifier of the remote node");
        p.domain = m->domain;
    }
    r->c->node.masc.peer[i] = p;
}

static void read_ignored(struct conf_reading *r, const config_setting_t *s, unsigned i)
{
    static const struct setting table[] = {
        {"domain", SETTING_DOMAIN, true, offsetof(struct masc_ignored, domain), 16, 1, 0, NULL},
        {"node", SETTING_NODE, false, offsetof(struct masc_ignored, node), 16, 1, 0, NULL},
        {.name = NULL},
    };

    r->c->node.masc.ignore[i] = (struct masc_ignored){0, 0};
    conf_read_group(r, s, table, &r->c->node.masc.ignore[i]);
}

void conf_read_lists(struct conf_reading *r)
{
    struct masc_config *m = &r->c->node.masc;

    read_addresses(r);
    m->scopes = (uint8_t)each_group(r, "scopes", MASC_SCOPES_MAX, read_scope);
    /* A scope can be named only once it is counted. */
    m->ranges = (uint8_t)each_group(r, "ranges", MASC_RANGES_MAX, read_range);
    m->demands = (uint8_t)each_group(r, "demand", MASC_DEMANDS_MAX, read_demand);
    m->peers = (uint16_t)each_group(r, "peers", m->peers_max, read_peer);
    m->ignored = (uint8_t)each_group(r, "ignore", MASC_IGNORED_MAX, read_ignored);
}
