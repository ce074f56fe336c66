/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notify: tells systemd how the daemon fares: a datagram of lines to the socket that the variable
 * NOTIFY_SOCKET names (systemd, sd_notify(3)). The protocol is small and stable, so there is no
 * library between. Without the variable all of this does nothing.
 */
#ifndef HOST_NOTIFY_H
#define HOST_NOTIFY_H

#include <stdint.h>

#include "base/time.h"

/* Sends `state`, such as "READY=1\nSTATUS=...": 0, or -errno; 0 too if nobody listens. */
int notify_send(const char *state);

void notify_ready(const char *status);
void notify_reloading(struct now now);
void notify_stopping(void);
void notify_watchdog(void);

/* How often notify_watchdog() is to be called, in ms: half of what systemd waits; 0: never. */
int64_t notify_watchdog_ms(void);

#endif
