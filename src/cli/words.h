/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words: which words there are, what a shortened one means, and what a wrong one may have meant.
 *
 * The words of asks.def are sent to the daemon; `live` and `help` are answered here. A word may be
 * shortened as long as only one word begins so; a full word always means itself ("peer" is not
 * "peers"). Words after the first are completed in the same way where the set of them is known.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include <stdbool.h>
#include <stdio.h>

#define WORDS_LINE_MAX 16 /* words of one question: ASK_WORDS_MAX */

struct word {
    const char *name, *arguments, *help;
    bool here; /* answered without a daemon */
};

extern const struct word word_table[];
extern const unsigned words_count;

/* Paragraphs for `mascot help WORD`; NULL: none. */
const char *words_more(const struct word *w);

/* What the words after it can be, separated by blanks; NULL: not known. */
const char *words_choice(const struct word *w);

/* How many words may stand after it, as far as its arguments say so: `most` is UINT_MAX where there
 * are options. */
void words_bounds(const struct word *w, unsigned *least, unsigned *most);

/* The word that `text` means; NULL: none or several, which is then told on stderr. */
const struct word *words_find(const char *text);

/* Which of `choices`, separated by blanks, `text` means: copied to `full` (cap octets). 1 found, 0
 * none, -1 several. */
int words_complete(const char *choices, const char *text, char *full, size_t cap);

/* Letters to be changed, added, left out or swapped with the next to come from one to the other. */
unsigned words_distance(const char *a, const char *b);

#endif
