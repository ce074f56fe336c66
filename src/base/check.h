/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check: the one way a broken promise of our own ends.
 *
 * Three kinds of error never mix (docs/ARCHITECTURE.md): a peer's fault is a value, the world's
 * fault is an errno, and our own bug is CHECK: it is on in every build and does not return.
 * Pure code has no libc, so it ends in mascot_panic(), which each host (daemon, simulator,
 * test harness) provides.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

/* Provided by the host: report where and what, then abort. Never returns. */
_Noreturn void mascot_panic(const char *file, int line, const char *what);

#define CHECK(cond) ((cond) ? (void)0 : mascot_panic(__FILE__, __LINE__, #cond))

#endif
