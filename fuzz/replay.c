/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay: runs a fuzz target without a fuzzer, as an ordinary test in three parts:
 *
 *     corpus       every file of fuzz/corpus/<name>/, whole
 *     truncations  every file again, cut at every length (of a large corpus: at every n-th)
 *     mutations    a fixed number of inputs changed by a generator with a fixed seed
 *
 * The generator starts from the corpus, and an empty corpus is a failure. The same binary
 * sees the same inputs on every machine. With file names as arguments only those files are run,
 * which is how an input kept by a fuzzer is tried. An input that kills the program is left in
 * fuzz-<name>.crash in the build directory.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    INPUT_MAX = 65536,      /* longer files are cut */
    TRUNCATION_MAX = 4096,  /* longer cuts are not tried one by one */
    TRUNCATIONS = 6000,     /* of all files together */
    MUTATIONS = 4000,
    FRESH_MAX = 512,        /* length of an input made from nothing */
    CORPUS_MAX = 4096,      /* files */
};

#define MUTATION_SEED UINT64_C(0x2909)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    uint8_t *bytes;
    size_t size;
};

static struct input corpus[CORPUS_MAX];
static size_t corpus_count;
static struct input current; /* what the target is looking at; read by the signal handler */
static char crash_path[PATH_MAX];

static void keep_input(int signal_number)
{
    int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd >= 0) {
        ssize_t written = current.size == 0 ? 0 : write(fd, current.bytes, current.size);
        static const char said[] = "# the input is kept in the build directory as fuzz-" FUZZ_NAME
                                   ".crash\n";
        if (written >= 0)
            written = write(STDOUT_FILENO, said, sizeof(said) - 1);
        (void)written;
        close(fd);
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void *get(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);

    if (memory == NULL) {
        printf("Bail out! out of memory\n");
        exit(EXIT_FAILURE);
    }
    return memory;
}

/* The target gets a copy that ends where its memory ends, so that AddressSanitizer sees a read of
   one byte too many; malloc(0) would not do for the empty input. */
static void try_input(const uint8_t *bytes, size_t size)
{
    uint8_t *block = get(size);

    current = (struct input){.bytes = size > 0 ? block : block + 1, .size = size};
    if (size > 0)
        memcpy(current.bytes, bytes, size);
    LLVMFuzzerTestOneInput(current.bytes, current.size);
    free(block);
    current = (struct input){.bytes = NULL, .size = 0};
}

static bool read_input(const char *path, struct input *in)
{
    struct stat st;
    FILE *f = fopen(path, "rb");

    if (f == NULL)
        return false;
    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) {
        fclose(f);
        return false;
    }
    uint8_t *bytes = get(INPUT_MAX);
    size_t size = fread(bytes, 1, INPUT_MAX, f);
    fclose(f);
    *in = (struct input){.bytes = bytes, .size = size};
    return true;
}

static int no_dots(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void read_corpus(void)
{
    const char *root = getenv("MASCOT_SOURCE_ROOT");
    struct dirent **entries = NULL;
    char path[PATH_MAX];
    char dir[PATH_MAX / 2];

    snprintf(dir, sizeof(dir), "%s/fuzz/corpus/%s", root == NULL ? "." : root, FUZZ_NAME);
    int count = scandir(dir, &entries, no_dots, alphasort);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
        if (corpus_count < CORPUS_MAX && read_input(path, &corpus[corpus_count]))
            corpus_count++;
        free(entries[i]);
    }
    free(entries);
}

static uint64_t next_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t limit)
{
    return limit == 0 ? 0 : (size_t)(next_random(state) % limit);
}

/* One of: flip a bit, set a byte to an edge value, copy a run elsewhere, cut, grow. */
static size_t mutate(uint64_t *state, uint8_t *bytes, size_t size)
{
    static const uint8_t edges[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff, 0x04, 0x20};
    size_t at = below(state, size);

    switch (below(state, 5)) {
    case 0:
        if (size > 0)
            bytes[at] = (uint8_t)(bytes[at] ^ (1u << below(state, 8)));
        return size;
    case 1:
        if (size > 0)
            bytes[at] = edges[below(state, sizeof(edges))];
        return size;
    case 2: {
        size_t from = below(state, size);
        size_t furthest = from > at ? from : at;
        memmove(bytes + at, bytes + from, below(state, size - furthest + 1));
        return size;
    }
    case 3:
        return below(state, size + 1);
    default:
        if (size < INPUT_MAX)
            bytes[size++] = (uint8_t)next_random(state);
        return size;
    }
}

static void try_mutations(void)
{
    uint64_t state = MUTATION_SEED;
    uint8_t *bytes = get(INPUT_MAX);

    for (unsigned i = 0; i < MUTATIONS; i++) {
        size_t size = 0;
        if (corpus_count > 0 && i % 8 != 0) {
            const struct input *in = &corpus[below(&state, corpus_count)];
            size = in->size;
            memcpy(bytes, in->bytes, size);
        } else {
            size = below(&state, FRESH_MAX);
            for (size_t k = 0; k < size; k++)
                bytes[k] = (uint8_t)next_random(&state);
        }
        for (size_t changes = 1 + below(&state, 6); changes > 0; changes--)
            size = mutate(&state, bytes, size);
        try_input(bytes, size);
    }
    free(bytes);
}

static void try_truncations(void)
{
    size_t octets = 0, every;

    for (size_t i = 0; i < corpus_count; i++)
        octets += corpus[i].size < TRUNCATION_MAX ? corpus[i].size : TRUNCATION_MAX;
    every = octets / TRUNCATIONS + 1;
    for (size_t i = 0; i < corpus_count; i++)
        for (size_t size = 0; size < corpus[i].size && size <= TRUNCATION_MAX; size += every)
            try_input(corpus[i].bytes, size);
}

static int replay_files(int count, char **paths)
{
    for (int i = 0; i < count; i++) {
        struct input in;
        if (!read_input(paths[i], &in)) {
            fprintf(stderr, "%s: cannot be read\n", paths[i]);
            return EXIT_FAILURE;
        }
        try_input(in.bytes, in.size);
        free(in.bytes);
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const char *build = getenv("MASCOT_BUILD_ROOT");

    setvbuf(stdout, NULL, _IOLBF, 0);
    snprintf(crash_path, sizeof(crash_path), "%s/fuzz-%s.crash", build == NULL ? "." : build,
             FUZZ_NAME);
    signal(SIGABRT, keep_input);
    signal(SIGSEGV, keep_input);
    if (argc > 1)
        return replay_files(argc - 1, argv + 1);
    read_corpus();
    printf("TAP version 13\n1..3\n# %zu files in the corpus\n", corpus_count);
    for (size_t i = 0; i < corpus_count; i++)
        try_input(corpus[i].bytes, corpus[i].size);
    printf("%sok 1 - fuzz/%s:corpus\n", corpus_count > 0 ? "" : "not ", FUZZ_NAME);
    try_truncations();
    printf("ok 2 - fuzz/%s:truncations\n", FUZZ_NAME);
    try_mutations();
    printf("ok 3 - fuzz/%s:mutations\n", FUZZ_NAME);
    for (size_t i = 0; i < corpus_count; i++)
        free(corpus[i].bytes);
    return corpus_count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
