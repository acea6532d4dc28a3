/* help -- the long help texts of the commands that work offline, on files.
 */
#ifndef PLUMB_HELP_H
#define PLUMB_HELP_H

extern const char help_bump[], help_changelog[], help_diff[], help_flatten[], help_lint[],
    help_push[], help_validate[], help_witness[];

#endif
