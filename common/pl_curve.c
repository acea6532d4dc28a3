#include "pl_curve.h"

#include "pl_log.h"
#include "pl_metric.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_TEXT      41 // Z85 of 32 bytes, and the NUL
#define LARGEST_PATH  512
#define MAX_KEYS      64
#define BIG_FRAME     (16 << 20) // PL_FRAME_MOST
#define HEARTBEAT_MS  500
#define PATIENCE_MS   2000
#define BIG_FRAMES_MS 10000

PL_COUNTER(refused, "plumb_bus_handshakes_refused_total", "connections with an unknown key", "");

struct known_key {
    char name[64];
    char text[KEY_TEXT];
};

/* The allow-list is shared with the ZAP thread; the rest is set once at start. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct known_key known_keys[MAX_KEYS];
static size_t known_count;
static char keys_dir[LARGEST_PATH];
static bool opened, plain, at_exit;
static zcert_t *own;
static zactor_t *zap;

// --- key files ---------------------------------------------------------------------------

/* zcert writes in place; a reader must never see half a key, so write beside and rename. */
static int
save(zcert_t *cert, const char *path, bool secret, struct pl_err *err)
{
    char temporary[LARGEST_PATH + 8];
    mode_t before;
    int failed;

    snprintf(temporary, sizeof temporary, "%s.new", path);
    before = umask(secret ? 077 : 022);
    failed = secret ? zcert_save_secret(cert, temporary) : zcert_save_public(cert, temporary);
    umask(before);
    if (failed || chmod(temporary, secret ? 0600 : 0644) || rename(temporary, path))
        return pl_fail(err, INTERNAL, "could not write the key file \"%s\"", path),
               pl_err_detail(err, "%s", strerror(errno));
    return 0;
}

static int
make_one(const char *dir, const char *name, struct pl_err *err)
{
    char secret[LARGEST_PATH], public[LARGEST_PATH];
    zcert_t *cert;
    int failed = 0;

    snprintf(secret, sizeof secret, "%s/%s.key_secret", dir, name);
    snprintf(public, sizeof public, "%s/%s.key", dir, name);
    if (access(secret, F_OK) == 0 && access(public, F_OK) == 0)
        return 0;
    cert = access(secret, F_OK) == 0 ? zcert_load(public) : zcert_new();
    if (cert == NULL)
        return pl_fail(err, INTERNAL, "cannot read the key file \"%s\"", secret);
    zcert_set_meta(cert, "name", "%s", name);
    if (access(secret, F_OK) != 0)
        failed = save(cert, secret, true, err);
    if (!failed)
        failed = save(cert, public, false, err);
    zcert_destroy(&cert);
    return failed;
}

int
pl_curve_make(const char *dir, const char *const *names, size_t count, struct pl_err *err)
{
    if (mkdir(dir, 0755) && errno != EEXIST)
        return pl_fail(err, INTERNAL, "could not make the folder \"%s\"", dir),
               pl_err_detail(err, "%s", strerror(errno));
    for (size_t i = 0; i < count; i++)
        if (make_one(dir, names[i], err))
            return -1;
    return 0;
}

/* Only the public part of ${path}: zcert_load() would read the secret beside it too. */
static bool
read_public(const char *path, char text[KEY_TEXT])
{
    zconfig_t *root = zconfig_load(path);
    const char *key = root ? zconfig_get(root, "/curve/public-key", "") : "";
    bool good = strlen(key) == KEY_TEXT - 1;

    if (good)
        memcpy(text, key, KEY_TEXT);
    zconfig_destroy(&root);
    return good;
}

int
pl_curve_reload(struct pl_err *err)
{
    struct known_key fresh[MAX_KEYS];
    size_t count = 0;
    DIR *dir;

    if (!opened || plain)
        return 0;
    dir = opendir(keys_dir);
    if (dir == NULL)
        return pl_fail(err, INVALID, "cannot read the folder PLUMB_KEYS_DIR, \"%s\"", keys_dir);
    for (struct dirent *entry; count < MAX_KEYS && (entry = readdir(dir));) {
        char path[LARGEST_PATH + 280];
        size_t length = strlen(entry->d_name);

        if (length < 5 || length > 60 || strcmp(entry->d_name + length - 4, ".key") != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", keys_dir, entry->d_name);
        if (!read_public(path, fresh[count].text)) {
            pl_warn("bus.key_unreadable", PL_S("file", entry->d_name));
            continue;
        }
        snprintf(fresh[count++].name, sizeof fresh->name, "%.*s", (int)(length - 4), entry->d_name);
    }
    closedir(dir);
    pthread_mutex_lock(&lock);
    memcpy(known_keys, fresh, count * sizeof *fresh);
    known_count = count;
    pthread_mutex_unlock(&lock);
    pl_info("bus.keys_read", PL_I("keys", count));
    return 0;
}

// --- ZAP (RFC 27): who may connect -------------------------------------------------------

/* The service whose public key these 32 bytes are; false if we know none. */
static bool
look_up(const unsigned char *key, char name[64])
{
    char text[KEY_TEXT];
    bool found = false;

    zmq_z85_encode(text, key, 32);
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < known_count && !found; i++)
        if (strcmp(known_keys[i].text, text) == 0) {
            memcpy(name, known_keys[i].name, 64);
            found = true;
        }
    pthread_mutex_unlock(&lock);
    return found;
}

/* version, request id, domain, address, routing id, mechanism, then the credentials. */
static void
answer_one(zsock_t *socket)
{
    zmsg_t *request = zmsg_recv(socket);
    zframe_t *frames[7] = { NULL };
    char name[64] = "";
    bool known = false;
    zmsg_t *reply;

    if (request == NULL)
        return;
    for (size_t i = 0; i < 7; i++)
        frames[i] = i ? zmsg_next(request) : zmsg_first(request);
    if (frames[6] && zframe_streq(frames[0], "1.0") && zframe_streq(frames[5], "CURVE") &&
        zframe_size(frames[6]) == 32)
        known = look_up(zframe_data(frames[6]), name);
    if (!known) {
        pl_inc(&refused);
        pl_warn("bus.key_refused");
    }
    reply = zmsg_new();
    zmsg_addstr(reply, "1.0");
    zmsg_addmem(reply, frames[1] ? zframe_data(frames[1]) : NULL,
                frames[1] ? zframe_size(frames[1]) : 0);
    zmsg_addstr(reply, known ? "200" : "400");
    zmsg_addstr(reply, known ? "OK" : "no such key");
    zmsg_addstr(reply, name); // becomes the User-Id of every message of the connection
    zmsg_addmem(reply, NULL, 0);
    zmsg_send(&reply, socket);
    zmsg_destroy(&request);
}

static void
answer_zap(zsock_t *pipe, void *bound)
{
    zsock_t *socket = zsock_new(ZMQ_REP);
    zpoller_t *poller;

    *(atomic_int *)bound = zsock_bind(socket, "inproc://zeromq.zap.01");
    poller = zpoller_new(pipe, socket, NULL);
    zpoller_set_nonstop(poller, true);
    zsock_signal(pipe, 0);
    for (;;) {
        void *which = zpoller_wait(poller, -1);

        if (which == socket)
            answer_one(socket);
        else
            break; // the owner only ever says $TERM
    }
    zpoller_destroy(&poller);
    zsock_destroy(&socket);
}

// --- process -----------------------------------------------------------------------------

static int
load_own(const char *name, struct pl_err *err)
{
    char path[LARGEST_PATH + 80];

    snprintf(path, sizeof path, "%s/%s.key", keys_dir, name);
    own = zcert_load(path);
    if (own == NULL || strspn(zcert_secret_txt(own), "0") == KEY_TEXT - 1) {
        zcert_destroy(&own);
        return pl_fail(err, INVALID,
                       "there is no key pair \"%s\" in PLUMB_KEYS_DIR, \"%s\" (make it with "
                       "`plumb keys bus`)",
                       name, keys_dir);
    }
    return 0;
}

int
pl_curve_open(const char *dir, const char *name, bool plaintext, struct pl_err *err)
{
    atomic_int bound = -1;

    pl_curve_close();
    plain = plaintext;
    opened = true;
    if (plain)
        return 0;
    if (!zsys_has_curve())
        return pl_fail(err, INVALID, "this libzmq was built without CURVE");
    snprintf(keys_dir, sizeof keys_dir, "%s", dir);
    if (load_own(name, err) || pl_curve_reload(err)) {
        pl_curve_close();
        return -1;
    }
    zap = zactor_new(answer_zap, &bound);
    /* CZMQ takes its context down at exit, and aborts if this thread still uses it then. */
    if (!at_exit)
        at_exit = atexit(pl_curve_close) == 0;
    if (zap == NULL || bound < 0) {
        pl_curve_close();
        return pl_fail(err, INTERNAL, "could not start answering for the bus's keys");
    }
    return 0;
}

void
pl_curve_close(void)
{
    zactor_destroy(&zap);
    zcert_destroy(&own);
    opened = false;
}

int
pl_curve_server(zsock_t *socket, struct pl_err *err)
{
    if (!opened)
        return pl_fail(err, INTERNAL, "the bus's keys are not open");
    if (plain)
        return 0;
    zcert_apply(own, socket);
    zsock_set_zap_domain(socket, "plumbline"); // without one libzmq would let anybody in
    zsock_set_curve_server(socket, 1);
    return 0;
}

static int
set_peer(zsock_t *socket, const char *dir, const char *peer, struct pl_err *err)
{
    char path[LARGEST_PATH + 80], text[KEY_TEXT];

    snprintf(path, sizeof path, "%s/%s.key", dir, peer);
    if (!read_public(path, text))
        return pl_fail(err, UNAVAILABLE, "there is no key of the service \"%s\"", peer);
    zsock_set_curve_serverkey(socket, text);
    return 0;
}

int
pl_curve_client(zsock_t *socket, const char *peer, struct pl_err *err)
{
    if (!opened)
        return pl_fail(err, INTERNAL, "the bus's keys are not open");
    if (plain)
        return 0;
    zcert_apply(own, socket);
    return set_peer(socket, keys_dir, peer, err);
}

int
pl_curve_client_as(zsock_t *socket, const char *dir, const char *name, const char *peer,
                   struct pl_err *err)
{
    char path[LARGEST_PATH];
    zcert_t *cert;

    snprintf(path, sizeof path, "%s/%s.key", dir, name);
    cert = zcert_load(path);
    if (cert == NULL)
        return pl_fail(err, INVALID, "there is no key pair \"%s\"", name);
    zcert_apply(cert, socket);
    zcert_destroy(&cert);
    return set_peer(socket, dir, peer, err);
}

void
pl_curve_tune(zsock_t *socket, int hwm, int64_t largest)
{
    /* A ping waits behind a big frame, so who may send big ones is given more time. */
    int patience = largest > BIG_FRAME ? BIG_FRAMES_MS : PATIENCE_MS;

    zsock_set_linger(socket, 0);
    zsock_set_immediate(socket, 1);
    zsock_set_sndhwm(socket, hwm);
    zsock_set_rcvhwm(socket, hwm);
    zsock_set_maxmsgsize(socket, (int)largest);
    zsock_set_heartbeat_ivl(socket, HEARTBEAT_MS);
    zsock_set_heartbeat_timeout(socket, patience);
    zsock_set_heartbeat_ttl(socket, patience);
    zsock_set_reconnect_ivl(socket, 50);
    zsock_set_reconnect_ivl_max(socket, 1000);
    zsock_set_handshake_ivl(socket, 5000);
    zsock_set_tcp_keepalive(socket, 1);
}
