/* compare_message -- parameters, bodies, responses and their headers. */
#include "compare.h"

#include <string.h>
#include <strings.h>

/* For a webhook, sending and answering change sides: then pair->reply is true for what the
 * server sends. */
static void
added_parameter(struct cmp *self, struct cmp_pair *pair, const struct cmp_parameter *h)
{
    enum cmp_rule rule =
        h->required && !pair->reply ? CMP_PARAMETER_ADDED_REQUIRED : CMP_PARAMETER_ADDED_OPTIONAL;

    cmp_found(self, pair, rule, "added", pair->base, pair->head, "%s %s was added",
              h->required ? "the required" : "the optional", h->spot.trail->label);
}

static void
removed_parameter(struct cmp *self, struct cmp_pair *pair, const struct cmp_parameter *b)
{
    const char *day;
    bool early = cmp_sunset(self, b->spot.node, &day) == CMP_ENDS_LATER;

    cmp_found(self, pair, early ? CMP_PARAMETER_REMOVED_BEFORE_SUNSET : CMP_PARAMETER_REMOVED,
              "removed", pair->base, pair->head, "the %s was removed%s%s", b->spot.trail->label,
              early ? " before " : "", early ? day : "");
}

/* Who leaves the parameter out meets the default: it is part of what the operation does. */
static void
compare_default(struct cmp *self, struct cmp_pair *pair, const struct cmp_parameter *b,
                const struct cmp_parameter *h)
{
    const struct pl_node *from, *to;

    if (b->required || h->required || pair->reply || !b->schema.node || !h->schema.node)
        return;
    from = cmp_view(&self->views, b->schema)->default_value.node;
    to = cmp_view(&self->views, h->schema)->default_value.node;
    if ((from || to) && !(from && to && pl_node_equal(from, to))) {
        cmp_changed(self, pair, CMP_PARAMETER_DEFAULT_CHANGED,
                    "the default of the %s changed from %s to %s", h->spot.trail->label,
                    cmp_value_text(from, self->arena), cmp_value_text(to, self->arena));
        cmp_detail(self, pair, "%s %s", cmp_value_whole(from, self->arena),
                   cmp_value_whole(to, self->arena));
    }
}

/* Of what a caller sends; for a webhook the server is the one who sends. */
static void
compare_required(struct cmp *self, struct cmp_pair *pair, bool before, bool now, enum cmp_rule rule,
                 const char *what)
{
    if (before == now)
        return;
    if (pair->reply)
        rule = now ? CMP_WEBHOOK_BECAME_REQUIRED : CMP_WEBHOOK_BECAME_OPTIONAL;
    cmp_changed(self, pair, rule, "the %s became %s", what, now ? "required" : "optional");
}

/* Swagger 2.0 and OpenAPI name the styles differently: comparable within a family only; and the
 * former's are about lists. */
static bool
styles_differ(const struct cmp_parameter *b, const struct cmp_parameter *h)
{
    bool b_swagger = b->spot.document->spec == PL_SWAGGER_20;
    bool h_swagger = h->spot.document->spec == PL_SWAGGER_20;

    if (b_swagger != h_swagger)
        return false;
    if (b_swagger &&
        (pl_node_get(b->spot.node, "items") == NULL || pl_node_get(h->spot.node, "items") == NULL))
        return false;
    return strcmp(b->style, h->style) != 0 || b->explode != h->explode;
}

static void
compare_reserved(struct cmp *self, struct cmp_pair *pair, const struct cmp_parameter *b,
                 const struct cmp_parameter *h)
{
    bool refused = pair->reply ? h->allow_reserved : b->allow_reserved;

    if (b->allow_reserved != h->allow_reserved)
        cmp_changed(self, pair,
                    refused ? CMP_PARAMETER_RESERVED_REFUSED : CMP_PARAMETER_RESERVED_ALLOWED,
                    "reserved characters in the %s %s", h->spot.trail->label,
                    h->allow_reserved ? "may stand as they are" : "must be percent-encoded");
}

/* A body of text, where 1 and "1" are written alike; text/json is none. */
static bool
is_text(const char *type)
{
    return strncasecmp(type, "text/", 5) == 0 && strstr(type, "json") == NULL;
}

void
cmp_parameter(struct cmp *self, struct cmp_pair *pair)
{
    const struct cmp_parameter *b = pair->base_item, *h = pair->head_item;

    if (b == NULL) {
        added_parameter(self, pair, h);
        return;
    }
    if (h == NULL) {
        removed_parameter(self, pair, b);
        return;
    }
    compare_required(self, pair, b->required, h->required,
                     h->required ? CMP_PARAMETER_BECAME_REQUIRED : CMP_PARAMETER_BECAME_OPTIONAL,
                     h->spot.trail->label);
    if (!b->deprecated && h->deprecated)
        cmp_changed(self, pair, CMP_DEPRECATED, "the %s is deprecated", h->spot.trail->label);
    if (b->deprecated && !h->deprecated)
        cmp_changed(self, pair, CMP_REACTIVATED, "the %s is no longer deprecated",
                    h->spot.trail->label);
    if (styles_differ(b, h)) {
        cmp_changed(self, pair, CMP_PARAMETER_STYLE_CHANGED,
                    "the %s is written in style %s%s instead of %s%s", h->spot.trail->label,
                    h->style, h->explode ? " (exploded)" : "", b->style,
                    b->explode ? " (exploded)" : "");
        cmp_detail(self, pair, "%s %d %s %d", b->style, b->explode, h->style, h->explode);
    }
    compare_reserved(self, pair, b, h);
    cmp_announced(self, pair, pl_arena_printf(self->arena, "the %s", h->spot.trail->label));
    compare_default(self, pair, b, h);
    if (b->is_content && h->is_content && !(is_text(b->style) && is_text(h->style)))
        cmp_pair_schemas(self, pair, b->schema, h->schema, pair->reply);
    else
        cmp_pair_texts(self, pair, b->schema, h->schema, pair->reply);
}

/* A schema on one side only restricts what was free, or frees it. */
static void
compare_schemas(struct cmp *self, struct cmp_pair *pair, struct cmp_spot b, struct cmp_spot h,
                struct cmp_spot b_owner, struct cmp_spot h_owner, bool text)
{
    static const struct cmp_rules RESTRICTED = { CMP_REQUEST_CONSTRAINT_ADDED,
                                                 CMP_REQUEST_CONSTRAINT_REMOVED,
                                                 CMP_RESPONSE_CONSTRAINT_REMOVED,
                                                 CMP_RESPONSE_CONSTRAINT_ADDED };
    bool now = h.node != NULL;

    if ((b.node == NULL) == (h.node == NULL)) {
        if (text)
            cmp_pair_texts(self, pair, b, h, pair->reply);
        else
            cmp_pair_schemas(self, pair, b, h, pair->reply);
        return;
    }
    if ((now ? h.node : b.node)->count > 0)
        cmp_found(self, pair,
                  pair->reply && !now ? CMP_RESPONSE_SCHEMA_REMOVED
                                      : cmp_rule_of(&RESTRICTED, pair->reply, now),
                  now ? "added" : "removed", now ? b_owner : b, now ? h : h_owner,
                  "a schema was %s %s", now ? "added to" : "removed from", pair->head.trail->label);
}

static bool
covers_type(const char *range, const char *type)
{
    size_t length = strlen(range);

    if (strcmp(range, type) == 0 || strcmp(range, "*/*") == 0)
        return true;
    return length > 2 && strcmp(range + length - 2, "/*") == 0 &&
           strncmp(range, type, length - 1) == 0;
}

/* The entry of that type, else of a range that covers it. */
static const struct cmp_media *
find_media(const struct cmp_content *content, const char *type)
{
    for (int i = 0; i < content->count; i++)
        if (strcmp(content->media[i].type, type) == 0)
            return &content->media[i];
    for (int i = 0; i < content->count; i++)
        if (covers_type(content->media[i].type, type))
            return &content->media[i];
    return NULL;
}

static void
compare_media(struct cmp *self, struct cmp_pair *pair, const struct cmp_media *b,
              const struct cmp_media *h)
{
    compare_schemas(self, pair, b->schema, h->schema, b->spot, h->spot,
                    is_text(b->type) && is_text(h->type));
    cmp_encoding(self, pair, b, h);
}

/* In Swagger 2.0 one schema serves all media types: the pair is made once all the same. */
static void
compare_content(struct cmp *self, struct cmp_pair *pair, const struct cmp_content *base,
                const struct cmp_content *head)
{
    const char *what = pair->reply ? "response" : "request";

    for (int i = 0; i < base->count; i++) {
        const struct cmp_media *b = &base->media[i], *h = find_media(head, b->type);

        if (h == NULL)
            cmp_found(self, pair,
                      pair->reply ? CMP_RESPONSE_MEDIA_TYPE_REMOVED
                                  : CMP_REQUEST_MEDIA_TYPE_REMOVED,
                      "removed", b->spot, pair->head, "the %s media type `%s` was removed from %s",
                      what, b->type, pair->base.trail->label);
        else
            compare_media(self, pair, b, h);
    }
    for (int i = 0; i < head->count; i++) {
        const struct cmp_media *h = &head->media[i], *b = find_media(base, h->type);

        if (b == NULL)
            cmp_found(self, pair,
                      pair->reply ? CMP_RESPONSE_MEDIA_TYPE_ADDED : CMP_REQUEST_MEDIA_TYPE_ADDED,
                      "added", pair->base, h->spot, "the %s media type `%s` was added to %s", what,
                      h->type, pair->head.trail->label);
        else if (strcmp(b->type, h->type) != 0)
            compare_media(self, pair, b, h);
    }
}

void
cmp_body(struct cmp *self, struct cmp_pair *pair)
{
    const struct cmp_body *b = pair->base_item, *h = pair->head_item;

    if (b == NULL) {
        cmp_found(self, pair,
                  h->required && !pair->reply ? CMP_REQUEST_BODY_ADDED_REQUIRED
                                              : CMP_REQUEST_BODY_ADDED_OPTIONAL,
                  "added", (struct cmp_spot){ 0 }, h->spot, "%s request body was added",
                  h->required ? "a required" : "an optional");
        return;
    }
    if (h == NULL) {
        cmp_found(self, pair, CMP_REQUEST_BODY_REMOVED, "removed", b->spot, (struct cmp_spot){ 0 },
                  "the request body was removed");
        return;
    }
    compare_required(self, pair, b->required, h->required,
                     h->required ? CMP_REQUEST_BODY_BECAME_REQUIRED
                                 : CMP_REQUEST_BODY_BECAME_OPTIONAL,
                     "request body");
    compare_content(self, pair, &b->content, &h->content);
}

static const struct cmp_header *
find_header(const struct cmp_response *response, const char *name)
{
    for (int i = 0; i < response->header_count; i++)
        if (strcmp(response->headers[i].name, name) == 0)
            return &response->headers[i];
    return NULL;
}

static void
pair_headers(struct cmp *self, struct cmp_pair *pair, const struct cmp_header *b,
             const struct cmp_header *h)
{
    cmp_pair(self, pair,
             (struct cmp_pair){ .kind = CMP_PAIR_HEADER,
                                .reply = pair->reply,
                                .base = b ? b->spot : (struct cmp_spot){ 0 },
                                .head = h ? h->spot : (struct cmp_spot){ 0 },
                                .base_item = b,
                                .head_item = h },
             0);
}

/* A status that no longer occurs, or a new one. */
static void
one_sided_response(struct cmp *self, struct cmp_pair *pair, const struct cmp_response *b,
                   const struct cmp_response *h)
{
    const char *status = b ? b->status : h->status;
    bool success = *status == '2' || *status == '3';

    if (h)
        cmp_found(self, pair, CMP_RESPONSE_ADDED, "added", pair->base, pair->head,
                  "the response %s was added", status);
    else
        cmp_found(self, pair, success ? CMP_RESPONSE_SUCCESS_REMOVED : CMP_RESPONSE_ERROR_REMOVED,
                  "removed", pair->base, pair->head, "the response %s was removed", status);
}

void
cmp_response(struct cmp *self, struct cmp_pair *pair)
{
    const struct cmp_response *b = pair->base_item, *h = pair->head_item;

    if (b == NULL || h == NULL) {
        one_sided_response(self, pair, b, h);
        return;
    }
    compare_content(self, pair, &b->content, &h->content);
    cmp_links(self, pair, b, h);
    for (int i = 0; i < b->header_count; i++)
        pair_headers(self, pair, &b->headers[i], find_header(h, b->headers[i].name));
    for (int i = 0; i < h->header_count; i++)
        if (find_header(b, h->headers[i].name) == NULL)
            pair_headers(self, pair, NULL, &h->headers[i]);
}

void
cmp_header(struct cmp *self, struct cmp_pair *pair)
{
    const struct cmp_header *b = pair->base_item, *h = pair->head_item;

    if (b == NULL) {
        cmp_found(self, pair, CMP_RESPONSE_HEADER_ADDED, "added", pair->base, pair->head,
                  "%s was added", h->spot.trail->label);
    } else if (h == NULL) {
        cmp_found(self, pair,
                  b->required ? CMP_RESPONSE_HEADER_REMOVED : CMP_RESPONSE_OPTIONAL_HEADER_REMOVED,
                  "removed", pair->base, pair->head, "%s was removed", b->spot.trail->label);
    } else {
        if (b->required && !h->required)
            cmp_changed(self, pair, CMP_RESPONSE_HEADER_BECAME_OPTIONAL, "%s became optional",
                        h->spot.trail->label);
        if (!b->required && h->required)
            cmp_changed(self, pair, CMP_RESPONSE_HEADER_BECAME_REQUIRED, "%s became required",
                        h->spot.trail->label);
        cmp_pair_texts(self, pair, b->schema, h->schema, pair->reply);
    }
}
