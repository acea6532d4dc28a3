/* pl_log -- one line for each thing that happened: an event name and pairs.
 *
 *     pl_info("run.recorded", PL_S("api", api), PL_I("seq", seq));
 *
 * Lines are JSON, or key=value when JSON_LOGGING=false (RULINGS 52).  Event names are stable:
 * tests and dashboards match them.  A value can never start a line of its own, and a secret is
 * never a value.  The ids of the running request are added by themselves.
 */
#ifndef PL_LOG_H
#define PL_LOG_H

#include "pl_err.h"

#include <stdbool.h>
#include <stdint.h>

enum pl_level { PL_DEBUG, PL_INFO, PL_WARN, PL_ERROR };

struct pl_pair {
    const char *key;
    const char *text; // or, where it is NULL,
    int64_t number;
};

// clang-format off
#define PL_S(key, value) { key, (value) ? (value) : "", 0 }
#define PL_I(key, value) { key, 0, (int64_t)(value) }

#define PL_PAIRS(...) (const struct pl_pair[]){ __VA_ARGS__ __VA_OPT__(,) { 0, 0, 0 } }
#define pl_debug(event, ...) pl_log(PL_DEBUG, event, PL_PAIRS(__VA_ARGS__))
#define pl_info(event, ...)  pl_log(PL_INFO, event, PL_PAIRS(__VA_ARGS__))
#define pl_warn(event, ...)  pl_log(PL_WARN, event, PL_PAIRS(__VA_ARGS__))
#define pl_error(event, ...) pl_log(PL_ERROR, event, PL_PAIRS(__VA_ARGS__))

/* The pairs of a failure: code, place, both texts. */
#define PL_ERR(err) PL_S("code", pl_code_name((err)->code)), PL_S("at", (err)->file), \
    PL_I("line", (err)->line), PL_S("text", (err)->text), PL_S("detail", (err)->detail)
// clang-format on

/* Name the process and choose the form; lines below ${lowest} are not written. */
void pl_log_open(const char *service, enum pl_level lowest, bool json);

/* Change the lowest level while running (pl.LogLevel). */
void pl_log_level(enum pl_level lowest);

/* "DEBUG", "INFO", "WARNING" or "ERROR", in any case; -1 for anything else. */
int pl_log_parse_level(const char *name);

/* The request that this thread works on, for its log lines; NULL for none.  The strings are
 * not copied and must stay until the next call. */
void pl_log_request(const char *request_id, const char *trace_id);

/* Write one line to standard error; ${pairs} ends with an all-zero row. */
void pl_log(enum pl_level level, const char *event, const struct pl_pair *pairs);

#endif
