/* What `plumb COMMAND --help` says. */
#include "help.h"

#define SOURCES                                                                                    \
    "BASE and HEAD are each a file, - (standard input), a folder of documents, or git:REV:PATH;\n" \
    "git:REV is the other side's file at that revision. `$ref`s into files below the document's\n" \
    "folder are followed, nothing is fetched.\n\n"

#define WISHES_HELP                                                                               \
    "  --rules FILE                settings or rule levels (.plumbline.yaml of this folder)\n"    \
    "  --ignore FILE               accepted findings, by fingerprint\n"                           \
    "  --strip-prefix-base P       what paths of BASE begin with and does not count\n"            \
    "  --strip-prefix-head P       the same for HEAD\n"                                           \
    "  --match-operation-id        recognise moved operations by their operationId\n"             \
    "  --max-bytes, --max-depth, --max-nodes, --max-aliases N   what a document may be at most\n" \
    "  --max-steps, --max-total-steps, --max-memory N   what the search for values may cost\n"    \
    "  --stats                     what was asked and what it cost, on standard error\n"

const char help_push[] =
    "usage: plumb push FILE --api NAME --sha SHA [--branch B] [options]\n"
    "       plumb push --api NAME --sha SHA --placeholder REASON\n\n"
    "Exit status: 0 fine, 1 the policy failed, 2 usage, unreadable document, unreachable server.\n\n"
    "  --version V              instead of the document's info.version\n"
    "  --committed-at TIME      RFC 3339; for display, order is by arrival\n"
    "  --breaking-ack           calendar versions: the break is declared\n"
    "  --base SOURCE            compare with it first, offline: git:REV, git:REV:PATH, a file;\n"
    "                           what breaks since then is exit status 1 too\n"
    "  --placeholder REASON     there is no document in this commit\n"
    "  --fail-on policy|never   (policy)\n"
    "  --format text|json|markdown|github\n\n"
    "A document of several files is sent as one, as `plumb flatten` writes it.\n\n"
    "The server and the token come from PLUMB_URL and PLUMB_TOKEN, then ~/.config/plumb/url and\n"
    "token, then .run/ of the current folder. Without --sha, sha and branch come from the CI's\n"
    "environment.\n\n"
    "  plumb push openapi.yaml --api museum --sha 0624581 --branch main\n"
    "  plumb push openapi.yaml --api museum --base git:origin/main\n"
    "  make openapi | plumb push - --api museum --sha \"$(git rev-parse HEAD)\" --format markdown\n";

const char help_validate[] =
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
    "  echo '{\"schema\":{\"type\":\"string\"},\"data\":1}' | plumb validate --batch\n";

const char help_diff[] =
    "usage: plumb diff BASE HEAD [options]\n"
    "       plumb diff --transitive BASE... HEAD\n\n"
    "Exit status: 0 nothing at or above --fail-on, 1 something, 2 unusable input.\n\n" SOURCES
    "  --format F                  text (usual), json, yaml, markdown, html, github, junit,\n"
    "                              sarif, or operations (JSON: added, removed, changed)\n"
    "  --fail-on error|warn|never  (error)\n"
    "  --only breaking             list what breaks only; the counts stay\n" WISHES_HELP
    "  --output FILE               instead of standard output\n"
    "  --transitive                several baselines: those of HEAD's major version count\n\n"
    "  plumb diff v1.yaml v2.yaml\n"
    "  plumb diff git:main openapi.yaml --format github      # in a pull request's job\n"
    "  plumb diff git:v1.0.0:api/openapi.yaml api/openapi.yaml --only breaking\n"
    "  plumb diff old.json new.json --format html --output changes.html --fail-on never\n"
    "  plumb diff --transitive releases/1.0.yaml releases/1.1.yaml openapi.yaml\n";

const char help_changelog[] =
    "usage: plumb changelog BASE HEAD [options]\n\n"
    "Everything that changed, notes included, as Markdown; exit status 0, or 2 for unusable input.\n"
    "It takes the options of `plumb diff`.\n\n"
    "  plumb changelog git:v1.4.0 openapi.yaml >> CHANGES.md\n"
    "  plumb changelog old.yaml new.yaml --format html --output changes.html\n";

const char help_bump[] =
    "usage: plumb bump BASE HEAD [--format text|json|next-version] [--scheme semver|calendar]\n\n"
    "Says which version the changes ask for, and why. Exit status: 0 the version of HEAD is\n"
    "honest, 1 it is too low, 2 unusable input. next-version prints BASE's version raised as\n"
    "needed, and nothing else (exit status 0).\n\n" SOURCES WISHES_HELP "\n"
    "  plumb bump git:v1.0.0 openapi.yaml\n"
    "  next=$(plumb bump git:v1.0.0 openapi.yaml --format next-version)\n";

const char help_lint[] =
    "usage: plumb lint FILE [--format text|json|github] [--max-bytes N] [--max-depth N]\n"
    "                       [--max-nodes N] [--max-aliases N]\n\n"
    "Every problem that keeps a document from being compared, each with its file, line, column and\n"
    "pointer: structure, references, schemas that are none. Exit status: 0 nothing is wrong,\n"
    "1 something is, 2 there is no such file. FILE may be - or git:REV:PATH too.\n\n"
    "  plumb lint openapi.yaml\n"
    "  plumb lint openapi.yaml --format github\n";

const char help_flatten[] =
    "usage: plumb flatten FILE [--format json|yaml] [--sorted] [--output FILE]\n\n"
    "The document with everything that its `$ref`s name in other files moved into its components:\n"
    "what `plumb push` sends when a document has several files. --sorted orders all members.\n\n"
    "  plumb flatten api/openapi.yaml --output openapi.bundle.yaml\n";

const char help_witness[] =
    "usage: plumb witness BASE HEAD [--check-with 'CMD'] [options of plumb diff]\n\n"
    "Two questions for each value that proves a break: the value under the schema that must accept\n"
    "it and under the one that must refuse it; lines as `plumb validate --batch` takes them, with\n"
    "\"expected\" beside. --check-with gives them to a validator of your own, which answers each\n"
    "with a line {\"valid\":true|false}. Exit status: 0 all confirmed, 1 some refuted, 2 no answer.\n\n"
    "  plumb witness v1.yaml v2.yaml\n"
    "  plumb witness v1.yaml v2.yaml --check-with 'node my-validator.js'\n"
    "  plumb witness git:main openapi.yaml --check-with 'plumb validate --batch'\n";
