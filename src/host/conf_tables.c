/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_tables: which settings there are, where their values go and what they may be.
 *
 * Ranges here are those of the value alone; how values agree with each other is judged by
 * masc_config_check(). The names of `remote` say what the remote node is to us, the reverse of
 * RFC 2909's "My Role": a remote parent makes us its CHILD.
 */
#include "host/conf_impl.h"

#define HOST(field_) offsetof(struct conf, field_), sizeof(((struct conf *)0)->field_)
#define MASC(field_) HOST(node.masc.field_)
#define PEER(field_)                                                                               \
    offsetof(struct masc_peer_config, field_), sizeof(((struct masc_peer_config *)0)->field_)
#define U16 UINT16_MAX
#define U32 UINT32_MAX
#define U63 INT64_MAX

static const char *const clash_modes[] = {"automatic", "manual", NULL};

/* In the order of enum masc_role, from the other side. */
static const char *const remotes[] = {"internal", "parent", "sibling", "child", NULL};

const struct setting conf_root[] = {
    {"name", SETTING_TEXT, false, HOST(node.name), 1, 0, NULL},
    {"domain", SETTING_DOMAIN, true, MASC(domain), 1, 0, NULL},
    {"node-id", SETTING_NODE, true, MASC(node), 1, 0, NULL},
    {"tld", SETTING_BOOL, false, MASC(tld), 0, 1, NULL},
    {"sole-tld", SETTING_BOOL, false, MASC(sole_tld), 0, 1, NULL},
    {"listen", SETTING_OTHER, false, 0, 0, 0, 0, NULL},
    {"port", SETTING_NUMBER, false, HOST(port), 1, U16, NULL},
    {"local", SETTING_ADDR, false, MASC(local), 0, 0, NULL},
    {"families", SETTING_OTHER, false, 0, 0, 0, 0, NULL},
    {"state-directory", SETTING_TEXT, false, HOST(state_directory), 1, 0, NULL},
    {"control", SETTING_TEXT, false, HOST(control), 1, 0, NULL},
    {"control-group", SETTING_TEXT, false, HOST(control_group), 0, 0, NULL},
    {"user", SETTING_TEXT, false, HOST(user), 1, 0, NULL},
    {"waiting-period", SETTING_TIME, false, MASC(waiting_period_s), 1, U32, NULL},
    {"claim-delay", SETTING_TIME, false, MASC(claim_delay_s), 0, U32, NULL},
    {"hold-time", SETTING_TIME, false, HOST(hold_time_s), 0, U16, NULL},
    {"hold-time-min", SETTING_TIME, false, MASC(hold_time_min_s), 0, U16, NULL},
    {"retention", SETTING_TIME, false, MASC(retention_s), 0, U32, NULL},
    {"connect-retry", SETTING_TIME, false, MASC(connect_retry_s), 1, U32, NULL},
    {"start-backoff", SETTING_TIME, false, MASC(start_backoff_s), 1, U32, NULL},
    {"start-backoff-max", SETTING_TIME, false, MASC(start_backoff_max_s), 1, U32, NULL},
    {"clash", SETTING_CHOICE, false, MASC(clash), 0, 0, clash_modes},
    {"strict-third-party", SETTING_BOOL, false, MASC(strict_third_party), 0, 1, NULL},
    {"relay-siblings", SETTING_BOOL, false, MASC(relay_siblings), 0, 1, NULL},
    {"packed", SETTING_BOOL, false, MASC(packed), 0, 1, NULL},
    {"claims", SETTING_OTHER, false, 0, 0, 0, 0, NULL},
    {"thresholds", SETTING_OTHER, false, 0, 0, 0, 0, NULL},
    {"limits", SETTING_OTHER, false, 0, 0, 0, 0, NULL},
    {"ranges", SETTING_OTHER, false, 0, 0, 0, 0, NULL},
    {"scopes", SETTING_OTHER, false, 0, 0, 0, 0, NULL},
    {"demand", SETTING_OTHER, false, 0, 0, 0, 0, NULL},
    {"peers", SETTING_OTHER, false, 0, 0, 0, 0, NULL},
    {"ignore", SETTING_OTHER, false, 0, 0, 0, 0, NULL},
    {.name = NULL},
};

const struct setting conf_claims[] = {
    {"lifetime", SETTING_TIME, false, MASC(lifetime_s), 1, U32, NULL},
    {"lifetime-min", SETTING_TIME, false, MASC(lifetime_min_s), 0, U32, NULL},
    {"lifetime-max", SETTING_TIME, false, MASC(lifetime_max_s), 0, U32, NULL},
    {"holdtime-min", SETTING_TIME, false, MASC(holdtime_min_s), 0, U32, NULL},
    {"holdtime-max", SETTING_TIME, false, MASC(holdtime_max_s), 0, U32, NULL},
    {"size-min", SETTING_NUMBER, false, MASC(size_min), 0, U63, NULL},
    {"size-max", SETTING_NUMBER, false, MASC(size_max), 0, U63, NULL},
    {"min", SETTING_NUMBER, false, MASC(claim_min), 1, U63, NULL},
    {"prefixes", SETTING_NUMBER, false, MASC(prefixes_max), 1, UINT8_MAX, NULL},
    {"utilization-low", SETTING_NUMBER, false, MASC(utilization_low), 0, 100, NULL},
    {"utilization-high", SETTING_NUMBER, false, MASC(utilization_high), 1, 100, NULL},
    {"timestamp-skew", SETTING_TIME, false, MASC(timestamp_skew_s), 0, U32, NULL},
    {"timestamp-too-old", SETTING_BOOL, false, MASC(timestamp_too_old), 0, 1, NULL},
    {.name = NULL},
};

const struct setting conf_thresholds[] = {
    {"soft", SETTING_NUMBER, false, MASC(soft_threshold), 0, U63, NULL},
    {"hard", SETTING_NUMBER, false, MASC(hard_threshold), 0, U63, NULL},
    {.name = NULL},
};

const struct setting conf_limits[] = {
    {"claims", SETTING_NUMBER, false, MASC(claims_max), 1, (uint64_t)1 << 24, NULL},
    {"per-origin", SETTING_NUMBER, false, MASC(per_origin_max), 1, (uint64_t)1 << 24, NULL},
    {"origins", SETTING_NUMBER, false, MASC(origins_max), 1, (uint64_t)1 << 24, NULL},
    {"unassociated", SETTING_NUMBER, false, MASC(unassociated_max), 0, 1 << 20, NULL},
    {"peers", SETTING_NUMBER, false, MASC(peers_max), 1, MASC_PEERS_MAX, NULL},
    {"own", SETTING_NUMBER, false, MASC(own_max), 1, 4096, NULL},
    {.name = NULL},
};

const struct setting conf_peer[] = {
    {"name", SETTING_TEXT, true, PEER(name), 1, 0, NULL},
    {"address", SETTING_ADDR, true, PEER(addr), 0, 0, NULL},
    {"port", SETTING_NUMBER, false, PEER(port), 1, U16, NULL},
    {"remote", SETTING_CHOICE, true, PEER(role), 0, 0, remotes},
    {"domain", SETTING_DOMAIN, false, PEER(domain), 1, 0, NULL},
    {"node", SETTING_NODE, false, PEER(node), 1, 0, NULL},
    {"parent", SETTING_DOMAIN, false, PEER(parent), 0, 0, NULL},
    {"passive", SETTING_BOOL, false, PEER(passive), 0, 1, NULL},
    {"defend-only", SETTING_BOOL, false, PEER(defend_only), 0, 1, NULL},
    {"unrouted", SETTING_BOOL, false, PEER(unrouted), 0, 1, NULL},
    {"trust-own", SETTING_BOOL, false, PEER(trust_own), 0, 1, NULL},
    {"hold-time", SETTING_TIME, false, PEER(hold_time_s), 0, U16, NULL},
    {"boundary", SETTING_OTHER, false, 0, 0, 0, 0, NULL},
    {"soft-threshold", SETTING_NUMBER, false, PEER(soft_threshold), 0, U63, NULL},
    {"hard-threshold", SETTING_NUMBER, false, PEER(hard_threshold), 0, U63, NULL},
    {.name = NULL},
};

const struct conf_group conf_groups[] = {
    {"claims", conf_claims},
    {"thresholds", conf_thresholds},
    {"limits", conf_limits},
    {NULL, NULL},
};
