/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_case: a world made of a set-up: top-level domains that are siblings, each with its
 * children. Nodes 1 .. tops are the top-level ones.
 */
#ifndef SIM_REPORT_CASE_H
#define SIM_REPORT_CASE_H

#include "sim/report.h"

/* Not yet started. */
struct world *report_world(const struct report_job *job);

#endif
