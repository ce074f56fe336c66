/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl_socket: the socket behind ctl.h: making it, accepting, who the client is, what waits for it.
 *
 * When all places are taken, the client that has been idle longest makes room: one who only reads
 * must not be able to keep the owner out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "host/ctl_impl.h"
#include "host/watch.h"

#define GROUPS_MAX 256

static struct ctl *give_up(struct ctl *c, struct wr *why, const char *path, const char *what)
{
    wr_text(why, path);
    wr_text(why, ": ");
    wr_text(why, what);
    if (c != NULL && c->fd >= 0)
        close(c->fd);
    free(c);
    return NULL;
}

/* Nobody answers at a socket that is left over; anything else stays. */
static const char *make_way(const char *path, const struct sockaddr_un *at)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return errno == ENOENT ? NULL : strerror(errno);
    if (!S_ISSOCK(st.st_mode))
        return "is there and no socket; remove it, or set control to another path";
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int rc = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)at, sizeof(*at));
    bool answers = rc == 0 || errno == EAGAIN;
    if (fd >= 0)
        close(fd);
    if (answers)
        return "another daemon answers there; set control to another path";
    return unlink(path) < 0 ? strerror(errno) : NULL;
}

struct ctl *ctl_new(int epoll, const char *path, uid_t uid, gid_t group, struct wr *why)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct ctl *c = calloc(1, sizeof(*c));
    mode_t mask;

    if (c == NULL)
        return give_up(NULL, why, path, "no memory");
    *c = (struct ctl){.epoll = epoll, .fd = -1, .uid = uid, .group = group, .next_id = 1,
                      .turn_at = CTL_CLIENTS_MAX};
    if (!text_copy(at.sun_path, sizeof(at.sun_path), path))
        return give_up(c, why, path, "is too long for a socket; set control to a shorter path");
    text_copy(c->path, sizeof(c->path), path);
    const char *problem = make_way(path, &at);
    if (problem != NULL)
        return give_up(c, why, path, problem);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mask = umask(0177);
    int rc = c->fd < 0 ? -1 : bind(c->fd, (const struct sockaddr *)&at, sizeof(at));
    umask(mask);
    if (rc < 0 || listen(c->fd, CTL_CLIENTS_MAX) < 0)
        return give_up(c, why, path, strerror(errno));
    if (geteuid() == 0 && chown(path, uid, (gid_t)-1) < 0)
        return give_up(c, why, path, strerror(errno));
    if (group != (gid_t)-1 && chown(path, (uid_t)-1, group) == 0 && chmod(path, 0660) < 0)
        return give_up(c, why, path, strerror(errno));
    watch_set(epoll, EPOLL_CTL_ADD, c->fd, watch_make(WATCH_CTL_LISTEN, 0), EPOLLIN);
    return c;
}

void ctl_free(struct ctl *c)
{
    if (c == NULL)
        return;
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++)
        ctl_close(&c->client[i]);
    close(c->fd);
    unlink(c->path);
    free(c);
}

/* ---- clients ---- */

void ctl_close(struct ctl_client *k)
{
    if (k->state == CTL_FREE)
        return;
    close(k->fd);
    free(k->queue);
    *k = (struct ctl_client){.state = CTL_FREE, .fd = -1};
}

/* Reading is wanted while a line may come, or a watcher's end; else unread octets would wake us. */
void ctl_watch_client(struct ctl *c, struct ctl_client *k)
{
    uint32_t events = k->state == CTL_IDLE || k->state == CTL_WATCHING ? EPOLLIN : 0;

    if (k->blocked)
        events |= EPOLLOUT;
    watch_set(c->epoll, EPOLL_CTL_MOD, k->fd, watch_make(WATCH_CTL, (uint32_t)(k - c->client)),
              events);
}

static struct ctl_client *find_place(struct ctl *c)
{
    struct ctl_client *oldest = NULL;

    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++) {
        struct ctl_client *k = &c->client[i];
        if (k->state == CTL_FREE)
            return k;
        if (k->state == CTL_IDLE && (oldest == NULL || k->since < oldest->since))
            oldest = k;
    }
    if (oldest != NULL)
        ctl_close(oldest);
    return oldest;
}

void ctl_adopt(struct ctl *c, int fd, bool may_read, bool may_write)
{
    struct ctl_client *k = find_place(c);

    if (k == NULL) {
        close(fd);
        return;
    }
    *k = (struct ctl_client){
        .state = CTL_IDLE,
        .fd = fd,
        .may_read = may_read,
        .may_write = may_write,
        .since = c->arrivals++,
    };
    watch_set(c->epoll, EPOLL_CTL_ADD, fd, watch_make(WATCH_CTL, (uint32_t)(k - c->client)),
              EPOLLIN);
}

static bool in_group(int fd, gid_t primary, gid_t group)
{
    gid_t groups[GROUPS_MAX];
    socklen_t len = sizeof(groups);

    if (group == (gid_t)-1)
        return false;
    if (primary == group)
        return true;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
        return false;
    for (size_t i = 0; i < len / sizeof(groups[0]); i++)
        if (groups[i] == group)
            return true;
    return false;
}

void ctl_accept(struct ctl *c)
{
    struct ucred who;
    socklen_t len = sizeof(who);

    c->accepting = false;
    for (int i = 0; i < CTL_CLIENTS_MAX; i++) {
        int fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0) {
            close(fd);
            continue;
        }
        bool owner = who.uid == 0 || who.uid == c->uid;
        ctl_adopt(c, fd, owner || in_group(fd, who.gid, c->group), owner);
    }
}

/* ---- queues ---- */

/* Room for one more row; false: the client does not read, or there is no memory. */
static bool make_room(struct ctl_client *k)
{
    if (k->begin > 0 && k->cap - k->end < CTL_ROW_MAX) {
        memmove(k->queue, k->queue + k->begin, ctl_queued(k));
        k->end -= k->begin;
        k->begin = 0;
    }
    if (k->cap - k->end >= CTL_ROW_MAX)
        return true;
    size_t cap = k->cap == 0 ? 2 * CTL_ROW_MAX : 2 * k->cap;
    uint8_t *queue = cap > CTL_QUEUE_MAX ? NULL : realloc(k->queue, cap);
    if (queue == NULL)
        return false;
    k->queue = queue;
    k->cap = cap;
    return true;
}

void ctl_put(struct ctl *c, struct ctl_client *k, const struct row *row)
{
    (void)c;
    if (!make_room(k)) {
        ctl_close(k);
        return;
    }
    struct wr w = wr_init(k->queue + k->end, CTL_ROW_MAX - 1);
    row_write_json(&w, row);
    CHECK(wr_ok(&w));
    w.cap++;
    wr_u8(&w, '\n');
    k->end += w.len;
}

static void set_blocked(struct ctl *c, struct ctl_client *k, bool blocked)
{
    if (k->blocked == blocked)
        return;
    k->blocked = blocked;
    ctl_watch_client(c, k);
}

void ctl_flush_client(struct ctl *c, struct ctl_client *k)
{
    while (ctl_queued(k) > 0) {
        ssize_t n = send(k->fd, k->queue + k->begin, ctl_queued(k), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            set_blocked(c, k, true);
            return;
        }
        if (n < 0) {
            ctl_close(k);
            return;
        }
        k->begin += (size_t)n;
    }
    k->begin = k->end = 0;
    set_blocked(c, k, false);
    if (k->state == CTL_LEAVING)
        ctl_close(k);
}
