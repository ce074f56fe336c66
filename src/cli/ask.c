/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ask: one question to one daemon; see ask.h.
 *
 * What is wrong with the words themselves is told before a daemon is looked for; what only the
 * daemon can know it says itself. Rows are shown while they come. While waiting, the reader of our
 * output is watched too: when `mascot watch | head` has seen enough, we end at once and not with
 * the next event.
 */
#include "cli/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/event.h"
#include "cli/link.h"
#include "cli/show.h"

#define COMPLETED_MAX 24

struct question {
    const struct options *options;
    const struct word *word;
    const char *path;
    struct link link;
    struct term term;
    struct show show;
    const struct painter *painter;
    char own[64];
    int status; /* of the end row; -1 before it */
};

int ask_flush(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_DONE;
    if (errno == EPIPE)
        return EXIT_DONE;
    fprintf(stderr, "mascot: cannot write: %s\n", strerror(errno));
    return EXIT_REFUSED;
}

/* ---- showing ---- */

/* Text of an end: refusals and wrong use are errors, the rest belongs to the answer. */
static void show_end(struct question *q, const json_t *row)
{
    const char *text = row_text(row, "text");
    char clean[1024];

    q->status = (int)row_count(row, "status");
    if (q->options->json)
        return;
    /* Words of the daemon say more than "nothing". */
    if (q->status == EXIT_DONE && (q->show.rows > 0 || text == NULL))
        q->painter->end(&q->show);
    if (text == NULL)
        return;
    term_clean(&q->term, clean, sizeof(clean), text);
    if (q->status == EXIT_DONE) {
        printf("%s\n", clean);
        return;
    }
    fflush(stdout);
    fprintf(stderr, "mascot: %s\n", clean);
    if (q->status == EXIT_USAGE)
        fprintf(stderr, "mascot: 'mascot help %s' says more\n", q->word->name);
}

static void show_greeting(struct question *q, const json_t *row)
{
    const char *domain = row_text(row, "domain");

    if (domain == NULL)
        return;
    snprintf(q->own, sizeof(q->own), "%s", domain);
    q->show.own = q->own;
}

static void show_watched(struct question *q, const json_t *row)
{
    char line[1024], clock[WHEN_TEXT_MAX];
    enum tone tone;

    term_put(&q->term, TONE_DIM, when_clock(clock, q->show.now_s));
    fputs("  ", stdout);
    if (row_is(row, "lost")) {
        snprintf(line, sizeof(line), "%lld events were left out: this reader is too slow",
                 (long long)row_count(row, "rows"));
        term_put(&q->term, TONE_BAD, line);
        fputc('\n', stdout);
    } else if (show_output(&q->show, row, line, sizeof(line))) {
        term_put(&q->term, TONE_PLAIN, line);
        fputc('\n', stdout);
    } else if (show_event_is_life(row) || show_event_is_session(row)) {
        tone = show_event(&q->show, row, line, sizeof(line));
        term_put(&q->term, tone, line);
        fputc('\n', stdout);
    } else {
        show_any(&q->show, row);
    }
    fflush(stdout);
}

static void show_row(struct question *q, const json_t *row)
{
    q->show.rows++;
    if (strcmp(q->word->name, "watch") == 0)
        show_watched(q, row);
    else
        q->painter->row(&q->show, row);
}

static int take_line(struct question *q, const char *line)
{
    json_error_t error;
    json_t *row = json_loads(line, 0, &error);

    if (!json_is_object(row) || row_text(row, "row") == NULL) {
        json_decref(row);
        return -EPROTO;
    }
    if (q->options->json) {
        puts(line);
        if (strcmp(q->word->name, "watch") == 0)
            fflush(stdout);
    }
    q->show.now_s = (int64_t)time(NULL);
    if (row_is(row, "end"))
        show_end(q, row);
    else if (row_is(row, "mascot"))
        show_greeting(q, row);
    else if (!q->options->json)
        show_row(q, row);
    json_decref(row);
    return 0;
}

/* ---- waiting ---- */

/* Octets have come (1), or our reader has gone (0). */
static int wait_readable(struct question *q)
{
    struct pollfd fd[2] = {{.fd = q->link.fd, .events = POLLIN}, {.fd = STDOUT_FILENO}};

    for (;;) {
        int n = poll(fd, 2, -1);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0 && fd[0].revents != 0)
            return 1;
        if (n > 0 && (fd[1].revents & (POLLERR | POLLHUP)) != 0)
            return 0;
    }
}

static int gone(void)
{
    return ferror(stdout) ? ask_flush() : EXIT_DONE;
}

/* Until the end row. */
static int take_answer(struct question *q)
{
    while (q->status < 0) {
        char *line = link_line(&q->link);
        int n;
        if (line != NULL) {
            n = take_line(q, line);
            if (n < 0)
                goto broken;
            if (ferror(stdout))
                return gone();
            continue;
        }
        n = wait_readable(q);
        if (n == 0)
            return gone();
        n = n < 0 ? n : link_read(&q->link);
        if (n > 0)
            continue;
    broken:
        fflush(stdout);
        link_explain(q->path, n);
        return EXIT_UNREACHABLE;
    }
    return q->status <= EXIT_USAGE ? q->status : EXIT_REFUSED;
}

/* ---- asking ---- */

/* Splits --name=value and completes shortened words. Room for two of each. */
static unsigned complete(const struct word *w, unsigned words, char **word, const char **sent,
                         char (*room)[COMPLETED_MAX])
{
    const char *choice = words_choice(w);
    unsigned n = 0;

    sent[n++] = w->name;
    for (unsigned i = 0; i < words && n + 1 < 2 * WORDS_LINE_MAX; i++) {
        char *value = word[i][0] == '-' ? strchr(word[i], '=') : NULL;
        if (value != NULL)
            *value++ = '\0';
        sent[n] = word[i];
        if (choice != NULL && words_complete(choice, word[i], room[i], COMPLETED_MAX) == 1)
            sent[n] = room[i];
        n++;
        if (value != NULL)
            sent[n++] = value;
    }
    return n;
}

/* The words of one question, as they are sent. */
struct line {
    const char *word[2 * WORDS_LINE_MAX + 1];
    char room[WORDS_LINE_MAX][COMPLETED_MAX];
    unsigned words;
};

/* False, and told: too many words after it, or too few. */
static bool check_count(const struct word *w, unsigned words, char **word)
{
    unsigned least, most;

    words_bounds(w, &least, &most);
    if (words >= least && words <= most)
        return true;
    if (words < least)
        fprintf(stderr, "mascot: %s: expected %s\n", w->name, w->arguments);
    else if (most == 0)
        fprintf(stderr, "mascot: %s: '%s' was given, expected nothing after it\n", w->name,
                word[0]);
    else
        fprintf(stderr, "mascot: %s: '%s' was given, expected at most %s\n", w->name, word[most],
                w->arguments);
    fprintf(stderr, "mascot: 'mascot help %s' says more\n", w->name);
    return false;
}

/* False, and told: wrong words. */
static bool make_line(struct line *l, const struct word *w, unsigned words, char **word)
{
    unsigned n;

    n = words < WORDS_LINE_MAX ? complete(w, words, word, l->word, l->room) : WORDS_LINE_MAX + 1;
    if (n > WORDS_LINE_MAX) {
        fprintf(stderr, "mascot: at most %d words, please\n", WORDS_LINE_MAX);
        return false;
    }
    for (unsigned i = 0; i < n; i++)
        if (l->word[i][0] == '\0' || strpbrk(l->word[i], "\t\n") != NULL) {
            fputs("mascot: a word must not be empty or hold tabulators or line feeds\n", stderr);
            return false;
        }
    l->words = n;
    return true;
}

static int converse(struct question *q, unsigned words, char **word)
{
    struct line line;
    int error;

    if (!check_count(q->word, words, word) || !make_line(&line, q->word, words, word))
        return EXIT_USAGE;
    error = link_open(&q->link, q->path);
    if (error < 0) {
        link_explain(q->path, error);
        return EXIT_UNREACHABLE;
    }
    /* If the daemon turned us away, it said why before it closed: read on. */
    link_send(&q->link, line.words, line.word);
    if (strcmp(q->word->name, "watch") == 0 && q->term.tty && !q->options->json)
        fputs("watching; Ctrl-C ends\n", stderr);
    return take_answer(q);
}

int ask_run(const struct options *o, const struct word *w, unsigned words, char **word)
{
    struct question q = {
        .options = o, .word = w, .path = link_path(o->socket), .link = {.fd = -1}, .status = -1,
        .term = term_find(stdout, o->no_color), .painter = show_painter(w->name)};
    int status, flushed;

    q.show = (struct show){.term = &q.term, .now_s = (int64_t)time(NULL)};
    status = converse(&q, words, word);
    link_close(&q.link);
    table_free(q.show.table);
    json_decref(q.show.held);
    flushed = ask_flush();
    return status != EXIT_DONE ? status : flushed;
}
