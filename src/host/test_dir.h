/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dir: a directory of its own for a unit test of the host, with files in it.
 *
 * For tests only. The directory is made in TMPDIR and removed, with what is in it, by
 * test_dir_remove(); nothing nested is made in it.
 */
#ifndef HOST_TEST_DIR_H
#define HOST_TEST_DIR_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEST_PATH_MAX 512

struct test_dir {
    char path[TEST_PATH_MAX / 2];
    char file[TEST_PATH_MAX]; /* of the last test_dir_file() */
};

static inline bool test_dir_make(struct test_dir *d)
{
    const char *top = getenv("TMPDIR");

    snprintf(d->path, sizeof(d->path), "%s/mascot.XXXXXX", top == NULL ? P_tmpdir : top);
    return mkdtemp(d->path) != NULL;
}

static inline const char *test_dir_file(struct test_dir *d, const char *name)
{
    snprintf(d->file, sizeof(d->file), "%s/%s", d->path, name);
    return d->file;
}

static inline bool test_dir_write(struct test_dir *d, const char *name, const char *text)
{
    FILE *f = fopen(test_dir_file(d, name), "w");
    bool good = f != NULL && fputs(text, f) >= 0;

    return f != NULL && fclose(f) == 0 && good;
}

static inline void test_dir_remove(struct test_dir *d)
{
    DIR *dir = opendir(d->path);
    const struct dirent *e;

    while (dir != NULL && (e = readdir(dir)) != NULL)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            unlink(test_dir_file(d, e->d_name));
    if (dir != NULL)
        closedir(dir);
    rmdir(d->path);
}

#endif
