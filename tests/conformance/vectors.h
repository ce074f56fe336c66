/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vectors: the file rfc2909.vectors (its format is explained there) as values.
 */
#ifndef MASCOT_CONFORMANCE_VECTORS_H
#define MASCOT_CONFORMANCE_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/u128.h"
#include "tests/hex.h"

#define VECTORS_MAX 100
#define VECTOR_FIELDS_MAX 60
#define VECTOR_PARENTS_MAX 4

struct vector_field {
    char key[16];
    char value[48];
};

/* A set of fields, as `expect` has it. */
struct vector_fields {
    unsigned n;
    struct vector_field at[VECTOR_FIELDS_MAX];
};

struct vector {
    char id[16];
    char title[200];
    bool established;
    unsigned role;
    uint64_t domain;
    unsigned parents;
    uint64_t parent[VECTOR_PARENTS_MAX];
    int64_t now_s; /* 0: not given */
    bool pending;
    char outcome[16]; /* "accept", "drop", "close" or "error" */
    unsigned code, subcode;
    struct vector_fields expect;
    struct hex before, message, reply; /* reply.len 0: none */
};

/* Reads the file once; ends the program with a sentence if it is not as it should be. */
const struct vector *vector_named(const char *id);
unsigned vector_count(void);
const struct vector *vector_at(unsigned i);

/* NULL if there is no such field. */
const char *vector_field(const struct vector_fields *f, const char *key);
void vector_field_add(struct vector_fields *f, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
