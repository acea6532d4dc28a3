#include "contract.h"

#include "contract_compile.h"

#include <ctype.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_PROBLEMS 200
#define MAX_SERVICES 32

void
contract_problem(struct contract *self, const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (self->problem_count < MAX_PROBLEMS)
        self->problems[self->problem_count++] = pl_arena_strdup(self->arena, text);
}

struct pl_node *
contract_resolve(const struct contract *self, struct pl_node *node)
{
    return node ? pl_document_resolve(self->document, node) : NULL;
}

static bool
says_raw(const struct pl_node *node)
{
    return strcmp(pl_node_text(pl_node_get(node, "x-json"), ""), "raw") == 0;
}

bool
contract_is_raw(const struct contract *self, struct pl_node *schema)
{
    return says_raw(schema) || says_raw(contract_resolve(self, schema));
}

static const char *const METHODS[] = { "get", "put", "post", "delete", "patch" };

static const char *
upper(struct contract *self, const char *method)
{
    char *out = pl_arena_strdup(self->arena, method);

    for (char *c = out; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return out;
}

static void
add_service(struct contract *self, const char *service)
{
    size_t n = 0;

    for (; self->services[n]; n++)
        if (strcmp(self->services[n], service) == 0)
            return;
    if (n < MAX_SERVICES)
        self->services[n] = service;
}

static void
check_unique(struct contract *self, const struct operation *added)
{
    for (const struct operation *op = self->operations; op < added; op++)
        if (strcmp(op->id, added->id) == 0)
            contract_problem(self, "%s: that operationId is there twice", op->id);
}

static void
compile_path(struct contract *self, const char *path, struct pl_node *item)
{
    for (size_t m = 0; m < sizeof METHODS / sizeof *METHODS; m++) {
        struct pl_node *node = pl_node_get(item, METHODS[m]);
        struct operation *op = &self->operations[self->operation_count];
        struct pl_err err = { 0 };

        if (node == NULL)
            continue;
        contract_compile(self, op, path, upper(self, METHODS[m]), item, node);
        check_unique(self, op);
        if (op->service && strcmp(op->service, "api-gateway") != 0)
            add_service(self, op->service);
        if (router_add(self->router, path, op->method, op, &err))
            contract_problem(self, "%s", err.text);
        self->operation_count++;
    }
}

static void
compile(struct contract *self)
{
    const struct pl_node *paths = pl_node_get(self->document->root, "paths");
    size_t most = sizeof METHODS / sizeof *METHODS * (paths ? paths->count : 0);

    self->operations = pl_arena_alloc(self->arena, (most + 1) * sizeof *self->operations);
    for (uint32_t i = 0; paths && i < paths->count; i++)
        compile_path(self, paths->members[i].key, paths->members[i].value);
    if (self->operation_count == 0)
        contract_problem(self, "the contract has no operations");
}

static void
write_json(struct contract *self)
{
    unsigned char hash[16];
    char hex[33];

    pl_node_write(&self->json, self->document->root, PL_COMPACT);
    crypto_generichash(hash, sizeof hash, (const unsigned char *)self->json.data, self->json.length,
                       NULL, 0);
    snprintf(self->etag, sizeof self->etag, "\"%s\"",
             sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
}

int
contract_load(struct contract **out, const char *file, const char *bytes, size_t length,
              struct pl_err *err)
{
    struct pl_arena *arena = pl_arena_new();
    struct contract *self = pl_arena_alloc(arena, sizeof *self);
    struct pl_err bad = { 0 };

    self->arena = arena;
    self->json.arena = arena;
    self->problems = pl_arena_alloc(arena, (MAX_PROBLEMS + 1) * sizeof *self->problems);
    self->services = pl_arena_alloc(arena, (MAX_SERVICES + 1) * sizeof *self->services);
    self->router = router_new(arena);
    *out = self;
    if (pl_document_load(&self->document, arena, file, bytes, length, NULL, &bad)) {
        for (int i = 0; i < self->document->problem_count; i++)
            contract_problem(self, "%s: %s", self->document->problems[i].pointer,
                             self->document->problems[i].text);
        if (self->problem_count == 0)
            contract_problem(self, "%s", bad.text);
    } else {
        compile(self);
        write_json(self);
    }
    if (self->problem_count)
        return pl_fail(err, INVALID, "the contract %s has %d problems, the first: %s", file,
                       self->problem_count, self->problems[0]);
    return 0;
}

void
contract_destroy(struct contract **self_p)
{
    struct pl_arena *arena = *self_p ? (*self_p)->arena : NULL;

    pl_arena_destroy(&arena);
    *self_p = NULL;
}
