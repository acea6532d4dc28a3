/* trace_state -- what a request says in `tracestate`: notes of the systems along the way, which
 * are carried on as they are (https://www.w3.org/TR/trace-context-2/#tracestate-header). */
#ifndef TRACE_STATE_H
#define TRACE_STATE_H

#define TRACESTATE_SIZE 513

/* The members of ${fields}, the values of all `tracestate` fields in their order joined by
 * commas, without the blanks around them and without empty ones.  Writes "" if one of them breaks
 * the grammar, two have the same key or there are more than 32: then none can be trusted.  Of what
 * is longer than 512 characters as many members are kept as fit: those longer than 128 characters
 * go first, then the last ones (section 3.3.1.5). */
void trace_state(char out[TRACESTATE_SIZE], const char *fields);

#endif
