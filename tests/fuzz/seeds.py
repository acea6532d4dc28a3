#!/usr/bin/env python3
"""usage: seeds.py FOLDER -- writes what each fuzz target begins with into FOLDER/<target>/, a few kB each."""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration"))
from smuggling import REFUSED, TAKEN  # noqa: E402


def varint(number):
    number &= 2**64 - 1
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def message(*fields):
    """A protobuf message of (number, value) pairs; a negative number of bytes is not needed here."""
    out = b""
    for number, value in fields:
        if isinstance(value, str):
            value = value.encode()
        if isinstance(value, bytes):
            out += varint(number << 3 | 2) + varint(len(value)) + value
        else:
            out += varint(number << 3) + varint(value)
    return out


def frame(data):
    return len(data).to_bytes(2, "little") + data


TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def http():
    for data, _ in [*REFUSED.values(), *TAKEN.values()]:
        if len(data) < 600:
            yield data
    yield (b"PUT /api/v1/apis/museum HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\n"
           b"Content-Length: 13\r\n\r\n{\"title\":\"a\"}GET /health HTTP/1.1\r\nHost: a\r\nAccept: */*;q=0.5\r\n\r\n")
    yield (b"OPTIONS /api/v1/apis HTTP/1.1\r\nHost: a\r\nOrigin: https://ok.example\r\nAccess-Control-Request-Method: GET\r\n"
           b"traceparent: " + TRACE.encode() + b"\r\ntracestate: a=b\r\nAccept-Encoding: gzip;q=1\r\n\r\n")


YAML = """openapi: 3.1.0
info: {title: T, version: '1.0'}
x-a: &a [1, 2.5e3, "\\u00e9", null, ~, 0x1f, .inf]
paths:
  /pets/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: '^[a-f]+$'}}]
      responses:
        '200':
          description: |
            long
             text
          content: {application/json: {schema: {$ref: '#/components/schemas/A'}, example: *a}}
components:
  schemas:
    A: {type: object, required: [id], properties: {id: {type: integer, minimum: 1}, up: {$ref: '#/components/schemas/A'}}}
"""


def operation(schema, **more):
    return {"parameters": [{"name": "q", "in": "query", "schema": {"type": "integer", "maximum": 9}}],
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}, **more}


def openapi(schema, version="1.0.0", spec="3.1.0", path="/a"):
    return {"openapi": spec, "info": {"title": "T", "version": version}, "paths": {path: {"post": operation(schema)}},
            "components": {"schemas": {"A": schema},
                           "securitySchemes": {"o": {"type": "oauth2", "flows": {"implicit": {"scopes": {"r": ""}}}}}},
            "security": [{"o": ["r"]}]}


A = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "enum": ["a", "b"]},
                                                        "n": {"type": "integer", "minimum": 1}}}
B = {"oneOf": [{"$ref": "#/components/schemas/A"}, {"type": "array", "items": {"type": ["string", "null"]}}]}
SWAGGER = {"swagger": "2.0", "info": {"title": "T", "version": "2"}, "basePath": "/v1", "consumes": ["application/json"],
           "paths": {"/a~b/{x}": {"put": {"parameters": [{"in": "body", "name": "b", "schema": {"$ref": "#/definitions/A"}},
                                                         {"in": "path", "name": "x", "required": True, "type": "string"}],
                                          "responses": {"default": {"description": "d"}}}}},
           "definitions": {"A": {"allOf": [A], "additionalProperties": {"type": "number", "exclusiveMaximum": True}}}}


def document():
    yield YAML.encode()
    yield (ROOT / "examples" / "history" / "01-first.yaml").read_bytes()
    for tree in (openapi(A), openapi({**A, "nullable": True}, spec="3.0.3"), SWAGGER):
        yield json.dumps(tree).encode()


def schema():
    for dialect, rule, value in (
            (0, A, {"id": "a", "n": 1.0}),
            (0, {"$ref": "#/schema/$defs/t", "$defs": {"t": {"anyOf": [{"type": "null"}, {"items": {"$ref": "#/schema"}}]}}},
             [None, [None]]),
            (0, {"unevaluatedProperties": False, "if": {"required": ["a"]}, "then": {"properties": {"b": True}},
                 "dependentSchemas": {"a": {"minProperties": 2}}}, {"a": 1, "b": 2}),
            (0, {"prefixItems": [{"const": 1}], "contains": {"multipleOf": 0.1}, "unevaluatedItems": False,
                 "uniqueItems": True}, [1, 0.3, 1e400]),
            (1, {"type": "string", "format": "date-time", "pattern": "^[0-9T:Z-]+$", "maxLength": 30}, "2026-11-20T22:00:00Z"),
            (1, {"minimum": 1, "exclusiveMinimum": True, "dependencies": {"a": ["b"]}}, 2),
            (2, {"type": "object", "nullable": True, "discriminator": {"propertyName": "t"}, "oneOf": [A]}, None),
            (3, {"$dynamicRef": "#n", "$defs": {"n": {"$dynamicAnchor": "n", "type": "array"}}, "propertyNames": {"maxLength": 2}},
             {"abc": []})):
        yield json.dumps({"dialect": dialect, "schema": rule, "value": value}).encode()


def compare():
    less = {**A, "required": [], "properties": {"id": {"type": "string", "enum": ["a"]}}}
    for base, head in ((openapi(A), openapi(less, "1.1.0")), (openapi(less), openapi(B, "2.0.0")),
                       (openapi(A, path="/a/{b}"), openapi(A, path="/a/{c}")), (SWAGGER, openapi(A)),
                       (openapi(A, spec="3.0.3"), openapi({**A, "nullable": True}, "0.1.0", "3.0.3"))):
        yield json.dumps({"base": base, "head": head}).encode()


def transcode():
    bodies = [{"api": "a", "title": "\u00e4\n", "window": 20, "stability_threshold": 0.85, "strict_zero": True,
               "severity_overrides": {"b": 1.5, "a": [1, None]}},
              {"id": "r", "seq": 3, "semver": {"status": "ok"}, "created_at": "2026-11-20T19:00:00.000Z"},
              {"findings": [{"rule": "a", "level": "warn", "operation": {"method": "GET"}}], "next_cursor": "x"},
              {"name": "ops", "url": "http://a/", "apis": ["a", "b"], "events": [], "rate": 1.5, "enabled": False}]
    for kind in range(0, 24, 2):
        yield bytes([kind]) + json.dumps(bodies[kind // 2 % len(bodies)]).encode()
    packed = message((1, "a"), (2, "b"), (3, 4), (5, message((1, "x"))))
    for kind in range(1, 24, 2):
        yield bytes([kind]) + packed


def call():
    who = message((1, "token:1"), (3, "runs:write"), (4, "museum"))
    inner = message((1, "museum"), (2, "0624581"))
    for operation_name in ("t.Read", "t.Write", "t.None", "pl.Health", "pl.Metrics", "pl.LogLevel"):
        request = message((1, 7), (2, operation_name), (3, inner), (4, who), (5, "id"), (6, TRACE), (7, 5000), (8, "key"),
                          (9, "127.0.0.1"))
        yield b"\0" + frame(request)
        yield b"\0" + frame(request + message((10, 1))) + b"the body"
    for code, more in ((0, (5, inner)), (13, (9, 1)), (99, (3, "no")), (1, (4, message((1, "/a"), (2, "b"), (3, 1))))):
        yield b"\1" + frame(message((1, 1), (2, code), more, (6, message((1, 201), (2, '"e"')))))
    yield b"\1" + frame(message((1, 0), (2, 13), (9, 1)))


def feed():
    def event(position):
        return message((1, position), (2, "id"), (3, "governance.notice"), (4, "x"), (5, "api"), (6, "museum"),
                       (7, "2026-11-20T19:00:00.000Z"), (8, TRACE), (9, b"data"))

    def batch(start, end, *positions):
        return frame(message((3, message((1, start), (2, end), *((3, event(p)) for p in positions)))))

    def subscribe(after, credit):
        return frame(message((1, message((1, "notifier"), (2, "a.b"), (3, after), (4, 1), (5, credit)))))

    yield b"\0" + batch(11, 13, 11, 12, 13) + batch(14, 13) + batch(20, 21, 20) + batch(12, 15, 13, 15)
    yield b"\0" + batch(11, 11) + batch(1, 2**63 - 1, 5)
    yield b"\1" + subscribe(3, 4) + frame(message((2, message((1, 9))))) + subscribe(9, 0) + subscribe(-1, 16)
    yield b"\1" + subscribe(2**63 - 1, 2**31 - 1) + frame(message((2, message((1, 2**63 - 1)))))


def webhook():
    for status, headers, body in (
            ("200 OK", "Content-Type: text/plain\r\n", "ok"), ("204 No Content", "", ""),
            ("200 OK", "", '{"ok":false,"error":"rate_limited"}'), ("404 Not Found", "", "no_service"),
            ("429 Too Many Requests", "Retry-After: 120\r\n", ""),
            ("503 Busy", "Retry-After: Fri, 20 Nov 2026 22:00:00 GMT\r\n", "x"), ("410 Gone", "", "gone"),
            ("301 Moved", "Location: http://169.254.169.254/\r\n", ""),
            ("400 Bad", "", "/services/T0SECRET/B0SECRET was not \xff\0 found"),
            ("200 OK", "", "Webhook Bad Request: endpoint returned HTTP error 429 with ContextId")):
        yield f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode("latin-1")
    yield b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n"
    yield b"HTTP/1.0 200\r\nRetry-After:1\r\nRetry-After: 2\r\n\r\nuntil the end"


for target in (http, document, schema, compare, transcode, call, feed, webhook):
    folder = pathlib.Path(sys.argv[1]) / target.__name__
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(target()):
        (folder / f"seed-{number:03}").write_bytes(data)
