/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table: every UPDATE heard or originated, until it is forgotten.
 *
 * An entry is one distinct UPDATE (the 11 fields of 11.1) and never changes but for its flags; it
 * is deleted only when Timestamp + Holdtime + retention has passed (12.3, A-61, A-89): a claim that
 * was lost, denied or withdrawn stays, flagged, because flooding stops only at duplicates.
 *
 * Entries are found by exact prefix and Origin Domain through a hash: whom a claim collides with is
 * looked for among our own prefixes, and all that an UPDATE means for others of its domain (A-73,
 * A-82) is within that domain. So no look-up ever meets what others say of the same prefix. Masks
 * are contiguous: what of a domain covers a prefix is found by asking for each shorter length that
 * is present at all, a few look-ups, independent of the number of claims. Nothing here needs what
 * lies *inside* a prefix except of what one domain holds (table_inside) or as a whole (the log).
 *
 * The log links all entries in order of arrival; sessions send by walking it (relay.c), so no peer
 * has a queue of its own. A heap orders entries by the next moment at which time changes them.
 *
 * "live" is what an entry means now: not expired, lost or denied. Whether another
 * entry of the same domain supersedes it or a WITHDRAW hides it depends on the range
 * asked for and is computed on demand: table_superseded(), table_hidden().
 *
 * Memory is given once; an entry costs 64 octets, 8 per 64 peers, 16 in the heap and 4 to 8 in the
 * hash, in pages that are touched only when used. Bounds: claims_max, per_origin_max per domain,
 * origins_max, TABLE_CHAIN_MAX variants of one claim. What this node originates has an eighth of
 * the places to itself: others cannot keep it from defending what it holds. Time is bounded, too:
 * no question visits more than TABLE_COVER_MAX or TABLE_INSIDE_MAX entries, and what a domain of
 * more hides from itself by that concerns no other domain.
 */
#ifndef MASC_TABLE_H
#define MASC_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prefix.h"
#include "base/time.h"
#include "masc/claim.h"
#include "masc/config.h"

#define TABLE_NONE UINT32_MAX /* no entry */
#define TABLE_CHAIN_MAX 512    /* entries with exactly one prefix by one domain */
#define TABLE_COVER_MAX 1024   /* entries of one domain that table_cover() tells */
#define TABLE_INSIDE_MAX 512   /* entries and places that table_inside() looks at */

enum entry_flag {
    ENTRY_DEAD = 1,       /* expired: retained only to recognise duplicates and keep the range */
    ENTRY_LOST = 2,       /* own claim that lost a collision or was cancelled */
    ENTRY_DENIED = 4,     /* a claim that its parent denied */
    ENTRY_CANCEL = 8,     /* a WITHDRAW of a pending claim: it hides no prefix */
    ENTRY_UNSENT = 256,   /* nobody heard it, and nobody shall */
    ENTRY_CLASH = 16,     /* a WITHDRAW caused by a clash */
    ENTRY_LOCAL = 32,     /* originated by this node */
    ENTRY_CHILDREN = 64,  /* a WITHDRAW that children may have, too */
    ENTRY_ORIGIN_ONLY = 128, /* to internal peers and the Origin Domain only */
};

/* Memory layout of an entry; read it with table_claim(). */
struct entry {
    u128 addr;
    int64_t timestamp_s;
    uint32_t lifetime_s, holdtime_s;
    uint32_t origin;
    uint32_t next;               /* in its hash chain, or the free list */
    uint32_t log_prev, log_next; /* order of arrival */
    uint32_t dom_prev, dom_next; /* in one of the two lists of its Origin Domain, newest first */
    uint8_t len;
    uint8_t family;
    uint8_t type;
    uint8_t role;
    uint16_t flags; /* enum entry_flag */
    uint16_t space; /* in whose space it lies: an index of spaces (speaker.h) */
};

struct origin {
    u128 node;
    uint32_t domain; /* index into domain[] */
    uint32_t refs;
    uint32_t next;
};

struct domain {
    u128 id;
    uint32_t refs;    /* entries */
    uint32_t held;    /* the newest PREFIX_IN_USE or PREFIX_MANAGED that is not DEAD */
    uint32_t first;   /* the newest of all other entries */
    uint32_t next;
    uint32_t holds[4]; /* of the list `held`, by role */
};

/* When time changes an entry next; kept beside its number so that the heap alone is looked at. */
struct due {
    int64_t s;
    uint32_t at;
};

struct table {
    int64_t due_s;  /* that of heap[0]; INT64_MAX if there is none: all that most steps look at */
    uint32_t heap_n, log_first, log_last;
    struct entry *entry;
    uint64_t *from; /* per entry from_words words: bit p: received from peering p */
    uint32_t *bucket;
    struct due *heap;
    struct origin *origin;
    struct domain *domain;
    uint32_t *origin_bucket, *domain_bucket;
    uint32_t entries_max, bucket_mask, origins_max, origin_mask, per_origin_max;
    uint32_t from_words;
    uint32_t used, free, count; /* entries ever used, free list, present */
    uint32_t origin_used, origin_free, domain_used, domain_free;
    uint32_t last_origin;
    uint32_t lengths[2][129];          /* entries per family and length; hints not counted */
    uint64_t length_bits[2][3];        /* bit l: lengths[][l] > 0 */
    uint32_t kinds[4][MASC_TYPES];     /* entries per role and type */
    uint32_t live_kinds[4][MASC_TYPES];/* of them not DEAD */
    int64_t retention_s;
    uint64_t seed;
};

size_t table_octets(const struct masc_config *c);
void table_init(struct table *t, void *mem, const struct masc_config *c, uint64_t seed);

enum table_result { TABLE_NEW, TABLE_DUPLICATE, TABLE_FULL };

/* Inserts a claim, or finds it: *at is its entry unless TABLE_FULL (any of the bounds). */
enum table_result table_insert(struct table *t, const struct claim *c, uint16_t space,
                               uint16_t flags, uint32_t *at);
/* Is it there? TABLE_NONE if not. */
uint32_t table_find(const struct table *t, const struct claim *c);

struct claim table_claim(const struct table *t, uint32_t at);

static inline struct prefix table_prefix(const struct table *t, uint32_t at)
{
    const struct entry *e = &t->entry[at];
    return (struct prefix){e->addr, e->family, e->len};
}

static inline u128 table_domain(const struct table *t, uint32_t at)
{
    return t->domain[t->origin[t->entry[at].origin].domain].id;
}

/* Speaks of a prefix held: by PREFIX_IN_USE to parents and siblings, by PREFIX_MANAGED to
 * children, by both to internal peers. */
static inline bool table_is_held(const struct table *t, uint32_t at)
{
    enum masc_type type = t->entry[at].type & 7;
    return type == MASC_PREFIX_IN_USE || type == MASC_PREFIX_MANAGED;
}

/* Marks and asks whether an entry came from a peering. */
void table_from_set(struct table *t, uint32_t at, unsigned peer);
bool table_from(const struct table *t, uint32_t at, unsigned peer);
void table_from_clear(struct table *t, unsigned peer); /* its session ended */

/* Entries of one domain with exactly this prefix, in no order. TABLE_NONE at the end. */
uint32_t table_first(const struct table *t, struct prefix p, u128 domain);
uint32_t table_next(const struct table *t, uint32_t at);

/* The domain that is asked about, and its part of the hash, which many look-ups share. */
struct asked {
    uint32_t domain; /* index into domain[]; TABLE_NONE if it has no entries */
    uint64_t key;
};

/* Entries of one domain whose prefix covers or equals `p`, most specific first, TABLE_COVER_MAX at
 * most. */
struct cover {
    const struct table *t;
    struct asked who;
    struct prefix p, at;
    uint32_t entry, left;
};
struct cover table_cover(const struct table *t, struct prefix p, u128 domain);
struct cover table_cover_of(const struct table *t, struct prefix p, uint32_t at); /* its domain's */
uint32_t table_cover_next(struct cover *c);

/* What one domain holds inside `p` or exactly there, not DEAD, in no order (table_inside.c). All of
 * it if the domain holds no more than TABLE_INSIDE_MAX prefixes. */
struct inside {
    const struct table *t;
    struct asked who;
    struct prefix p, at;
    uint32_t entry, left;
    bool listed; /* goes through the list of the domain; else asks for each place in `p` */
};
struct inside table_inside(const struct table *t, struct prefix p, u128 domain);
uint32_t table_inside_next(struct inside *c);

/* All entries of one Origin Domain: what it holds, newest first, then the others, from the last
 * that came to be there: by arrival, or by the end of what was held. */
uint32_t table_first_of_domain(const struct table *t, u128 domain);
uint32_t table_next_of_domain(const struct table *t, uint32_t at);

/* A pending claim (types 2, 3) or its denial by origin, Address, Mask and Timestamp (11.3.3). */
uint32_t table_find_pending(const struct table *t, u128 domain, struct prefix p,
                            int64_t timestamp_s);

/* Neither expired, lost nor denied. */
bool table_live(const struct table *t, uint32_t at, int64_t now_s);

/* A newer live entry of its kind, PREFIX_IN_USE or PREFIX_MANAGED, and of its domain covers all of
 * it. */
bool table_superseded(const struct table *t, uint32_t at, int64_t now_s);

/* The same for a part of it (A-73: newest wins per address). */
bool table_superseded_on(const struct table *t, uint32_t at, struct prefix range, int64_t now_s);

/* A WITHDRAW of its domain hides the part `range` of entry `at`. */
bool table_hidden(const struct table *t, uint32_t at, struct prefix range, int64_t now_s);

/* Live and, on `range`, neither superseded nor hidden: it defends that range. */
bool table_effective(const struct table *t, uint32_t at, struct prefix range, int64_t now_s);

/* A domain in one of its roles to us: a parent is a sibling, too, where it claims for its own hosts
 * as a child of itself. */
struct holder {
    u128 domain;
    enum masc_role role;
};

/* A live PREFIX_IN_USE or PREFIX_MANAGED of `who` that overlaps `p`, or TABLE_NONE (11.4.2, 11.7,
 * A-79); as far as table_cover() and table_inside() see. */
uint32_t table_in_use_overlapping(const struct table *t, struct holder who, struct prefix p,
                                  int64_t now_s);

/* The entry whose time comes first, or TABLE_NONE while nothing is due at now_s. table_expire()
 * then marks it DEAD, or deletes it if it was: true. A deleted entry's memory stays readable until
 * the next insertion. */
static inline int64_t table_next_expiry(const struct table *t) /* INT64_MAX if none */
{
    return t->due_s;
}
static inline uint32_t table_due(const struct table *t, int64_t now_s)
{
    return t->due_s <= now_s ? t->heap[0].at : TABLE_NONE;
}
bool table_expire(struct table *t, uint32_t at);
void table_retain(struct table *t, int64_t retention_s); /* another retention from now on */

#endif
