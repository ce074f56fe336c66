/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * role: the four tables of RFC 2909 about who is what to whom.
 *
 * All of them are indexed by enum masc_role, whose values mean the same everywhere: the one
 * whose role is described *is* the child, sibling or parent. "Local" is our role towards the node
 * we receive from or send to, so a column CHILD is about our parent.
 */
#include "masc/role.h"

#define NEVER 4 /* the cells '---' of Table 1 */

/* 11.1 Table 1: [Origin Role][Locally-Configured Role] */
static const uint8_t updated_role[4][4] = {
    [MASC_INTERNAL] = {MASC_INTERNAL, MASC_PARENT, MASC_SIBLING, MASC_CHILD},
    [MASC_CHILD] = {MASC_CHILD, MASC_SIBLING, NEVER, NEVER},
    [MASC_SIBLING] = {MASC_SIBLING, NEVER, MASC_SIBLING, MASC_CHILD},
    [MASC_PARENT] = {MASC_PARENT, NEVER, MASC_PARENT, NEVER},
};

#define BIT(n) (1u << (n))
#define CLAIMS (BIT(MASC_PREFIX_IN_USE) | BIT(MASC_CLAIM_TO_EXPAND) | BIT(MASC_NEW_CLAIM))
#define WORDS_OF_PARENTS (BIT(MASC_CLAIM_DENIED) | BIT(MASC_PREFIX_MANAGED))
#define WITHDRAWS BIT(MASC_WITHDRAW)

/* 8.3: [Origin Role] gives the set of types */
static const uint8_t types_of_origin[4] = {
    [MASC_INTERNAL] = CLAIMS | WORDS_OF_PARENTS | WITHDRAWS,
    [MASC_CHILD] = CLAIMS | WITHDRAWS,
    [MASC_SIBLING] = CLAIMS | WITHDRAWS,
    [MASC_PARENT] = WORDS_OF_PARENTS | WITHDRAWS,
};

/* [origin as we see it][our role towards the receiver] gives the set of types. What we
 * originate becomes "by PARENT" at a child and "by SIBLING" or "by CHILD" elsewhere, and 11.2 to
 * 11.6 refuse some types in those places. */
static const uint8_t types_sent[4][4] = {
    [MASC_INTERNAL] = {
        [MASC_INTERNAL] = CLAIMS | WORDS_OF_PARENTS | WITHDRAWS,
        [MASC_CHILD] = CLAIMS | WITHDRAWS,
        [MASC_SIBLING] = CLAIMS | WITHDRAWS,
        [MASC_PARENT] = WORDS_OF_PARENTS | WITHDRAWS,
    },
    [MASC_CHILD] = {
        [MASC_INTERNAL] = CLAIMS | WITHDRAWS,
        [MASC_PARENT] = CLAIMS | WITHDRAWS,
    },
    [MASC_SIBLING] = {
        [MASC_INTERNAL] = CLAIMS | WITHDRAWS,
        [MASC_CHILD] = CLAIMS | WITHDRAWS,
        [MASC_SIBLING] = CLAIMS | WITHDRAWS,
    },
    [MASC_PARENT] = {
        [MASC_INTERNAL] = WORDS_OF_PARENTS | WITHDRAWS,
        [MASC_CHILD] = WORDS_OF_PARENTS | WITHDRAWS,
        [MASC_SIBLING] = WORDS_OF_PARENTS | WITHDRAWS,
    },
};

bool masc_role_update(enum masc_role origin, enum masc_role local, enum masc_role *updated)
{
    uint8_t role = updated_role[origin][local];

    if (role == NEVER)
        return false;
    *updated = (enum masc_role)role;
    return true;
}

bool masc_role_fits_type(enum masc_role origin, enum masc_type type)
{
    return types_of_origin[origin] & BIT(type);
}

bool masc_role_may_send(enum masc_role origin, enum masc_type type, enum masc_role local)
{
    return types_sent[origin][local] & BIT(type);
}

enum masc_role masc_role_counterpart(enum masc_role local)
{
    switch (local) {
    case MASC_INTERNAL: return MASC_INTERNAL;
    case MASC_CHILD: return MASC_PARENT;
    case MASC_SIBLING: return MASC_SIBLING;
    case MASC_PARENT: return MASC_CHILD;
    }
    return MASC_INTERNAL;
}
