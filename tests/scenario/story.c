/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/scenario/story.h"

#include <stdlib.h>

static void say(const char *line)
{
    tap_diag("%s", line);
}

struct story *story_new(uint64_t seed)
{
    struct story *s = malloc(sizeof *s);
    if (!s)
        abort();
    s->w = world_new(seed);
    s->x = witness_new(s->w, say);
    return s;
}

void story_end(struct story *s)
{
    witness_look(s->x);
    EXPECT_UEQ(witness_violations(s->x), 0);
    if (witness_violations(s->x))
        story_show(s);
    witness_free(s->x);
    world_free(s->w);
    free(s);
}

bool story_until(struct story *s, bool (*holds)(struct story *s, unsigned n), unsigned n,
                 int64_t ms)
{
    int64_t until = world_now(s->w) + ms;
    while (world_now(s->w) < until && !holds(s, n))
        world_run(s->w, SECOND);
    return holds(s, n);
}

bool story_has(struct story *s, unsigned n)
{
    return witness_has(s->x, n);
}

void story_show(const struct story *s)
{
    witness_show(s->x, say);
}
