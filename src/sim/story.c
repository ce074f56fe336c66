/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * story: see story.h. Here: a text becomes lines of words.
 *
 * The text is kept twice: words lie in the one copy, cut apart by NULs, and whole lines in the
 * other, for what is said of a line that fails.
 */
#include "sim/story.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/story_impl.h"

enum { STORY_OCTETS_MAX = 1 << 20 };

static char *copy(const char *text, size_t len)
{
    char *p = malloc(len + 1);
    if (!p)
        abort();
    memcpy(p, text, len);
    p[len] = 0;
    return p;
}

static struct story_line *add_line(struct story *s)
{
    if (s->lines == s->lines_max) {
        s->lines_max = s->lines_max ? 2 * s->lines_max : 64;
        s->line = realloc(s->line, s->lines_max * sizeof *s->line);
        if (!s->line)
            abort();
    }
    return &s->line[s->lines++];
}

/* `at` is a line without its end; the words of it end with NULL. */
static bool split(char *at, char *word[STORY_WORDS + 1], struct story_fault *f)
{
    unsigned n = 0;
    char *rest = NULL;
    at[strcspn(at, "#")] = 0;
    for (at = strtok_r(at, " \t\r", &rest); at; at = strtok_r(NULL, " \t\r", &rest)) {
        if (n == STORY_WORDS) {
            snprintf(f->text, sizeof f->text, "more than %d words", STORY_WORDS);
            return false;
        }
        word[n++] = at;
    }
    word[n] = NULL;
    return true;
}

/* `shown` is the same place in the copy that keeps whole lines. */
static bool take_line(struct story *s, char *at, char *shown, struct story_fault *f)
{
    char *word[STORY_WORDS + 1];
    struct story_line *l;
    size_t len;
    if (!split(at, word, f))
        return false;
    if (!word[0])
        return true;
    shown[strcspn(shown, "#")] = 0;
    shown += strspn(shown, " \t");
    for (len = strlen(shown); len && strchr(" \t\r", shown[len - 1]); len--)
        shown[len - 1] = 0;
    l = add_line(s);
    *l = (struct story_line){.number = f->line, .text = shown, .at = -1, .wait = -1, .within = -1};
    return story_parse(s, l, word, f);
}

struct story *story_read(const char *text, struct story_fault *f)
{
    struct story *s = calloc(1, sizeof *s);
    size_t at = 0, len = strlen(text);
    if (!s)
        abort();
    s->text = copy(text, len);
    s->shown = copy(text, len);
    *f = (struct story_fault){.line = 0};
    while (at < len) {
        size_t end = at + strcspn(text + at, "\n");
        s->text[end] = s->shown[end] = 0;
        f->line++;
        if (!take_line(s, s->text + at, s->shown + at, f)) {
            story_free(s);
            return NULL;
        }
        at = end + 1;
    }
    f->line = 0;
    return s;
}

struct story *story_load(const char *path, struct story_fault *f)
{
    FILE *file = fopen(path, "r");
    char *text = malloc(STORY_OCTETS_MAX + 1);
    struct story *s = NULL;
    size_t len;
    *f = (struct story_fault){.line = 0};
    if (!text)
        abort();
    if (!file) {
        snprintf(f->text, sizeof f->text, "cannot be read: %s", strerror(errno));
        goto out;
    }
    len = fread(text, 1, STORY_OCTETS_MAX + 1, file);
    if (ferror(file) || len > STORY_OCTETS_MAX) {
        snprintf(f->text, sizeof f->text, "cannot be read, or is no story");
        goto out;
    }
    text[len] = 0;
    s = story_read(text, f);
out:
    if (file)
        fclose(file);
    free(text);
    return s;
}

void story_free(struct story *s)
{
    if (!s)
        return;
    free(s->text);
    free(s->shown);
    free(s->line);
    free(s);
}

enum trace_level story_level(const struct story *s)
{
    return s->level;
}
