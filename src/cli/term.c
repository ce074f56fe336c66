/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * term: the terminal, or what stands in for it; see term.h.
 *
 * Widths of characters come from wcwidth() and so from the locale; a text that is no valid
 * multibyte string, or holds control characters, never gets that far: term_clean() replaces them.
 */
#include "cli/term.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

static unsigned number_of(const char *name)
{
    const char *text = getenv(name);
    unsigned long n = text != NULL ? strtoul(text, NULL, 10) : 0;

    return n > 0 && n < 10000 ? (unsigned)n : 0;
}

void term_resize(struct term *t)
{
    struct winsize size = {0};

    t->width = t->height = 0;
    if (!t->tty)
        return;
    if (ioctl(fileno(t->out), TIOCGWINSZ, &size) == 0) {
        t->width = size.ws_col;
        t->height = size.ws_row;
    }
    if (t->width == 0)
        t->width = number_of("COLUMNS");
    if (t->height == 0)
        t->height = number_of("LINES");
    if (t->width == 0)
        t->width = 80;
    if (t->height == 0)
        t->height = 24;
}

struct term term_find(FILE *out, bool no_color)
{
    const char *kind = getenv("TERM");
    const char *wish = getenv("NO_COLOR");
    struct term t = {.out = out, .tty = isatty(fileno(out)) == 1};

    t.colour = t.tty && !no_color && (wish == NULL || wish[0] == '\0') && kind != NULL &&
               strcmp(kind, "dumb") != 0;
    t.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    term_resize(&t);
    return t;
}

void term_tone(const struct term *t, enum tone tone)
{
    static const char *const code[] = {
        [TONE_PLAIN] = "", [TONE_HEAD] = "1", [TONE_GOOD] = "32", [TONE_WAIT] = "33",
        [TONE_BAD] = "31", [TONE_DIM] = "2",  [TONE_NAME] = "36",
    };

    if (t->colour && tone != TONE_PLAIN)
        fprintf(t->out, "\033[%sm", code[tone]);
}

void term_plain(const struct term *t)
{
    if (t->colour)
        fputs("\033[0m", t->out);
}

void term_put(const struct term *t, enum tone tone, const char *text)
{
    term_tone(t, tone);
    fputs(text, t->out);
    if (tone != TONE_PLAIN)
        term_plain(t);
}

/* One character at *text, moved past; its octets are in *octets. False: not to be printed. */
static bool take_character(const char **text, size_t *octets, wchar_t *c)
{
    mbstate_t state = {0};
    size_t n = mbrtowc(c, *text, strlen(*text), &state);

    if (n == (size_t)-1 || n == (size_t)-2) {
        *octets = 1;
        (*text)++;
        return false;
    }
    *octets = n;
    *text += n;
    return !iswcntrl((wint_t)*c) && wcwidth(*c) >= 0;
}

char *term_clean(const struct term *t, char *dst, size_t cap, const char *text)
{
    const char *instead = t->utf8 ? "\xEF\xBF\xBD" : "?";
    size_t len = 0;

    if (text == NULL)
        text = "";
    while (*text != '\0') {
        const char *from = text;
        size_t octets;
        wchar_t c;
        if (!take_character(&text, &octets, &c)) {
            from = instead;
            octets = strlen(instead);
        }
        if (len + octets >= cap)
            break;
        memcpy(dst + len, from, octets);
        len += octets;
    }
    dst[len] = '\0';
    return dst;
}

unsigned term_columns(const struct term *t, const char *text)
{
    unsigned columns = 0;

    (void)t;
    while (*text != '\0') {
        size_t octets;
        wchar_t c;
        if (take_character(&text, &octets, &c))
            columns += (unsigned)wcwidth(c);
        else
            columns++;
    }
    return columns;
}

void term_cut(const struct term *t, char *text, unsigned columns)
{
    const char *mark = t->utf8 ? "\xE2\x80\xA6" : "~";
    const char *at = text;
    const char *keep = text;
    unsigned used = 0;

    if (term_columns(t, text) <= columns)
        return;
    while (columns > 0) {
        size_t octets;
        wchar_t c;
        bool good = take_character(&at, &octets, &c);
        used += good ? (unsigned)wcwidth(c) : 1;
        if (used > columns - 1)
            break;
        keep = at;
    }
    memcpy(text + (keep - text), columns > 0 ? mark : "", columns > 0 ? strlen(mark) + 1 : 1);
}

char *term_bar(const struct term *t, char *dst, size_t cap, unsigned cells, double part)
{
    unsigned full = part <= 0 ? 0 : part >= 1 ? cells : (unsigned)(part * cells + 0.5);
    const char *on = t->utf8 ? "\xE2\x96\x88" : "#";
    const char *off = t->utf8 ? "\xE2\x96\x91" : "-";
    size_t len = 0;

    for (unsigned i = 0; i < cells; i++) {
        const char *cell = i < full ? on : off;
        size_t octets = strlen(cell);
        if (len + octets >= cap)
            break;
        memcpy(dst + len, cell, octets);
        len += octets;
    }
    dst[len] = '\0';
    return dst;
}
