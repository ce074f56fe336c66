/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of bench/relay share: the plan of one run, the two sessions, the table of verbs a
 * protocol offers, the tally of what arrived, and the device under test (DUT) as a process.
 *
 * The load program encodes and decodes with code of its own and uses nothing of src/: a mistake
 * shared by the daemon and its judge would go unseen.
 */
#ifndef BENCH_RELAY_H
#define BENCH_RELAY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Longest message of BGP-4 (RFC 4271, 4.1) and of MASC (RFC 2909, 7). */
#define MESSAGE_MAX 4096U
/* Announcements are /28 prefixes under a /6: that many fit. */
#define COUNT_MAX    (1U << 22)
#define INBOX_OCTETS (1U << 20)

enum who { WHO_FEEDER, WHO_SINK, WHO_DUT };
enum { WHO_COUNT = 3 };

/* Everything that is fixed before the clock starts. `order` is owned by main. */
struct plan {
    const struct protocol *protocol;
    uint32_t count;
    uint32_t per_update;
    bool scatter;         /* announce in scattered order, not ascending */
    bool distinct;        /* BGP: each UPDATE has its own AS_PATH; MASC: claims their times */
    bool restart;         /* measure the restart too */
    uint32_t *order;      /* [count] index of the k-th announcement */
    uint32_t timestamp_s; /* MASC Claim Timestamp, s since 1970 */
    uint32_t timeout_s;   /* for everything */
    uint32_t rest_ms;     /* before the feed and after its end */
    uint16_t port;        /* the DUT listens here, host order */
    struct in_addr address[WHO_COUNT];
    uint32_t domain[WHO_COUNT]; /* AS number or MASC Domain Identifier */
    const char *log_path;       /* stdout and stderr of the DUT */
    char **command;             /* of the DUT, ends with NULL */
};

/* From the command line; ends the program if it is wrong. `order` is not filled. */
struct plan plan_parse(int argc, char **argv);
/* Fills `order`, which the caller frees. */
void plan_order(struct plan *p);

/* "relay: ..." to stderr, exit status 1. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Which of the announcements 0..count-1 arrived. The second arrival of one is an error, or counted
 * if repeats are allowed. */
struct tally {
    uint64_t *bits;
    uint32_t count;
    uint32_t seen;
    uint32_t repeats;
    bool repeats_allowed;
    char wrong[160]; /* "" or what was wrong first */
};

bool tally_init(struct tally *t, uint32_t count);
void tally_reset(struct tally *t);
void tally_fini(struct tally *t);
/* False, with `wrong` filled, if the index is out of range or a forbidden repeat. */
bool tally_take(struct tally *t, uint32_t index);
/* Keeps the first complaint; always false, so that a caller can return it. */
bool tally_wrong(struct tally *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum message { MESSAGE_OPEN, MESSAGE_UPDATE, MESSAGE_NOTIFICATION, MESSAGE_KEEPALIVE, MESSAGE_BAD };

/* What the harness must know of a protocol. All writers return the octets written to `to`, which
 * has room for MESSAGE_MAX. */
struct protocol {
    const char *name;
    size_t header_octets;
    size_t (*length)(const uint8_t *header); /* of the whole message; 0: not a header */
    enum message (*kind)(const uint8_t *message);
    uint32_t (*full)(const struct plan *plan); /* announcements that fit in one UPDATE */
    size_t (*open)(const struct plan *plan, enum who sender, uint8_t *to);
    size_t (*keepalive)(uint8_t *to);
    size_t (*update)(const struct plan *plan, uint32_t first, uint32_t n, uint8_t *to);
    /* Counts the announcements of an UPDATE received by the sink; false if anything in it is not
     * what the DUT had to send. */
    bool (*take)(const struct plan *plan, const uint8_t *message, size_t len, struct tally *tally);
    /* The UPDATE as a DUT must pass it on; used by bench/mirror. */
    size_t (*pass)(const struct plan *plan, const uint8_t *message, size_t len, uint8_t *to);
    size_t notification_at; /* offset of code and subcode */
};

extern const struct protocol protocol_bgp;
extern const struct protocol protocol_masc;

const struct protocol *protocol_find(const char *name);

/* Big-endian octets. Each put returns the place after what it wrote. */
uint8_t *put8(uint8_t *to, unsigned value);
uint8_t *put16(uint8_t *to, unsigned value);
uint8_t *put32(uint8_t *to, uint32_t value);
unsigned get16(const uint8_t *from);
uint32_t get32(const uint8_t *from);

enum side_state { SIDE_DOWN, SIDE_CONNECTING, SIDE_OPEN_SENT, SIDE_OPEN_CONFIRM, SIDE_UP };

/* One TCP session of ours with the DUT. */
struct side {
    enum who who;
    enum side_state state;
    int fd;               /* -1 when DOWN */
    int64_t retry_ns;     /* DOWN: when to try again */
    int64_t keepalive_ns; /* UP: when to send the next KEEPALIVE */
    const uint8_t *feed;  /* what is left to send; the feeder's stream */
    size_t feed_octets;
    uint8_t *inbox; /* [INBOX_OCTETS] */
    size_t inbox_octets;
    char why_down[160]; /* the reason of the last failure, "" if none yet */
};

bool side_init(struct side *s, enum who who);
void side_fini(struct side *s);
void side_close(struct side *s, const char *why);
/* Does what is due at `now_ns`: connect again, KEEPALIVE. */
void side_tick(struct side *s, const struct plan *plan, int epoll, int64_t now_ns);
/* Handles what epoll reported: sends the feed, reads, answers. What UPDATEs announce goes to
 * `tally`. False if the session ended or broke a rule: `why_down` tells. */
bool side_ready(struct side *s, const struct plan *plan, uint32_t events, struct tally *tally);
/* Ask epoll for writability or not. */
void side_watch(const struct side *s, int epoll, bool writable);

/* Memory in KiB and CPU time of the DUT's process. */
struct dut_usage {
    uint64_t rss_kib;
    uint64_t pss_kib;
    uint64_t peak_kib;
    int64_t cpu_ns;
};

/* Starts the command in a process group of its own; it dies with us. -errno on failure. */
pid_t dut_start(const struct plan *plan);
/* SIGKILL to the group, waits for the process. */
void dut_kill(pid_t pid);
/* True if the process has ended; it is reaped then. */
bool dut_ended(pid_t pid, int *status);
bool dut_measure(pid_t pid, struct dut_usage *usage);

int64_t clock_ns(void);
/* CPU time that all processes of the machine and its interrupts have used; -1 if unknown. */
int64_t clock_machine_ns(void);

#endif
