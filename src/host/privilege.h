/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * privilege: root is for preparing directories and binding low ports, not for running.
 *
 * Started as root, mascotd becomes the configured user, with no other groups than the control
 * group, and with no capability but CAP_NET_BIND_SERVICE if a configured port is below 1024 (a
 * reload may have to bind again). MASC's own port, 2587, needs none. Whoever starts it gets
 * no_new_privs.
 */
#ifndef HOST_PRIVILEGE_H
#define HOST_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/wr.h"

struct privilege {
    bool root;     /* started as root: the rest is meant */
    uid_t uid;
    gid_t gid;
    gid_t control; /* the control group; (gid_t)-1: there is none */
};

/* Looks up user and group. False: *why says what is missing and what to do. A control group that
 * does not exist is no error: the socket is then for the owner alone. */
bool privilege_find(struct privilege *p, const char *user, const char *group, struct wr *why);

/* Becomes that user for good; `low_ports` keeps CAP_NET_BIND_SERVICE. */
bool privilege_drop(const struct privilege *p, bool low_ports, struct wr *why);

/* Makes the directory if it is missing (its parent must exist) and, as root, gives it to the user.
 * An existing one keeps its mode. */
bool privilege_directory(const struct privilege *p, const char *path, mode_t mode, struct wr *why);

#endif
