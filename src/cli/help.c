/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * help: the texts of `mascot help`; see help.h.
 *
 * Long arguments get a line of their own, so that the explanations stay in one column.
 */
#include "cli/help.h"

#include <string.h>

#include "cli/link.h"

#define COLUMN 30

static void one_line(FILE *out, const struct word *w)
{
    size_t len = strlen(w->name) + (w->arguments[0] != '\0') + strlen(w->arguments);

    fprintf(out, "  %s%s%s", w->name, w->arguments[0] != '\0' ? " " : "", w->arguments);
    if (len > COLUMN - 2)
        fprintf(out, "\n  %*s%s\n", COLUMN, "", w->help);
    else
        fprintf(out, "%*s%s\n", (int)(COLUMN - len), "", w->help);
}

void help_all(FILE *out)
{
    fputs("usage: mascot [--socket PATH] [--json] [--no-color] WORD...\n\n"
          "Asks the mascot daemon on this host, or tells it something.\n\n",
          out);
    for (unsigned i = 0; i < words_count; i++)
        one_line(out, &word_table[i]);
    fputs("\nA word may be shortened as long as it stays clear: 'mascot st' is 'mascot status'.\n"
          "'mascot WORD ?' explains a word.\n\n"
          "  --socket PATH  the daemon's control socket ($MASCOT_SOCKET, else " LINK_SOCKET ")\n"
          "  --json         rows as they come from the daemon, one object per line\n"
          "  --no-color     no colour (also: NO_COLOR in the environment)\n"
          "  --version      the version of this program\n\n"
          "Exit status: 0 done, 1 refused, 2 wrong use, 3 no daemon answers.\n",
          out);
}

void help_word(FILE *out, const struct word *w)
{
    const char *more = words_more(w);

    fprintf(out, "mascot %s%s%s\n    %s\n", w->name, w->arguments[0] != '\0' ? " " : "",
            w->arguments, w->help);
    if (more != NULL)
        fprintf(out, "\n%s\n", more);
}
