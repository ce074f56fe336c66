/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * live_screen: borrowing the terminal and giving it back as it was.
 *
 * While borrowed: the alternate screen, no cursor, keys are not echoed and come one by one; signals
 * from keys (Ctrl-C, Ctrl-Z) still work. What was on the screen before comes back afterwards.
 */
#include "cli/live.h"

#include <stdio.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool keys, entered;

void live_screen_enter(const struct term *t)
{
    struct termios quiet;

    if (entered)
        return;
    entered = true;
    if (isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
        keys = tcsetattr(STDIN_FILENO, TCSANOW, &quiet) == 0;
    }
    fputs("\033[?1049h\033[?25l\033[H\033[2J", t->out);
    fflush(t->out);
}

void live_screen_leave(const struct term *t)
{
    if (!entered)
        return;
    entered = false;
    fputs("\033[0m\033[?25h\033[?1049l", t->out);
    fflush(t->out);
    if (keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
    keys = false;
}
