/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_text: the octets of the configuration file, made safe for libconfig.
 *
 * libconfig 1.5 cuts an integer that does not fit 32 bits without a word (AS 4200000000 would
 * become another number) unless it ends with 'L', and its scanner ends the whole process when it
 * cannot read an included file. So the text is read here, large integers get their 'L', integers
 * beyond 63 bits, @include and NUL octets are refused. A comma after the last entry of a list,
 * which libconfig 1.5 does not take, is dropped, so that entries can be added and commented out
 * freely. Lines stay lines, so that complaints name the right one.
 *
 * The scan knows just enough of the syntax: strings with backslashes, three kinds of comments,
 * names, numbers.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "host/conf_impl.h"

#define TEXT_MAX ((size_t)4 << 20)

static char *complain(struct conf_reading *r, unsigned line, const char *what, const char *more)
{
    struct wr *w = &r->report->text;

    r->report->errors++;
    wr_text(w, r->file);
    if (line > 0) {
        wr_u8(w, ':');
        wr_decimal(w, line);
    }
    wr_text(w, ": ");
    wr_text(w, what);
    wr_text(w, more);
    conf_said(r);
    return NULL;
}

/* Opens it without waiting: a FIFO would hold us until somebody writes. NULL: complained. */
static FILE *open_regular(struct conf_reading *r, struct stat *st)
{
    int fd = open(r->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    FILE *f;

    if (fd < 0) {
        complain(r, 0, "cannot be read: ", strerror(errno));
        return NULL;
    }
    if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode)) {
        complain(r, 0, "is not a regular file", "");
        close(fd);
        return NULL;
    }
    f = fdopen(fd, "r");
    if (f == NULL) {
        complain(r, 0, "cannot be read: ", strerror(errno));
        close(fd);
    }
    return f;
}

/* The file with a NUL behind it, from malloc. */
static char *slurp(struct conf_reading *r)
{
    struct stat st;
    FILE *f = open_regular(r, &st);
    char *text = NULL;
    size_t n;

    if (f == NULL)
        return NULL;
    if ((uint64_t)st.st_size > TEXT_MAX) {
        complain(r, 0, "is larger than 4 MiB", "");
        goto out;
    }
    text = malloc((size_t)st.st_size + 1);
    n = text == NULL ? 0 : fread(text, 1, (size_t)st.st_size, f);
    if (text == NULL || ferror(f)) {
        complain(r, 0, "cannot be read: ", strerror(errno));
        free(text);
        text = NULL;
        goto out;
    }
    text[n] = '\0';
    if (strlen(text) != n) {
        complain(r, 0, "has a NUL octet: it is no text", "");
        free(text);
        text = NULL;
    }

out:
    fclose(f);
    return text;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*';
}

/* Octets of the string, comment or name that begins at `s`; 0: none does. */
static size_t skip(const char *s)
{
    size_t n = 1;

    if (*s == '"') {
        while (s[n] != '\0' && s[n] != '"')
            n += s[n] == '\\' && s[n + 1] != '\0' ? 2 : 1;
        return s[n] == '"' ? n + 1 : n;
    }
    if (*s == '#' || (s[0] == '/' && s[1] == '/'))
        return strcspn(s, "\n");
    if (s[0] == '/' && s[1] == '*') {
        const char *end = strstr(s + 2, "*/");
        return end == NULL ? strlen(s) : (size_t)(end - s) + 2;
    }
    if (!isalpha((unsigned char)*s) && *s != '*')
        return 0;
    while (is_name(s[n]))
        n++;
    return n;
}

/* Octets of the number at `s`, 0 if there is none; *large: an integer that needs an 'L'; *bad: one
 * that even then does not fit. */
static size_t number(const char *s, bool *large, bool *bad)
{
    bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
    size_t n = hex ? 2 : 0;
    char *end;

    *large = *bad = false;
    if (!isdigit((unsigned char)*s))
        return 0;
    while (hex ? isxdigit((unsigned char)s[n]) : isdigit((unsigned char)s[n]))
        n++;
    errno = 0;
    unsigned long long v = strtoull(s, &end, hex ? 16 : 10);
    bool integer = s[n] != '.' && s[n] != 'e' && s[n] != 'E';
    *bad = integer && (errno == ERANGE || v > INT64_MAX);
    *large = integer && s[n] != 'L' && v > INT32_MAX;
    while (is_name(s[n]) || s[n] == '.')
        n++;
    return n;
}

/* Only blanks and comments lie between `s` and the end of a list. */
static bool list_ends(const char *s)
{
    for (;;) {
        s += strspn(s, " \t\r\n");
        if (*s != '#' && *s != '/')
            return *s == ')' || *s == ']';
        size_t n = skip(s);
        if (n == 0)
            return false;
        s += n;
    }
}

/* Octets of the text. */
struct piece {
    const char *at;
    size_t n;
};

/* "f:3: claims: expected a number up to 9223372036854775807, not 9223372036854775808" */
static void too_large(struct conf_reading *r, unsigned line, struct piece name, struct piece number)
{
    char what[256];

    snprintf(what, sizeof(what), "%.*s%sexpected a number up to %" PRId64 ", not %.*s",
             name.n < 64 ? (int)name.n : 64, name.at, name.n == 0 ? "" : ": ", INT64_MAX,
             number.n < 64 ? (int)number.n : 64, number.at);
    complain(r, line, what, "");
}

/* Copies `from` to `to`, which has room for twice its length. False: complained. */
static bool widen(struct conf_reading *r, const char *from, char *to)
{
    struct piece word = {"", 0}, name = {"", 0}; /* the last one; that of the setting we are in */
    unsigned line = 1;

    while (*from != '\0') {
        bool large = false, bad = false;
        size_t n = skip(from);
        if (n > 0 && is_name(*from))
            word = (struct piece){from, n};
        if (*from == '=' || *from == ':')
            name = word;
        if (n == 0)
            n = number(from, &large, &bad);
        if (n == 0)
            n = 1;
        if (bad) {
            too_large(r, line, name, (struct piece){from, n});
            return false;
        }
        if (*from == '@') {
            complain(r, line, "@include is not supported: keep all settings in one file", "");
            return false;
        }
        memcpy(to, from, n);
        if (*from == ',' && list_ends(from + 1))
            *to = ' ';
        for (size_t i = 0; i < n; i++)
            line += from[i] == '\n';
        to += n;
        from += n;
        if (large)
            *to++ = 'L';
    }
    *to = '\0';
    return true;
}

char *conf_text(struct conf_reading *r)
{
    char *from = slurp(r);
    char *to = NULL;

    if (from == NULL)
        return NULL;
    to = malloc(2 * strlen(from) + 1);
    if (to == NULL)
        complain(r, 0, "cannot be read: ", strerror(ENOMEM));
    else if (!widen(r, from, to)) {
        free(to);
        to = NULL;
    }
    free(from);
    return to;
}
