/* run_view -- a run, as the gateway answers it, for people: text, markdown, GitHub annotations. */
#ifndef RUN_VIEW_H
#define RUN_VIEW_H

#include "plumb.h"

/* Print ${run} on standard output in "text", "markdown", "github" or "json".  ${file} is what the
 * findings' lines refer to (the pushed document). */
void run_view(const struct pl_node *run, const char *format, const char *file,
              struct pl_arena *arena);

/* One line of a list: number, sha, verdict, policy, version, ratio. */
void run_line(const struct pl_node *run);

/* EXIT_NO if the policy failed. */
int run_exit(const struct pl_node *run);

#endif
