/* server -- the gateway as a whole: contract, sockets, reactors, until a signal says stop. */
#ifndef SERVER_H
#define SERVER_H

#include "contract.h"

/* Serve until SIGTERM or SIGINT, after pl_app_begin().  Returns the exit status: 0 asked to stop,
 * 1 failed, 2 misconfigured (the contract's problems are in the log, each on its line). */
int server_run(void);

/* Load PLUMB_CONTRACT or the embedded contract. */
int server_contract(struct contract **out, struct pl_err *err);

#endif
