/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * node: one mascot node: the cores it runs, wired together; still pure.
 *
 * Today that is the MASC speaker; the address server and the ledger join here. The host gives
 * events and executes actions; questions from people (asks.def) are answered here with rows. Stored
 * records of all cores pass through it at BOOT.
 */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "masc/config.h"

struct node_config {
    char name[MASC_NAME_MAX]; /* shown to people; defaults to the domain number */
    struct masc_config masc;  /* last: its list of peers may be cut short */
};

/* The octets of a configuration with places for so many peers: as masc_config_octets(). */
static inline size_t node_config_octets(unsigned peers)
{
    return offsetof(struct node_config, masc) + masc_config_octets(peers);
}

struct node;

/* The row types that the cores of a node store: a host makes a table for each. */
enum { NODE_STORED = 1 };
extern const struct row_type *const node_stored[NODE_STORED];

size_t node_octets(const struct node_config *c);

/* `mem` is zeroed, aligned to 64, the caller's; the configuration is borrowed until
 * node_configure() gives another. */
struct node *node_init(void *mem, const struct node_config *c, uint64_t seed);
void node_step(struct node *n, const struct event *ev, struct out *out);
mono_t node_deadline(const struct node *n);
void node_configure(struct node *n, const struct node_config *c, struct now now, struct out *out);

#endif
