/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * story_golden: the trace that a story must leave: NAME.trace beside NAME.story.
 */
#ifndef SIM_STORY_GOLDEN_H
#define SIM_STORY_GOLDEN_H

#include "sim/story.h"

/* Plays the story and compares its trace, at the level that it asks for. False if it fails or
 * differs: *f has the line of the story, or both sides of the first difference. */
bool story_check(const char *path, struct story_fault *f);

/* Plays the story and writes its trace; nothing is written if it fails. */
bool story_update(const char *path, struct story_fault *f);

#endif
