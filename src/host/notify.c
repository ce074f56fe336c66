/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notify: see notify.h.
 *
 * A socket is opened for each message: they are few, and nothing has to be kept over a drop of
 * privileges. A name that begins with '@' is in the abstract namespace. A manager that does not
 * read is not waited for: its loss, and errors are of no consequence to the daemon.
 */
#include "host/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

int notify_send(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len;

    if (path == NULL || (path[0] != '/' && path[0] != '@'))
        return 0;
    len = strlen(path);
    if (len >= sizeof(to.sun_path))
        return -ENAMETOOLONG;
    memcpy(to.sun_path, path, len);
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    ssize_t n = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to, size);
    int error = n < 0 ? -errno : 0;
    close(fd);
    return error;
}

void notify_ready(const char *status)
{
    char state[256];

    snprintf(state, sizeof(state), "READY=1\nSTATUS=%s", status);
    notify_send(state);
}

void notify_reloading(struct now now)
{
    char state[96];

    snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, now.mono.ms * 1000);
    notify_send(state);
}

void notify_stopping(void)
{
    notify_send("STOPPING=1\nSTATUS=ending sessions");
}

void notify_watchdog(void)
{
    notify_send("WATCHDOG=1");
}

int64_t notify_watchdog_ms(void)
{
    const char *usec = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    uint64_t us, to;

    if (usec == NULL || !text_parse_u64(&us, usec) || us > INT64_MAX)
        return 0;
    if (pid != NULL && (!text_parse_u64(&to, pid) || to != (uint64_t)getpid()))
        return 0;
    return (int64_t)(us / 2000);
}
