/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cli: the words of mascot-sim. argv[0] is the word; each returns the status of the program: 0 all
 * is well, 1 something was violated or differs from what it must be, 2 wrong usage.
 */
#ifndef SIM_CLI_H
#define SIM_CLI_H

int swarm_main(int argc, char **argv);  /* swarm_cli.c */
int story_main(int argc, char **argv);  /* story_cli.c */
int report_main(int argc, char **argv); /* report_cli.c */
int scale_main(int argc, char **argv);  /* scale_cli.c */

#endif
