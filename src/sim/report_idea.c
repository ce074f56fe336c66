/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_idea: what can be varied. An idea about choosing, or another value of a setting, is one
 * row here and a function that edits the configuration.
 */
#include "sim/report.h"

const struct report_variant report_plain = {.group = "", .name = "defaults"};
