/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire: MASC messages as octets and as values (RFC 2909 section 7, errors of section 8).
 *
 * Decoders are pure and total: any octets give a value or a fault; they change no state. What they
 * judge is only what the octets themselves show: lengths, types, families, masks, the table of
 * Origin Role and Claim Type. Whether an identifier is acceptable or a prefix can be associated is
 * decided above (peer.c, update.c). A fault carries code, subcode, O-bit and exact Data, ready for
 * masc_notification_encode().
 *
 * An UPDATE is read twice: masc_update_check() looks at framing and finds the errors that
 * must close the connection; then masc_update_next() gives the attributes one by one, each with its
 * own fault if it has one that must not. Order of checks.
 */
#ifndef MASC_WIRE_H
#define MASC_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prefix.h"
#include "base/rd.h"
#include "base/wr.h"

#define MASC_VERSION 1
#define MASC_HEADER_OCTETS 4
#define MASC_MESSAGE_MAX 4096
#define MASC_OPEN_MIN_OCTETS 20
#define MASC_UPDATE_MIN_OCTETS 40
#define MASC_NOTIFICATION_MIN_OCTETS 6
#define MASC_NOTIFICATION_DATA_MAX (MASC_MESSAGE_MAX - 6)
#define MASC_ATTR_IPV4_OCTETS 36
#define MASC_ATTR_IPV6_OCTETS 84

/* 7.1 */
enum masc_message { MASC_OPEN = 1, MASC_UPDATE = 2, MASC_NOTIFICATION = 3, MASC_KEEPALIVE = 4 };

/* 7.3: attribute types; lower wins in the comparison of 5.1.1. */
enum masc_type {
    MASC_PREFIX_IN_USE = 0,
    MASC_CLAIM_DENIED = 1,
    MASC_CLAIM_TO_EXPAND = 2,
    MASC_NEW_CLAIM = 3,
    MASC_PREFIX_MANAGED = 4,
    MASC_WITHDRAW = 5,
};
#define MASC_TYPES 6

/* 7.2 My Role, 7.3 Rol: the one whose role it is is the child, sibling or parent. */
enum masc_role { MASC_INTERNAL = 0, MASC_CHILD = 1, MASC_SIBLING = 2, MASC_PARENT = 3 };

/* 7.5 error codes */
enum masc_code {
    MASC_E_NONE = 0,
    MASC_E_HEADER = 1,
    MASC_E_OPEN = 2,
    MASC_E_UPDATE = 3,
    MASC_E_HOLD_TIMER = 4,
    MASC_E_FSM = 5,
    MASC_E_NOTIFICATION = 6,
    MASC_E_CEASE = 7,
};

/* 7.5 subcodes as CODE_NAME; 0 is always Unspecific. */
enum masc_subcode_header { MASC_HEADER_BAD_LENGTH = 1, MASC_HEADER_BAD_TYPE = 2 };
enum masc_subcode_open {
    MASC_OPEN_VERSION = 1,
    MASC_OPEN_DOMAIN_ID = 2,
    MASC_OPEN_NODE_ID = 3,
    MASC_OPEN_HOLD_TIME = 6,
    MASC_OPEN_PARENT_CONFIGURATION = 7,
    MASC_OPEN_ROLE = 8,
    MASC_OPEN_PARENT_ID = 9,
    MASC_OPEN_NO_COMMON_PARENT = 10,
    MASC_OPEN_FAMILY = 13,
};
enum masc_subcode_update {
    MASC_UPDATE_MALFORMED = 1,
    MASC_UPDATE_UNKNOWN_REQUIRED = 2,
    MASC_UPDATE_LENGTH = 5,
    MASC_UPDATE_ADDRESS = 10,
    MASC_UPDATE_MASK = 11,
    MASC_UPDATE_MASK_HOLES = 12,
    MASC_UPDATE_FAMILY = 13,
    MASC_UPDATE_CLAIM_TYPE = 14,
    MASC_UPDATE_ORIGIN_DOMAIN = 15,
    MASC_UPDATE_ORIGIN_NODE = 16,
    MASC_UPDATE_LIFETIME_SHORT = 17,
    MASC_UPDATE_LIFETIME_LONG = 18,
    MASC_UPDATE_TIMESTAMP_OLD = 19,
    MASC_UPDATE_TIMESTAMP_NEW = 20,
    MASC_UPDATE_SIZE_SMALL = 21,
    MASC_UPDATE_SIZE_LARGE = 22,
    MASC_UPDATE_ORIGIN_ROLE = 23,
    MASC_UPDATE_NO_PARENT_PREFIX = 24,
    MASC_UPDATE_NO_CHILD_PREFIX = 25,
    MASC_UPDATE_NO_INTERNAL_PREFIX = 26,
    MASC_UPDATE_NO_SIBLING_PREFIX = 27,
    MASC_UPDATE_HOLDTIME_SHORT = 28,
    MASC_UPDATE_HOLDTIME_LONG = 29,
};

/* What is wrong with a message: the NOTIFICATION to answer. code 0: nothing is wrong. */
struct masc_fault {
    uint8_t code, subcode;
    bool open;           /* O-bit: the connection stays (7.5) */
    const uint8_t *data; /* borrowed from the message or constant; cut at 4090 when encoded */
    size_t data_len;
};

static inline bool masc_fault_is(const struct masc_fault *f)
{
    return f->code != MASC_E_NONE;
}

/* A fault with the O-bit set wherever 7.5 allows it (CC): staying open is what we prefer. `data` is
 * borrowed; an MC subcode never gets the bit. */
struct masc_fault masc_fault_of(uint8_t code, uint8_t subcode, const uint8_t *data, size_t len);

/* The subcode can leave the connection open (CC in 7.5); every other must close it (MC). */
bool masc_error_can_stay_open(uint8_t code, uint8_t subcode);

/* The code and subcode are in the tables of 7.5. */
bool masc_error_is_known(uint8_t code, uint8_t subcode);

/* "UPDATE Message Error: Invalid Mask": words for rows; never NULL. */
const char *masc_code_name(uint8_t code);
const char *masc_subcode_name(uint8_t code, uint8_t subcode);
const char *masc_type_name(enum masc_type type);   /* "PREFIX_IN_USE" ... */
const char *masc_role_name(enum masc_role role);   /* "internal", "child", "sibling", "parent" */

/* ---- framing (7.1, 8.1) ---- */

enum masc_frame_result { MASC_FRAME_MORE, MASC_FRAME_MESSAGE, MASC_FRAME_FAULT };

struct masc_frame {
    uint8_t type;          /* any octet; the header does not tell whether it is expected */
    const uint8_t *octets; /* the whole message, borrowed */
    size_t len;
    struct masc_fault fault; /* for MASC_FRAME_FAULT: 1/1 or 1/2; 1/2 leaves len valid to skip */
};

/* Looks at the first message in `n` octets. Length <4 or >4096 is a fault as soon as 4 octets are
 * there, other faults when the message is complete. NOTIFICATIONs shorter than 6 are
 * messages: masc_notification_decode() tells. The O-bit of 1/2 is set (A-16: the FSM clears it
 * before Established). */
enum masc_frame_result masc_frame_next(struct masc_frame *f, const uint8_t *octets, size_t n);

/* ---- OPEN (7.2, 8.2) ---- */

struct masc_open {
    uint8_t version, family;
    enum masc_role role;
    uint16_t hold_time_s;
    u128 domain, node, parent;
};

/* Checks what needs no configuration, in the order of A-24: 2/1, 2/13 (families other than 1, 2),
 * 1/1 (too short for its family), 2/0 (parameters), 2/6 (Hold Time 1 or 2). */
struct masc_fault masc_open_decode(struct masc_open *o, const uint8_t *message, size_t len);
void masc_open_encode(struct wr *w, const struct masc_open *o);

/* ---- UPDATE (7.3, 8.3) ---- */

struct masc_attr {
    enum masc_type type;
    enum masc_role role;  /* Rol on the wire */
    bool deprecated;      /* D-bit */
    uint32_t timestamp_s, lifetime_s, holdtime_s;
    u128 domain, node;    /* of the origin */
    struct prefix prefix; /* addr 0: a hint */
};

/* First pass: framing, lengths, families, parameters of all attributes. A fault here closes the
 * connection (MC) and nothing of the message is applied. `ipv4`/`ipv6`: families spoken. */
struct masc_fault masc_update_check(const uint8_t *message, size_t len, bool ipv4, bool ipv6);

/* Second pass over a checked message: start with `rest` = a reader over the octets after the
 * header. Returns false at the end. Unknown optional attributes are passed over. *fault is set for
 * an attribute in error that leaves the connection open: 3/2, 3/10, 3/11, 3/12, 3/14; *a is then
 * meaningless. Data of its fault is the whole body. Octets that were not checked, such as
 * the Data of a NOTIFICATION, are no danger: reading ends at the first attribute that is not
 * all there. */
bool masc_update_next(struct rd *rest, const uint8_t *message, size_t len, struct masc_attr *a,
                      struct masc_fault *fault);

/* An UPDATE is written as header, attributes, end. */
size_t masc_attr_octets(const struct masc_attr *a); /* 36 or 84 */
void masc_update_begin(struct wr *w);               /* remembers nothing: begins at w->len */
void masc_attr_encode(struct wr *w, const struct masc_attr *a);
void masc_update_end(struct wr *w, size_t begun_at); /* patches the Length */

/* Era of a timestamp: the one nearest to `now_s`. */
int64_t masc_timestamp_extend(uint32_t wire_s, int64_t now_s);

/* ---- NOTIFICATION, KEEPALIVE (7.4, 7.5) ---- */

struct masc_notification {
    bool open;
    uint8_t code, subcode;
    const uint8_t *data; /* borrowed */
    size_t data_len;
};

/* A fault (6/0, Data = the message) says that it must be answered: an erroneous one with O=1
 * . `erroneous` tells also about those with O=0, which are only logged (8.6). */
struct masc_fault masc_notification_decode(struct masc_notification *n, bool *erroneous,
                                           const uint8_t *message, size_t len);
void masc_notification_encode(struct wr *w, const struct masc_fault *f);
void masc_keepalive_encode(struct wr *w);

#endif
