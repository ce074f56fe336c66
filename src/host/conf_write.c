/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_write: what can be said of a configuration that has been read: its settings as they are in
 * effect (`mascotd --check`; lists in conf_write_lists.c), whether another may replace it, where it
 * listens.
 *
 * All of it works on the tables of conf_tables.c, so that a new setting appears here by itself.
 */
#include <string.h>

#include "base/row.h"
#include "base/text.h"
#include "host/conf_impl.h"

void conf_write_id(struct wr *w, u128 id, bool node)
{
    char text[PREFIX_TEXT_MAX];
    bool is_long = id >> 32 != 0;

    if (!node && !is_long) {
        wr_decimal(w, (uint64_t)id);
        return;
    }
    wr_u8(w, '"');
    wr_text(w, addr_format((struct addr){id, is_long ? FAMILY_IPV6 : FAMILY_IPV4}, text));
    wr_u8(w, '"');
}

static void write_addr(struct wr *w, struct addr a)
{
    char text[PREFIX_TEXT_MAX];

    wr_u8(w, '"');
    if (a.family != 0)
        wr_text(w, addr_format(a, text));
    wr_u8(w, '"');
}

void conf_write_quoted(struct wr *w, const char *text)
{
    wr_u8(w, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            wr_u8(w, '\\');
        wr_u8(w, (uint8_t)*text);
    }
    wr_u8(w, '"');
}

static void write_value(struct wr *w, const struct setting *t, const void *base)
{
    const uint8_t *at = (const uint8_t *)base + t->offset;
    struct addr a;
    u128 id;

    switch (t->kind) {
    case SETTING_BOOL: wr_text(w, *at != 0 ? "true" : "false"); return;
    case SETTING_NUMBER: wr_decimal(w, conf_get(base, t)); return;
    case SETTING_TIME:
        wr_u8(w, '"');
        wr_decimal(w, conf_get(base, t));
        wr_text(w, "s\"");
        return;
    case SETTING_TEXT: conf_write_quoted(w, (const char *)at); return;
    case SETTING_CHOICE: conf_write_quoted(w, t->choice[conf_get(base, t) - t->min]); return;
    case SETTING_ADDR:
        memcpy(&a, at, sizeof(a));
        write_addr(w, a);
        return;
    case SETTING_DOMAIN:
    case SETTING_NODE:
        memcpy(&id, at, sizeof(id));
        conf_write_id(w, id, t->kind == SETTING_NODE);
        return;
    case SETTING_PREFIX:
    case SETTING_OTHER: return;
    }
}

/* Addresses and Node Identifiers: the file cannot say "any", it can only leave them out. */
static bool is_unset(const struct setting *t, const void *base)
{
    const uint8_t *at = (const uint8_t *)base + t->offset;
    struct addr a;
    u128 id;

    if (t->kind == SETTING_ADDR) {
        memcpy(&a, at, sizeof(a));
        return a.family == 0;
    }
    memcpy(&id, at, t->kind == SETTING_NODE ? sizeof(id) : 0);
    return t->kind == SETTING_OTHER || (t->kind == SETTING_NODE && id == 0);
}

void conf_write_table(struct wr *w, const struct setting *t, const void *base,
                      const char *const around[2])
{
    for (; t->name != NULL; t++) {
        if (is_unset(t, base))
            continue;
        wr_text(w, around[0]);
        wr_text(w, t->name);
        wr_text(w, " = ");
        write_value(w, t, base);
        wr_u8(w, ';');
        wr_text(w, around[1]);
    }
}

static void write_listen(struct wr *w, const struct conf *c)
{
    struct conn_address a[CONN_LISTENERS_MAX];
    size_t n = conf_listeners(c, a);

    wr_text(w, "listen = (");
    for (size_t i = 0; i < n; i++) {
        wr_text(w, i == 0 ? "" : ", ");
        write_addr(w, a[i].addr);
    }
    wr_text(w, ");\nfamilies = (");
    wr_text(w, c->node.masc.ipv4 ? "\"ipv4\"" : "");
    wr_text(w, c->node.masc.ipv4 && c->node.masc.ipv6 ? ", " : "");
    wr_text(w, c->node.masc.ipv6 ? "\"ipv6\"" : "");
    wr_text(w, ");\n");
}

void conf_write(struct wr *w, const struct conf *c)
{
    static const char *const line[] = {"", "\n"}, *const indented[] = {"    ", "\n"};

    conf_write_table(w, conf_root, c, line);
    write_listen(w, c);
    for (const struct conf_group *g = conf_groups; g->name != NULL; g++) {
        wr_text(w, g->name);
        wr_text(w, " = {\n");
        conf_write_table(w, g->table, c, indented);
        wr_text(w, "};\n");
    }
    conf_write_lists(w, &c->node.masc);
}

/* Of settings that are texts, numbers or identifiers. */
static bool same(const struct conf *a, const struct conf *b, const struct setting *t)
{
    if (t->kind == SETTING_TEXT)
        return strcmp((const char *)a + t->offset, (const char *)b + t->offset) == 0;
    if (t->kind == SETTING_DOMAIN || t->kind == SETTING_NODE)
        return memcmp((const char *)a + t->offset, (const char *)b + t->offset, sizeof(u128)) == 0;
    return conf_get(a, t) == conf_get(b, t);
}

static bool is_fixed(const char *name)
{
    static const char *const fixed[] = {"domain", "node-id", "state-directory", "control",
                                        "control-group", "user"};

    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        if (strcmp(name, fixed[i]) == 0)
            return true;
    return false;
}

bool conf_can_follow(const struct conf *from, const struct conf *to, struct wr *why)
{
    const char *group = "", *name = NULL;
    bool identity = from->node.masc.domain != to->node.masc.domain ||
                    from->node.masc.node != to->node.masc.node;

    for (const struct setting *t = conf_root; t->name != NULL && name == NULL; t++)
        if (is_fixed(t->name) && !same(from, to, t))
            name = t->name;
    /* The table is made for them at start; per-origin is only a number to compare with. */
    for (const struct setting *t = conf_limits; t->name != NULL && name == NULL; t++) {
        if (strcmp(t->name, "per-origin") == 0 || same(from, to, t))
            continue;
        group = "limits.";
        name = t->name;
    }
    if (name == NULL)
        return true;
    wr_text(why, group);
    wr_text(why, name);
    /* 7.3: what others know of our prefixes names both */
    wr_text(why, " cannot change while mascotd runs: ");
    wr_text(why, identity ? "release the prefixes and restart it with an empty state directory"
                          : "restart it");
    wr_text(why, ", or put the old value back");
    return false;
}

size_t conf_listeners(const struct conf *c, struct conn_address *a)
{
    bool both = c->node.masc.ipv4 && c->node.masc.ipv6;
    size_t n = 0;

    for (; n < c->listens; n++)
        a[n] = (struct conn_address){c->listen[n], c->port, false};
    if (n > 0)
        return n;
    if (c->node.masc.ipv4)
        a[n++] = (struct conn_address){{0, FAMILY_IPV4}, c->port, both};
    if (c->node.masc.ipv6)
        a[n++] = (struct conn_address){{0, FAMILY_IPV6}, c->port, both};
    return n;
}
