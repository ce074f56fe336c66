/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory: for a program that lives as long as one question: running out of it ends the program
 * with a message and status 1. What is got here is given back with free().
 */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include <stddef.h>

void *memory_zeroed(size_t octets);
char *memory_text(const char *text);

#endif
