#include "pl_core.h"

#include "pl_check.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the kernel says in a child that has said ${wanted}: may it be dumped? */
static bool
may_dump(bool wanted)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        struct rlimit limit;

        pl_core_dumps(wanted);
        getrlimit(RLIMIT_CORE, &limit);
        _exit(prctl(PR_GET_DUMPABLE) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0 ? 0 : 1);
    }
    if (waitpid(child, &status, 0) != child)
        abort();
    return WEXITSTATUS(status) != 0;
}

TEST(a_process_leaves_no_core_unless_it_is_asked_to)
{
    CHECK(!may_dump(false));
    CHECK(may_dump(true));
}
