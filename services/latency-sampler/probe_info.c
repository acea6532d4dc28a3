#include "probe_info.h"

#include <string.h>

static uint32_t
until(CURL *curl, CURLINFO what)
{
    curl_off_t us = 0;

    curl_easy_getinfo(curl, what, &us);
    return us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static uint32_t
phase(uint32_t end, uint32_t begin)
{
    return end > begin ? end - begin : 0;
}

void
probe_read_phases(CURL *curl, struct probe_result *out)
{
    uint32_t dns = until(curl, CURLINFO_NAMELOOKUP_TIME_T);
    uint32_t connect = until(curl, CURLINFO_CONNECT_TIME_T);
    uint32_t tls = until(curl, CURLINFO_APPCONNECT_TIME_T);
    uint32_t first = until(curl, CURLINFO_STARTTRANSFER_TIME_T);
    uint32_t total = until(curl, CURLINFO_TOTAL_TIME_T);

    out->dns_us = dns;
    out->connect_us = phase(connect, dns);
    out->tls_us = phase(tls, connect);
    out->first_byte_us = phase(first, tls ? tls : connect);
    out->body_us = first ? phase(total, first) : 0;
}

int64_t
probe_read_expiry(CURL *curl)
{
    struct curl_certinfo *chain = NULL;

    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain) || chain == NULL ||
        chain->num_of_certs < 1)
        return 0;
    for (const struct curl_slist *line = chain->certinfo[0]; line; line = line->next)
        if (strncmp(line->data, "Expire date:", 12) == 0) {
            time_t when = curl_getdate(line->data + 12, NULL);

            return when < 0 ? 0 : (int64_t)when;
        }
    return 0;
}
