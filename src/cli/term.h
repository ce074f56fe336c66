/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * term: what the reader at the other end can see: width, colour, characters.
 *
 * Found once at the start: colour only on a terminal, not if NO_COLOR is set or --no-color given;
 * box characters and bars only in a UTF-8 locale; width and height of the terminal, no limit if
 * there is none. Texts that come from the daemon are made harmless before they are measured or
 * printed: no control character ever reaches a terminal.
 */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum tone {
    TONE_PLAIN,
    TONE_HEAD,
    TONE_GOOD,
    TONE_WAIT,
    TONE_BAD,
    TONE_DIM,
    TONE_NAME,
};

struct term {
    FILE *out;
    bool tty, colour, utf8;
    unsigned width, height; /* columns, lines; 0 = no limit */
};

/* The locale must be set before. */
struct term term_find(FILE *out, bool no_color);

/* Asks for width and height again. */
void term_resize(struct term *t);

/* Starts and ends a tone; nothing without colour. */
void term_tone(const struct term *t, enum tone tone);
void term_plain(const struct term *t);

/* Prints a harmless text in a tone. */
void term_put(const struct term *t, enum tone tone, const char *text);

/* Copies `text` (NULL is empty) into dst without control characters and, in other locales, without
 * what is not ASCII. cap > 0. Returns dst. */
char *term_clean(const struct term *t, char *dst, size_t cap, const char *text);

/* Columns that a harmless text takes. */
unsigned term_columns(const struct term *t, const char *text);

/* Cuts a harmless text in place so that it takes at most `columns`; a cut is marked. The text must
 * have room for three more octets than it has. */
void term_cut(const struct term *t, char *text, unsigned columns);

/* A bar of `cells` cells, the `part` (0..1) of it full: "#####---" or blocks. Returns dst. */
char *term_bar(const struct term *t, char *dst, size_t cap, unsigned cells, double part);

#endif
