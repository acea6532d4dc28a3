/* probe_info -- what libcurl knows of a request that has ended.
 */
#ifndef PROBE_INFO_H
#define PROBE_INFO_H

#include "probe.h"

#include <curl/curl.h>

/* Each phase by itself, out of libcurl's times since the start. */
void probe_read_phases(CURL *curl, struct probe_result *out);

/* When the certificate ends that the other side has shown, Unix seconds; 0 if it showed none. */
int64_t probe_read_expiry(CURL *curl);

#endif
