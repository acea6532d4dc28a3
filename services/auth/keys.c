#include "keys.h"

#include "settings.h"

#include "pl_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST_FILE 8192

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pl_keyring ring;
static struct stat seen;

static void
derive(void)
{
    static const char PURPOSE[] = "plumbline access token key 1";
    const char *secret = *settings.auth_secret ? settings.auth_secret : settings.secret_key;

    pthread_mutex_lock(&lock);
    ring = (struct pl_keyring){ .count = 1 };
    crypto_generichash(ring.keys[0].seed, PL_JWK_BYTES, (const unsigned char *)secret,
                       strlen(secret), (const unsigned char *)PURPOSE, sizeof PURPOSE - 1);
    pthread_mutex_unlock(&lock);
}

/* The whole file as text; nothing is kept of it in other memory. */
static int
read_text(char text[LARGEST_FILE], struct stat *about, struct pl_err *err)
{
    int fd = open(settings.keys_file, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 || fstat(fd, about) ? -1 : read(fd, text, LARGEST_FILE - 1);

    if (length < 0)
        pl_fail(err, INVALID, "the key registry \"%s\" cannot be read: %s", settings.keys_file,
                strerror(errno));
    else if (length == LARGEST_FILE - 1)
        pl_fail(err, INVALID, "the key registry \"%s\" is too large", settings.keys_file);
    else
        text[length] = '\0';
    if (fd >= 0)
        close(fd);
    return err->code ? -1 : 0;
}

static int
load(struct pl_err *err)
{
    char text[LARGEST_FILE];
    struct pl_keyring read;
    struct stat about;
    int failed = read_text(text, &about, err) || pl_keyring_parse(&read, text, err);

    sodium_memzero(text, sizeof text);
    if (!failed) {
        pthread_mutex_lock(&lock);
        ring = read;
        seen = about;
        pthread_mutex_unlock(&lock);
    }
    sodium_memzero(&read, sizeof read);
    return failed ? -1 : 0;
}

int
keys_open(struct pl_err *err)
{
    if (*settings.keys_file == '\0') {
        derive();
        return 0;
    }
    if (load(err))
        return -1;
    if (seen.st_mode & (S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH))
        pl_warn("keys.readable_by_others", PL_S("file", settings.keys_file));
    return 0;
}

int
keys_reload(struct pl_err *err)
{
    struct stat now;

    if (*settings.keys_file == '\0' || stat(settings.keys_file, &now))
        return 0;
    if (now.st_mtim.tv_sec == seen.st_mtim.tv_sec && now.st_mtim.tv_nsec == seen.st_mtim.tv_nsec &&
        now.st_ino == seen.st_ino && now.st_size == seen.st_size)
        return 0;
    if (load(err))
        return -1;
    pl_info("keys.loaded", PL_S("file", settings.keys_file), PL_I("keys", ring.count));
    return 0;
}

int
keys_signer(struct pl_jwt_signer *out, int64_t now, struct pl_err *err)
{
    const struct pl_ring_key *key;

    pthread_mutex_lock(&lock);
    key = pl_keyring_signer(&ring, now);
    if (key)
        pl_jwt_signer_open(out, key->seed);
    pthread_mutex_unlock(&lock);
    return key ? 0 : pl_fail(err, UNAVAILABLE, "there is no key that may sign at present");
}

void
keys_copy(struct pl_keyring *out)
{
    pthread_mutex_lock(&lock);
    *out = ring;
    pthread_mutex_unlock(&lock);
}
