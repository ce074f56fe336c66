/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vectors: reads rfc2909.vectors.
 *
 * The file is ours, so a mistake in it ends the program with the line's number instead of making a
 * test pass for want of something to check: unknown keys, missing keys and doubled ids are
 * mistakes. Lines that begin with # are comments, an empty line ends a vector.
 */
#include "tests/conformance/vectors.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static struct vector vectors[VECTORS_MAX];
static unsigned count;
static unsigned line_number;

static _Noreturn void bad(const char *what)
{
    printf("Bail out! rfc2909.vectors:%u: %s\n", line_number, what);
    exit(EXIT_FAILURE);
}

static uint64_t number(const char *text, int base)
{
    char *end;
    uint64_t v = strtoull(text, &end, base);

    if (end == text || *end != '\0')
        bad("a number was expected");
    return v;
}

static void set_text(char *to, size_t cap, const char *text)
{
    if ((size_t)snprintf(to, cap, "%s", text) >= cap)
        bad("too long");
}

static void set_parents(struct vector *v, char *text)
{
    char *save = NULL;

    for (char *p = strtok_r(text, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
        if (v->parents == VECTOR_PARENTS_MAX)
            bad("too many parents");
        v->parent[v->parents++] = number(p, 10);
    }
}

static void set_expect(struct vector *v, char *text)
{
    char *save = NULL;

    for (char *p = strtok_r(text, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
        char *equals = strchr(p, '=');
        if (!equals)
            bad("key=value was expected");
        *equals = '\0';
        vector_field_add(&v->expect, p, "%s", equals + 1);
    }
}

static void set_outcome(struct vector *v, const char *text)
{
    if (sscanf(text, "error %u/%u", &v->code, &v->subcode) == 2)
        text = "error";
    else if (strcmp(text, "drop expired") == 0)
        text = "drop";
    else if (strcmp(text, "accept") != 0 && strcmp(text, "close") != 0)
        bad("accept, drop expired, close or error code/subcode was expected");
    set_text(v->outcome, sizeof(v->outcome), text);
}

static void set_state(struct vector *v, const char *text)
{
    v->established = strcmp(text, "Established") == 0;
    if (!v->established && strcmp(text, "OpenSent") != 0)
        bad("OpenSent or Established was expected");
}

static void set(struct vector *v, const char *key, char *value)
{
    if (strcmp(key, "id") == 0)
        set_text(v->id, sizeof(v->id), value);
    else if (strcmp(key, "title") == 0)
        set_text(v->title, sizeof(v->title), value);
    else if (strcmp(key, "state") == 0)
        set_state(v, value);
    else if (strcmp(key, "role") == 0)
        v->role = (unsigned)number(value, 10);
    else if (strcmp(key, "domain") == 0)
        v->domain = number(value, 10);
    else if (strcmp(key, "parents") == 0)
        set_parents(v, value);
    else if (strcmp(key, "now") == 0)
        v->now_s = (int64_t)number(value, 16);
    else if (strcmp(key, "pending") == 0)
        v->pending = strcmp(value, "yes") == 0;
    else if (strcmp(key, "before") == 0)
        v->before = hex(value);
    else if (strcmp(key, "hex") == 0)
        v->message = hex(value);
    else if (strcmp(key, "expect") == 0)
        set_expect(v, value);
    else if (strcmp(key, "outcome") == 0)
        set_outcome(v, value);
    else if (strcmp(key, "reply") == 0)
        v->reply = strcmp(value, "none") == 0 ? (struct hex){.len = 0} : hex(value);
    else
        bad("unknown key");
}

static void check_last(void)
{
    const struct vector *v = &vectors[count - 1];

    if (!v->id[0] || !v->title[0] || !v->outcome[0] || v->message.len < 4 || v->expect.n == 0)
        bad("the vector above lacks something");
    if (v->role > 3)
        bad("the role above is none");
    for (unsigned i = 0; i + 1 < count; i++)
        if (strcmp(vectors[i].id, v->id) == 0)
            bad("the vector above has the id of another");
}

static void read_file(FILE *f)
{
    static char line[8192];
    bool inside = false;

    while (fgets(line, sizeof(line), f)) {
        char *value;
        line_number++;
        if (line[0] == '#')
            continue;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0') {
            if (inside)
                check_last();
            inside = false;
            continue;
        }
        if (!inside && count++ == VECTORS_MAX)
            bad("too many vectors");
        inside = true;
        value = strstr(line, ": ");
        if (!value)
            bad("key: value was expected");
        *value = '\0';
        set(&vectors[count - 1], line, value + 2);
    }
    if (inside)
        check_last();
}

unsigned vector_count(void)
{
    char path[1000];
    FILE *f;

    if (count > 0)
        return count;
    snprintf(path, sizeof(path), "%s/tests/conformance/rfc2909.vectors", tap_source_root());
    f = fopen(path, "r");
    if (!f)
        bad("cannot be read");
    read_file(f);
    fclose(f);
    if (count == 0)
        bad("is empty");
    return count;
}

const struct vector *vector_at(unsigned i)
{
    return i < vector_count() ? &vectors[i] : NULL;
}

const struct vector *vector_named(const char *id)
{
    for (unsigned i = 0; i < vector_count(); i++)
        if (strcmp(vectors[i].id, id) == 0)
            return &vectors[i];
    printf("Bail out! rfc2909.vectors: no vector %s\n", id);
    exit(EXIT_FAILURE);
}

const char *vector_field(const struct vector_fields *f, const char *key)
{
    for (unsigned i = 0; i < f->n; i++)
        if (strcmp(f->at[i].key, key) == 0)
            return f->at[i].value;
    return NULL;
}

void vector_field_add(struct vector_fields *f, const char *key, const char *format, ...)
{
    va_list args;

    if (f->n == VECTOR_FIELDS_MAX)
        bad("too many fields");
    set_text(f->at[f->n].key, sizeof(f->at[0].key), key);
    va_start(args, format);
    if ((size_t)vsnprintf(f->at[f->n].value, sizeof(f->at[0].value), format, args) >=
        sizeof(f->at[0].value))
        bad("too long");
    va_end(args);
    f->n++;
}
