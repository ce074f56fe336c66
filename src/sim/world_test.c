/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world keeps its promises: order, cuts, faults, clocks and disks are what the tests of
 * everything else rely on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/world_impl.h"
#include "tests/tap.h"

enum { T1 = 1, C1, C2 };

static struct world *family(uint64_t seed)
{
    struct world *w = world_new(seed);
    unsigned i;
    (void)world_node(w, "T1", 1);
    (void)world_node(w, "C1", 11);
    (void)world_node(w, "C2", 12);
    world_tld(w, T1, "228.0.0.0/6");
    world_config(w, T1)->sole_tld = true;
    for (i = C1; i <= C2; i++) {
        world_parent(w, i, T1);
        world_demand(w, i, 300);
    }
    return w;
}

/* What a watch counted. */
struct seen {
    unsigned kind[SIGHT_WORLD + 1];
    unsigned down[4], stream[4], sent, rows;
    int64_t first_row;
    struct world *w;
    uint64_t octets_in, octets_out;
    bool overtaken;
};

static void see(void *self, const struct happening *h)
{
    struct seen *s = self;
    s->kind[h->sight]++;
    if (h->sight == SIGHT_WROTE)
        s->octets_out += h->len;
    if (h->sight == SIGHT_COMMITTED)
        s->rows++;
    if (h->sight != SIGHT_STEP || h->node > 3)
        return;
    s->down[h->node] += h->event->kind == EVENT_CONN_DOWN;
    s->sent += h->event->kind == EVENT_SENT;
    if (h->event->kind == EVENT_STREAM) {
        s->stream[h->node]++;
        s->octets_in += h->event->len;
    }
}

static uint64_t hash_of(uint64_t seed, bool with_watch)
{
    struct world *w = family(seed);
    struct seen s = {.w = w};
    struct watch watch = {&s, see};
    uint64_t hash;
    if (with_watch)
        world_watch(w, &watch);
    world_start(w);
    world_run(w, 100 * SECOND);
    world_crash(w, C1, true);
    world_run(w, 100 * SECOND);
    world_boot(w, C1);
    world_run(w, 300 * SECOND);
    hash = world_hash(w);
    world_free(w);
    return hash;
}

TEST(same_seed_same_hash, "")
{
    EXPECT(hash_of(1, false) == hash_of(1, false));
    EXPECT(hash_of(1, false) == hash_of(1, true)); /* watching changes nothing */
    EXPECT(hash_of(1, false) != hash_of(2, false));
}

static uint64_t under_way(const struct world *w)
{
    uint64_t sum = 0;
    size_t i;
    for (i = 0; i < w->streams; i++)
        sum += w->stream[i].in_flight[0] + w->stream[i].in_flight[1];
    return sum;
}

TEST(everybody_gets_space_and_stores_it, "")
{
    struct world *w = family(3);
    struct seen s = {.w = w};
    struct watch watch = {&s, see};
    world_watch(w, &watch);
    world_start(w);
    world_run(w, 900 * SECOND);
    EXPECT(world_at(w, C1)->disk.records > 0);
    EXPECT(world_at(w, C2)->disk.records > 0);
    EXPECT(s.rows >= 3);
    EXPECT_UEQ(s.kind[SIGHT_WORLD], 0);
    /* nothing was cut, so nothing is lost */
    EXPECT_UEQ(s.octets_in + under_way(w), s.octets_out);
    EXPECT_UEQ(world_octets(w), s.octets_out);
    EXPECT(s.sent > 0);
    world_free(w);
}

/* Both ends of a cut link are told; of a severed one only one is. */
TEST(cut_and_sever, "")
{
    struct world *w = family(4);
    struct seen s = {.w = w};
    struct watch watch = {&s, see};
    world_watch(w, &watch);
    world_start(w);
    world_run(w, 30 * SECOND);
    EXPECT_UEQ(s.down[T1] + s.down[C1], 0);
    world_cut(w, T1, C1);
    EXPECT_UEQ(s.down[T1], 1);
    EXPECT_UEQ(s.down[C1], 1);
    EXPECT_UEQ(s.down[C2], 0);
    world_sever(w, C2, T1);
    EXPECT_UEQ(s.down[C2], 1);
    EXPECT_UEQ(s.down[T1], 1);
    world_free(w);
}

/* A silent crash leaves half-open connections: the others hear nothing. */
TEST(silent_crash_tells_nobody, "")
{
    struct world *w = family(5);
    struct seen s = {.w = w};
    struct watch watch = {&s, see};
    world_watch(w, &watch);
    world_start(w);
    world_run(w, 30 * SECOND);
    world_crash(w, C1, true);
    world_run(w, SECOND);
    EXPECT_UEQ(s.down[T1], 0);
    world_crash(w, C2, false);
    world_run(w, SECOND);
    EXPECT_UEQ(s.down[T1], 1);
    world_free(w);
}

TEST(stalled_octets_come_later_in_order, "")
{
    struct world *w = family(6);
    struct seen s = {.w = w};
    struct watch watch = {&s, see};
    unsigned before;
    world_start(w);
    world_run(w, 30 * SECOND);
    world_watch(w, &watch);
    world_stall(w, T1, C1);
    world_run(w, SECOND); /* what was under way */
    before = s.stream[C1];
    world_run(w, 8 * SECOND);
    EXPECT_UEQ(s.stream[C1], before);
    world_heal(w, T1, C1);
    world_run(w, SECOND);
    EXPECT(s.stream[C1] > before);
    EXPECT_UEQ(s.down[C1], 0);
    world_free(w);
}

TEST(clogged_link_takes_its_time, "")
{
    struct world *w = family(7);
    struct stream *st;
    struct item *i;
    world_start(w);
    world_run(w, 300 * SECOND);
    world_clog(w, T1, C1, 10); /* an UPDATE takes four seconds */
    EXPECT(world_claim(w, T1, "228.200.0.0/16"));
    world_run(w, 130 * SECOND);
    st = &w->stream[0];
    for (i = st->flow[0].first; i && i->next; i = i->next)
        EXPECT(i->at <= i->next->at);
    EXPECT(w->link[st->flow[0].link].rate == 10 || w->link[st->flow[1].link].rate == 10);
    world_free(w);
}

TEST(disk_that_fails_and_disk_that_is_mute, "")
{
    struct world *w = family(8);
    unsigned before;
    world_start(w);
    world_run(w, 10 * SECOND);
    world_disk(w, C1, DISK_FAILING);
    world_disk(w, C2, DISK_MUTE);
    world_run(w, 900 * SECOND);
    EXPECT_UEQ(world_at(w, C1)->disk.records, 0);
    EXPECT_UEQ(world_at(w, C2)->disk.records, 0);
    world_disk(w, C1, DISK_GOOD);
    world_run(w, 900 * SECOND);
    before = world_at(w, C1)->disk.records;
    EXPECT(before > 0);
    world_crash(w, C1, false);
    EXPECT(world_at(w, C1)->disk.records >= before);
    world_forget(w, C1);
    EXPECT_UEQ(world_at(w, C1)->disk.records, 0);
    world_boot(w, C1);
    world_free(w);
}

TEST(clocks_step_and_drift, "")
{
    struct world *w = family(9);
    int32_t ppm[] = {0, 1, 250, -250, 40000, -40000};
    unsigned i;
    world_start(w);
    world_run(w, 100 * SECOND);
    EXPECT_EQ(world_wall(w, C1), WORLD_BASE_S + 100);
    world_step_clock(w, C1, 3600);
    EXPECT_EQ(world_wall(w, C1), WORLD_BASE_S + 3700);
    EXPECT_EQ(world_clock(w, C1).mono.ms, world_clock(w, C2).mono.ms);
    for (i = 0; i < sizeof ppm / sizeof ppm[0]; i++) {
        int64_t t, mono;
        world_drift(w, C1, ppm[i]);
        mono = world_clock(w, C1).mono.ms + 12345678;
        t = life_time_of(w, C1, (mono_t){mono});
        world_run(w, t - 1 - world_now(w));
        EXPECT(world_clock(w, C1).mono.ms < mono); /* a moment before, it is not yet so late */
        world_run(w, 1);
        EXPECT(world_clock(w, C1).mono.ms >= mono);
    }
    world_free(w);
}

static void count_row(void *self, const struct row *row)
{
    unsigned *rows = self;
    (void)row;
    ++*rows;
}

TEST(operators_ask, "")
{
    struct world *w = family(10);
    unsigned rows = 0;
    char why[100] = "";
    struct asked asked = {.self = &rows, .row = count_row, .why = why, .size = sizeof why};
    world_start(w);
    world_run(w, 30 * SECOND);
    EXPECT_EQ(world_ask(w, T1, "peers", &asked), END_DONE);
    EXPECT_UEQ(rows, 2);
    EXPECT_EQ(world_ask(w, T1, "dance", &asked), END_USAGE);
    EXPECT(strstr(why, "dance") != NULL);
    EXPECT(!world_release(w, C1, prefix_of("228.7.0.0/16")));
    world_free(w);
}

/* The index of connections, when it grows and when all of it goes. */
TEST(streams_are_found_among_many, "")
{
    enum { N = 200 };
    struct world *w = world_new(11);
    unsigned i, streams = 0;
    (void)world_node_wide(w, "T1", 1, N);
    world_tld(w, T1, "228.0.0.0/6");
    world_config(w, T1)->sole_tld = true;
    for (i = 2; i <= N; i++) {
        char name[8];
        snprintf(name, sizeof name, "C%u", i);
        (void)world_node_wide(w, name, i, 1);
        world_parent(w, i, T1);
    }
    world_start(w);
    world_run(w, 60 * SECOND);
    for (i = 2; i <= N; i++)
        streams += world_at(w, i)->streams;
    EXPECT_UEQ(streams, N - 1);
    EXPECT_UEQ(world_at(w, T1)->streams, N - 1);
    world_crash(w, T1, false);
    world_run(w, SECOND);
    for (i = 2; i <= N; i++)
        EXPECT(world_at(w, i)->streams <= 1);
    EXPECT_UEQ(world_at(w, T1)->streams, 0);
    world_free(w);
}
