/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words: the vocabulary of the command line; see words.h.
 *
 * The table comes from asks.def; what a person wants to read beyond one line is added here, word by
 * word. The distance between words is that of Damerau and Levenshtein in its restricted form (two
 * neighbours may be swapped once), which is what fingers do.
 */
#include "cli/words.h"

#include <limits.h>
#include <string.h>

#include "base/event.h"

_Static_assert(WORDS_LINE_MAX == ASK_WORDS_MAX, "one bound on both sides of the socket");

#define DISTANCE_MAX 32

/* By name: a word of asks.def without an entry just has less to say. */
static const struct {
    const char *name, *choice, *more;
} extra[] = {
    {"status", NULL,
     "One look: who this node is, its sessions, its prefixes, what it heard, and whether anything\n"
     "needs you."},
    {"peers", NULL,
     "One line per configured session. RELATION is what the other is to this domain. A session\n"
     "that failed is tried again at the time in the column NEXT TRY."},
    {"claims", NULL,
     "Without an argument: every claim this node heard and did not forget yet.\n"
     "With an address or prefix: what covers it now, the widest first, and whose it is:\n"
     "  mascot claims 239.1.2.3"},
    {"prefixes", NULL,
     "The prefixes of this domain: in use, and claims on their way with what is left of their\n"
     "wait."},
    {"tree", NULL,
     "The space given from above, what this domain and its siblings hold of it, and what is\n"
     "delegated to children."},
    {"clashes", NULL,
     "Two domains that use the same addresses. In manual mode an undecided clash waits for\n"
     "  mascot resolve PREFIX withdraw|ignore"},
    {"claim", "--size --for --scope --family",
     "Either a place or a size:\n"
     "  mascot claim 239.4.0.0/16\n"
     "  mascot claim --size 256 --for 30d\n"
     "The answer names the prefix and how long it takes: it is announced after a random part of\n"
     "the claim-delay, and is ours when nobody objected for the waiting-period after that. If it\n"
     "loses, another of its size is claimed in its place: 'mascot prefixes' and 'mascot watch'\n"
     "show it. A range inside a prefix of ours, for our own hosts, is not replaced."},
    {"release", NULL, "Gives a prefix of this domain back: it is free for others at once."},
    {"resolve", "withdraw ignore",
     "withdraw  stop using the disputed range\n"
     "ignore    keep using it until the other's prefix ends"},
    {"peer", "start stop clear",
     "start  try the session now, whatever went wrong before\n"
     "stop   end it and keep it down\n"
     "clear  end it and start it again"},
    {"reload", NULL, "Sessions whose settings did not change go on undisturbed."},
    {"watch", NULL, "Runs until Ctrl-C. With --json: one object per line, for scripts."},
    {"live", NULL,
     "Shows the domains and prefixes of several nodes as one tree that follows what happens, and\n"
     "the last events below it. Without a terminal: one line per event. Every prefix in use is\n"
     "renewed again and again: that is shown only with --all."},
};

const struct word word_table[] = {
#define ASK(word_, permission_, where_, arguments_, help_) {#word_, arguments_, help_, false},
#include "node/asks.def"
#undef ASK
    {"live", "[--all] [NAME=]SOCKET...", "several nodes on one screen, as they change", true},
    {"help", "[WORD]", "what the words mean", true},
};

const unsigned words_count = sizeof(word_table) / sizeof(word_table[0]);

const char *words_more(const struct word *w)
{
    for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++)
        if (strcmp(extra[i].name, w->name) == 0)
            return extra[i].more;
    return NULL;
}

const char *words_choice(const struct word *w)
{
    for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++)
        if (strcmp(extra[i].name, w->name) == 0)
            return extra[i].choice;
    return NULL;
}

/* What stands in brackets may be left out. Where there are options, one word is the least. */
void words_bounds(const struct word *w, unsigned *least, unsigned *most)
{
    const char *at = w->arguments;

    *least = *most = 0;
    if (strstr(at, "--") != NULL) {
        *least = at[0] != '[';
        *most = UINT_MAX;
        return;
    }
    for (at += strspn(at, " "); *at != '\0'; at += strspn(at, " ")) {
        *least += at[0] != '[';
        (*most)++;
        at += strcspn(at, " ");
    }
}

static bool begins(const char *word, const char *with)
{
    return strncmp(word, with, strlen(with)) == 0;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned words_distance(const char *a, const char *b)
{
    unsigned row[3][DISTANCE_MAX + 1]; /* by turns: two back, one back, this */
    size_t m = strnlen(a, DISTANCE_MAX), n = strnlen(b, DISTANCE_MAX);

    for (unsigned j = 0; j <= n; j++)
        row[0][j] = j;
    for (unsigned i = 1; i <= m; i++) {
        unsigned *this = row[i % 3], *back = row[(i + 2) % 3], *back2 = row[(i + 1) % 3];
        this[0] = i;
        for (unsigned j = 1; j <= n; j++) {
            this[j] = least(back[j] + 1, this[j - 1] + 1);
            this[j] = least(this[j], back[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                this[j] = least(this[j], back2[j - 2] + 1);
        }
    }
    return row[m % 3][n];
}

/* The nearest word, if it is near: a third of the letters may be wrong, and one always. */
static const struct word *nearest(const char *text)
{
    const struct word *best = NULL;
    unsigned distance = (unsigned)strlen(text) / 3 + 1;

    for (unsigned i = 0; i < words_count; i++) {
        unsigned d = words_distance(text, word_table[i].name);
        if (d > distance || (d == distance && best != NULL))
            continue;
        best = &word_table[i];
        distance = d;
    }
    return best;
}

static void tell_unknown(const char *text)
{
    const struct word *near = nearest(text);

    if (text[0] == '-') {
        fprintf(stderr, "mascot: there is no option '%s'\n"
                        "mascot: 'mascot help' lists options and words\n", text);
        return;
    }
    fprintf(stderr, "mascot: there is no word '%s'", text);
    if (near != NULL)
        fprintf(stderr, "; did you mean '%s'?", near->name);
    fputs("\nmascot: 'mascot help' lists all words\n", stderr);
}

static void tell_several(const char *text)
{
    const char *comma = " ";

    fprintf(stderr, "mascot: '%s' can be", text);
    for (unsigned i = 0; i < words_count; i++) {
        if (!begins(word_table[i].name, text))
            continue;
        fprintf(stderr, "%s%s", comma, word_table[i].name);
        comma = ", ";
    }
    fputs("; write a letter more\n", stderr);
}

const struct word *words_find(const char *text)
{
    const struct word *found = NULL;
    unsigned several = 0;

    for (unsigned i = 0; i < words_count; i++) {
        if (strcmp(word_table[i].name, text) == 0)
            return &word_table[i];
        if (!begins(word_table[i].name, text))
            continue;
        found = &word_table[i];
        several++;
    }
    if (several == 1)
        return found;
    if (several == 0 || text[0] == '\0')
        tell_unknown(text);
    else
        tell_several(text);
    return NULL;
}

int words_complete(const char *choices, const char *text, char *full, size_t cap)
{
    size_t len = strlen(text);
    int found = 0;

    for (const char *at = choices; *at != '\0'; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (len <= n && strncmp(at, text, len) == 0 && n < cap) {
            found++;
            memcpy(full, at, n);
            full[n] = '\0';
            if (len == n)
                return 1;
        }
        at += n;
    }
    return found > 1 ? -1 : found;
}
