/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Table 1, the table of 8.3 and the matrix of A-59, each against the words of the document, and
 * all three against each other.
 */
#include "masc/role.h"

#include <string.h>

#include "tests/tap.h"

/* 11.1 Table 1 as printed: columns INTERNAL_PEER, CHILD, SIBLING, PARENT */
static const char *const table1[4] = {"IPSC", "CS--", "S-SC", "P-P-"};
static const char letter[] = "ICSP";

TEST(table1, "M-11.1-01 M-11.1-02 M-11.1-03 M-11.1-04 M-11.1-05 M-11.1-06 M-11.1-09 M-11.1-11 "
             "M-11.1-12 M-11.1-13 M-11.1-15")
{
    for (unsigned origin = 0; origin < 4; origin++)
        for (unsigned local = 0; local < 4; local++) {
            enum masc_role updated = (enum masc_role)9;
            bool legal = masc_role_update((enum masc_role)origin, (enum masc_role)local, &updated);
            EXPECT_EQ(legal, table1[origin][local] != '-');
            EXPECT_EQ(legal ? letter[updated] : '-', table1[origin][local]);
            EXPECT(legal || updated == 9); /* untouched */
        }
}

TEST(roles_on_the_wire, "")
{
    EXPECT_EQ(MASC_INTERNAL, 0);
    EXPECT_EQ(MASC_CHILD, 1);
    EXPECT_EQ(MASC_SIBLING, 2);
    EXPECT_EQ(MASC_PARENT, 3);
}

/* 11.1, 11.2.1, 11.3.1, 11.4.1, 11.6.2: types that an updated role may not have */
static bool receiver_refuses(unsigned type, unsigned updated)
{
    if (updated == MASC_PARENT)
        return type == MASC_PREFIX_IN_USE || type == MASC_CLAIM_TO_EXPAND || type == MASC_NEW_CLAIM;
    if (updated == MASC_CHILD || updated == MASC_SIBLING)
        return type == MASC_CLAIM_DENIED || type == MASC_PREFIX_MANAGED;
    return false;
}

/* What may be sent is exactly what the other end takes; and a parent may hear from its child what
 * it said itself. */
TEST(sent_is_what_is_taken, "M-11.1-30 M-11.1-33")
{
    for (unsigned origin = 0; origin < 4; origin++)
        for (unsigned type = 0; type < 6; type++)
            for (unsigned local = 0; local < 4; local++) {
                enum masc_role o = (enum masc_role)origin, l = (enum masc_role)local, updated;
                enum masc_role remote = masc_role_counterpart(l);
                bool may = masc_role_may_send(o, (enum masc_type)type, l);
                bool taken = masc_role_fits_type(o, (enum masc_type)type) &&
                             masc_role_update(o, remote, &updated) &&
                             !receiver_refuses(type, updated);
                if (o == MASC_PARENT && l == MASC_CHILD) /* exceptions 2 and 3 of 11.1 */
                    taken = masc_role_fits_type(o, (enum masc_type)type);
                EXPECT_EQ(may, taken);
            }
}

TEST(sent_by_the_matrix, "M-11.1-30 M-11.1-33")
{
    /* [origin][our role towards the receiver]: A-59, types as digits */
    static const char *const types[4][4] = {
        [MASC_INTERNAL] = {"012345", "0235", "0235", "145"},
        [MASC_CHILD] = {"0235", "", "", "0235"},
        [MASC_SIBLING] = {"0235", "0235", "0235", ""},
        [MASC_PARENT] = {"145", "145", "145", ""},
    };

    for (unsigned origin = 0; origin < 4; origin++)
        for (unsigned local = 0; local < 4; local++)
            for (unsigned type = 0; type < 6; type++)
                EXPECT_EQ(masc_role_may_send((enum masc_role)origin, (enum masc_type)type,
                                             (enum masc_role)local),
                          strchr(types[origin][local], "012345"[type]) != NULL);
}

TEST(roles_by_type, "M-8.3-16")
{
    static const char *const legal[6] = {"ICS", "IP", "ICS", "ICS", "IP", "ICSP"};

    for (unsigned type = 0; type < 6; type++)
        for (unsigned origin = 0; origin < 4; origin++)
            EXPECT_EQ(masc_role_fits_type((enum masc_role)origin, (enum masc_type)type),
                      strchr(legal[type], letter[origin]) != NULL);
}

TEST(counterparts, "")
{
    EXPECT_EQ(masc_role_counterpart(MASC_INTERNAL), MASC_INTERNAL);
    EXPECT_EQ(masc_role_counterpart(MASC_CHILD), MASC_PARENT);
    EXPECT_EQ(masc_role_counterpart(MASC_SIBLING), MASC_SIBLING);
    EXPECT_EQ(masc_role_counterpart(MASC_PARENT), MASC_CHILD);
}
