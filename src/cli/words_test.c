/* SPDX-License-Identifier: BSD-2-Clause */
/* words_test: shortening, completing, and how far two words are from each other. */
#include "tests/tap.h"

#include <limits.h>
#include <string.h>

#include "cli/words.h"

TEST(distance, "")
{
    EXPECT_UEQ(words_distance("status", "status"), 0);
    EXPECT_UEQ(words_distance("stauts", "status"), 1);
    EXPECT_UEQ(words_distance("statu", "status"), 1);
    EXPECT_UEQ(words_distance("sstatus", "status"), 1);
    EXPECT_UEQ(words_distance("stafus", "status"), 1);
    EXPECT_UEQ(words_distance("", "peer"), 4);
    EXPECT_UEQ(words_distance("peer", ""), 4);
    EXPECT_UEQ(words_distance("kitten", "sitting"), 3);
}

TEST(distance_is_bounded, "")
{
    char text[200];

    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    EXPECT_UEQ(words_distance(text, text), 0);
    EXPECT_UEQ(words_distance(text, "b"), 32);
}

TEST(short_words, "")
{
    REQUIRE(words_find("st") != NULL);
    EXPECT_STR(words_find("st")->name, "status");
    EXPECT_STR(words_find("peer")->name, "peer");
    EXPECT_STR(words_find("claims")->name, "claims");
    EXPECT_STR(words_find("claim")->name, "claim");
    EXPECT(words_find("cla") == NULL);
    EXPECT(words_find("") == NULL);
    EXPECT(words_find("statusx") == NULL);
}

TEST(completed_choices, "")
{
    char full[16];

    EXPECT_EQ(words_complete("start stop clear", "sto", full, sizeof(full)), 1);
    EXPECT_STR(full, "stop");
    EXPECT_EQ(words_complete("start stop clear", "st", full, sizeof(full)), -1);
    EXPECT_EQ(words_complete("start stop clear", "x", full, sizeof(full)), 0);
    EXPECT_EQ(words_complete("peer peers", "peer", full, sizeof(full)), 1);
    EXPECT_STR(full, "peer");
    EXPECT_EQ(words_complete("longer-than-the-room", "lo", full, sizeof(full)), 0);
}

static void expect_bounds(const char *name, unsigned least, unsigned most)
{
    const struct word *w = words_find(name);
    unsigned l = 99, m = 99;

    REQUIRE(w != NULL);
    words_bounds(w, &l, &m);
    EXPECT_UEQ(l, least);
    EXPECT_UEQ(m, most);
}

TEST(how_many_words_may_follow, "")
{
    expect_bounds("watch", 0, 0);
    expect_bounds("peers", 0, 1);
    expect_bounds("release", 1, 1);
    expect_bounds("resolve", 2, 2);
    expect_bounds("peer", 2, 2);
    expect_bounds("claim", 1, UINT_MAX);
    expect_bounds("live", 0, UINT_MAX);
}

TEST(every_word_is_explained, "")
{
    for (unsigned i = 0; i < words_count; i++) {
        EXPECT(word_table[i].help[0] != '\0');
        EXPECT(word_table[i].arguments != NULL);
        if (strcmp(word_table[i].name, "help") != 0)
            EXPECT(words_more(&word_table[i]) != NULL);
    }
}
