/* Whose keys open the door. */
#include "pl_bus_fixture.h"
#include "pl_check.h"

#include <sys/stat.h>
#include <unistd.h>

/* Connect as somebody with another key, and see what becomes of it. */
static int
handshake(struct fixture *f, const char *dir, const char *name)
{
    zsock_t *socket = zsock_new(ZMQ_DEALER), *monitor = zsock_new(ZMQ_PAIR);
    struct pl_err err = { 0 };
    static int serial;
    uint16_t event = 0;
    char events[64];
    zmsg_t *message;

    pl_curve_tune(socket, 10, 1 << 20);
    must(pl_curve_client_as(socket, dir, name, "example", &err), &err);
    snprintf(events, sizeof events, "inproc://handshake-%d", serial++);
    zmq_socket_monitor(zsock_resolve(socket), events,
                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                           ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
    zsock_connect(monitor, "%s", events);
    zsock_connect(socket, "%s", pl_server_address(f->server));
    message = zmsg_recv(monitor);
    memcpy(&event, zframe_data(zmsg_first(message)), sizeof event);
    zmsg_destroy(&message);
    zmq_socket_monitor(zsock_resolve(socket), NULL, 0);
    zsock_destroy(&monitor);
    zsock_destroy(&socket);
    return event;
}

TEST(only_known_keys_are_let_in)
{
    struct fixture f = set_up();
    struct pl_err err = { 0 };
    char from[200], to[200];
    double before;

    CHECK_INT(handshake(&f, keys, "other"), ==, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);

    /* The stranger knows our public key, but we do not know his. */
    snprintf(from, sizeof from, "%s/example.key", keys);
    snprintf(to, sizeof to, "%s/example.key", strange_keys);
    unlink(to);
    CHECK_INT(link(from, to), ==, 0);
    before = counter(&f, "\nplumb_bus_handshakes_refused_total ");
    CHECK_INT(handshake(&f, strange_keys, "other"), !=, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    CHECK(counter(&f, "\nplumb_bus_handshakes_refused_total ") > before);

    /* Until his key is put into the folder and the folder is read again. */
    snprintf(from, sizeof from, "%s/other.key", strange_keys);
    snprintf(to, sizeof to, "%s/stranger.key", keys);
    CHECK_INT(link(from, to), ==, 0);
    CHECK_INT(pl_curve_reload(&err), ==, 0);
    CHECK_INT(handshake(&f, strange_keys, "other"), ==, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    tear_down(&f);
}

static char *
public_key(struct fixture *f, const char *path)
{
    zconfig_t *root = zconfig_load(path);
    char *key = pl_arena_strdup(f->arena, root ? zconfig_get(root, "/curve/public-key", "") : "");

    zconfig_destroy(&root);
    return key;
}

TEST(making_keys_again_changes_none_and_mends_what_is_missing)
{
    static const char *const names[] = { "maker" };
    struct fixture f = set_up();
    char secret[200], public[200];
    char *before, *after;
    struct pl_err err = { 0 };
    struct stat mode;

    snprintf(secret, sizeof secret, "%s/maker.key_secret", strange_keys);
    snprintf(public, sizeof public, "%s/maker.key", strange_keys);
    CHECK_INT(pl_curve_make(strange_keys, names, 1, &err), ==, 0);
    CHECK_INT(stat(secret, &mode), ==, 0);
    CHECK_INT(mode.st_mode & 0777, ==, 0600);
    before = public_key(&f, public);
    CHECK_INT(strlen(before), ==, 40);

    CHECK_INT(pl_curve_make(strange_keys, names, 1, &err), ==, 0);
    after = public_key(&f, public);
    CHECK_STR(after, before);
    unlink(public);
    CHECK_INT(pl_curve_make(strange_keys, names, 1, &err), ==, 0);
    after = public_key(&f, public);
    CHECK_STR(after, before);
    tear_down(&f);
}

TEST(without_its_own_key_pair_a_process_does_not_start)
{
    struct fixture f = set_up();
    struct pl_err err = { 0 };

    CHECK_INT(pl_curve_client_as(NULL, keys, "unheard-of", "example", &err), ==, -1);
    CHECK_HAS(err.text, "no key pair");
    tear_down(&f);
    err = (struct pl_err){ 0 };
    CHECK_INT(pl_curve_open(keys, "unheard-of", false, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_INVALID);
    CHECK_HAS(err.text, "plumb keys bus");
    err = (struct pl_err){ 0 };
    must(pl_curve_open(keys, "example", false, &err), &err); // as the other tests want it
}
