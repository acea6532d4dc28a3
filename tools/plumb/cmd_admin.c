/* plumb admin -- what only somebody on the machine may do: they hold the bus's keys. */
#include "plumb.h"

#include "auth.pb-c.h"
#include "pl_caller.h"
#include "pl_conf.h"
#include "pl_curve.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_MS 15000

/* Ask auth for a token over the bus, as the service "plumb". */
static int
make_token(const char *name, struct pl_arena *arena, const char **secret, struct pl_err *err)
{
    static char *scopes[] = { "apis:write",   "runs:write",   "runs:read",      "notify:admin",
                              "tokens:admin", "ops:read",     "ops:write",      "users:admin",
                              "bridge:read",  "bridge:write", "bridge:approve", "latency:read",
                              "latency:admin" };
    Auth__CreateTokenRequest request = AUTH__CREATE_TOKEN_REQUEST__INIT;
    Auth__CreateTokenReply *reply = NULL;
    struct pl_caller *caller = NULL;
    int failed;

    request.name = (char *)name;
    request.scopes = scopes;
    request.n_scopes = sizeof scopes / sizeof *scopes;
    failed = pl_caller_new(&caller, "plumb", err) ||
             pl_caller_ask(caller, "auth", "auth.CreateToken", &request.base,
                           &auth__create_token_reply__descriptor, (void **)&reply, TIMEOUT_MS,
                           arena, err);
    pl_caller_destroy(&caller);
    if (!failed)
        *secret = reply->secret;
    return failed;
}

static int64_t plaintext;
static const struct pl_setting bus_settings[] = {
    PL_SWITCH(plaintext, "PLUMB_BUS_PLAINTEXT", "false", "no CURVE on the bus"),
    { 0 },
};

static int
token(int argc, char **argv)
{
    const char *out = NULL, *keys = getenv("PLUMB_KEYS_DIR"), *name = "admin", *secret = NULL;
    bool if_missing = false;
    const struct option options[] = { TEXT_OPTION("--out", out),
                                      TEXT_OPTION("--name", name),
                                      FLAG_OPTION("--if-missing", if_missing),
                                      { 0 } };
    struct pl_err err = { 0 };
    struct pl_arena *arena;
    int words, failed;

    if (!parse_options(argc, argv, options, NULL, 0, &words))
        return EXIT_TROUBLE;
    if (out == NULL)
        out = ".run/admin-token";
    if (if_missing && access(out, R_OK) == 0)
        return EXIT_FINE;
    if (pl_conf_read(bus_settings, &err))
        return trouble("%s", err.text);
    if (pl_curve_open(keys ? keys : ".run/keys", "plumb", plaintext != 0, &err))
        return trouble_err("admin token", &err);
    arena = pl_arena_new();
    failed = make_token(name, arena, &secret, &err);
    if (!failed)
        failed =
            write_file(out, pl_arena_printf(arena, "%s\n", secret), strlen(secret) + 1, 0600, &err);
    pl_arena_destroy(&arena);
    pl_curve_close();
    if (failed)
        return trouble_err("admin token", &err);
    printf("the token is in %s\n", out);
    return EXIT_FINE;
}

static const struct command admin_commands[] = {
    { "token", token, "make a token with every scope",
      "usage: plumb admin token [--out FILE] [--name NAME] [--if-missing]\n\n"
      "Asks the auth service over the bus, with the key of `plumb` in PLUMB_KEYS_DIR (.run/keys),\n"
      "and writes the token to FILE (.run/admin-token), mode 0600. PLUMB_PEER_AUTH says where auth\n"
      "is (tcp://127.0.0.1:5610). A lost token is made anew this way; revoke the old one.\n\n"
      "  plumb admin token --out .run/admin-token\n" },
    { 0 },
};

int
cmd_admin(int argc, char **argv)
{
    setenv("PLUMB_PEER_AUTH", "tcp://127.0.0.1:5610", 0);
    return run_command(admin_commands, "plumb admin", argc, argv);
}
