/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_write_lists: scopes, ranges, demand, peers and ignore, as the file has them.
 *
 * An entry is a line, whatever it was in the file. Scopes are called by their names again; the
 * global one has none. What was left out and has no default is left out here too.
 */
#include "base/text.h"
#include "host/conf_impl.h"

static void begin(struct wr *w, const char *list)
{
    wr_text(w, list);
    wr_text(w, " = (\n");
}

static void end(struct wr *w)
{
    wr_text(w, ");\n");
}

static void write_prefix(struct wr *w, struct prefix p)
{
    char text[PREFIX_TEXT_MAX];

    wr_text(w, "prefix = \"");
    wr_text(w, prefix_format(p, text));
    wr_text(w, "\"; ");
}

static void write_scope(struct wr *w, const struct masc_config *m, uint8_t scope)
{
    if (scope == MASC_SCOPE_GLOBAL)
        return;
    wr_text(w, "scope = ");
    conf_write_quoted(w, m->scope[scope - 1].name);
    wr_text(w, "; ");
}

static void write_scopes(struct wr *w, const struct masc_config *m)
{
    begin(w, "scopes");
    for (unsigned i = 0; i < m->scopes; i++) {
        wr_text(w, "    { name = ");
        conf_write_quoted(w, m->scope[i].name);
        wr_text(w, "; ");
        write_prefix(w, m->scope[i].prefix);
        wr_text(w, m->scope[i].zone_tld ? "zone-tld = true; },\n" : "zone-tld = false; },\n");
    }
    end(w);
}

static void write_ranges(struct wr *w, const struct masc_config *m)
{
    begin(w, "ranges");
    for (unsigned i = 0; i < m->ranges; i++) {
        wr_text(w, "    { ");
        write_prefix(w, m->range[i].prefix);
        write_scope(w, m, m->range[i].scope);
        wr_text(w, "},\n");
    }
    end(w);
}

static void write_demands(struct wr *w, const struct masc_config *m)
{
    begin(w, "demand");
    for (unsigned i = 0; i < m->demands; i++) {
        const struct masc_demand *d = &m->demand[i];
        wr_text(w, "    { addresses = ");
        wr_decimal(w, d->addresses);
        wr_text(w, "; ");
        write_scope(w, m, d->scope);
        wr_text(w, d->family == FAMILY_IPV6 ? "family = \"ipv6\"; " : "family = \"ipv4\"; ");
        wr_text(w, "lifetime = \"");
        wr_decimal(w, d->lifetime_s);
        wr_text(w, "s\"; },\n");
    }
    end(w);
}

static void write_boundary(struct wr *w, const struct masc_config *m, uint32_t boundary)
{
    const char *between = "boundary = (";

    if (boundary == 0)
        return;
    for (unsigned i = 0; i < m->scopes; i++) {
        if ((boundary >> i & 1) == 0)
            continue;
        wr_text(w, between);
        conf_write_quoted(w, m->scope[i].name);
        between = ", ";
    }
    wr_text(w, "); ");
}

static void write_peers(struct wr *w, const struct masc_config *m)
{
    static const char *const around[] = {"", " "};

    begin(w, "peers");
    for (unsigned i = 0; i < m->peers; i++) {
        wr_text(w, "    { ");
        conf_write_table(w, conf_peer, &m->peer[i], around);
        write_boundary(w, m, m->peer[i].boundary);
        wr_text(w, "},\n");
    }
    end(w);
}

static void write_ignored(struct wr *w, const struct masc_config *m)
{
    begin(w, "ignore");
    for (unsigned i = 0; i < m->ignored; i++) {
        wr_text(w, "    { domain = ");
        conf_write_id(w, m->ignore[i].domain, false);
        wr_text(w, "; ");
        if (m->ignore[i].node != 0) {
            wr_text(w, "node = ");
            conf_write_id(w, m->ignore[i].node, true);
            wr_text(w, "; ");
        }
        wr_text(w, "},\n");
    }
    end(w);
}

void conf_write_lists(struct wr *w, const struct masc_config *m)
{
    write_scopes(w, m);
    write_ranges(w, m);
    write_demands(w, m);
    write_peers(w, m);
    write_ignored(w, m);
}
