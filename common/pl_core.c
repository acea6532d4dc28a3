#include "pl_core.h"

#include "pl_log.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void
pl_core_dumps(bool wanted)
{
    const struct rlimit none = { 0, 0 };

    if (wanted)
        return;
    /* The limit is for files, the flag also for handlers that get dumps through a pipe. */
    if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0))
        pl_warn("process.may_dump_core");
}
