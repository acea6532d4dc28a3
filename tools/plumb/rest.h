/* rest -- the small helpers of commands that are one HTTP request and a table. */
#ifndef REST_H
#define REST_H

#include "plumb.h"

/* GET ${path}; the answer's JSON, or NULL after saying why on standard error. */
struct pl_node *rest_get(const char *path, struct pl_arena *arena);

/* Send ${body} (NULL for none) as JSON; *out gets the answer's JSON (NULL for an empty one).
 * 0 or EXIT_TROUBLE. */
int rest_send(const char *method, const char *path, const struct pl_node *body,
              struct pl_arena *arena, struct pl_node **out);

/* A path with its variable parts escaped: rest_path(arena, "/api/v1/apis/%s/runs", api). */
char *rest_path(struct pl_arena *arena, const char *fmt, const char *a, const char *b);

/* Append ?name=value or &name=value; nothing for a NULL value. */
void rest_query(struct pl_buf *path, const char *name, const char *value);

/* GET every page of a list below ${path}, until ${limit} items (0: all) are there, and put them
 * together as {"<key>": [...]}.  NULL after saying why. */
struct pl_node *rest_pages(const char *path, const char *key, int64_t limit,
                           struct pl_arena *arena);

/* The text, or number as text, of a member; "" if absent. */
const char *rest_text(const struct pl_node *object, const char *key, struct pl_arena *arena);

/* "a,b" of a list of texts. */
const char *rest_joined(const struct pl_node *list, struct pl_arena *arena);

/* Print ${reply}, as JSON or its list ${key} as a table, and return the exit status; a NULL reply
 * is trouble that was told of. */
int rest_show_list(const struct pl_node *reply, const char *key, const char *const *columns,
                   const char *format, struct pl_arena *arena);

/* Print rows of ${list} as a table: ${columns} is "heading:key,..." ending with NULL. */
void rest_table(const struct pl_node *list, const char *const *columns, struct pl_arena *arena);

/* Print an object as "key  value" lines. */
void rest_object(const struct pl_node *object, struct pl_arena *arena);

/* A JSON array of the texts in ${list}, set under ${key}; nothing if it is empty. */
void rest_set_list(struct pl_node *object, const char *key, const struct text_list *list,
                   struct pl_arena *arena);

/* Set a text member; nothing for NULL. */
void rest_set_text(struct pl_node *object, const char *key, const char *value,
                   struct pl_arena *arena);

#endif
