/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * privilege: see privilege.h. Capabilities are set with the system call itself: it is one
 * structure, and libcap would be a library for it. Order matters: groups before the user, since
 * afterwards they can no longer be changed; KEEPCAPS before the user too, since capabilities are
 * lost with uid 0.
 */
#include "host/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"

static bool bad(struct wr *why, const char *what, const char *name, const char *more)
{
    wr_text(why, what);
    wr_text(why, name);
    wr_text(why, more);
    return false;
}

bool privilege_find(struct privilege *p, const char *user, const char *group, struct wr *why)
{
    const struct passwd *pw;
    const struct group *gr = group[0] == '\0' ? NULL : getgrnam(group);

    *p = (struct privilege){
        .root = geteuid() == 0,
        .uid = geteuid(),
        .gid = getegid(),
        .control = gr == NULL ? (gid_t)-1 : gr->gr_gid,
    };
    if (!p->root)
        return true;
    pw = getpwnam(user);
    if (pw == NULL)
        return bad(why, "user \"", user,
                   "\" does not exist: create it (useradd --system), or name another with user = "
                   "\"...\" (\"root\" stays root)");
    p->uid = pw->pw_uid;
    p->gid = pw->pw_gid;
    return true;
}

static bool set_capabilities(bool low_ports)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    uint32_t bits = low_ports ? 1u << CAP_NET_BIND_SERVICE : 0;

    memset(data, 0, sizeof(data));
    data[0].effective = data[0].permitted = bits;
    return syscall(SYS_capset, &head, data) == 0;
}

static bool become(const struct privilege *p, bool low_ports)
{
    gid_t groups[1] = {p->control};

    return setgroups(p->control == (gid_t)-1 ? 0 : 1, groups) == 0 &&
           prctl(PR_SET_KEEPCAPS, low_ports ? 1L : 0L, 0L, 0L, 0L) == 0 &&
           setresgid(p->gid, p->gid, p->gid) == 0 && setresuid(p->uid, p->uid, p->uid) == 0 &&
           set_capabilities(low_ports);
}

bool privilege_drop(const struct privilege *p, bool low_ports, struct wr *why)
{
    if (p->root && p->uid != 0 && !become(p, low_ports))
        return bad(why, "cannot give up root: ", strerror(errno), "");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0)
        return bad(why, "cannot set no_new_privs: ", strerror(errno), "");
    return true;
}

bool privilege_directory(const struct privilege *p, const char *path, mode_t mode, struct wr *why)
{
    struct stat st;

    if (mkdir(path, mode) == 0) {
        if (!p->root || chown(path, p->uid, p->gid) == 0)
            return true;
        return bad(why, path, ": cannot be given to the user: ", strerror(errno));
    }
    if (errno != EEXIST)
        return bad(why, path, ": cannot be made: ", strerror(errno));
    if (stat(path, &st) < 0)
        return bad(why, path, ": ", strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return bad(why, path, "", " is not a directory");
    return true;
}
