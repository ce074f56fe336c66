/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * live: following several nodes; see live.h.
 *
 * One poll loop over all links, the signals and the keyboard. A question is asked on a node's ask
 * link when an event came or a second passed; its rows gather in `coming` and replace the old ones
 * when the answer is complete, so that the picture never shows half of it. Whatever breaks on a
 * link closes both of the node; it is tried again shortly.
 */
#include "cli/live.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define ASK_EVERY_MS 1000
#define TRY_EVERY_MS 200

static int64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- telling ---- */

/* One line of plain output. */
static void tell(const struct live *v, const struct live_node *n, enum tone tone, const char *text)
{
    char clock[WHEN_TEXT_MAX];

    if (!v->plain)
        return;
    printf("%s  %-10s  ", when_clock(clock, v->show.now_s), n->name);
    term_put(&v->term, tone, text);
    putchar('\n');
    fflush(stdout);
}

static void note_event(struct live *v, const struct live_node *n, enum tone tone, const char *text)
{
    struct live_event *e = &v->event[v->events % LIVE_EVENTS_MAX];

    *e = (struct live_event){
        .at_s = v->show.now_s, .node = (unsigned)(n - v->node), .tone = tone};
    snprintf(e->text, sizeof(e->text), "%s", text);
    v->events++;
    tell(v, n, tone, text);
}

#define SEEN_MAX 10000

/* Notes a prefix held or delegated; false: it was noted before. */
static bool see(struct live_node *n, const char *prefix, const char *domain)
{
    char key[128];

    if (prefix == NULL || domain == NULL)
        return true;
    snprintf(key, sizeof(key), "%s %s", prefix, domain);
    if (n->seen == NULL)
        n->seen = json_object();
    if (json_object_get(n->seen, key) != NULL)
        return false;
    if (json_object_size(n->seen) >= SEEN_MAX)
        json_object_clear(n->seen);
    json_object_set_new(n->seen, key, json_true());
    return true;
}

static bool is_held(const struct live_node *n, const char *prefix)
{
    char key[128];

    snprintf(key, sizeof(key), "%s ", prefix);
    return json_object_get(n->seen, key) != NULL;
}

/* Something everybody does all the time: a prefix that is held is claimed anew, what was delegated
 * is used on. */
static bool is_routine(struct live_node *n, const json_t *row)
{
    static const char *const gained[] = {"in-use", "expanded", "restored", "learnt"};
    static const char *const gone[] = {"expired", "released", "withdrawn"};
    const char *event = row_text(row, "event"), *prefix = row_text(row, "prefix");
    char key[128];

    if (show_event_is_session(row))
        return strcmp(event, "closed") == 0;
    if (strcmp(event, "renewed") == 0)
        return true;
    if (strcmp(event, "delegated") == 0)
        return !see(n, prefix, row_text(row, "domain"));
    if (strcmp(event, "delay") == 0 || strcmp(event, "claim") == 0)
        return is_held(n, prefix);
    for (size_t i = 0; i < sizeof(gained) / sizeof(gained[0]); i++)
        if (strcmp(event, gained[i]) == 0)
            return !see(n, prefix, "");
    for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
        if (strcmp(event, gone[i]) == 0) {
            snprintf(key, sizeof(key), "%s ", prefix);
            json_object_del(n->seen, key);
        }
    return false;
}

/* Plain output begins with what a node already holds: it kept it over a restart. */
static void tell_holdings(struct live *v, struct live_node *n)
{
    char text[256], since[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX], prefix[64];
    const json_t *row;
    size_t i;
    int64_t from, to;

    if (n->told)
        return;
    n->told = true;
    json_array_foreach(n->tree, i, row) {
        bool self = row_text_is(row, "relation", "self");
        if (!row_text_is(row, "state", "in use"))
            continue;
        see(n, row_text(row, "prefix"), self ? "" : row_text(row, "domain"));
        if (!self || !row_number(row, "since", &from) || !row_number(row, "until", &to))
            continue;
        term_clean(&v->term, prefix, sizeof(prefix), row_text(row, "prefix"));
        snprintf(text, sizeof(text), "%-11s %s  since %s, ends %s", "holds", prefix,
                 when_short(since, from, v->show.now_s), when_short(until, to, v->show.now_s));
        tell(v, n, TONE_GOOD, text);
    }
}

/* ---- links ---- */

static void node_down(struct live *v, struct live_node *n)
{
    if (n->up)
        note_event(v, n, TONE_BAD, "does not answer any more");
    link_close(&n->watch);
    link_close(&n->ask);
    json_decref(n->coming);
    json_decref(n->tree);
    json_decref(n->peers);
    json_decref(n->seen);
    n->coming = n->tree = n->peers = n->seen = NULL;
    n->up = n->asking = false;
    n->next_ms = clock_ms() + TRY_EVERY_MS;
}

static void node_try(struct live *v, struct live_node *n)
{
    static const char *const watch[] = {"watch"};

    if (link_open(&n->watch, n->path) < 0 || link_open(&n->ask, n->path) < 0 ||
        link_send(&n->watch, 1, watch) < 0) {
        node_down(v, n);
        return;
    }
    n->up = true;
    n->asking = false;
    n->told = false;
    n->question = "peers"; /* so that the first question is for the tree */
    n->next_ms = 0;
}

static void node_ask(struct live *v, struct live_node *n)
{
    n->question = strcmp(n->question, "tree") == 0 ? "peers" : "tree";
    n->coming = json_array();
    n->asking = true;
    n->stale = false;
    if (link_send(&n->ask, 1, &n->question) < 0)
        node_down(v, n);
}

/* The tree comes first and the peers right after it; then there is time. */
static void node_answered(struct live *v, struct live_node *n)
{
    bool tree = strcmp(n->question, "tree") == 0;
    json_t **place = tree ? &n->tree : &n->peers;

    json_decref(*place);
    *place = n->coming;
    n->coming = NULL;
    n->asking = false;
    n->next_ms = tree ? 0 : clock_ms() + ASK_EVERY_MS;
    if (tree)
        tell_holdings(v, n);
}

static void greet(struct live *v, struct live_node *n, const json_t *row)
{
    const char *domain = row_text(row, "domain");

    if (domain == NULL || strcmp(domain, n->domain) == 0)
        return;
    snprintf(n->domain, sizeof(n->domain), "%s", domain);
    json_object_set_new(v->names, n->domain, json_string(n->name));
}

static void take_event(struct live *v, struct live_node *n, const json_t *row)
{
    char text[256];
    enum tone tone;

    n->stale = true;
    if (!show_event_is_life(row) && !show_event_is_session(row))
        return;
    if (is_routine(n, row) && !v->all)
        return;
    v->show.own = n->domain;
    tone = show_event(&v->show, row, text, sizeof(text));
    note_event(v, n, tone, text);
}

static bool take_line(struct live *v, struct live_node *n, const char *line, bool event)
{
    json_error_t error;
    json_t *row = json_loads(line, 0, &error);
    bool good = json_is_object(row) && row_text(row, "row") != NULL;

    if (good && row_is(row, "mascot"))
        greet(v, n, row);
    else if (good && event)
        take_event(v, n, row);
    else if (good && row_is(row, "end"))
        node_answered(v, n);
    else if (good && n->asking)
        json_array_append(n->coming, row);
    json_decref(row);
    return good;
}

/* Takes what a link has; its node goes down with it. */
static void take_link(struct live *v, struct live_node *n, struct link *l)
{
    char *line;

    if (link_read(l) <= 0) {
        node_down(v, n);
        return;
    }
    while (n->up && (line = link_line(l)) != NULL)
        if (!take_line(v, n, line, l == &n->watch))
            node_down(v, n);
}

/* ---- the loop ---- */

struct loop {
    struct pollfd fd[2 * LIVE_NODES_MAX + 3];
    int signals;
    bool over, draw;
};

static void suspend(struct live *v)
{
    live_screen_leave(&v->term);
    kill(getpid(), SIGSTOP);
    if (!v->plain)
        live_screen_enter(&v->term);
}

static void take_signal(struct live *v, struct loop *l)
{
    struct signalfd_siginfo info;

    if (read(l->signals, &info, sizeof(info)) != sizeof(info))
        return;
    if (info.ssi_signo == SIGWINCH)
        term_resize(&v->term);
    else if (info.ssi_signo == SIGTSTP)
        suspend(v);
    else
        l->over = true;
    l->draw = true;
}

static void take_key(struct loop *l)
{
    char key;

    if (read(STDIN_FILENO, &key, 1) == 1 && (key == 'q' || key == 'Q'))
        l->over = true;
}

/* What is due without anybody writing to us; returns the milliseconds until the next such thing. */
static int do_due(struct live *v)
{
    int64_t now = clock_ms(), next = now + ASK_EVERY_MS;

    for (unsigned i = 0; i < v->nodes; i++) {
        struct live_node *n = &v->node[i];
        if (!n->up && n->next_ms <= now)
            node_try(v, n);
        if (n->up && !n->asking && (n->stale || n->next_ms <= now))
            node_ask(v, n);
        if ((!n->up || !n->asking) && n->next_ms < next)
            next = n->next_ms;
    }
    return next > now ? (int)(next - now) : 0;
}

static void fill_poll(const struct live *v, struct loop *l)
{
    l->fd[0] = (struct pollfd){.fd = l->signals, .events = POLLIN};
    l->fd[1] = (struct pollfd){.fd = STDOUT_FILENO};
    l->fd[2] = (struct pollfd){.fd = v->plain ? -1 : STDIN_FILENO, .events = POLLIN};
    for (unsigned i = 0; i < v->nodes; i++) {
        l->fd[3 + 2 * i] = (struct pollfd){.fd = v->node[i].watch.fd, .events = POLLIN};
        l->fd[4 + 2 * i] = (struct pollfd){.fd = v->node[i].ask.fd, .events = POLLIN};
    }
}

static void turn(struct live *v, struct loop *l)
{
    int wait = do_due(v);

    fill_poll(v, l);
    if (poll(l->fd, 3 + 2 * v->nodes, wait) < 0 && errno != EINTR)
        l->over = true;
    v->show.now_s = (int64_t)time(NULL);
    if (l->fd[0].revents != 0)
        take_signal(v, l);
    if ((l->fd[1].revents & (POLLERR | POLLHUP)) != 0)
        l->over = true;
    if (l->fd[2].revents != 0)
        take_key(l);
    for (unsigned i = 0; i < v->nodes; i++) {
        struct live_node *n = &v->node[i];
        if (n->up && l->fd[3 + 2 * i].revents != 0)
            take_link(v, n, &n->watch);
        if (n->up && l->fd[4 + 2 * i].revents != 0)
            take_link(v, n, &n->ask);
    }
    if (!v->plain && !l->over)
        live_draw(v);
    if (ferror(stdout))
        l->over = true;
}

static int catch_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGTSTP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGTTOU, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Plain output begins with the names of those that are not there yet: they may come. */
static void tell_missing(const struct live *v)
{
    char clock[WHEN_TEXT_MAX];
    const char *comma = " ";

    for (unsigned i = 0; i < v->nodes; i++) {
        if (v->node[i].up)
            continue;
        if (comma[0] == ' ')
            printf("%s  %-10s  waiting for", when_clock(clock, v->show.now_s), "live");
        printf("%s%s", comma, v->node[i].name);
        comma = ", ";
    }
    if (comma[0] == ',')
        putchar('\n');
    fflush(stdout);
}

static void follow(struct live *v)
{
    struct loop l = {.signals = catch_signals()};

    if (!v->plain)
        live_screen_enter(&v->term);
    for (unsigned i = 0; v->plain && i < v->notes; i++)
        printf("%s\n", v->note[i]);
    do_due(v);
    if (v->plain)
        tell_missing(v);
    while (!l.over)
        turn(v, &l);
    live_screen_leave(&v->term);
    close(l.signals);
}

/* ---- arguments ---- */

/* "name=/path" or "/path": then the folder of the socket is the name. */
static bool add_node(struct live *v, char *word)
{
    char *equals = strchr(word, '=');
    struct live_node *n = &v->node[v->nodes];
    const char *name = word;
    size_t len;

    if (v->nodes == LIVE_NODES_MAX || equals == word)
        return false;
    *n = (struct live_node){.path = word, .watch = {.fd = -1}, .ask = {.fd = -1}};
    if (equals != NULL) {
        len = (size_t)(equals - word);
        n->path = equals + 1;
    } else {
        const char *end = strrchr(word, '/');
        len = end != NULL ? (size_t)(end - word) : strlen(word);
        while (len > 0 && word[len - 1] == '/')
            len--;
        for (const char *at = word; at < word + len; at++)
            if (*at == '/')
                name = at + 1;
        len -= (size_t)(name - word);
    }
    snprintf(n->name, sizeof(n->name), "%.*s", (int)len, name);
    v->nodes++;
    return true;
}

static bool take_words(struct live *v, unsigned words, char **word)
{
    for (unsigned i = 0; i < words; i++) {
        if (strcmp(word[i], "--all") == 0) {
            v->all = true;
        } else if (strcmp(word[i], "--note") == 0 && i + 1 < words && v->notes < LIVE_NOTES_MAX) {
            v->note[v->notes++] = word[++i];
        } else if (word[i][0] == '-' || !add_node(v, word[i])) {
            fprintf(stderr, "mascot: live: '%s' was given, expected [NAME=]SOCKET, at most %d\n",
                    word[i], LIVE_NODES_MAX);
            return false;
        }
    }
    return true;
}

static void free_all(struct live *v)
{
    for (unsigned i = 0; i < v->nodes; i++) {
        v->node[i].up = false;
        node_down(v, &v->node[i]);
    }
    json_decref(v->names);
    free(v);
}

int live_run(const struct options *o, unsigned words, char **word)
{
    static char one[256];
    char *given[] = {one};
    struct live *v = calloc(1, sizeof(*v));
    int status = EXIT_USAGE;

    if (v == NULL)
        return EXIT_REFUSED;
    snprintf(one, sizeof(one), "%s", link_path(o->socket));
    v->term = term_find(stdout, o->no_color);
    v->plain = !v->term.tty;
    v->names = json_object();
    v->show = (struct show){.term = &v->term, .names = v->names, .now_s = (int64_t)time(NULL)};
    if (take_words(v, words, word) && (v->nodes > 0 || take_words(v, 1, given))) {
        follow(v);
        status = ask_flush();
    }
    free_all(v);
    return status;
}
