/* pl_trace -- the W3C trace context of what this thread works on: calls, events and webhooks that
 * it makes meanwhile carry it on.  The dispatcher, the Feed and senders set it.
 * https://www.w3.org/TR/trace-context/
 */
#ifndef PL_TRACE_H
#define PL_TRACE_H

/* Not copied: must stay until it is set again.  NULL or "" for none. */
void pl_trace_set(const char *parent, const char *state);

/* The traceparent and the tracestate; "" for none. */
const char *pl_trace_parent(void);
const char *pl_trace_state(void);

#endif
