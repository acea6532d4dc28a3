/* What this service reads from its environment beside what all share.  `--settings` prints both. */
#include "bridge.h"

const struct pl_setting bridge_settings[] = {
    { 0 },
};
