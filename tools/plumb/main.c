/* plumb -- the command line: everything CI or an operator does.  A table; see cmd_<name>.c. */
#include "plumb.h"

#include "pl_log.h"

#include <signal.h>
#include <string.h>

static const struct command plumb_commands[] = {
    { "push", cmd_push, "push a document and print the verdict",
      "usage: plumb push FILE --api NAME --sha SHA [--branch B] [options]\n"
      "       plumb push --api NAME --sha SHA --placeholder REASON\n\n"
      "Exit status: 0 fine, 1 the policy failed, 2 usage, unreadable document, unreachable server.\n\n"
      "  --version V              instead of the document's info.version\n"
      "  --committed-at TIME      RFC 3339; for display, order is by arrival\n"
      "  --breaking-ack           calendar versions: the break is declared\n"
      "  --placeholder REASON     there is no document in this commit\n"
      "  --fail-on policy|never   (policy)\n"
      "  --format text|json|markdown|github\n\n"
      "The server and the token come from PLUMB_URL and PLUMB_TOKEN, then ~/.config/plumb/url and\n"
      "token, then .run/ of the current folder. Without --sha, sha and branch come from the CI's\n"
      "environment.\n\n"
      "  plumb push openapi.yaml --api museum --sha 0624581 --branch main\n"
      "  make openapi | plumb push - --api museum --sha \"$(git rev-parse HEAD)\" --format markdown\n" },
    { "replay", cmd_replay, "push a whole history in order",
      "usage: plumb replay DIR --api NAME [--branch B] [--create] [--fail-on policy|never]\n"
      "                   [--format text|json]\n\n"
      "DIR/index.tsv names the columns file, sha and committed_at (and placeholder_reason, version);\n"
      "a file of - is a commit without a document. Recorded runs stay as they are, so a replay can\n"
      "be repeated. --create makes the api if there is none.\n\n"
      "  plumb replay examples/history --api demo --create\n" },
    { "diff", cmd_diff, "compare two documents, offline",
      "usage: plumb diff BASE HEAD [--format text|json|markdown|github|operations] [--fail-on error|warn|never]\n\n"
      "Exit status: 0 nothing at or above --fail-on (error), 1 something, 2 unusable input.\n\n"
      "  plumb diff v1.yaml v2.yaml\n" },
    { "validate", cmd_validate, "check a value against a schema, offline",
      "usage: plumb validate --schema FILE[#/POINTER] --data FILE [--dialect 2020-12|4|oas30|oas31]\n"
      "                      [--formats assert|annotate] [--known URI=FILE] [--format text|json]\n"
      "       plumb validate --batch [--dialect D] [--formats F]\n\n"
      "Exit status: 0 valid, 1 not valid, 2 the schema or the value cannot be used.\n\n"
      "Both files are JSON or YAML; - is standard input. Into an API description the schema's pointer\n"
      "is needed, and the dialect follows from its version; else a draft 4 $schema means 4, and\n"
      "2020-12 is the rest. `format` asserts, but in 2020-12 it only annotates unless --formats assert.\n\n"
      "Nothing is fetched: --known (several times) gives the document that a URI means; a folder gives\n"
      "all below it, under URIs that begin so. The metaschemas are known.\n\n"
      "--batch reads one JSON object a line, {\"schema\":...,\"data\":...,\"dialect\":...,\"formats\":...}\n"
      "(the last two may be left out), and answers each with one line {\"valid\":true|false,\"errors\":\n"
      "[{\"pointer\",\"keyword\",\"text\"}]}. A line that cannot be used is answered with \"unusable\":true\n"
      "beside; then the exit status is 2, else 0 whatever was valid.\n\n"
      "  plumb validate --schema pet.schema.json --data pet.json\n"
      "  plumb validate --schema order.json --data o.json --known https://example.org/schemas/=schemas\n"
      "  plumb validate --schema openapi.yaml#/components/schemas/Pet --data - < pet.json\n"
      "  echo '{\"schema\":{\"type\":\"string\"},\"data\":1}' | plumb validate --batch\n" },
    { "rules", cmd_rules, "what a comparison can find", NULL },
    { "api", cmd_api, "the apis that are watched", NULL },
    { "runs", cmd_runs, "what was recorded", NULL },
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
