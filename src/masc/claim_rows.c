/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * claim_rows: claims as rows: the log of their life, the outputs to MAASs and G-RIB, and the stored
 * form of own prefixes. Names and order of fields are part of the JSON format and of the store's
 * schema (docs/ARCHITECTURE.md): add at the end, never rename.
 */
#include "base/text.h"
#include "masc/speaker.h"

enum { LIFE_EVENT, LIFE_PREFIX, LIFE_DOMAIN, LIFE_OTHER, LIFE_READY, LIFE_UNTIL, LIFE_REASON };

const struct row_type masc_row_life = {
    .name = "life",
    .fields = 7,
    .field = {{"event", FIELD_TEXT},
              {"prefix", FIELD_PREFIX},
              {"domain", FIELD_DOMAIN},
              {"other", FIELD_DOMAIN},
              {"ready", FIELD_WALL},
              {"until", FIELD_WALL},
              {"reason", FIELD_TEXT}},
};

enum { OUTPUT_TO, OUTPUT_WHAT, OUTPUT_PREFIX, OUTPUT_SCOPE };

const struct row_type masc_row_output = {
    .name = "output",
    .fields = 4,
    .field = {{"to", FIELD_TEXT},
              {"what", FIELD_TEXT},
              {"prefix", FIELD_PREFIX},
              {"scope", FIELD_TEXT}},
};

enum {
    OWN_PREFIX, OWN_TIMESTAMP, OWN_NODE, OWN_USE, OWN_LIFETIME, OWN_PARENT, OWN_RENEW, OWN_OPERATOR,
    OWN_DEPRECATED,
};

const struct row_type masc_row_own = {
    .name = "own_prefix",
    .fields = 9,
    .keys = 4,
    .field = {{"prefix", FIELD_PREFIX},
              {"claimed_at", FIELD_WALL},
              {"node", FIELD_NODE},
              {"use", FIELD_TEXT}, /* a key: hosts' part can be all of a prefix */
              {"lifetime", FIELD_SECONDS},
              {"parent", FIELD_DOMAIN},
              {"renew", FIELD_BOOL},
              {"operator", FIELD_BOOL},
              {"deprecated", FIELD_BOOL}},
};

void life_log(struct masc *m, const struct life *l, struct out *out)
{
    struct row row = {.type = &masc_row_life};
    (void)m;
    row.v[LIFE_EVENT].text = l->event;
    row.v[LIFE_PREFIX].prefix = l->prefix;
    row.v[LIFE_DOMAIN].id = l->domain;
    row.v[LIFE_OTHER].id = l->other ? l->other : ID_NONE;
    row.v[LIFE_READY].wall.s = l->ready_s;
    row.v[LIFE_UNTIL].wall.s = l->until_s;
    row.v[LIFE_REASON].text = l->reason;
    out_log(out, &row);
}

void output_log(const char *to, const char *what, struct prefix p, const char *scope,
                struct out *out)
{
    struct row row = {.type = &masc_row_output};
    row.v[OUTPUT_TO].text = to;
    row.v[OUTPUT_WHAT].text = what;
    row.v[OUTPUT_PREFIX].prefix = p;
    row.v[OUTPUT_SCOPE].text = scope;
    out_log(out, &row);
}

struct row own_row(const struct masc *m, const struct own *o)
{
    struct row row = {.type = &masc_row_own};
    row.v[OWN_PREFIX].prefix = o->prefix;
    row.v[OWN_TIMESTAMP].wall.s = o->timestamp_s;
    row.v[OWN_NODE].id = o->node;
    row.v[OWN_LIFETIME].u = o->lifetime_s;
    row.v[OWN_USE].text = o->purpose == MASC_FOR_LOCAL ? "local" : "space";
    row.v[OWN_PARENT].id = m->space[o->space].domain;
    row.v[OWN_RENEW].u = o->keep;
    row.v[OWN_OPERATOR].u = o->by_operator;
    row.v[OWN_DEPRECATED].u = o->deprecated;
    return row;
}

bool own_row_read(const struct row *row, struct own *o, u128 *parent)
{
    const char *use = row->v[OWN_USE].text;
    uint64_t life = row->v[OWN_LIFETIME].u;
    *o = (struct own){
        .prefix = row->v[OWN_PREFIX].prefix,
        .purpose = use && text_equal(use, "local") ? MASC_FOR_LOCAL : MASC_FOR_SPACE,
        .keep = row->v[OWN_RENEW].u,
        .by_operator = row->v[OWN_OPERATOR].u,
        .deprecated = row->v[OWN_DEPRECATED].u,
        .node = row->v[OWN_NODE].id,
        .timestamp_s = row->v[OWN_TIMESTAMP].wall.s,
        .lifetime_s = life > UINT32_MAX ? UINT32_MAX : (uint32_t)life,
    };
    *parent = row->v[OWN_PARENT].id;
    return prefix_is_multicast(o->prefix) && o->node != 0 && o->timestamp_s != INT64_MAX;
}
