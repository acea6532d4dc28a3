/* plumb -- the command line: everything CI or an operator does.  A table; see cmd_<name>.c. */
#include "plumb.h"

#include "help.h"

#include "pl_log.h"

#include <signal.h>
#include <string.h>

static const struct command plumb_commands[] = {
    { "push", cmd_push, "push a document and print the verdict", help_push },
    { "replay", cmd_replay, "push a whole history in order",
      "usage: plumb replay DIR --api NAME [--branch B] [--create] [--fail-on policy|never]\n"
      "                   [--format text|json]\n\n"
      "DIR/index.tsv names the columns file, sha and committed_at (and placeholder_reason, version);\n"
      "a file of - is a commit without a document. Recorded runs stay as they are, so a replay can\n"
      "be repeated. --create makes the api if there is none.\n\n"
      "  plumb replay examples/history --api demo --create\n" },
    { "diff", cmd_diff, "compare two documents, offline", help_diff },
    { "changelog", cmd_changelog, "all changes between two documents, for people", help_changelog },
    { "bump", cmd_bump, "which version the changes ask for", help_bump },
    { "witness", cmd_witness, "what proves each breaking finding, for anyone to check",
      help_witness },
    { "lint", cmd_lint, "what keeps a document from being compared", help_lint },
    { "flatten", cmd_flatten, "several files as one document", help_flatten },
    { "validate", cmd_validate, "check a value against a schema, offline", help_validate },
    { "rules", cmd_rules, "what a comparison can find", NULL },
    { "api", cmd_api, "the apis that are watched", NULL },
    { "runs", cmd_runs, "what was recorded", NULL },
    { "accept", cmd_accept, "findings that pushes are judged without", NULL },
    { "issues", cmd_issues, "what a bad record opened", NULL },
    { "artifacts", cmd_artifacts, "what was published", NULL },
    { "verify", cmd_verify, "check checksums and signature, offline",
      "usage: plumb verify --checksums F --signature F [--dir D] [--public-key KEY] [--chain [--api NAME]]\n\n"
      "Prints VERIFY_OK and exits 0; 1 with the reason on standard error otherwise; 2 if a file\n"
      "cannot be read. --dir re-hashes the files in D. --public-key (base64) is the key you trust;\n"
      "without it the one in the signature is used. --chain asks the server for every published set\n"
      "and checks that each names the one before.\n\n"
      "  plumb verify --checksums status/checksums.json \\\n"
      "      --signature status/checksums-signature.json --dir status --chain\n" },
    { "endpoints", cmd_endpoints, "where notices go", NULL },
    { "deliveries", cmd_deliveries, "what became of the notices", NULL },
    { "tokens", cmd_tokens, "access tokens", NULL },
    { "users", cmd_users, "people's accounts (administrators)", NULL },
    { "smoke", cmd_smoke, "does a deployment work?", NULL },
    { "token", cmd_token, "check one access token, offline", NULL },
    { "keys", cmd_keys, "signing keys, and those of the bus", NULL },
    { "feed", cmd_feed, "consumers of the event feeds, and dead letters (operator)", NULL },
    { "db", cmd_db, "prepare a database (operator)", NULL },
    { "admin", cmd_admin, "make a lost admin token anew (operator)", NULL },
    { 0 },
};

int
main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    pl_log_open("plumb", PL_ERROR, false);
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("plumb " PL_VERSION);
        return EXIT_FINE;
    }
    return run_command(plumb_commands, "plumb", argc, argv);
}
