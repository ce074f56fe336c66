/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl: lines in, asks out, answers back; see ctl.h.
 *
 * A client answers for one line at a time: the rest of what it sent waits in its buffer or in the
 * kernel. The words of an ask point into that buffer, so the line stays until its END came without
 * a cursor.
 */
#include "host/ctl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "host/ctl_impl.h"
#include "host/log.h"
#include "host/watch.h"

enum permission { READ, WRITE };
enum where { NODE, HOST };

struct word {
    const char *name;
    enum permission permission;
    enum where where;
};

static const struct word words[] = {
#define ASK(word_, permission_, where_, arguments_, help_) {#word_, permission_, where_},
#include "node/asks.def"
#undef ASK
};

static const struct row_type row_end = {
    .name = "end",
    .fields = 2,
    .field = {{"status", FIELD_UINT}, {"text", FIELD_TEXT}},
};

void ctl_identify(struct ctl *c, u128 domain, const char *name)
{
    c->domain = domain;
    text_copy(c->name, sizeof(c->name), name);
}

/* ---- answers ---- */

static void put_head(struct ctl *c, struct ctl_client *k)
{
    struct row head = {
        .type = &log_row_mascot,
        .v = {{.u = 1}, {.text = MASCOT_VERSION}, {.id = c->domain}, {.text = c->name}},
    };

    ctl_put(c, k, &head);
}

/* The line is done with: what follows it moves up. */
static void end_line(struct ctl *c, struct ctl_client *k)
{
    memmove(k->line, k->line + k->line_len, k->len - k->line_len);
    k->len -= k->line_len;
    k->line_len = 0;
    k->state = CTL_IDLE;
    ctl_watch_client(c, k);
}

static void put_end(struct ctl *c, struct ctl_client *k, enum end_status status, const char *text)
{
    struct row end = {.type = &row_end, .v = {{.u = (uint64_t)status}, {.text = text}}};

    ctl_put(c, k, &end);
    if (k->state != CTL_FREE)
        end_line(c, k);
}

static struct ctl_client *find_asking(struct ctl *c, uint32_t ask_id)
{
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++)
        if (c->client[i].state == CTL_ASKING && c->client[i].ask.id == ask_id)
            return &c->client[i];
    return NULL;
}

void ctl_answer(struct ctl *c, uint32_t ask_id, const struct row *row)
{
    struct ctl_client *k = find_asking(c, ask_id);

    if (k != NULL)
        ctl_put(c, k, row);
}

void ctl_end(struct ctl *c, uint32_t ask_id, enum end_status status, const char *text,
             uint64_t cursor)
{
    struct ctl_client *k = find_asking(c, ask_id);

    if (k == NULL)
        return;
    if (cursor == 0) {
        put_end(c, k, status, text);
        return;
    }
    k->ask.cursor = cursor;
    k->state = CTL_MORE;
}

static void put_lost(struct ctl *c, struct ctl_client *k)
{
    struct row lost = {.type = &log_row_lost, .v = {{.u = k->lost}}};

    k->lost = 0;
    ctl_put(c, k, &lost);
}

void ctl_log(struct ctl *c, const struct row *row)
{
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++) {
        struct ctl_client *k = &c->client[i];
        if (k->state != CTL_WATCHING)
            continue;
        /* Once behind, nothing more until it has caught up: one gap, one count. */
        if (k->lost > 0 || ctl_queued(k) > CTL_WATCH_MAX)
            k->lost++;
        else
            ctl_put(c, k, row);
    }
}

void ctl_flush(struct ctl *c)
{
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++) {
        struct ctl_client *k = &c->client[i];
        if (k->state == CTL_FREE)
            continue;
        if (k->state == CTL_WATCHING && k->lost > 0 && ctl_queued(k) < CTL_LOW)
            put_lost(c, k);
        if (k->state != CTL_FREE && !k->blocked)
            ctl_flush_client(c, k);
    }
}

/* ---- asks ---- */

static const struct word *find_word(const char *name)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i].name, name) == 0)
            return &words[i];
    return NULL;
}

/* Cuts line[0..line_len) into words; false: too many. */
static bool cut_words(struct ctl_client *k, uint32_t id)
{
    char *at = k->line;

    k->ask = (struct ask){.id = id};
    k->line[k->line_len - 1] = '\0';
    if (k->line_len > 1 && k->line[k->line_len - 2] == '\r')
        k->line[k->line_len - 2] = '\0';
    while (at != NULL) {
        if (k->ask.words == ASK_WORDS_MAX)
            return false;
        k->ask.word[k->ask.words++] = at;
        at = strchr(at, '\t');
        if (at != NULL)
            *at++ = '\0';
    }
    return true;
}

/* Why the client may not say the word; NULL: it may. */
static const char *refusal(const struct ctl_client *k, const struct word *word)
{
    if (word->permission == READ && !k->may_read)
        return "permission denied: this needs the daemon's user, root or a member of control-group";
    if (word->permission == WRITE && !k->may_write)
        return "permission denied: this needs the daemon's user or root";
    return NULL;
}

/* Begins with the complete line at the start of the buffer. True: *host is set, k->ask waits. */
static bool begin_ask(struct ctl *c, struct ctl_client *k, bool *host)
{
    bool fits = cut_words(k, c->next_id++);
    const struct word *word = find_word(k->ask.word[0]);

    put_head(c, k);
    if (k->state == CTL_FREE)
        return false;
    if (!fits || word == NULL) {
        put_end(c, k, END_USAGE, fits ? "unknown word; see mascot help" : "too many words");
        return false;
    }
    const char *no = refusal(k, word);
    if (no != NULL) {
        put_end(c, k, END_REFUSED, no);
        return false;
    }
    if (strcmp(word->name, "watch") == 0) {
        k->state = CTL_WATCHING;
        return false;
    }
    k->state = CTL_ASKING;
    ctl_watch_client(c, k);
    *host = word->where == HOST;
    return true;
}

static void leave(struct ctl *c, struct ctl_client *k)
{
    k->state = CTL_LEAVING;
    ctl_watch_client(c, k);
    if (!k->blocked)
        ctl_flush_client(c, k);
}

static void end_too_long(struct ctl *c, struct ctl_client *k)
{
    k->line_len = k->len;
    put_head(c, k);
    if (k->state != CTL_FREE)
        put_end(c, k, END_USAGE, "the line is too long");
    if (k->state != CTL_FREE)
        leave(c, k);
}

/* Reads what came, if there is room. */
static void fill(struct ctl *c, struct ctl_client *k)
{
    char waste[512];
    bool watching = k->state == CTL_WATCHING;
    ssize_t n;

    k->can_read = false;
    n = watching ? read(k->fd, waste, sizeof(waste))
                 : read(k->fd, k->line + k->len, sizeof(k->line) - k->len);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0)
        leave(c, k);
    else if (!watching)
        k->len += (size_t)n;
}

/* A complete line at the start of the buffer, if there is one. */
static bool take_line(struct ctl_client *k)
{
    const char *end = memchr(k->line, '\n', k->len);

    if (end == NULL)
        return false;
    k->line_len = (size_t)(end - k->line) + 1;
    return true;
}

/* What the client wants now. */
static bool next_of(struct ctl *c, struct ctl_client *k, bool *host)
{
    if (k->state == CTL_MORE && ctl_queued(k) < CTL_LOW) {
        k->state = CTL_ASKING;
        *host = false;
        return true;
    }
    if (k->state == CTL_WATCHING && k->can_read)
        fill(c, k);
    if (k->state == CTL_IDLE && k->can_read && memchr(k->line, '\n', k->len) == NULL)
        fill(c, k);
    if (k->state != CTL_IDLE)
        return false;
    if (take_line(k))
        return begin_ask(c, k, host);
    if (k->len == sizeof(k->line))
        end_too_long(c, k);
    return false;
}

void ctl_turn(struct ctl *c)
{
    c->turn_at = 0;
}

bool ctl_next(struct ctl *c, const struct ask **ask, bool *host)
{
    if (c->accepting)
        ctl_accept(c);
    while (c->turn_at < CTL_CLIENTS_MAX) {
        struct ctl_client *k = &c->client[c->turn_at++];
        if (!next_of(c, k, host))
            continue;
        *ask = &k->ask;
        return true;
    }
    return false;
}

void ctl_ready(struct ctl *c, uint64_t watch, uint32_t events)
{
    struct ctl_client *k = &c->client[watch_number(watch)];

    if (watch_kind(watch) == WATCH_CTL_LISTEN) {
        c->accepting = true;
        return;
    }
    if (k->state == CTL_FREE)
        return;
    if (events & EPOLLIN)
        k->can_read = true;
    if (events & EPOLLOUT)
        ctl_flush_client(c, k);
    /* Gone in both directions: nobody waits for an answer. */
    if (k->state != CTL_FREE && !(events & EPOLLIN) && (events & (EPOLLHUP | EPOLLERR)))
        ctl_close(k);
}

bool ctl_pending(const struct ctl *c)
{
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++) {
        const struct ctl_client *k = &c->client[i];
        if (k->state == CTL_MORE && ctl_queued(k) < CTL_LOW)
            return true;
        if (k->state == CTL_IDLE && (k->can_read || memchr(k->line, '\n', k->len) != NULL))
            return true;
    }
    return false;
}
