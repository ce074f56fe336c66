/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The golden traces of stories.
 *
 * A trace is played into memory, and compared line by line: what is
 * shown of a difference are the first line that differs, and the one that agreed before it.
 */
#include "sim/story_golden.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_OCTETS = 512 };

/* A trace in memory. */
struct played {
    char *text;
    size_t len;
};

static bool fail(struct story_fault *f, const char *what, const char *path)
{
    f->line = 0;
    snprintf(f->text, sizeof f->text, "%s %s: %s", what, path, strerror(errno));
    return false;
}

static bool trace_path(const char *path, char out[PATH_OCTETS], struct story_fault *f)
{
    size_t len = strlen(path);
    *f = (struct story_fault){.line = 0};
    if (len < 6 || len + 1 > PATH_OCTETS || strcmp(path + len - 6, ".story") != 0) {
        snprintf(f->text, sizeof f->text, "the name of a story ends with .story");
        return false;
    }
    snprintf(out, PATH_OCTETS, "%.*s.trace", (int)len - 6, path);
    return true;
}

static bool play(const char *path, struct played *p, struct story_fault *f)
{
    struct story *s = story_load(path, f);
    FILE *to = open_memstream(&p->text, &p->len);
    bool well;
    if (!to)
        abort();
    well = s && story_play(s, to, story_level(s), f);
    fclose(to);
    story_free(s);
    return well;
}

static bool read_golden(const char *path, struct played *g, struct story_fault *f)
{
    FILE *file = fopen(path, "r"), *to;
    int c;
    if (!file)
        return fail(f, "cannot read", path);
    to = open_memstream(&g->text, &g->len);
    if (!to)
        abort();
    while ((c = getc(file)) != EOF)
        putc(c, to);
    fclose(to);
    fclose(file);
    return true;
}

static int line_octets(const char *p)
{
    return (int)strcspn(p, "\n");
}

/* Both texts end with NUL. */
static bool compare(const char *must, const char *is, struct story_fault *f)
{
    const char *agreed = "";
    unsigned number = 1;
    while (*must && *is) {
        int a = line_octets(must), b = line_octets(is);
        if (a != b || memcmp(must, is, (size_t)a) != 0)
            break;
        agreed = must;
        must += a + (must[a] == '\n');
        is += b + (is[b] == '\n');
        number++;
    }
    if (!*must && !*is)
        return true;
    f->line = 0;
    snprintf(f->text, sizeof f->text,
             "its trace differs in line %u:\n"
             "  agreed %.*s\n"
             "  must   %.*s\n"
             "  is     %.*s",
             number, line_octets(agreed), agreed, *must ? line_octets(must) : 9,
             *must ? must : "(the end)", *is ? line_octets(is) : 9, *is ? is : "(the end)");
    return false;
}

bool story_check(const char *path, struct story_fault *f)
{
    char golden[PATH_OCTETS];
    struct played is = {.text = NULL}, must = {.text = NULL};
    bool well = trace_path(path, golden, f) && play(path, &is, f) &&
                read_golden(golden, &must, f) && compare(must.text, is.text, f);
    free(is.text);
    free(must.text);
    return well;
}

bool story_update(const char *path, struct story_fault *f)
{
    char golden[PATH_OCTETS];
    struct played is = {.text = NULL};
    FILE *file;
    bool well = trace_path(path, golden, f) && play(path, &is, f);
    if (!well)
        goto out;
    file = fopen(golden, "w");
    if (!file || fwrite(is.text, 1, is.len, file) != is.len)
        well = fail(f, "cannot write", golden);
    if (file && fclose(file) != 0 && well)
        well = fail(f, "cannot write", golden);
out:
    free(is.text);
    return well;
}
