/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf: the file an operator writes, as values (mascotd.conf(5)). ("config_" belongs to libconfig.)
 *
 * The syntax is libconfig's. A file is read and judged whole before anything of it is used: first
 * every setting by itself (conf_value.c: a name we know, the right kind, in range), then all
 * together (masc_config_check). Every complaint says file, line, setting, what was expected and
 * what stood there; all that can be found in one reading are told at once. Nothing is guessed: an
 * unknown setting is an error, and a similar name is suggested.
 *
 * Settings are described by tables (conf_tables.c) that serve reading, range checks, suggestions
 * and the print-out of `--check` alike.
 */
#ifndef HOST_CONF_H
#define HOST_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wr.h"
#include "host/conn.h"
#include "node/node.h"

#define CONF_PATH_MAX 256
#define CONF_CONTROL_MAX 108 /* as long as a Unix socket's name can be */
#define CONF_WORD_MAX 32
#define CONF_REPORT_MAX ((size_t)16 << 10)

#define CONF_DEFAULT_FILE "/etc/mascot/mascotd.conf"

struct conf {
    struct node_config node;
    struct addr listen[CONN_LISTENERS_MAX];
    unsigned listens;       /* 0: every address of the families spoken */
    uint16_t port;          /* to listen on */
    uint16_t hold_time_s;   /* offered to peers that name none */
    char state_directory[CONF_PATH_MAX];
    char control[CONF_CONTROL_MAX];
    char control_group[CONF_WORD_MAX];
    char user[CONF_WORD_MAX];
};

/* Complaints, a line each, in the order found: "file:line: setting: expected ..., not ...", or
 * "file:line: warning: setting: ...". */
struct conf_report {
    unsigned errors, warnings;
    struct wr text;
    char buf[CONF_REPORT_MAX];
};

void conf_report_init(struct conf_report *r);

/* Fills *c from the file; true if there was no error (there may be warnings). */
bool conf_read(struct conf *c, const char *file, struct conf_report *r);

/* Warns of a user and group that this machine does not have. The daemon does so by itself at start;
 * this is for `--check`. */
void conf_check_machine(const struct conf *c, const char *file, struct conf_report *r);

/* Every setting as it is in effect, as a file again: with the same meaning, defaults included. It
 * never needs more than CONF_TEXT_MAX. */
#define CONF_TEXT_MAX ((size_t)1 << 20)
void conf_write(struct wr *w, const struct conf *c);

/* May `to` follow `from` in a running daemon? False: *why names the setting that would need a
 * restart. */
bool conf_can_follow(const struct conf *from, const struct conf *to,
                       struct wr *why);

/* Where to listen: the configured addresses, or every one (then its absence is no error). Returns
 * the number, at most CONN_LISTENERS_MAX. */
size_t conf_listeners(const struct conf *c, struct conn_address *a);

#endif
