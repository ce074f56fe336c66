/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_impl: what the files behind conf.h share: conf_text.c (octets), conf.c (the whole),
 * conf_value.c (one setting), conf_tables.c (which settings there are), conf_lists.c (peers,
 * ranges, scopes and the like), conf_judge.c (what only the host can judge, warnings), conf_write.c
 * and conf_write_lists.c (the other way round).
 */
#ifndef HOST_CONF_IMPL_H
#define HOST_CONF_IMPL_H

#include <libconfig.h>

#include "host/conf.h"

enum setting_kind {
    SETTING_BOOL,   /* bool */
    SETTING_NUMBER, /* unsigned of `octets`, min..max */
    SETTING_TIME,   /* seconds, unsigned of `octets`, min..max */
    SETTING_TEXT,   /* char[octets], min..octets-1 long */
    SETTING_CHOICE, /* unsigned of `octets`: the index in `choice`, plus min */
    SETTING_ADDR,   /* struct addr */
    SETTING_PREFIX, /* struct prefix */
    SETTING_DOMAIN, /* u128: AS number or IPv6 text */
    SETTING_NODE,   /* u128: an address, or a number */
    SETTING_OTHER,  /* a group or list that its own function reads */
};

struct setting {
    const char *name;
    enum setting_kind kind;
    bool required;
    size_t offset, octets;
    uint64_t min, max;
    const char *const *choice; /* ends with NULL */
};

struct conf_reading {
    const char *file; /* as given by the caller */
    config_t lib;
    struct conf *c;
    struct conf_report *report;
};

/* ---- complaints ---- */

/* Begins a line: the caller appends the sentence to what is returned and calls conf_said(). */
struct wr *conf_say(struct conf_reading *r, const config_setting_t *s, bool warning);
void conf_said(struct conf_reading *r);
void conf_error(struct conf_reading *r, const config_setting_t *s, const char *what);
/* "peers[2].hold-time" */
void conf_write_path(struct wr *w, const config_setting_t *s);
/* "expected `what`, not <what stands there>" */
void conf_unexpected(struct conf_reading *r, const config_setting_t *s, const char *what);

/* ---- reading ---- */

/* The file as libconfig should see it, from malloc; NULL: complained (conf_text.c). */
char *conf_text(struct conf_reading *r);

/* Reads the members of a group into the struct at `base` by a table that ends with name NULL.
 * Unknown members and missing required ones are complained of. False if `s` is no group. */
bool conf_read_group(struct conf_reading *r, const config_setting_t *s,
                       const struct setting *table, void *base);

/* A text, or a list of at most `max` texts; calls `each` for them with its index. */
void conf_read_texts(struct conf_reading *r, const config_setting_t *s, unsigned max,
                       void (*each)(struct conf_reading *, const config_setting_t *, void *),
                       void *arg);

/* The lists of conf_lists.c, in the order in which they depend on each other. */
void conf_read_lists(struct conf_reading *r);

/* The place where a complaint about `path` of masc_config_check() belongs; the root if nowhere. */
const config_setting_t *conf_place(const struct conf_reading *r, const char *path);

/* ---- judging (conf_judge.c), once all values agree ---- */

void conf_judge_host(struct conf_reading *r);
void conf_warn(struct conf_reading *r);

/* ---- writing ---- */

/* All that is set in the struct at `base`, "name = value;" each, with `before` and `after` it. */
void conf_write_table(struct wr *w, const struct setting *t, const void *base,
                      const char *const around[2]);
void conf_write_quoted(struct wr *w, const char *text);
void conf_write_id(struct wr *w, u128 id, bool node);
/* scopes, ranges, demand, peers and ignore */
void conf_write_lists(struct wr *w, const struct masc_config *m);

/* ---- tables ---- */

extern const struct setting conf_root[];
extern const struct setting conf_claims[];
extern const struct setting conf_thresholds[];
extern const struct setting conf_limits[];
extern const struct setting conf_peer[];

/* The groups of the root that are read by a table alone; ends with name NULL. */
struct conf_group {
    const char *name;
    const struct setting *table;
};
extern const struct conf_group conf_groups[];

uint64_t conf_get(const void *base, const struct setting *t);
void conf_put(void *base, const struct setting *t, uint64_t v);

#endif
