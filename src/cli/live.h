/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * live: several nodes at once: their domains and prefixes as one tree, and what happens.
 *
 * Each node has two links: one follows `watch`, the other asks `tree` and `peers` once a second and
 * after every event. A node that does not answer is tried again; it may start later and come back.
 * On a terminal the picture is drawn on the alternate screen (live_draw.c); else every event of the
 * life of prefixes is one line, and a node that is found already holding prefixes says which. Every
 * prefix in use is renewed again and again (17.1.6): that is shown only with --all.
 *
 * The hierarchy is what the nodes say of their peers: a domain stands under its first parent that
 * is also shown.
 */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/ask.h"
#include "cli/link.h"
#include "cli/show.h"

#define LIVE_NODES_MAX 32
#define LIVE_EVENTS_MAX 64
#define LIVE_NOTES_MAX 4
#define LIVE_NAME_MAX 24

struct live_node {
    char name[LIVE_NAME_MAX];
    const char *path;
    struct link watch, ask;
    bool up, asking, stale; /* stale: an event came after the last question */
    bool told;              /* plain: what it holds was printed */
    int64_t next_ms;        /* next question, or next try to connect */
    char domain[64];        /* "" before the greeting */
    const char *question;   /* "tree" or "peers": being answered */
    json_t *coming, *tree, *peers; /* arrays of rows; NULL: not known */
    json_t *seen;           /* an object: prefixes held, and "prefix domain" delegated, so that
                               renewals are recognised; NULL: not known */
};

struct live_event {
    int64_t at_s;
    unsigned node;
    enum tone tone;
    char text[256];
};

struct live {
    struct term term;
    struct show show;
    json_t *names; /* domain -> name */
    struct live_node node[LIVE_NODES_MAX];
    unsigned nodes;
    struct live_event event[LIVE_EVENTS_MAX]; /* ring */
    unsigned long events;
    const char *note[LIVE_NOTES_MAX];
    unsigned notes;
    bool plain, all; /* all: renewals and the like are events too */
};

/* Words: [--all] [--note TEXT]... [NAME=]SOCKET... Runs until a signal or `q`; returns the exit
 * status. */
int live_run(const struct options *o, unsigned words, char **word);

/* live_draw.c: the whole picture, at the top left of the screen. */
void live_draw(struct live *v);

/* live_screen.c: the alternate screen, keys without echo; both may be called twice. */
void live_screen_enter(const struct term *t);
void live_screen_leave(const struct term *t);

#endif
