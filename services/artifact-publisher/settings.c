/* What this service reads from its environment beside what all share.
 * `artifact-publisher --settings` prints both. */
#include "publisher.h"

#include <stddef.h>
#include <string.h>

const char *publisher_public_url, *publisher_dropin_dir;
int64_t publisher_dropin_files, publisher_dropin_bytes, publisher_attempts;
const struct pl_signer *publisher_signer;

static const char *signing_key;

const struct pl_setting publisher_settings[] = {
    PL_SECRET(signing_key, "GOV_SIGNING_PRIVATE_KEY", "",
              "base64 of the 32-byte Ed25519 seed; empty: nothing is signed"),
    PL_TEXT(publisher_public_url, "PLUMB_PUBLIC_URL", "",
            "where readers reach the gateway, for absolute links"),
    PL_TEXT(publisher_dropin_dir, "PLUMB_DROPIN_DIR", "",
            "files in <dir>/<api>/ are published with each run of that api"),
    PL_NUMBER(publisher_dropin_files, "PLUMB_DROPIN_FILES", "50", 0, 1000,
              "most dropped-in files per api"),
    PL_NUMBER(publisher_dropin_bytes, "PLUMB_DROPIN_BYTES", "4194304", 0, 33554432,
              "largest dropped-in file"),
    PL_NUMBER(publisher_attempts, "PLUMB_PUBLISH_ATTEMPTS", "5", 1, 100,
              "failures after which a run's set is given up"),
    { 0 },
};

int
publisher_start(struct pl_err *err)
{
    static struct pl_signer signer;
    size_t length = strlen(publisher_public_url);

    // one slash at the end is a matter of taste
    if (length && publisher_public_url[length - 1] == '/') {
        char *cut = strdup(publisher_public_url);

        if (cut == NULL)
            return pl_fail(err, INTERNAL, "out of memory");
        cut[length - 1] = '\0';
        publisher_public_url = cut;
    }
    if (signing_key[0] == '\0')
        return 0;
    if (pl_signer_open(&signer, signing_key, err))
        return pl_err_detail(err, "GOV_SIGNING_PRIVATE_KEY");
    publisher_signer = &signer;
    return 0;
}
