/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * row: the one writer of rows, as JSON for scripts and as text for people.
 *
 * Texts may come from a peer or a file, and end on a terminal or in a log: what is not UTF-8
 * becomes U+FFFD (one for each part that could have begun a character), and control characters, C1
 * and DEL with them, never pass: they are escaped in JSON and U+FFFD in plain text. In a line of
 * text a value that could be taken for something else is written as its JSON string, so there is
 * one way to quote.
 */
#include "base/row.h"

#include "base/check.h"
#include "base/text.h"

#define UTF8_REPLACEMENT 0xFFFD

/* The code point at `s` and, in *octets, its length. What is not UTF-8 (Unicode table 3-7) gives
 * U+FFFD and the octets up to the one that spoilt it; the final NUL always spoils. */
static uint32_t utf8_decode(const char *s, size_t *octets)
{
    uint8_t first = (uint8_t)s[0];
    uint8_t low = 0x80, high = 0xBF; /* bounds of the second octet */
    size_t len = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint32_t code = first & (0x7Fu >> len);

    *octets = 1;
    if (first < 0x80)
        return first;
    if (first < 0xC2 || first > 0xF4)
        return UTF8_REPLACEMENT;
    if (first == 0xE0)
        low = 0xA0; /* overlong */
    else if (first == 0xED)
        high = 0x9F; /* surrogates */
    else if (first == 0xF0)
        low = 0x90; /* overlong */
    else if (first == 0xF4)
        high = 0x8F; /* past U+10FFFF */
    for (size_t i = 1; i < len; i++) {
        uint8_t next = (uint8_t)s[i];
        if (next < low || next > high)
            return UTF8_REPLACEMENT;
        code = code << 6 | (next & 0x3Fu);
        *octets = i + 1;
        low = 0x80;
        high = 0xBF;
    }
    return code;
}

/* A code point that never reaches a terminal as it is. */
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

static void write_replacement(struct wr *w)
{
    wr_text(w, "\xEF\xBF\xBD");
}

static void write_escape(struct wr *w, uint32_t code)
{
    static const char digits[] = "0123456789abcdef";

    switch (code) {
    case '"': wr_text(w, "\\\""); return;
    case '\\': wr_text(w, "\\\\"); return;
    case '\b': wr_text(w, "\\b"); return;
    case '\f': wr_text(w, "\\f"); return;
    case '\n': wr_text(w, "\\n"); return;
    case '\r': wr_text(w, "\\r"); return;
    case '\t': wr_text(w, "\\t"); return;
    }
    wr_text(w, "\\u00"); /* control characters are below U+00A0 */
    wr_u8(w, (uint8_t)digits[code >> 4 & 15]);
    wr_u8(w, (uint8_t)digits[code & 15]);
}

void row_write_json_text(struct wr *w, const char *text)
{
    size_t octets;

    wr_u8(w, '"');
    for (; *text != '\0'; text += octets) {
        uint32_t code = utf8_decode(text, &octets);
        if (code == UTF8_REPLACEMENT)
            write_replacement(w);
        else if (is_control(code) || code == '"' || code == '\\')
            write_escape(w, code);
        else
            wr_bytes(w, text, octets);
    }
    wr_u8(w, '"');
}

/* A text with nothing in it that moves a cursor. */
static void write_clean_text(struct wr *w, const char *text)
{
    size_t octets;

    for (; *text != '\0'; text += octets) {
        uint32_t code = utf8_decode(text, &octets);
        if (code == UTF8_REPLACEMENT || is_control(code))
            write_replacement(w);
        else
            wr_bytes(w, text, octets);
    }
}

/* Whether a text in a line of field=value needs quotes to be told from what follows. */
static bool needs_quotes(const char *text)
{
    const char *s = text;
    size_t octets;

    for (; *s != '\0'; s += octets) {
        uint32_t code = utf8_decode(s, &octets);
        if (code <= ' ' || is_control(code) || code == '"' || code == '\\' || code == '=')
            return true;
    }
    return s == text;
}

static bool is_missing(enum field_kind kind, const union value *v)
{
    switch (kind) {
    case FIELD_UINT:
    case FIELD_BOOL: return false;
    case FIELD_DOMAIN:
    case FIELD_NODE: return v->id == ID_NONE;
    case FIELD_TEXT: return v->text == NULL;
    case FIELD_PREFIX: return v->prefix.family == 0;
    case FIELD_ADDR: return v->addr.family == 0;
    case FIELD_WALL: return v->wall.s == INT64_MAX;
    case FIELD_SECONDS: return v->u == UINT64_MAX;
    }
    mascot_panic(__FILE__, __LINE__, "no such kind of field");
}

static bool fits_ipv4(u128 id)
{
    return id >> 32 == 0;
}

static void write_addr(struct wr *w, struct addr a)
{
    char text[PREFIX_TEXT_MAX];

    wr_text(w, addr_format(a, text));
}

static void write_prefix(struct wr *w, struct prefix p)
{
    char text[PREFIX_TEXT_MAX];

    wr_text(w, prefix_format(p, text));
}

static void write_domain(struct wr *w, u128 id)
{
    if (fits_ipv4(id))
        wr_decimal(w, u128_lo(id));
    else
        write_addr(w, (struct addr){id, FAMILY_IPV6});
}

static void write_node(struct wr *w, u128 id)
{
    write_addr(w, (struct addr){id, fits_ipv4(id) ? FAMILY_IPV4 : FAMILY_IPV6});
}

void row_write_value(struct wr *w, enum field_kind kind, const union value *v)
{
    if (is_missing(kind, v))
        return;
    switch (kind) {
    case FIELD_UINT: wr_decimal(w, v->u); return;
    case FIELD_TEXT: write_clean_text(w, v->text); return;
    case FIELD_BOOL: wr_text(w, v->u ? "yes" : "no"); return;
    case FIELD_PREFIX: write_prefix(w, v->prefix); return;
    case FIELD_ADDR: write_addr(w, v->addr); return;
    case FIELD_DOMAIN: write_domain(w, v->id); return;
    case FIELD_NODE: write_node(w, v->id); return;
    case FIELD_WALL: row_write_wall(w, v->wall); return;
    case FIELD_SECONDS: row_write_duration(w, v->u, ""); return;
    }
}

static void write_json_value(struct wr *w, enum field_kind kind, const union value *v)
{
    if (is_missing(kind, v)) {
        wr_text(w, "null");
        return;
    }
    switch (kind) {
    case FIELD_UINT:
    case FIELD_SECONDS: wr_decimal(w, v->u); return;
    case FIELD_WALL: wr_int(w, v->wall.s); return;
    case FIELD_BOOL: wr_text(w, v->u ? "true" : "false"); return;
    case FIELD_TEXT: row_write_json_text(w, v->text); return;
    case FIELD_PREFIX:
    case FIELD_ADDR:
    case FIELD_DOMAIN:
    case FIELD_NODE: /* their forms hold nothing to escape */
        wr_u8(w, '"');
        row_write_value(w, kind, v);
        wr_u8(w, '"');
        return;
    }
}

void row_write_json(struct wr *w, const struct row *row)
{
    const struct row_type *type = row->type;

    CHECK(type->fields <= ROW_FIELDS_MAX);
    wr_text(w, "{\"row\":");
    row_write_json_text(w, type->name);
    for (int i = 0; i < type->fields; i++) {
        wr_u8(w, ',');
        row_write_json_text(w, type->field[i].name);
        wr_u8(w, ':');
        write_json_value(w, type->field[i].kind, &row->v[i]);
    }
    wr_u8(w, '}');
}

void row_write_text(struct wr *w, const struct row *row)
{
    const struct row_type *type = row->type;

    CHECK(type->fields <= ROW_FIELDS_MAX);
    wr_text(w, type->name);
    for (int i = 0; i < type->fields; i++) {
        enum field_kind kind = type->field[i].kind;
        const union value *v = &row->v[i];
        if (is_missing(kind, v))
            continue;
        wr_u8(w, ' ');
        wr_text(w, type->field[i].name);
        wr_u8(w, '=');
        if (kind == FIELD_TEXT && needs_quotes(v->text))
            row_write_json_text(w, v->text);
        else
            row_write_value(w, kind, v);
    }
}
