/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * link: the client side of the control socket; see link.h.
 *
 * Octets are read into one buffer; a line is ended in place with a NUL. What is left of a begun
 * line is moved to the front before the next read, so that a line can be as long as the buffer.
 */
#include "cli/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/memory.h"

const char *link_path(const char *given)
{
    const char *set = getenv("MASCOT_SOCKET");

    if (given != NULL)
        return given;
    return set != NULL && set[0] != '\0' ? set : LINK_SOCKET;
}

int link_open(struct link *l, const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    int error;

    *l = (struct link){.fd = -1};
    if (len >= sizeof(to.sun_path))
        return -ENAMETOOLONG;
    memcpy(to.sun_path, path, len + 1);
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd < 0)
        return -errno;
    if (connect(l->fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
        error = errno;
        close(l->fd);
        l->fd = -1;
        return -error;
    }
    l->buf = memory_zeroed(LINK_LINE_MAX + 1);
    return 0;
}

void link_close(struct link *l)
{
    if (l->fd >= 0)
        close(l->fd);
    free(l->buf);
    *l = (struct link){.fd = -1};
}

static int send_all(int fd, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int link_send(struct link *l, unsigned words, const char *const *word)
{
    size_t len = 0, cap = 1;
    char *line;
    int result;

    for (unsigned i = 0; i < words; i++) {
        if (strpbrk(word[i], "\t\n") != NULL)
            return -EINVAL;
        cap += strlen(word[i]) + 1;
    }
    line = memory_zeroed(cap);
    for (unsigned i = 0; i < words; i++) {
        size_t n = strlen(word[i]);
        memcpy(line + len, word[i], n);
        len += n;
        line[len++] = i + 1 < words ? '\t' : '\n';
    }
    result = send_all(l->fd, line, len);
    free(line);
    return result;
}

int link_read(struct link *l)
{
    ssize_t n;

    if (l->from > 0) {
        memmove(l->buf, l->buf + l->from, l->used - l->from);
        l->used -= l->from;
        l->from = 0;
    }
    if (l->used == LINK_LINE_MAX)
        return -ENOBUFS;
    do
        n = read(l->fd, l->buf + l->used, LINK_LINE_MAX - l->used);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    l->used += (size_t)n;
    return (int)n;
}

char *link_line(struct link *l)
{
    char *line = l->buf + l->from;
    char *end = memchr(line, '\n', l->used - l->from);

    if (end == NULL)
        return NULL;
    *end = '\0';
    l->from = (size_t)(end + 1 - l->buf);
    return line;
}

int link_wait(struct link *l, char **line)
{
    for (;;) {
        int n;
        *line = link_line(l);
        if (*line != NULL)
            return 1;
        n = link_read(l);
        if (n <= 0)
            return n;
    }
}

static const char *advice(int error)
{
    switch (error) {
    case -ENOENT:
        return "there is no such socket; start the daemon (systemctl start mascotd), or name its "
               "socket with --socket PATH or $MASCOT_SOCKET";
    case -ECONNREFUSED:
        return "the socket is there but no daemon listens on it; start the daemon again "
               "(systemctl restart mascotd) and look into its log";
    case -EACCES:
    case -EPERM:
        return "you may not open it; run this as root, as the daemon's user, or become a member "
               "of its control-group";
    case -ENAMETOOLONG:
        return "the path is too long for a socket";
    case -ENOBUFS:
        return "it sent a line that is too long to be an answer; is this a mascot daemon?";
    case -EPROTO:
        return "it sent something that is no answer; is this a mascot daemon?";
    case 0:
        return "it closed the connection before the answer was complete; look into its log";
    default:
        return NULL;
    }
}

void link_explain(const char *path, int error)
{
    const char *what = advice(error);

    fprintf(stderr, "mascot: no answer from %s: %s\n", path,
            what != NULL ? what : strerror(-error));
}
