#include "pl_uri.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int
hex(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

struct pl_node *
pl_uri_pointer(struct pl_node *root, const char *fragment)
{
    char *pointer, *out;
    struct pl_node *found;

    if (strchr(fragment, '%') == NULL)
        return pl_node_pointer(root, fragment);
    pointer = out = malloc(strlen(fragment) + 1);
    if (pointer == NULL)
        abort();
    while (*fragment) {
        if (fragment[0] == '%' && isxdigit((unsigned char)fragment[1]) &&
            isxdigit((unsigned char)fragment[2])) {
            *out++ = (char)(hex(fragment[1]) << 4 | hex(fragment[2]));
            fragment += 3;
        } else {
            *out++ = *fragment++;
        }
    }
    *out = '\0';
    found = pl_node_pointer(root, pointer);
    free(pointer);
    return found;
}

/* The parts of a URI as slices; `has_` where empty differs from absent. */
struct parts {
    const char *scheme, *authority, *path, *query, *fragment;
    size_t scheme_length, authority_length, path_length, query_length;
    bool has_authority, has_query;
};

static struct parts
split(const char *uri)
{
    struct parts self = { .scheme = uri };
    size_t length = strcspn(uri, ":/?#");

    if (uri[length] == ':' && length && isalpha((unsigned char)uri[0])) {
        self.scheme_length = length;
        uri += length + 1;
    }
    if (uri[0] == '/' && uri[1] == '/') {
        self.has_authority = true;
        self.authority = uri + 2;
        self.authority_length = strcspn(uri + 2, "/?#");
        uri += 2 + self.authority_length;
    }
    self.path = uri;
    self.path_length = strcspn(uri, "?#");
    uri += self.path_length;
    if (*uri == '?') {
        self.has_query = true;
        self.query = uri + 1;
        self.query_length = strcspn(uri + 1, "#");
        uri += 1 + self.query_length;
    }
    self.fragment = uri; // with its '#', or empty
    return self;
}

/* Take out "." and ".." (RFC 3986, 5.2.4), in place. */
static void
remove_dots(char *path)
{
    char *in = path, *out = path;

    while (*in) {
        size_t length = strcspn(in + 1, "/") + 1; // one segment with its '/'

        if (*in != '/')
            length = strcspn(in, "/");
        if (length == 2 && memcmp(in, "/.", 2) == 0) {
            if (in[2] == '\0')
                *out++ = '/';
        } else if (length == 3 && memcmp(in, "/..", 3) == 0) {
            while (out > path && *--out != '/')
                ;
            if (in[3] == '\0')
                *out++ = '/';
        } else {
            memmove(out, in, length);
            out += length;
        }
        in += length;
    }
    *out = '\0';
}

/* The path of a relative reference under the base's folder (5.2.3). */
static char *
merged_path(struct pl_arena *arena, const struct parts *base, const struct parts *reference)
{
    size_t folder = base->path_length;

    if (reference->path_length && reference->path[0] == '/')
        folder = 0;
    while (folder && base->path[folder - 1] != '/')
        folder--;
    return pl_arena_printf(
        arena, "%s%.*s%.*s",
        base->has_authority && base->path_length == 0 && reference->path[0] != '/' ? "/" : "",
        (int)folder, base->path, (int)reference->path_length, reference->path);
}

char *
pl_uri_resolve(struct pl_arena *arena, const char *base_text, const char *text)
{
    struct parts base = split(base_text), reference = split(text);
    const struct parts *authority = reference.has_authority ? &reference : &base;
    const struct parts *query = &reference;
    char *path;

    if (reference.scheme_length)
        return pl_arena_strdup(arena, text);
    if (reference.has_authority) {
        path = pl_arena_memdup(arena, reference.path, reference.path_length);
    } else if (reference.path_length == 0) {
        path = pl_arena_memdup(arena, base.path, base.path_length);
        query = reference.has_query ? &reference : &base;
    } else {
        path = merged_path(arena, &base, &reference);
        remove_dots(path);
    }
    return pl_arena_printf(arena, "%.*s%s%s%.*s%s%s%.*s%s", (int)base.scheme_length, base.scheme,
                           base.scheme_length ? ":" : "", authority->has_authority ? "//" : "",
                           (int)authority->authority_length,
                           authority->authority ? authority->authority : "", path,
                           query->has_query ? "?" : "", (int)query->query_length,
                           query->query ? query->query : "", reference.fragment);
}
