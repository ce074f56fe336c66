/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which words of a child make its parent look at the need anew: a renewal, most of what children
 * say, does not; what changes the need does, and so does the end of the last entry.
 */
#include "tests/speaker.h"

#include "tests/tap.h"

/* The child says it, and the speaker looks at its need within a second. */
static bool says(struct speaker *s, enum masc_type type, const char *prefix)
{
    struct masc_attr a = speaker_attr(s, CHILD, type, prefix);
    uint64_t before = s->m->looks;
    speaker_feed(s, CHILD, &a);
    speaker_wait(s, 1);
    return s->m->looks != before;
}

static struct speaker *parent(void)
{
    struct speaker *s = speaker_child();
    speaker_start(s);
    speaker_hold(s, "228.1.0.0/16");
    speaker_wait(s, 60);
    return s;
}

TEST(a_renewal_changes_no_need, "")
{
    struct speaker *s = parent();
    EXPECT(says(s, MASC_NEW_CLAIM, "228.1.4.0/24"));
    speaker_wait(s, 60);
    EXPECT(!says(s, MASC_PREFIX_IN_USE, "228.1.4.0/24"));
    speaker_wait(s, 60);
    EXPECT(!says(s, MASC_NEW_CLAIM, "228.1.4.0/24"));
    EXPECT(!says(s, MASC_NEW_CLAIM, "228.1.4.0/25"));
    speaker_free(s);
}

TEST(more_changes_the_need, "")
{
    struct speaker *s = parent();
    EXPECT(says(s, MASC_PREFIX_IN_USE, "228.1.4.0/24"));
    speaker_wait(s, 60);
    EXPECT(says(s, MASC_CLAIM_TO_EXPAND, "228.1.4.0/23"));
    speaker_wait(s, 60);
    EXPECT(says(s, MASC_NEW_CLAIM, "228.1.64.0/24"));
    speaker_free(s);
}
