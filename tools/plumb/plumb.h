/* plumb -- what the files of the command line share.
 *
 * main.c is a table of commands; each lives in cmd_<name>.c and gets its own arguments.  Exit
 * status, everywhere: 0 fine, 1 the answer is no (policy failed, signature wrong), 2 it could not
 * be found out (usage, unreadable input, unreachable server).
 */
#ifndef PLUMB_H
#define PLUMB_H

#include "pl_arena.h"
#include "pl_err.h"
#include "pl_node.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { EXIT_FINE = 0, EXIT_NO = 1, EXIT_TROUBLE = 2 };

/* ---- Commands ----------------------------------------------------------------------------- */

struct command {
    const char *name;
    int (*run)(int argc, char **argv); // argv[0] is the command's own name; NULL ends the table
    const char *summary;               // one line for the list
    const char *help;                  // usage, options, examples; shown by --help
};

/* Find argv[1] in the table and run it, or show the table.  ${title} is "plumb" or "plumb api". */
int run_command(const struct command *table, const char *title, int argc, char **argv);

/* cmd_*.c */
int cmd_admin(int argc, char **argv);
int cmd_api(int argc, char **argv);
int cmd_artifacts(int argc, char **argv);
int cmd_bump(int argc, char **argv);
int cmd_changelog(int argc, char **argv);
int cmd_db(int argc, char **argv);
int cmd_deliveries(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_endpoints(int argc, char **argv);
int cmd_feed(int argc, char **argv);
int cmd_flatten(int argc, char **argv);
int cmd_accept(int argc, char **argv);
int cmd_issues(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_lint(int argc, char **argv);
int cmd_push(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_rules(int argc, char **argv);
int cmd_runs(int argc, char **argv);
int cmd_smoke(int argc, char **argv);
int cmd_token(int argc, char **argv);
int cmd_tokens(int argc, char **argv);
int cmd_users(int argc, char **argv);
int cmd_validate(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_witness(int argc, char **argv);

/* ---- Options ------------------------------------------------------------------------------ */

enum option_kind { OPT_TEXT, OPT_NUMBER, OPT_FLAG, OPT_LIST };

#define MAX_LIST 100

struct text_list {
    const char *texts[MAX_LIST];
    int count;
};

/* One row of a command's options; the table ends with a zero row. */
struct option {
    const char *name; // "--format"
    enum option_kind kind;
    const char **text;      // OPT_TEXT
    int64_t *number;        // OPT_NUMBER
    bool *flag;             // OPT_FLAG
    struct text_list *list; // OPT_LIST: may be given several times
};

// clang-format off
#define TEXT_OPTION(name, target)   { name, OPT_TEXT, &(target), 0, 0, 0 }
#define NUMBER_OPTION(name, target) { name, OPT_NUMBER, 0, &(target), 0, 0 }
#define FLAG_OPTION(name, target)   { name, OPT_FLAG, 0, 0, &(target), 0 }
#define LIST_OPTION(name, target)   { name, OPT_LIST, 0, 0, 0, &(target) }
// clang-format on

/* Sort argv[1..] into options and at most ${max} words; *words_out gets how many.  False, with a
 * message on standard error, on anything unknown, missing or too much. */
bool parse_options(int argc, char **argv, const struct option *table, const char **words, int max,
                   int *words_out);

/* Is ${value} one of the words separated by '|' in ${allowed}?  Else say so. */
bool check_choice(const char *option, const char *value, const char *allowed);

/* Say what is wrong with the usage of argv[0]; returns EXIT_TROUBLE. */
int usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Say that something failed; returns EXIT_TROUBLE. */
int trouble(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int trouble_err(const char *what, const struct pl_err *err);

/* ---- Talking to the gateway ----------------------------------------------------------------- */

struct request {
    const char *method, *path; // path without the server, "/api/v1/apis"; already escaped
    const char *body, *content_type, *content_encoding;
    size_t body_length;
    const char *base, *token; // NULL: as found; token "": none
    const char *if_none_match;
    bool retry; // repeat on 429, 502, 503, 504 and when the connection fails
};

struct answer {
    long status;
    char *bytes; // NUL behind it
    size_t length;
    char *content_type, *etag; // "" if absent
    struct pl_node *json;      // parsed, when it is JSON
};

/* Ask.  -1 when no answer came (unreachable, no server known); an answer of any status is 0. */
int http_ask(const struct request *request, struct pl_arena *arena, struct answer *out,
             struct pl_err *err);

/* Ask, and on failure or a status >= 400 print the problem with its violations on standard error.
 * 0 or EXIT_TROUBLE. */
int http_must(const struct request *request, struct pl_arena *arena, struct answer *out);

/* Where the server is and who we are, as found: PLUMB_URL and PLUMB_TOKEN, ~/.config/plumb/,
 * .run/ of the current folder.  NULL if nowhere. */
const char *server_url(struct pl_arena *arena);
const char *server_token(struct pl_arena *arena);

/* Escape for a path segment or query value. */
char *url_escape(struct pl_arena *arena, const char *text);

/* ---- Operator's secrets ------------------------------------------------------------------- */

/* The superuser's connection string: the first line of ${file} if given, else PLUMB_ADMIN_DSN,
 * else .run/postgres.dsn.  NULL after saying that there is none. */
const char *admin_dsn(const char *file, struct pl_arena *arena);

/* The first line of ${file}, or of standard input for "-"; NULL with the reason in *err. */
char *secret_line(const char *file, struct pl_arena *arena, struct pl_err *err);

/* 24 random bytes as text. */
const char *random_secret(struct pl_arena *arena);

/* ---- Files and output ------------------------------------------------------------------------ */

/* Read a file, or standard input for "-".  MALFORMED if it cannot be read or is too large. */
int read_file(const char *path, size_t limit, struct pl_arena *arena, char **out, size_t *length,
              struct pl_err *err);

/* Write a file as a whole (to a temporary name, then renamed) with ${mode}; what is no regular
 * file, like /dev/null, is written in place. */
int write_file(const char *path, const void *bytes, size_t length, int mode, struct pl_err *err);

/* Make a folder and those above it. */
int make_folder(const char *path, struct pl_err *err);

/* Print a node as JSON on standard output, pretty, with a newline. */
void print_json(const struct pl_node *node, struct pl_arena *arena);

/* Escape sequences where standard output is a terminal and NO_COLOR is not set, else "". */
const char *style_bold(void);
const char *style_red(void);
const char *style_green(void);
const char *style_yellow(void);
const char *style_dim(void);
const char *style_off(void);

/* "ok" and "stable" green, "warn" yellow, "fail" and "breaking" red: the style of a word. */
const char *style_of(const char *word);

#endif
