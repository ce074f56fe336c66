/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fields: see fields.h. The first half knows the layout of 7.1 to 7.5 by offsets and nothing of
 * wire.h, so that the two readings can disagree.
 */
#include "tests/conformance/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "masc/role.h"

/* ---- from octets ---- */

static uint32_t be(const uint8_t *p, unsigned n)
{
    uint32_t v = 0;

    while (n-- > 0)
        v = v << 8 | *p++;
    return v;
}

/* An identifier as a number; those of the vectors fit 32 bits. */
static uint64_t be_id(const uint8_t *p, unsigned octets)
{
    return be(p + octets - 4, 4);
}

static const char *address(const uint8_t *p, unsigned octets, char *buf)
{
    u128 v = 0;

    for (unsigned i = 0; i < octets; i++)
        v = v << 8 | p[i];
    return addr_format((struct addr){v, octets == 16 ? FAMILY_IPV6 : FAMILY_IPV4}, buf);
}

static void open_of_octets(struct vector_fields *f, const struct hex *m)
{
    unsigned family = m->at[5] >> 2 & 31, octets = family == 2 ? 16 : 4, params = 0;
    size_t at = 8 + 3 * octets;
    char buf[PREFIX_TEXT_MAX];

    vector_field_add(f, "version", "%u", m->at[4]);
    vector_field_add(f, "r", "%u", m->at[5] >> 7);
    vector_field_add(f, "af", "%u", family);
    vector_field_add(f, "rol", "%u", m->at[5] & 3u);
    vector_field_add(f, "hold", "%" PRIu32, be(m->at + 6, 2));
    if (m->len < at)
        return;
    vector_field_add(f, "domain", "%" PRIu64, be_id(m->at + 8, octets));
    vector_field_add(f, "node", "%s", address(m->at + 8 + octets, octets, buf));
    vector_field_add(f, "parent", "%" PRIu64, be_id(m->at + 8 + 2 * octets, octets));
    for (; at < m->len; at += 2u + m->at[at])
        params++;
    vector_field_add(f, "params", "%u", params);
}

static void add(struct vector_fields *f, unsigned i, const char *name, const char *value)
{
    char key[16];

    snprintf(key, sizeof(key), "a%u.%s", i, name);
    vector_field_add(f, key, "%s", value);
}

static void add_number(struct vector_fields *f, unsigned i, const char *name, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, value);
    add(f, i, name, text);
}

static void add_updated(struct vector_fields *f, unsigned i, unsigned origin, unsigned local)
{
    /* 11.1 Table 1, as printed */
    static const char *const table[4][4] = {{"INTERNAL", "PARENT", "SIBLING", "CHILD"},
                                            {"CHILD", "SIBLING", "---", "---"},
                                            {"SIBLING", "---", "SIBLING", "CHILD"},
                                            {"PARENT", "---", "PARENT", "---"}};

    add(f, i, "updated", table[origin][local]);
}

static void attr_of_octets(struct vector_fields *f, unsigned i, const uint8_t *p, unsigned local)
{
    unsigned len = be(p, 2), octets = (p[5] >> 2 & 31) == 2 ? 16 : 4;
    char buf[PREFIX_TEXT_MAX];

    add_number(f, i, "len", len);
    add_number(f, i, "type", p[2]);
    if (p[2] > 5 || len < 20 + 4 * octets)
        return;
    add_number(f, i, "d", p[5] >> 7);
    add_number(f, i, "af", p[5] >> 2 & 31);
    add_number(f, i, "rol", p[5] & 3);
    add_number(f, i, "ts", be(p + 8, 4));
    add_number(f, i, "life", be(p + 12, 4));
    add_number(f, i, "hold", be(p + 16, 4));
    add_number(f, i, "domain", be_id(p + 20, octets));
    add(f, i, "node", address(p + 20 + octets, octets, buf));
    add(f, i, "addr", address(p + 20 + 2 * octets, octets, buf));
    add(f, i, "mask", address(p + 20 + 3 * octets, octets, buf));
    add_updated(f, i, p[5] & 3, local);
}

void fields_of_octets(struct vector_fields *f, const struct hex *m, enum masc_role local)
{
    *f = (struct vector_fields){.n = 0};
    vector_field_add(f, "len", "%" PRIu32, be(m->at, 2));
    vector_field_add(f, "type", "%u", m->at[2]);
    if (m->at[2] == 1)
        open_of_octets(f, m);
    if (m->at[2] == 3) {
        vector_field_add(f, "o", "%u", m->at[4] >> 7);
        vector_field_add(f, "code", "%u", m->at[4] & 0x7Fu);
        vector_field_add(f, "subcode", "%u", m->at[5]);
    }
    if (m->at[2] != 2)
        return;
    for (size_t at = 4, i = 0; at + 4 <= m->len; at += be(m->at + at, 2), i++)
        attr_of_octets(f, (unsigned)i, m->at + at, (unsigned)local);
}

/* ---- from values ---- */

static const char *node_text(u128 node, uint8_t family, char *buf)
{
    return addr_format((struct addr){node, family}, buf);
}

void fields_of_open(struct vector_fields *f, const struct masc_open *o)
{
    char buf[PREFIX_TEXT_MAX];

    vector_field_add(f, "version", "%u", o->version);
    vector_field_add(f, "af", "%u", o->family);
    vector_field_add(f, "rol", "%u", (unsigned)o->role);
    vector_field_add(f, "hold", "%u", o->hold_time_s);
    vector_field_add(f, "domain", "%" PRIu64, u128_lo(o->domain));
    vector_field_add(f, "node", "%s", node_text(o->node, o->family, buf));
    vector_field_add(f, "parent", "%" PRIu64, u128_lo(o->parent));
}

void fields_of_notification(struct vector_fields *f, const struct masc_notification *n)
{
    vector_field_add(f, "o", "%d", n->open);
    vector_field_add(f, "code", "%u", n->code);
    vector_field_add(f, "subcode", "%u", n->subcode);
}

void fields_of_attr(struct vector_fields *f, unsigned i, const struct masc_attr *a,
                    enum masc_role local)
{
    static const char *const name[4] = {"INTERNAL", "CHILD", "SIBLING", "PARENT"};
    uint8_t family = a->prefix.family;
    enum masc_role updated = MASC_INTERNAL;
    bool legal = masc_role_update(a->role, local, &updated);
    char buf[PREFIX_TEXT_MAX];

    add_number(f, i, "len", masc_attr_octets(a));
    add_number(f, i, "type", (uint64_t)a->type);
    add_number(f, i, "d", a->deprecated);
    add_number(f, i, "af", family);
    add_number(f, i, "rol", (uint64_t)a->role);
    add_number(f, i, "ts", a->timestamp_s);
    add_number(f, i, "life", a->lifetime_s);
    add_number(f, i, "hold", a->holdtime_s);
    add_number(f, i, "domain", u128_lo(a->domain));
    add(f, i, "node", node_text(a->node, family, buf));
    add(f, i, "addr", node_text(a->prefix.addr, family, buf));
    add(f, i, "mask", node_text(prefix_mask(family, a->prefix.len), family, buf));
    add(f, i, "updated", legal ? name[updated] : "---");
}
