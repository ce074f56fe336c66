/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire: the tables of RFC 2909 7.5 and the names of everything.
 *
 * A subcode is known if it has a name (A-32 tells which wording of the RFC's two is taken), and
 * leaves the connection open only if its bit is set. Types and roles have the RFC's words.
 */
#include "masc/wire.h"

#define CODES 8
#define SUBCODES 30

static const char *const code_name[CODES] = {
    [MASC_E_HEADER] = "Message Header Error",
    [MASC_E_OPEN] = "OPEN Message Error",
    [MASC_E_UPDATE] = "UPDATE Message Error",
    [MASC_E_HOLD_TIMER] = "Hold Timer Expired",
    [MASC_E_FSM] = "Finite State Machine Error",
    [MASC_E_NOTIFICATION] = "NOTIFICATION Message Error",
    [MASC_E_CEASE] = "Cease",
};

static const char *const subcode_name[CODES][SUBCODES] = {
    [MASC_E_HEADER] = {
        [0] = "Unspecific",
        [MASC_HEADER_BAD_LENGTH] = "Bad Message Length",
        [MASC_HEADER_BAD_TYPE] = "Bad Message Type",
    },
    [MASC_E_OPEN] = {
        [0] = "Unspecific",
        [MASC_OPEN_VERSION] = "Unsupported Version Number",
        [MASC_OPEN_DOMAIN_ID] = "Bad Peer Domain ID",
        [MASC_OPEN_NODE_ID] = "Bad Peer MASC Node ID",
        [MASC_OPEN_HOLD_TIME] = "Unacceptable Hold Time",
        [MASC_OPEN_PARENT_CONFIGURATION] = "Invalid Parent Configuration",
        [MASC_OPEN_ROLE] = "Inconsistent Role",
        [MASC_OPEN_PARENT_ID] = "Bad Parent Domain ID",
        [MASC_OPEN_NO_COMMON_PARENT] = "No Common Parent",
        [MASC_OPEN_FAMILY] = "Unrecognized Address Family",
    },
    [MASC_E_UPDATE] = {
        [0] = "Unspecific",
        [MASC_UPDATE_MALFORMED] = "Malformed Attribute List",
        [MASC_UPDATE_UNKNOWN_REQUIRED] = "Unrecognized Required Attribute",
        [MASC_UPDATE_LENGTH] = "Attribute Length Error",
        [MASC_UPDATE_ADDRESS] = "Invalid Address",
        [MASC_UPDATE_MASK] = "Invalid Mask",
        [MASC_UPDATE_MASK_HOLES] = "Non-Contiguous Mask",
        [MASC_UPDATE_FAMILY] = "Unrecognized Address Family",
        [MASC_UPDATE_CLAIM_TYPE] = "Claim Type Error",
        [MASC_UPDATE_ORIGIN_DOMAIN] = "Origin Domain ID Error",
        [MASC_UPDATE_ORIGIN_NODE] = "Origin Node ID Error",
        [MASC_UPDATE_LIFETIME_SHORT] = "Claim Lifetime Too Short",
        [MASC_UPDATE_LIFETIME_LONG] = "Claim Lifetime Too Long",
        [MASC_UPDATE_TIMESTAMP_OLD] = "Claim Timestamp Too Old",
        [MASC_UPDATE_TIMESTAMP_NEW] = "Claim Timestamp Too New",
        [MASC_UPDATE_SIZE_SMALL] = "Claim Prefix Size Too Small",
        [MASC_UPDATE_SIZE_LARGE] = "Claim Prefix Size Too Large",
        [MASC_UPDATE_ORIGIN_ROLE] = "Illegal Origin Role",
        [MASC_UPDATE_NO_PARENT_PREFIX] = "No Appropriate Parent Prefix",
        [MASC_UPDATE_NO_CHILD_PREFIX] = "No Appropriate Child Prefix",
        [MASC_UPDATE_NO_INTERNAL_PREFIX] = "No Appropriate Internal Prefix",
        [MASC_UPDATE_NO_SIBLING_PREFIX] = "No Appropriate Sibling Prefix",
        [MASC_UPDATE_HOLDTIME_SHORT] = "Claim Holdtime Too Short",
        [MASC_UPDATE_HOLDTIME_LONG] = "Claim Holdtime Too Long",
    },
    [MASC_E_HOLD_TIMER] = {[0] = "Unspecific"},
    [MASC_E_FSM] = {
        [0] = "Unspecific",
        [1] = "Open/Close MASC Connection FSM Error",
        [2] = "Unexpected Message Type FSM Error",
    },
    [MASC_E_NOTIFICATION] = {[0] = "Unspecific"},
    [MASC_E_CEASE] = {[0] = "Unspecific"},
};

/* CC in 7.5, a bit per subcode. Of UPDATE all of 10 to 29 but 13, and 2. */
static const uint32_t can_stay_open[CODES] = {
    [MASC_E_HEADER] = 1u << MASC_HEADER_BAD_TYPE,
    [MASC_E_UPDATE] = 1u << MASC_UPDATE_UNKNOWN_REQUIRED |
                      (((1u << 20) - 1) << MASC_UPDATE_ADDRESS & ~(1u << MASC_UPDATE_FAMILY)),
};

static const char *const type_name[MASC_TYPES] = {
    [MASC_PREFIX_IN_USE] = "PREFIX_IN_USE",   [MASC_CLAIM_DENIED] = "CLAIM_DENIED",
    [MASC_CLAIM_TO_EXPAND] = "CLAIM_TO_EXPAND", [MASC_NEW_CLAIM] = "NEW_CLAIM",
    [MASC_PREFIX_MANAGED] = "PREFIX_MANAGED", [MASC_WITHDRAW] = "WITHDRAW",
};

static const char *const role_name[4] = {
    [MASC_INTERNAL] = "internal",
    [MASC_CHILD] = "child",
    [MASC_SIBLING] = "sibling",
    [MASC_PARENT] = "parent",
};

bool masc_error_is_known(uint8_t code, uint8_t subcode)
{
    return code < CODES && subcode < SUBCODES && subcode_name[code][subcode] != NULL;
}

bool masc_error_can_stay_open(uint8_t code, uint8_t subcode)
{
    return code < CODES && subcode < SUBCODES && (can_stay_open[code] >> subcode & 1);
}

struct masc_fault masc_fault_of(uint8_t code, uint8_t subcode, const uint8_t *data, size_t len)
{
    return (struct masc_fault){
        .code = code,
        .subcode = subcode,
        .open = masc_error_can_stay_open(code, subcode),
        .data = data,
        .data_len = len,
    };
}

const char *masc_code_name(uint8_t code)
{
    return code < CODES && code_name[code] ? code_name[code] : "Unknown Error";
}

const char *masc_subcode_name(uint8_t code, uint8_t subcode)
{
    return masc_error_is_known(code, subcode) ? subcode_name[code][subcode] : "Unknown";
}

const char *masc_type_name(enum masc_type type)
{
    return (unsigned)type < MASC_TYPES ? type_name[type] : "UNKNOWN";
}

const char *masc_role_name(enum masc_role role)
{
    return (unsigned)role < 4 ? role_name[role] : "unknown";
}
