"""Rewritings of an API description that change no set of values.  Each takes a document (it may change it) and returns
the new one, or None where it does not apply."""
import copy
import json
import re

ONE = ("not", "if", "then", "else", "items", "additionalProperties", "contains", "propertyNames", "unevaluatedItems",
       "unevaluatedProperties")
LIST = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs")
DATA = ("example", "examples", "default", "enum", "const")
PLAIN = {"type", "properties", "required", "description", "title"}  # an object schema that `allOf` can be made of


def in_schema(schema, change):
    """The schema, each schema in it replaced by what ${change} makes of it; the innermost first."""
    if not isinstance(schema, dict):
        return schema
    for key in ONE:
        if isinstance(schema.get(key), dict):
            schema[key] = in_schema(schema[key], change)
    for key in LIST:
        if isinstance(schema.get(key), list):
            schema[key] = [in_schema(part, change) for part in schema[key]]
    for key in NAMED:
        if isinstance(schema.get(key), dict):
            schema[key] = {name: in_schema(part, change) for name, part in schema[key].items()}
    return change(schema)


def in_document(document, change):
    """Each schema of a document replaced; `$ref`s are not followed."""
    def walk(node):
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            for key, value in node.items():
                if key == "schema":
                    node[key] = in_schema(value, change)
                elif key not in DATA and not key.startswith("x-"):
                    walk(value)

    for key, value in document.items():
        if key == "components":
            for section, named in value.items():
                if section == "schemas":
                    value[section] = {name: in_schema(schema, change) for name, schema in named.items()}
                else:
                    walk(named)
        elif key == "definitions":
            document[key] = {name: in_schema(schema, change) for name, schema in value.items()}
        else:
            walk(value)
    return document


def everywhere(node, change):
    """${change} sees each object, data included."""
    if isinstance(node, dict):
        change(node)
        for value in list(node.values()):
            everywhere(value, change)
    elif isinstance(node, list):
        for value in node:
            everywhere(value, change)
    return node


def schemas(document):
    named = document.get("components", {}).get("schemas")
    return named if named is not None else document.get("definitions", {})


def prefix(document):
    return "#/definitions/" if "swagger" in document else "#/components/schemas/"


def is_31(document):
    return str(document.get("openapi", "")).startswith("3.1")


def speaking_names(document):
    """Names of schemas that a discriminator may read as values: what unions and compositions refer to."""
    names, discriminated = set(), []

    def look(node):
        if isinstance(node.get("discriminator"), (dict, str)):
            discriminated.append(node)
        for key in LIST:
            for part in node.get(key) if isinstance(node.get(key), list) else []:
                if isinstance(part, dict) and isinstance(part.get("$ref"), str):
                    names.add(part["$ref"].rsplit("/", 1)[-1])

    everywhere(document, look)
    if not discriminated:
        return set()
    return names | {name for name, schema in schemas(document).items()
                    if isinstance(schema, dict) and ("discriminator" in schema or "allOf" in schema)}


def wrapped(document):
    """Each reusable schema becomes an `allOf` of itself."""
    named, kept = schemas(document), speaking_names(document)
    for name, schema in list(named.items()):
        if isinstance(schema, dict) and name not in kept:
            named[name] = {"allOf": [schema]}
    return document


def renamed(document):
    """Reusable schemas, and what else is reusable, under other names."""
    kept, moved = speaking_names(document), {}
    for section, named in [(prefix(document), schemas(document))] + [
            (f"#/components/{section}/", document.get("components", {}).get(section, {}))
            for section in ("parameters", "responses", "requestBodies", "headers")]:
        for name in list(named):
            if section != prefix(document) or name not in kept:
                named["Renamed" + name] = named.pop(name)
                moved[section + name] = section + "Renamed" + name

    def change(node):
        target = node.get("$ref")
        if isinstance(target, str):
            for start in range(len(target), 0, -1):  # also what points into a component
                if target[start:start + 1] in ("", "/") and target[:start] in moved:
                    node["$ref"] = moved[target[:start]] + target[start:]
                    break

    return everywhere(document, change)


def reordered(document):
    """Members, required names and listed values the other way round."""
    def turn(node):
        if isinstance(node, dict):
            return {key: turn(value) for key, value in reversed(list(node.items()))}
        return [turn(value) for value in node] if isinstance(node, list) else node

    def change(node):
        for key in ("enum", "required"):
            if isinstance(node.get(key), list):
                node[key] = node[key][::-1]

    return everywhere(turn(document), change)


def bounded(document):
    """Bounds that say nothing."""
    def change(schema):
        for kind, key in (("string", "minLength"), ("array", "minItems"), ("object", "minProperties")):
            if schema.get("type") == kind:
                schema.setdefault(key, 0)
        return schema

    return in_document(document, change)


def equivalent_bounds(document):
    """Of whole numbers: `maximum: 10` is `exclusiveMaximum: 11`."""
    def change(schema):
        for key, other, by in (("maximum", "exclusiveMaximum", 1), ("minimum", "exclusiveMinimum", -1)):
            if schema.get("type") == "integer" and isinstance(schema.get(key), int) and other not in schema:
                if is_31(document):
                    schema[other] = schema.pop(key) + by
                else:
                    schema[key], schema[other] = schema[key] + by, True
        return schema

    return in_document(document, change)


def is_small(schema):
    return isinstance(schema, (dict, bool)) and len(json.dumps(schema)) < 1500


def inlined(document):
    """A `$ref` that stands alone is replaced with what it means; small ones, one step."""
    kept, start = speaking_names(document), prefix(document)
    small = {start + name: json.dumps(schema) for name, schema in schemas(document).items()
             if name not in kept and is_small(schema)}

    def change(schema):
        return json.loads(small[schema["$ref"]]) if set(schema) == {"$ref"} and schema["$ref"] in small else schema

    whole = {f"#/components/{section}/{name}": json.dumps(node)
             for section in ("parameters", "responses", "requestBodies", "headers")
             for name, node in document.get("components", {}).get(section, {}).items()}

    def replace(node):
        if node.get("$ref") in whole and len(node) == 1:
            text = whole[node.pop("$ref")]
            node.update(json.loads(text))

    document = in_document(document, change)
    return everywhere(document, replace) if document.get("paths") else document


def moved(document):
    """Schemas inside of operations become components."""
    if "swagger" in document or "paths" not in document:
        return None
    named = document.setdefault("components", {}).setdefault("schemas", {})

    def walk(node):
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            for key, value in node.items():
                if key == "schema" and isinstance(value, dict) and "$ref" not in value and "discriminator" not in value:
                    name = f"Moved{len(named)}"
                    named[name], node[key] = value, {"$ref": "#/components/schemas/" + name}
                elif key not in DATA and not key.startswith("x-"):
                    walk(value)

    walk(document["paths"])
    return document


def split(document):
    """An object schema becomes an `allOf` of two halves."""
    def change(schema):
        properties = schema.get("properties")
        if not isinstance(properties, dict) or len(properties) < 2 or schema.get("type") != "object" or \
                not set(schema) <= PLAIN:
            return schema
        names, parts = list(properties), []
        for half in (names[::2], names[1::2]):
            part = {"type": "object", "properties": {name: properties[name] for name in half}}
            required = [name for name in schema.get("required", []) if name in half or
                        (name not in properties and half is not names[::2] and len(parts) == 1)]
            parts.append({**part, **({"required": required} if required else {})})
        rest = {key: schema[key] for key in ("title", "description") if key in schema}
        return {**rest, "allOf": parts}

    return in_document(document, change) if not speaking_names(document) else None


def merged(document):
    """An `allOf` of object schemas without a common property becomes one schema."""
    start, named = prefix(document), schemas(document)
    if speaking_names(document):
        return None
    plain = {start + name: schema for name, schema in copy.deepcopy(named).items()}

    def change(schema):
        parts = [plain.get(part["$ref"], {"$ref": 0}) if isinstance(part, dict) and set(part) == {"$ref"} else part
                 for part in schema.get("allOf", [])]
        seen = [name for part in parts for name in (part.get("properties", {}) if isinstance(part, dict) else {})]
        if not parts or len(set(seen)) < len(seen) or not set(schema) <= {"allOf", "description", "title"} or \
                any(not isinstance(part, dict) or not set(part) <= PLAIN or part.get("type") != "object" for part in parts):
            return schema
        made = {key: schema[key] for key in ("title", "description") if key in schema}
        made.update(type="object", properties={n: p for part in parts for n, p in part.get("properties", {}).items()})
        required = sorted({name for part in parts for name in part.get("required", [])})
        return {**made, "required": required} if required else made

    return in_document(document, change)


def nullable_unions(document):
    """3.1: `type: [T, "null"]` becomes `anyOf` of both."""
    if not is_31(document):
        return None

    def change(schema):
        types = schema.get("type")
        if not isinstance(types, list) or "null" not in types or len(types) != 2 or "enum" in schema or "const" in schema:
            return schema
        other = next(name for name in types if name != "null")
        rest = {key: schema.pop(key) for key in ("title", "description", "default", "deprecated", "readOnly", "writeOnly")
                if key in schema}
        return {**rest, "anyOf": [{**schema, "type": other}, {"type": "null"}]}

    return in_document(document, change)


def constants(document):
    """3.1: `enum` of one becomes `const`, and `const` becomes `enum`."""
    if not is_31(document):
        return None

    def change(schema):
        if isinstance(schema.get("enum"), list) and len(schema["enum"]) == 1 and "const" not in schema:
            schema["const"] = schema.pop("enum")[0]
        elif "const" in schema and "enum" not in schema:
            schema["enum"] = [schema.pop("const")]
        return schema

    return in_document(document, change)


def upgraded(document):
    """3.0 becomes 3.1, as its migration guide says."""
    if not str(document.get("openapi", "")).startswith("3.0"):
        return None

    def change(schema):
        if "$ref" in schema:
            return {"$ref": schema["$ref"]}  # 3.0 reads nothing beside it
        nullable = schema.pop("nullable", False)
        if nullable is True and isinstance(schema.get("type"), str):
            schema["type"] = [schema["type"], "null"]
        elif nullable is True and any(key in schema for key in ("allOf", "anyOf", "oneOf", "enum")):
            return None  # without a type its meaning is disputed
        for key, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if schema.get(key) is True and bound in schema:
                schema[key] = schema.pop(bound)
            elif isinstance(schema.get(key), bool):
                schema.pop(key)
        return schema

    lost = []

    def careful(schema):
        before = copy.deepcopy(schema) if schema.get("nullable") and "type" not in schema else None
        made = change(schema)
        if made is None:
            lost.append(1)
            before.pop("nullable")
            return {"anyOf": [before, {"type": "null"}]}
        return made

    document = in_document(document, careful)
    document["openapi"] = "3.1.0"
    return document


def other_parameter_names(document):
    """Parameters in path templates under other names: they are not sent."""
    if "links" in json.dumps(list(document.get("components", {}))) or not document.get("paths"):
        return None
    text = json.dumps(document)
    if '"links"' in text:
        return None

    def change(node):
        if node.get("in") == "path" and isinstance(node.get("name"), str):
            node["name"] = "other_" + node["name"]

    everywhere(document, change)
    document["paths"] = {re.sub(r"\{([^}]*)\}", r"{other_\1}", path): item for path, item in document["paths"].items()}
    return document


ALL = (wrapped, renamed, reordered, bounded, equivalent_bounds, inlined, moved, split, merged, nullable_unions, constants,
       upgraded, other_parameter_names)
