/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf: the configuration file as a whole; see conf.h.
 *
 * The order of reading: syntax, root and groups by their tables, lists, then masc_config_check() on
 * the result (only if nothing was wrong so far: it would complain of consequences), then what only
 * the host can judge, and warnings (conf_judge.c).
 * masc_config_check() names settings as struct masc_config does; conf_place() finds the line.
 */
#include "host/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "host/conf_impl.h"

void conf_report_init(struct conf_report *r)
{
    r->errors = r->warnings = 0;
    r->text = wr_init(r->buf, sizeof(r->buf) - 1);
}

static void defaults(struct conf *c)
{
    *c = (struct conf){
        .port = MASC_PORT,
        .hold_time_s = MASC_HOLDTIME_S,
        .state_directory = "/var/lib/mascot",
        .control = "/run/mascot/control",
        .control_group = "mascot",
        .user = "mascot",
    };
    masc_config_defaults(&c->node.masc);
    c->node.masc.claims_max = 1000000;
    c->node.masc.per_origin_max = 250000;
    c->node.masc.origins_max = 65536;
    c->node.masc.unassociated_max = 1024;
    c->node.masc.peers_max = 64;
    c->node.masc.own_max = 256;
}

/* ---- the place of a complaint ---- */

/* Names of masc_config_check() that are called otherwise in the file: of the whole, of entries. */
struct alias {
    const char *theirs, *ours;
};

static const struct alias settings[] = {
    {"node", "node-id"},
    {"lifetime", "claims.lifetime"},
    {"lifetime-min", "claims.lifetime-min"},
    {"lifetime-max", "claims.lifetime-max"},
    {"holdtime-min", "claims.holdtime-min"},
    {"holdtime-max", "claims.holdtime-max"},
    {"size-min", "claims.size-min"},
    {"size-max", "claims.size-max"},
    {"claim-min", "claims.min"},
    {"prefixes-max", "claims.prefixes"},
    {"utilization-low", "claims.utilization-low"},
    {"utilization-high", "claims.utilization-high"},
    {"soft-threshold", "thresholds.soft"},
    {"hard-threshold", "thresholds.hard"},
    {"claims-max", "limits.claims"},
    {"per-origin-max", "limits.per-origin"},
    {"origins-max", "limits.origins"},
    {"unassociated-max", "limits.unassociated"},
    {"peers-max", "limits.peers"},
    {"own-max", "limits.own"},
    {"demands", "demand"},
    {NULL, NULL},
};

static const struct alias members[] = {{"role", "remote"}, {NULL, NULL}};

/* One name of `n` octets as the file spells it. */
static void write_name(struct wr *w, const char *name, size_t n, const struct alias *alias)
{
    char part[64];

    snprintf(part, sizeof(part), "%.*s", (int)n, name);
    for (char *p = part; *p != '\0'; p++)
        if (*p == '_')
            *p = '-';
    while (alias->theirs != NULL && strcmp(alias->theirs, part) != 0)
        alias++;
    wr_text(w, alias->theirs == NULL ? part : alias->ours);
}

/* The path as libconfig wants it: "demands[0].hold_time" becomes "demand.[0].hold-time". */
static void translate(struct wr *w, const char *path)
{
    const struct alias *alias = settings;

    while (*path != '\0') {
        size_t n = strcspn(path, ".[");
        write_name(w, path, n, alias);
        alias = members;
        path += n;
        if (*path == '[') {
            n = strcspn(path, ".");
            wr_u8(w, '.');
            wr_bytes(w, path, n);
            path += n;
        }
        if (*path == '.') {
            wr_u8(w, '.');
            path++;
        }
    }
}

const config_setting_t *conf_place(const struct conf_reading *r, const char *path)
{
    char text[128];
    struct wr w = wr_init(text, sizeof(text));
    const config_setting_t *s = NULL;

    translate(&w, path);
    wr_nul(&w);
    /* If the setting itself is not in the file, what it would stand in is the place. */
    while (text[0] != '\0' && (s = config_lookup(&r->lib, text)) == NULL) {
        char *dot = strrchr(text, '.');
        *(dot == NULL ? text : dot) = '\0';
    }
    return s == NULL ? config_root_setting(&r->lib) : s;
}

/* ---- the whole ---- */

static void judge(struct conf_reading *r)
{
    char path[128], why[512], name[128];
    struct wr wp = wr_init(path, sizeof(path)), ww = wr_init(why, sizeof(why));
    struct wr wn = wr_init(name, sizeof(name));

    if (masc_config_check(&r->c->node.masc, &wp, &ww))
        return;
    translate(&wn, wr_nul(&wp));
    const char *last = strrchr(wr_nul(&wn), '.');
    last = last == NULL ? name : last + 1;
    const config_setting_t *s = conf_place(r, path);
    struct wr *w = conf_say(r, s, false);
    /* Name the setting if the line is that of what it would stand in. */
    if (config_setting_name(s) == NULL || strcmp(config_setting_name(s), last) != 0) {
        wr_text(w, last);
        wr_u8(w, ' ');
    }
    if (strcmp(last, "remote") == 0)
        wr_text(w, "our role towards it ");
    wr_text(w, wr_nul(&ww));
    conf_said(r);
}

static void read_settings(struct conf_reading *r)
{
    struct conf *c = r->c;
    const config_setting_t *root = config_root_setting(&r->lib);

    conf_read_group(r, root, conf_root, c);
    for (const struct conf_group *g = conf_groups; g->name != NULL; g++) {
        const config_setting_t *s = config_lookup(&r->lib, g->name);
        if (s != NULL)
            conf_read_group(r, s, g->table, c);
    }
    conf_read_lists(r);
    if (c->node.name[0] == '\0' && c->node.masc.domain >> 32 == 0)
        snprintf(c->node.name, sizeof(c->node.name), "%u", (unsigned)c->node.masc.domain);
    if (c->node.name[0] == '\0')
        snprintf(c->node.name, sizeof(c->node.name), "mascot");
    /* 7.2; for peers masc_config_check() says it */
    if (c->hold_time_s == 1 || c->hold_time_s == 2)
        conf_error(r, conf_place(r, "hold_time"),
                   "must be 0 (never expires) or at least 3 seconds");
    if (r->report->errors == 0)
        judge(r);
    if (r->report->errors == 0)
        conf_judge_host(r);
    if (r->report->errors == 0)
        conf_warn(r);
}

static void say_syntax(struct conf_reading *r)
{
    struct wr *w = &r->report->text;

    r->report->errors++;
    wr_text(w, r->file);
    wr_u8(w, ':');
    wr_decimal(w, (uint64_t)config_error_line(&r->lib));
    wr_text(w, ": ");
    wr_text(w, config_error_text(&r->lib));
    wr_text(w, " (at or just before this line)");
    conf_said(r);
}

bool conf_read(struct conf *c, const char *file, struct conf_report *report)
{
    struct conf_reading r = {.file = file, .c = c, .report = report};
    char *text;

    defaults(c);
    text = conf_text(&r);
    if (text != NULL) {
        config_init(&r.lib);
        if (config_read_string(&r.lib, text))
            read_settings(&r);
        else
            say_syntax(&r);
        config_destroy(&r.lib);
        free(text);
    }
    wr_nul(&report->text);
    return report->errors == 0;
}
