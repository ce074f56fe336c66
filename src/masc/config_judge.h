/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config: how the parts of masc_config_check() say what is wrong. A check returns true, or what
 * masc_judge_bad() returns after writing the sentence: expected what, because of what, so do what.
 */
#ifndef MASC_CONFIG_JUDGE_H
#define MASC_CONFIG_JUDGE_H

#include "base/text.h"
#include "masc/config.h"

struct masc_judge {
    const struct masc_config *c;
    struct wr *path, *why;
};

#define MASC_JUDGE_NO_INDEX UINT32_MAX

/* Names the setting, "list[index].field" ("list" alone without index or field), and gives the
 * writer of the reason. */
struct wr *masc_judge_at(const struct masc_judge *j, const char *list, unsigned index,
                         const char *field);

/* A whole complaint: always false. */
bool masc_judge_bad(const struct masc_judge *j, const char *setting, const char *why);
bool masc_judge_bad_at(const struct masc_judge *j, const char *list, unsigned index,
                       const char *field, const char *why);

/* A name is a text within its field, not empty. */
bool masc_judge_name(const char name[MASC_NAME_MAX]);

/* A multicast address, of a family that is known. */
bool masc_judge_is_group(u128 addr, uint8_t family);

bool masc_judge_speaks(const struct masc_config *c, uint8_t family);

/* config_peers.c */
bool masc_judge_peers(const struct masc_judge *j);

/* config_space.c: scopes, ranges, demands */
bool masc_judge_space(const struct masc_judge *j);

#endif
