/* text -- making words from outside fit: one line, whole characters, a limit in bytes.
 *
 * Titles and findings come from other people's documents.  In a message for a chat they must
 * not start a new line, forge a link or mention, nor exceed what the chat accepts.
 */
#ifndef TEXT_H
#define TEXT_H

#include "pl_arena.h"

#include <stddef.h>

enum text_form {
    TEXT_PLAIN, // as it is
    TEXT_SLACK, // & < > escaped, as Slack's mrkdwn demands, so no <!channel> and no <url|label>
    TEXT_TEAMS, // [ ] become ( ), so that a card's Markdown sees no link
};

/* ${text} as one line of at most ${max} bytes *after* escaping; a cut ends in "…".  Control
 * characters become spaces, what is not UTF-8 becomes '?'.  NULL reads as "". */
char *text_fit(struct pl_arena *arena, const char *text, size_t max, enum text_form form);

/* The first ${max} bytes of an answer as text that PostgreSQL takes: valid UTF-8, no NUL, no
 * control characters but newline and tab. */
char *text_clean(struct pl_arena *arena, const char *bytes, size_t length, size_t max);

/* ${text} with every occurrence of ${secret} replaced by "[url]"; as it is if ${secret} is
 * shorter than 6 bytes. */
char *text_redact(struct pl_arena *arena, const char *text, const char *secret);

#endif
