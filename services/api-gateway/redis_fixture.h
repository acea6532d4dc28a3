/* redis_fixture -- a private redis-server on a unix socket, for tests: started, hung, killed.
 *
 * A test file says NEEDS_ENV("REDIS_SERVER"): it is set to the program's path if it is installed
 * and not set already.
 */
#ifndef REDIS_FIXTURE_H
#define REDIS_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

/* "unix:/..." of the server, running or not. */
const char *redis_fixture_address(void);

/* Start it, with at most one more option and its value, and wait until it answers. */
void redis_start(const char *option, const char *value);

/* Kill it with SIGKILL; harmless if it does not run. */
void redis_kill(void);

/* SIGSTOP, SIGCONT. */
void redis_hang(bool hung);

/* Run a command and return its reply: a number, the length of a list's text, or -1 for an error;
 * ${text}, if given, gets what it says, the members of a list behind one another. */
long long redis_say(char *text, size_t size, int count, const char *const *words);

#define REDIS_SAY(...) \
    redis_say(NULL, 0, sizeof((const char *[]){ __VA_ARGS__ }) / 8, (const char *[]){ __VA_ARGS__ })

#endif
