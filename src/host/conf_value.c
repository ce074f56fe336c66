/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_value: one setting: is its name known, is its value of the right kind and in range?
 *
 * One function per kind reads a value; each either stores it or complains with what would have been
 * right. Suggestions for unknown names use the edit distance: at most a third of the letters wrong.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/row.h"
#include "base/text.h"
#include "host/conf_impl.h"

#define NAME_MAX_COMPARED 32

/* ---- complaints ---- */

void conf_write_path(struct wr *w, const config_setting_t *s)
{
    const config_setting_t *parent = config_setting_parent(s);

    if (parent == NULL)
        return;
    conf_write_path(w, parent);
    if (config_setting_name(s) != NULL) {
        if (config_setting_parent(parent) != NULL)
            wr_u8(w, '.');
        wr_text(w, config_setting_name(s));
        return;
    }
    wr_u8(w, '[');
    wr_decimal(w, (uint64_t)config_setting_index(s));
    wr_u8(w, ']');
}

struct wr *conf_say(struct conf_reading *r, const config_setting_t *s, bool warning)
{
    struct wr *w = &r->report->text;

    if (warning)
        r->report->warnings++;
    else
        r->report->errors++;
    wr_text(w, r->file);
    if (s != NULL && config_setting_source_line(s) > 0) {
        wr_u8(w, ':');
        wr_decimal(w, config_setting_source_line(s));
    }
    wr_text(w, warning ? ": warning: " : ": ");
    if (s != NULL && config_setting_parent(s) != NULL) {
        conf_write_path(w, s);
        wr_text(w, ": ");
    }
    return w;
}

void conf_said(struct conf_reading *r)
{
    wr_u8(&r->report->text, '\n');
}

void conf_error(struct conf_reading *r, const config_setting_t *s, const char *what)
{
    wr_text(conf_say(r, s, false), what);
    conf_said(r);
}

static void write_found(struct wr *w, const config_setting_t *s)
{
    char number[64];

    switch (config_setting_type(s)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        snprintf(number, sizeof(number), "%lld", config_setting_get_int64(s));
        wr_text(w, number);
        return;
    case CONFIG_TYPE_FLOAT:
        snprintf(number, sizeof(number), "%g", config_setting_get_float(s));
        wr_text(w, number);
        return;
    case CONFIG_TYPE_BOOL: wr_text(w, config_setting_get_bool(s) ? "true" : "false"); return;
    case CONFIG_TYPE_STRING:
        wr_u8(w, '"');
        wr_text(w, config_setting_get_string(s));
        wr_u8(w, '"');
        return;
    case CONFIG_TYPE_GROUP: wr_text(w, "a group { ... }"); return;
    default: wr_text(w, "a list"); return;
    }
}

void conf_unexpected(struct conf_reading *r, const config_setting_t *s, const char *what)
{
    struct wr *w = conf_say(r, s, false);

    wr_text(w, "expected ");
    wr_text(w, what);
    wr_text(w, ", not ");
    write_found(w, s);
    conf_said(r);
}

/* ---- fields ---- */

void conf_put(void *base, const struct setting *t, uint64_t v)
{
    uint8_t *at = (uint8_t *)base + t->offset;
    uint8_t v8 = (uint8_t)v;
    uint16_t v16 = (uint16_t)v;
    uint32_t v32 = (uint32_t)v;

    if (t->octets == 1)
        memcpy(at, &v8, 1);
    else if (t->octets == 2)
        memcpy(at, &v16, 2);
    else if (t->octets == 4)
        memcpy(at, &v32, 4);
    else
        memcpy(at, &v, 8);
}

uint64_t conf_get(const void *base, const struct setting *t)
{
    const uint8_t *at = (const uint8_t *)base + t->offset;
    uint8_t v8;
    uint16_t v16;
    uint32_t v32;
    uint64_t v;

    switch (t->octets) {
    case 1: memcpy(&v8, at, 1); return v8;
    case 2: memcpy(&v16, at, 2); return v16;
    case 4: memcpy(&v32, at, 4); return v32;
    default: memcpy(&v, at, 8); return v;
    }
}

static bool get_number(const config_setting_t *s, uint64_t *v)
{
    int type = config_setting_type(s);

    if ((type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) || config_setting_get_int64(s) < 0)
        return false;
    *v = (uint64_t)config_setting_get_int64(s);
    return true;
}

static const char *get_text(const config_setting_t *s)
{
    return config_setting_type(s) == CONFIG_TYPE_STRING ? config_setting_get_string(s) : NULL;
}

/* ---- kinds ---- */

static void read_bool(struct conf_reading *r, const config_setting_t *s, const struct setting *t,
                      void *base)
{
    bool v = config_setting_get_bool(s) != 0;

    if (config_setting_type(s) == CONFIG_TYPE_BOOL)
        memcpy((uint8_t *)base + t->offset, &v, sizeof(v));
    else
        conf_unexpected(r, s, "true or false");
}

static void read_number(struct conf_reading *r, const config_setting_t *s,
                        const struct setting *t, void *base)
{
    char what[96];
    uint64_t v;

    if (get_number(s, &v) && v >= t->min && v <= t->max) {
        conf_put(base, t, v);
        return;
    }
    if (t->max == INT64_MAX)
        snprintf(what, sizeof(what), "a whole number, %" PRIu64 " or more", t->min);
    else
        snprintf(what, sizeof(what), "a whole number from %" PRIu64 " to %" PRIu64, t->min, t->max);
    conf_unexpected(r, s, what);
}

static void read_time(struct conf_reading *r, const config_setting_t *s, const struct setting *t,
                      void *base)
{
    char longest[32], what[128];
    struct wr w = wr_init(longest, sizeof(longest));
    const char *text = get_text(s);
    uint64_t v = 0;
    bool good = text == NULL ? get_number(s, &v) : text_parse_duration(&v, text);

    if (good && v >= t->min && v <= t->max) {
        conf_put(base, t, v);
        return;
    }
    row_write_duration(&w, t->max, "");
    snprintf(what, sizeof(what),
             "a length of time such as \"48h\", \"15m\", \"30d\" or a number of seconds, from %"
             PRIu64 "s to %s", t->min, wr_nul(&w));
    conf_unexpected(r, s, what);
}

/* Octets of the UTF-8 character that begins at `s`; 0: none does, or it is a control character. */
static size_t character(const unsigned char *s)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    uint32_t v = n < 2 ? s[0] : s[0] & (0x7Fu >> n);

    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        v = v << 6 | (s[i] & 0x3Fu);
    }
    if (n == 0 || s[0] >= 0xF8 || v < least[n] || v > 0x10FFFF || (v >= 0xD800 && v < 0xE000))
        return 0;
    return v < 0x20 || (v >= 0x7F && v < 0xA0) ? 0 : n;
}

static bool is_printable(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    while (*s != '\0') {
        size_t n = character(s);
        if (n == 0)
            return false;
        s += n;
    }
    return true;
}

static void read_text(struct conf_reading *r, const config_setting_t *s, const struct setting *t,
                      void *base)
{
    const char *text = get_text(s);
    char what[96];

    /* It is shown on terminals, in logs and in JSON. */
    if (text != NULL && !is_printable(text)) {
        conf_error(r, s, "expected UTF-8 text without control characters");
        return;
    }
    if (text != NULL && strlen(text) >= t->min && strlen(text) < t->octets) {
        text_copy((char *)base + t->offset, t->octets, text);
        return;
    }
    snprintf(what, sizeof(what), "a text in quotes of %" PRIu64 " to %zu octets", t->min,
             t->octets - 1);
    conf_unexpected(r, s, what);
}

static void read_choice(struct conf_reading *r, const config_setting_t *s,
                        const struct setting *t, void *base)
{
    const char *text = get_text(s);
    char what[128];
    struct wr w = wr_init(what, sizeof(what));

    for (unsigned i = 0; t->choice[i] != NULL; i++) {
        if (text != NULL && strcmp(text, t->choice[i]) == 0) {
            conf_put(base, t, i + t->min);
            return;
        }
        wr_text(&w, i == 0 ? "\"" : t->choice[i + 1] == NULL ? " or \"" : ", \"");
        wr_text(&w, t->choice[i]);
        wr_u8(&w, '"');
    }
    conf_unexpected(r, s, wr_nul(&w));
}

static void read_addr(struct conf_reading *r, const config_setting_t *s, const struct setting *t,
                      void *base)
{
    const char *text = get_text(s);
    struct addr a;

    if (text != NULL && addr_parse(&a, text))
        memcpy((uint8_t *)base + t->offset, &a, sizeof(a));
    else
        conf_unexpected(r, s, "an address such as \"127.0.0.10\" or \"2001:db8::10\"");
}

static void read_prefix(struct conf_reading *r, const config_setting_t *s,
                        const struct setting *t, void *base)
{
    const char *text = get_text(s);
    struct prefix p;

    if (text != NULL && prefix_parse(&p, text))
        memcpy((uint8_t *)base + t->offset, &p, sizeof(p));
    else
        conf_unexpected(r, s, "a prefix such as \"239.192.0.0/14\" without bits past its length");
}

/* Numbers up to 32 bits, or an address; IPv4 addresses only for Node Identifiers. */
static void read_id(struct conf_reading *r, const config_setting_t *s, const struct setting *t,
                    void *base)
{
    const char *text = get_text(s);
    uint64_t number = 0;
    struct addr a = {0, 0};
    bool is_number = text == NULL ? get_number(s, &number) : text_parse_u64(&number, text);
    bool good = is_number && number >= t->min && number <= UINT32_MAX;

    if (is_number)
        a.addr = number;
    else if (text != NULL && addr_parse(&a, text))
        good = a.addr >= t->min && (t->kind == SETTING_NODE || a.family == FAMILY_IPV6);
    if (good)
        memcpy((uint8_t *)base + t->offset, &a.addr, sizeof(a.addr));
    else if (t->kind == SETTING_NODE)
        conf_unexpected(r, s, "a Node Identifier: an address of the node such as \"127.0.0.10\"");
    else
        conf_unexpected(r, s,
                          "a Domain Identifier: an AS number from 1 to 4294967295, or IPv6 text");
}

static void read_value(struct conf_reading *r, const config_setting_t *s, const struct setting *t,
                       void *base)
{
    switch (t->kind) {
    case SETTING_BOOL: read_bool(r, s, t, base); return;
    case SETTING_NUMBER: read_number(r, s, t, base); return;
    case SETTING_TIME: read_time(r, s, t, base); return;
    case SETTING_TEXT: read_text(r, s, t, base); return;
    case SETTING_CHOICE: read_choice(r, s, t, base); return;
    case SETTING_ADDR: read_addr(r, s, t, base); return;
    case SETTING_PREFIX: read_prefix(r, s, t, base); return;
    case SETTING_DOMAIN:
    case SETTING_NODE: read_id(r, s, t, base); return;
    case SETTING_OTHER: return;
    }
}

/* ---- groups ---- */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Insertions, removals and replacements that make `a` into `b`; names only. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[NAME_MAX_COMPARED + 1];
    size_t n = strlen(b);

    if (n > NAME_MAX_COMPARED || strlen(a) > NAME_MAX_COMPARED)
        return UINT32_MAX;
    for (unsigned k = 0; k <= n; k++)
        row[k] = k;
    for (unsigned i = 1; a[i - 1] != '\0'; i++) {
        unsigned corner = row[0];
        row[0] = i;
        for (unsigned k = 1; k <= n; k++) {
            unsigned above = row[k];
            unsigned other = (a[i - 1] == '_' ? '-' : a[i - 1]) == b[k - 1] ? corner : corner + 1;
            row[k] = least(other, least(above, row[k - 1]) + 1);
            corner = above;
        }
    }
    return row[n];
}

static void unknown(struct conf_reading *r, const config_setting_t *s, const struct setting *t)
{
    const char *name = config_setting_name(s);
    const char *best = NULL;
    unsigned best_distance = (unsigned)strlen(name) / 3 + 1;
    struct wr *w = conf_say(r, s, false);

    for (; t->name != NULL; t++) {
        unsigned d = distance(name, t->name);
        if (d >= best_distance)
            continue;
        best_distance = d;
        best = t->name;
    }
    wr_text(w, "unknown setting");
    if (best != NULL) {
        wr_text(w, "; is \"");
        wr_text(w, best);
        wr_text(w, "\" meant?");
    }
    conf_said(r);
}

static const struct setting *find(const struct setting *t, const char *name)
{
    while (t->name != NULL && strcmp(t->name, name) != 0)
        t++;
    return t->name == NULL ? NULL : t;
}

static void require(struct conf_reading *r, const config_setting_t *s, const struct setting *t)
{
    if (!t->required || config_setting_get_member(s, t->name) != NULL)
        return;
    struct wr *w = conf_say(r, s, false);
    wr_text(w, "\"");
    wr_text(w, t->name);
    wr_text(w, "\" is missing");
    conf_said(r);
}

bool conf_read_group(struct conf_reading *r, const config_setting_t *s,
                       const struct setting *table, void *base)
{
    if (!config_setting_is_group(s)) {
        conf_unexpected(r, s, "a group { ... }");
        return false;
    }
    for (unsigned i = 0; i < (unsigned)config_setting_length(s); i++) {
        const config_setting_t *member = config_setting_get_elem(s, i);
        const struct setting *t = find(table, config_setting_name(member));
        if (t == NULL)
            unknown(r, member, table);
        else
            read_value(r, member, t, base);
    }
    for (const struct setting *t = table; t->name != NULL; t++)
        require(r, s, t);
    return true;
}

void conf_read_texts(struct conf_reading *r, const config_setting_t *s, unsigned max,
                       void (*each)(struct conf_reading *, const config_setting_t *, void *),
                       void *arg)
{
    char what[64];

    if (get_text(s) != NULL) {
        each(r, s, arg);
        return;
    }
    if (!config_setting_is_list(s) && !config_setting_is_array(s)) {
        conf_unexpected(r, s, "a text in quotes, or a list (\"...\", \"...\")");
        return;
    }
    if ((unsigned)config_setting_length(s) > max) {
        snprintf(what, sizeof(what), "has more than %u entries", max);
        conf_error(r, s, what);
        return;
    }
    for (unsigned i = 0; i < (unsigned)config_setting_length(s); i++) {
        const config_setting_t *element = config_setting_get_elem(s, i);
        if (get_text(element) == NULL)
            conf_unexpected(r, element, "a text in quotes");
        else
            each(r, element, arg);
    }
}
