/* What this service reads from its environment beside what all share.  `auth --settings`
 * prints both. */
#include "auth.h"

const struct pl_setting auth_settings[] = {
    { 0 },
};
