/* auth -- what the files of this service share.  Nothing outside includes it. */
#ifndef AUTH_H
#define AUTH_H

#include "pl_service.h"

/* settings.c */
extern const struct pl_setting auth_settings[];

/* dispatch.c */
extern const struct pl_endpoint auth_endpoints[];

/* handlers.c: one function per endpoint, in the order of dispatch.c */
pl_handler_fn create_token;
pl_handler_fn list_tokens;
pl_handler_fn delete_token;
pl_handler_fn verify_token;

#endif
