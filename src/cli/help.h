/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * help: what the words mean, for all of them and for each.
 *
 * Everything comes from the table of words.h: there is no second place where a word is explained,
 * except the manual page.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/words.h"

void help_all(FILE *out);
void help_word(FILE *out, const struct word *w);

#endif
