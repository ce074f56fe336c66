/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log: see log.h. Rows are compared by a hash of their values as text: 64 bits, and a rare mistake
 * costs one line. The ring of recent rows is small, so that what comes rarely is always written.
 *
 * Order in log_row(): the share of this second first, as it is cheap and bounds everything else;
 * then the rendering, the comparison, and the line with what was left out before it.
 */
#include "host/log.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

const struct row_type log_row_daemon = {
    .name = "daemon",
    .fields = 3,
    .field = {{"event", FIELD_TEXT}, {"subject", FIELD_TEXT}, {"text", FIELD_TEXT}},
};

const struct row_type log_row_mascot = {
    .name = "mascot",
    .fields = 4,
    .field = {{"version", FIELD_UINT},
              {"program", FIELD_TEXT},
              {"domain", FIELD_DOMAIN},
              {"name", FIELD_TEXT}},
};

const struct row_type log_row_lost = {
    .name = "lost",
    .fields = 1,
    .field = {{"rows", FIELD_UINT}},
};

struct row log_daemon_row(const char *event, const char *subject, const char *text)
{
    return (struct row){
        .type = &log_row_daemon,
        .v = {{.text = event}, {.text = subject}, {.text = text}},
    };
}

void log_init(struct log *l, int fd, bool json)
{
    *l = (struct log){
        .fd = fd,
        .json = json,
        .journal = getenv("JOURNAL_STREAM") != NULL,
    };
}

/* FNV-1a */
static uint64_t hash_of(const uint8_t *bytes, size_t n)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ bytes[i]) * 1099511628211u;
    return h;
}

/* A line of its own when nobody reads: dropped. */
static bool write_line(struct log *l, struct wr *w)
{
    struct pollfd ready = {.fd = l->fd, .events = POLLOUT};

    if (w->len >= w->cap)
        w->len = w->cap - 1;
    w->failed = false;
    wr_u8(w, '\n');
    if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT))
        return false;
    return write(l->fd, w->buf, w->len) == (ssize_t)w->len;
}

static void begin_line(const struct log *l, struct wr *w, struct now now)
{
    if (l->json || l->journal)
        return;
    row_write_wall(w, now.wall);
    wr_u8(w, ' ');
}

/* Puts "time" before the last brace, and how often the row came unwritten. */
static void end_line(const struct log *l, struct wr *w, struct now now, uint64_t repeats)
{
    if (!l->json) {
        if (repeats > 0) {
            wr_text(w, " (and ");
            wr_decimal(w, repeats);
            wr_text(w, " more times)");
        }
        return;
    }
    if (w->failed || w->len == 0)
        return;
    w->len--;
    if (repeats > 0) {
        wr_text(w, ",\"repeats\":");
        wr_decimal(w, repeats);
    }
    wr_text(w, ",\"time\":");
    wr_decimal(w, now.wall.s < 0 ? 0 : (uint64_t)now.wall.s);
    wr_u8(w, '}');
}

static struct log_recent *find_recent(struct log *l, uint64_t hash)
{
    for (unsigned i = 0; i < LOG_RECENT; i++)
        if (l->recent[i].hash == hash && l->recent[i].written.ms != 0)
            return &l->recent[i];
    return NULL;
}

/* Counts the row against this second's share; false: too many. */
static bool within_share(struct log *l, struct now now)
{
    if (now.mono.ms - l->second.ms >= 1000 || now.mono.ms < l->second.ms) {
        l->second = now.mono;
        l->in_second = 0;
    }
    return l->in_second++ < LOG_BURST;
}

/* One line; `repeats` of it were left out before. */
static bool put(struct log *l, const struct row *row, struct now now, uint64_t repeats)
{
    uint8_t line[LOG_LINE_MAX];
    struct wr w = wr_init(line, sizeof(line));

    begin_line(l, &w, now);
    if (l->json)
        row_write_json(&w, row);
    else
        row_write_text(&w, row);
    end_line(l, &w, now, repeats);
    /* A JSON line that was cut would be no JSON. */
    return (!l->json || wr_ok(&w)) && write_line(l, &w);
}

static void tell_lost(struct log *l, struct now now)
{
    struct row lost = {.type = &log_row_lost, .v = {{.u = l->lost}}};

    if (l->lost > 0 && put(l, &lost, now, 0))
        l->lost = 0;
}

void log_row(struct log *l, const struct row *row, struct now now)
{
    uint8_t text[LOG_LINE_MAX];
    struct wr w = wr_init(text, sizeof(text));
    struct log_recent *recent;
    uint64_t repeats = 0;

    if (!within_share(l, now)) {
        l->lost++;
        return;
    }
    row_write_text(&w, row);
    uint64_t hash = hash_of(text, w.len);
    recent = find_recent(l, hash);
    if (recent != NULL && now.mono.ms - recent->written.ms < LOG_REPEAT_MS) {
        recent->repeats++;
        return;
    }
    if (recent != NULL)
        repeats = recent->repeats;
    else
        recent = &l->recent[l->next++ % LOG_RECENT];
    /* 0 means never; the monotonic clock may say 0 in its first millisecond. */
    *recent = (struct log_recent){hash, {now.mono.ms == 0 ? 1 : now.mono.ms}, 0};
    tell_lost(l, now);
    if (!put(l, row, now, repeats))
        l->lost++;
}
