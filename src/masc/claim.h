/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * claim: one UPDATE as a value, and who wins when two collide (RFC 2909 5.1.1).
 *
 * Differs from masc_attr in two things: the role is the Updated Origin Role of 11.1 (what the
 * origin is to us), and the timestamp is extended to int64, so that every sum of times is
 * exact. Ends are absolute: only those are compared between claims.
 */
#ifndef MASC_CLAIM_H
#define MASC_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prefix.h"
#include "masc/wire.h"

struct claim {
    struct prefix prefix;
    u128 domain, node; /* of the origin */
    int64_t timestamp_s;
    uint32_t lifetime_s, holdtime_s;
    enum masc_type type;
    enum masc_role role; /* Updated Origin Role */
    bool deprecated;
};

/* When the prefix becomes free, and when caches forget the UPDATE (7.3). */
static inline int64_t claim_end(const struct claim *c)
{
    return c->timestamp_s + c->lifetime_s;
}

static inline int64_t claim_hold(const struct claim *c)
{
    return c->timestamp_s + c->holdtime_s;
}

/* Types 0 - 3 are claims and take part in 5.1.1. */
static inline bool claim_is_compared(enum masc_type t)
{
    return t <= MASC_NEW_CLAIM;
}

/* A claim that waits: CLAIM_TO_EXPAND or NEW_CLAIM. */
static inline bool claim_is_pending(enum masc_type t)
{
    return t == MASC_CLAIM_TO_EXPAND || t == MASC_NEW_CLAIM;
}

/* 5.1.1: `a` beats `b`. A strict total order over claims of distinct origin nodes; whether their
 * ranges overlap is the caller's question. Both are of types 0 - 3. */
bool claim_wins(const struct claim *a, const struct claim *b);

/* As it was, or is to be, on the wire, with its role as Rol. */
struct masc_attr claim_to_attr(const struct claim *c);

/* `role` is the Updated Origin Role. */
struct claim claim_from_attr(const struct masc_attr *a, enum masc_role role, int64_t now_s);

#endif
