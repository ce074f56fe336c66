/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text: the few string functions that pure code needs and that libc would give.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wr.h"

/* Octets before the NUL. */
size_t text_len(const char *s);
bool text_equal(const char *a, const char *b);

/* Copies at most cap-1 octets and a NUL. Returns false if cut. cap > 0. */
bool text_copy(char *dst, size_t cap, const char *src);

/* Appends a text or a decimal number, whole or not at all. */
void wr_text(struct wr *w, const char *s);
void wr_decimal(struct wr *w, uint64_t v);
void wr_int(struct wr *w, int64_t v);

/* Ends the text with a NUL, overwriting the last octet if the writer is full; never fails. Returns
 * the start of the text. The NUL is not counted in w->len. CHECKs that the buffer has an octet. */
char *wr_nul(struct wr *w);

/* A whole decimal number of 1..20 digits; false, *v untouched, on anything else or overflow. */
bool text_parse_u64(uint64_t *v, const char *s);

/* "90", "90s", "15m", "12h", "30d", "2w", "1d12h": seconds. Units come from large to small, each at
 * most once. False, *seconds untouched, on anything else or overflow. */
bool text_parse_duration(uint64_t *seconds, const char *s);

#endif
