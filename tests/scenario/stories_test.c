/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stories of tests/stories, each with the trace that it must leave; a story that has no test
 * here fails the last one. To rewrite the traces after a change that is meant:
 * mascot-sim story --update tests/stories/NAME.story
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/story_golden.h"
#include "tests/tap.h"

static const char *told[40];
static unsigned tells;

static void in_stories(char path[600], const char *name)
{
    const char *root = getenv("MASCOT_SOURCE_ROOT");
    snprintf(path, 600, "%s/tests/stories/%s", root ? root : ".", name);
}

static void tell(const char *file)
{
    struct story_fault f;
    char path[600];
    bool well;
    in_stories(path, file);
    well = story_check(path, &f);
    if (!well)
        tap_diag("%s:%u: %s", file, f.line, f.text);
    EXPECT(well);
}

#define STORY(name_, file_)                                                                        \
    __attribute__((constructor)) static void add_##name_(void)                                     \
    {                                                                                              \
        told[tells++] = file_;                                                                     \
    }                                                                                              \
    TEST(story_##name_, "")                                                                        \
    {                                                                                              \
        tell(file_);                                                                               \
    }

STORY(collision, "collision.story")
STORY(renewal, "renewal.story")
STORY(expansion, "expansion.story")
STORY(denial, "denial.story")
STORY(hint, "hint.story")
STORY(leaf, "leaf.story")
STORY(partition_automatic, "partition-automatic.story")
STORY(partition_manual, "partition-manual.story")
STORY(provider_change, "provider-change.story")
STORY(parent_down_24h, "parent-down-24h.story")
STORY(parent_down_60h, "parent-down-60h.story")
STORY(clock_skew, "clock-skew.story")
STORY(zone_tld, "zone-tld.story")
STORY(figure_1, "figure-1.story")
STORY(figure_2, "figure-2.story")

TEST(every_story_is_told, "")
{
    char path[600];
    const struct dirent *e;
    DIR *dir;
    unsigned i, stories = 0;
    in_stories(path, "");
    dir = opendir(path);
    REQUIRE(dir != NULL);
    while ((e = readdir(dir)) != NULL) {
        size_t len = strlen(e->d_name);
        if (len < 6 || strcmp(e->d_name + len - 6, ".story") != 0)
            continue;
        stories++;
        for (i = 0; i < tells && strcmp(told[i], e->d_name) != 0;)
            i++;
        if (i == tells)
            tap_diag("%s has no test", e->d_name);
        EXPECT(i < tells);
    }
    closedir(dir);
    EXPECT_UEQ(stories, tells);
}
