/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mascot: the command line: main() and its options. What a word does is in the file of its group.
 *
 * Options of the program may stand anywhere; what is not one of them belongs to the word (such as
 * --size of `claim`). After "--" nothing is an option of the program.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "cli/ask.h"
#include "cli/help.h"
#include "cli/live.h"
#include "cli/words.h"

_Noreturn void mascot_panic(const char *file, int line, const char *what)
{
    fprintf(stderr, "mascot: this is a bug: %s:%d: %s\n", file, line, what);
    abort();
}

/* Takes one option at word[i]; returns how many words it was, 0 if it is none of ours, -1 if its
 * value is missing. */
static int take_option(struct options *o, char **word, int i)
{
    if (strcmp(word[i], "--json") == 0) {
        o->json = true;
    } else if (strcmp(word[i], "--no-color") == 0) {
        o->no_color = true;
    } else if (strcmp(word[i], "--help") == 0 || strcmp(word[i], "-h") == 0 ||
               strcmp(word[i], "?") == 0) {
        o->help = true;
    } else if (strcmp(word[i], "--version") == 0) {
        puts("mascot " MASCOT_VERSION);
        exit(ask_flush());
    } else if (strncmp(word[i], "--socket=", 9) == 0) {
        o->socket = word[i] + 9;
    } else if (strcmp(word[i], "--socket") == 0) {
        o->socket = word[i + 1];
        return word[i + 1] != NULL ? 2 : -1;
    } else {
        return 0;
    }
    return 1;
}

/* Moves what is not an option of ours to the front; returns their number or -1. */
static int take_options(struct options *o, int words, char **word)
{
    bool open = true;
    int kept = 0;

    for (int i = 0; i < words;) {
        int taken = open ? take_option(o, word, i) : 0;
        if (taken < 0) {
            fprintf(stderr, "mascot: %s needs a path after it\n", word[i]);
            return -1;
        }
        if (taken > 0) {
            i += taken;
        } else if (open && strcmp(word[i], "--") == 0) {
            open = false;
            i++;
        } else {
            word[kept++] = word[i++];
        }
    }
    return kept;
}

static int help(int words, char **word)
{
    const struct word *w;

    if (words == 0) {
        help_all(stdout);
        return ask_flush();
    }
    w = words_find(word[0]);
    if (w == NULL)
        return EXIT_USAGE;
    help_word(stdout, w);
    return ask_flush();
}

int main(int argc, char **argv)
{
    struct options o = {0};
    char **word = argv + 1;
    const struct word *w;
    int words;

    setlocale(LC_ALL, "");
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is seen when writing */
    words = take_options(&o, argc - 1, word);
    if (words < 0)
        return EXIT_USAGE;
    if (o.help)
        return help(words, word);
    if (words == 0) {
        help_all(stderr);
        return EXIT_USAGE;
    }
    w = words_find(word[0]);
    if (w == NULL)
        return EXIT_USAGE;
    if (strcmp(w->name, "help") == 0)
        return help(words - 1, word + 1);
    if (strcmp(w->name, "live") == 0)
        return live_run(&o, (unsigned)words - 1, word + 1);
    return ask_run(&o, w, (unsigned)words - 1, word + 1);
}
