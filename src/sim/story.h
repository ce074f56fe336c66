/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * story: a scenario as text: who there is, what happens, and what must then be so.
 *
 *     seed 1                        # all chance of the world
 *     times short                   # or: rfc, rfc 60s (the Hold Time)
 *     trace quiet                   # how much its trace tells: quiet, normal, all
 *
 *     node T domain 1               # who there is
 *     node C1 domain 11
 *     tld T 228.0.0.0/6 sole
 *     parent C1 T                   # the parent of C1 is T
 *     demand C1 200
 *
 *     within 15m C1 holds something # runs until it is so; it must be by then
 *     at 1h cut C1 T                # what happens, and when
 *     wait 10m
 *     heal C1 T
 *     expect C1 connected T
 *     expect sent WITHDRAW by C1 = 0
 *
 * One line is one thing; what follows a # is for the reader. The world starts with the first line
 * that is not about who there is. All forms are the tables of story_who.c, story_happen.c and
 * story_expect.c, and `mascot-sim story --help` prints them; docs/stories.md tells what they mean.
 * A story fails at the first line that is not so, and if the witness (witness.h) saw a violation.
 *
 *   story.c         a text becomes lines     story_who.c     who there is, and its configuration
 *   story_parse.c   a line becomes a form    story_happen.c  what happens
 *   story_run.c     lines become a world     story_expect.c  what must be so
 */
#ifndef SIM_STORY_H
#define SIM_STORY_H

#include <stdio.h>

#include "sim/trace.h"

struct story;

/* What is wrong, and where: line 0 is the story as a whole. */
struct story_fault {
    unsigned line;
    char text[600];
};

/* NULL, and *f says why, if a line cannot be understood (story_load(): or the file not be read).
 * The text is copied. */
struct story *story_read(const char *text, struct story_fault *f);
struct story *story_load(const char *path, struct story_fault *f);
void story_free(struct story *s);

/* The level that the story asks for; TRACE_QUIET if it does not say. */
enum trace_level story_level(const struct story *s);

/* Plays it and writes its trace. False, and *f says why, if something was not as it must be. */
bool story_play(const struct story *s, FILE *trace, enum trace_level level, struct story_fault *f);

/* Prints all forms of lines. */
void story_forms(FILE *to);

#endif
