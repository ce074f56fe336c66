/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mascot-sim story: plays stories; compares the traces they leave with those they must leave.
 *
 * The golden trace of NAME.story is NAME.trace beside it, at the level that the story asks for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli.h"
#include "sim/story_golden.h"

static int usage(FILE *to)
{
    fprintf(to,
            "usage: mascot-sim story FILE... [--trace LEVEL] [--check] [--update]\n\n"
            "Plays each story and prints its trace.\n"
            "  --trace LEVEL  quiet, normal or all, whatever the story says\n"
            "  --check        compare with FILE.trace (without .story) instead of printing\n"
            "  --update       write that file instead of printing\n");
    if (to == stdout)
        story_forms(to);
    return to == stdout ? 0 : 2;
}

struct wish {
    bool check, update, level_given;
    enum trace_level level;
};

static bool report(bool well, const char *path, const struct story_fault *f)
{
    if (well)
        return true;
    if (f->line)
        fprintf(stderr, "%s:%u: %s\n", path, f->line, f->text);
    else
        fprintf(stderr, "%s: %s\n", path, f->text);
    return false;
}

static bool print(const char *path, const struct wish *wish)
{
    struct story_fault f;
    struct story *s = story_load(path, &f);
    bool well = s && story_play(s, stdout, wish->level_given ? wish->level : story_level(s), &f);
    story_free(s);
    return report(well, path, &f);
}

static bool do_one(const char *path, const struct wish *wish)
{
    struct story_fault f;
    if (wish->update)
        return report(story_update(path, &f), path, &f);
    if (!wish->check)
        return print(path, wish);
    if (!report(story_check(path, &f), path, &f))
        return false;
    printf("%s: as it must be\n", path);
    return true;
}

int story_main(int argc, char **argv)
{
    struct wish wish = {.check = false};
    int i, files = 0, status = 0;
    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return usage(stdout);
        if (strcmp(argv[i], "--check") == 0)
            wish.check = true;
        else if (strcmp(argv[i], "--update") == 0)
            wish.update = true;
        else if (strcmp(argv[i], "--trace") == 0 && i + 1 < argc &&
                 trace_level_of(argv[i + 1], &wish.level))
            wish.level_given = ++i > 0;
        else if (argv[i][0] == '-')
            return usage(stderr);
        else
            argv[++files] = argv[i];
    }
    if (!files || (wish.level_given && (wish.check || wish.update)))
        return usage(stderr);
    for (i = 1; i <= files; i++)
        if (!do_one(argv[i], &wish))
            status = 1;
    return status;
}
