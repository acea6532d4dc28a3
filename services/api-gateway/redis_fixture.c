#include "redis_fixture.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/pl-redis-XXXXXX", address[64];
static pid_t server;

static void
must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "cannot test: %s\n", what);
    exit(EXIT_FAILURE);
}

__attribute__((constructor)) static void
find_program(void)
{
    static const char *const PATHS[] = { "/usr/bin/redis-server", "/usr/local/bin/redis-server" };

    signal(SIGPIPE, SIG_IGN); // as pl_app does: hiredis writes to connections that are gone
    for (size_t i = 0; i < 2; i++)
        if (access(PATHS[i], X_OK) == 0)
            setenv("REDIS_SERVER", PATHS[i], 0);
}

static void
remove_folder(void)
{
    redis_kill();
    unlink(address + 5);
    rmdir(folder);
}

const char *
redis_fixture_address(void)
{
    if (*address == '\0') {
        must(mkdtemp(folder) != NULL, "no folder");
        snprintf(address, sizeof address, "unix:%s/redis.sock", folder);
        atexit(remove_folder);
    }
    return address;
}

long long
redis_say(char *text, size_t size, int count, const char *const *words)
{
    redisContext *context = redisConnectUnix(redis_fixture_address() + 5);
    redisReply *reply = context && !context->err
                            ? redisCommandArgv(context, count, (const char **)(uintptr_t)words, 0)
                            : NULL;
    long long result = -1;

    if (text)
        *text = '\0';
    if (reply && reply->type != REDIS_REPLY_ERROR)
        result = reply->type == REDIS_REPLY_INTEGER ? reply->integer : (long long)reply->elements;
    if (reply && reply->str && text)
        snprintf(text, size, "%s", reply->str);
    for (size_t i = 0; reply && text && i < reply->elements; i++) {
        const redisReply *e = reply->element[i];
        size_t used = strlen(text);

        if (e->type == REDIS_REPLY_INTEGER)
            snprintf(text + used, size - used, "%s%lld", i ? " " : "", e->integer);
        else
            snprintf(text + used, size - used, "%s%s", i ? " " : "", e->str ? e->str : "");
    }
    if (reply)
        freeReplyObject(reply);
    if (context)
        redisFree(context);
    return result;
}

void
redis_start(const char *option, const char *value)
{
    redis_fixture_address();
    unlink(address + 5);
    server = fork();
    must(server >= 0, "no process");
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // a failed test leaves nobody behind
        if (freopen("/dev/null", "w", stdout))
            execl(getenv("REDIS_SERVER"), "redis-server", "--port", "0", "--bind", "127.0.0.1",
                  "--unixsocket", address + 5, "--save", "", "--dir", folder, option, value, NULL);
        _exit(127);
    }
    while (REDIS_SAY("PING") < 0) {
        must(waitpid(server, NULL, WNOHANG) == 0, "redis-server ended");
        poll(NULL, 0, 5);
    }
}

void
redis_kill(void)
{
    if (server <= 0)
        return;
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    server = 0;
}

void
redis_hang(bool hung)
{
    int status;

    kill(server, hung ? SIGSTOP : SIGCONT);
    if (hung)
        waitpid(server, &status, WUNTRACED);
}
