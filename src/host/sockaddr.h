/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sockaddr: struct addr to and from the kernel's socket addresses.
 *
 * IPv4 addresses are the low 32 bits of a struct addr; mapped IPv6 addresses do not occur because
 * listeners of IPv6 take IPv6 only.
 */
#ifndef HOST_SOCKADDR_H
#define HOST_SOCKADDR_H

#include <stdint.h>
#include <sys/socket.h>

#include "base/prefix.h"

/* Returns the length for bind() and connect(); 0 if the family is unset. */
socklen_t sockaddr_of(struct sockaddr_storage *s, struct addr a, uint16_t port);

/* Family 0 if it is neither IPv4 nor IPv6. */
struct addr sockaddr_addr(const struct sockaddr_storage *s);

#endif
