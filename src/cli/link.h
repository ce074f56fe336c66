/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * link: a connection to a daemon's control socket: lines of words out, lines of JSON in.
 *
 * Errors are -errno; link_explain() turns them into a sentence that says what to do. A link can be
 * waited on together with others: link_fd() is readable, link_read() takes what is there,
 * link_line() gives whole lines until it returns NULL.
 */
#ifndef CLI_LINK_H
#define CLI_LINK_H

#include <stdbool.h>
#include <stddef.h>

#define LINK_SOCKET "/run/mascot/control"
#define LINK_LINE_MAX ((size_t)256 << 10)

struct link {
    int fd;      /* -1: closed */
    char *buf;   /* LINK_LINE_MAX + 1 octets, owned */
    size_t used; /* octets read */
    size_t from; /* begin of the next line */
};

/* --socket, else $MASCOT_SOCKET, else LINK_SOCKET. `given` may be NULL. */
const char *link_path(const char *given);

int link_open(struct link *l, const char *path);
void link_close(struct link *l);

/* One line of words. -EINVAL: a word holds a tabulator or a line feed. */
int link_send(struct link *l, unsigned words, const char *const *word);

/* Reads once: octets, 0 at the end of the stream; -ENOBUFS: the line is too long. */
int link_read(struct link *l);

/* The next whole line without its end, NUL-terminated; valid until the next link_read(). */
char *link_line(struct link *l);

/* Waits for a line: 1, 0 at the end of the stream, or -errno. */
int link_wait(struct link *l, char **line);

/* Why the daemon at `path` does not answer and what to do, on stderr. */
void link_explain(const char *path, int error);

#endif
