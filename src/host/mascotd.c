/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mascotd: the daemon's command line; mascotd(8). It stays in the foreground: whatever starts it
 * (systemd, a shell) watches it and keeps its log.
 *
 * Exit status: 0 it stopped in good order, or the file is good (--check); 1 it could not start or
 * go on, or the file is not good; 2 it was called wrongly.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "host/daemon.h"

enum { DONE = 0, FAILED = 1, USAGE = 2 };

static const char usage[] =
    "usage: mascotd [--config FILE] [--log-json]\n"
    "       mascotd [--config FILE] --check\n"
    "\n"
    "  --config FILE  configuration, " CONF_DEFAULT_FILE " if not given\n"
    "  --check        read and judge the configuration, show what is in effect, and exit\n"
    "  --log-json     write the log as JSON lines\n"
    "  --version      show the version and exit\n"
    "  --help         show this and exit\n"
    "\n"
    "SIGHUP reads the configuration again; SIGTERM and SIGINT end all sessions and stop.\n"
    "See mascotd(8) and mascotd.conf(5).\n";

static int check(const char *file)
{
    static struct conf conf;
    static struct conf_report report;
    static char text[CONF_TEXT_MAX];
    struct wr w = wr_init(text, sizeof(text));

    conf_report_init(&report);
    bool good = conf_read(&conf, file, &report);
    if (good)
        conf_check_machine(&conf, file, &report);
    fputs(report.buf, stderr);
    if (!good) {
        fprintf(stderr, "%s: not good: %u error%s\n", file, report.errors,
                report.errors == 1 ? "" : "s");
        return FAILED;
    }
    conf_write(&w, &conf);
    printf("# %s: good, %u warning%s; in effect:\n%s", file, report.warnings,
           report.warnings == 1 ? "" : "s", wr_nul(&w));
    return DONE;
}

static int run(const char *file, bool log_json)
{
    static struct daemon d;
    char text[CONF_REPORT_MAX];
    struct wr why = wr_init(text, sizeof(text));
    int error;

    if (!daemon_start(&d, file, log_json, &why)) {
        wr_nul(&why);
        fprintf(stderr, "mascotd: %s%s", text, text[strcspn(text, "\n")] == '\0' ? "\n" : "");
        return FAILED;
    }
    error = loop_run(&d);
    daemon_stop(&d);
    if (error < 0)
        fprintf(stderr, "mascotd: epoll: %s\n", strerror(-error));
    return error < 0 ? FAILED : DONE;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
        {"log-json", no_argument, NULL, 'j'},     {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    const char *file = CONF_DEFAULT_FILE;
    bool only_check = false, log_json = false;
    int option;

    while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        switch (option) {
        case 'c': file = optarg; break;
        case 'k': only_check = true; break;
        case 'j': log_json = true; break;
        case 'v': puts("mascotd " MASCOT_VERSION); return DONE;
        case 'h': fputs(usage, stdout); return DONE;
        default: fputs("see mascotd --help\n", stderr); return USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "mascotd: unexpected \"%s\"; see mascotd --help\n", argv[optind]);
        return USAGE;
    }
    return only_check ? check(file) : run(file, log_json);
}
