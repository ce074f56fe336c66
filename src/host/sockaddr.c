/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sockaddr: see sockaddr.h.
 *
 * Octets are moved one by one, in network order, so that no structure is laid over another and no
 * byte order is assumed; the kernel's structures are copied into the storage, not cast from it
 * (aliasing, and alignment on other machines).
 */
#include "host/sockaddr.h"

#include <netinet/in.h>
#include <string.h>

static struct in6_addr in6_of(u128 a)
{
    struct in6_addr to;

    for (int i = 0; i < 16; i++)
        to.s6_addr[i] = (uint8_t)(a >> (120 - 8 * i));
    return to;
}

static u128 in6_value(const struct in6_addr *from)
{
    u128 a = 0;

    for (int i = 0; i < 16; i++)
        a = a << 8 | from->s6_addr[i];
    return a;
}

socklen_t sockaddr_of(struct sockaddr_storage *s, struct addr a, uint16_t port)
{
    memset(s, 0, sizeof(*s));
    if (a.family == FAMILY_IPV4) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
        in.sin_addr.s_addr = htonl((uint32_t)a.addr);
        memcpy(s, &in, sizeof(in));
        return sizeof(in);
    }
    if (a.family == FAMILY_IPV6) {
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        in6.sin6_addr = in6_of(a.addr);
        memcpy(s, &in6, sizeof(in6));
        return sizeof(in6);
    }
    return 0;
}

struct addr sockaddr_addr(const struct sockaddr_storage *s)
{
    if (s->ss_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, s, sizeof(in));
        return (struct addr){ntohl(in.sin_addr.s_addr), FAMILY_IPV4};
    }
    if (s->ss_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, s, sizeof(in6));
        return (struct addr){in6_value(&in6.sin6_addr), FAMILY_IPV6};
    }
    return (struct addr){0, 0};
}
