/* What has to be there before the first call. */
#include "auth.h"

#include "hashes.h"
#include "keys.h"
#include "passwords.h"
#include "settings.h"

int
auth_start(struct pl_err *err)
{
    return settings_check(err) || passwords_open(err) || keys_open(err) || hashes_open(err) ? -1
                                                                                            : 0;
}
