"""What the admin face answers, against its own OpenAPI description (the few words of JSON Schema that it uses)."""
import functools
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
KINDS = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "number": (int, float)}
FORMATS = {"date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
           "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")}


def unlike(schema, value, where="answer"):
    """Where and how a value does not fit, or None."""
    kind = schema.get("type")
    if kind and (not isinstance(value, KINDS[kind]) or (kind in ("integer", "number") and isinstance(value, bool))):
        return f"{where}: {type(value).__name__} instead of {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        return f"{where}: {value!r} instead of {schema['const']!r}"
    if "format" in schema and not FORMATS[schema["format"]].fullmatch(value):
        return f"{where}: {value!r} is no {schema['format']}"
    if "anyOf" in schema and all(reasons := [unlike(one, value, where) for one in schema["anyOf"]]):
        return "; ".join(reasons)
    if isinstance(value, list):
        return next((why for n, inner in enumerate(value) if (why := unlike(schema.get("items", {}), inner, f"{where}[{n}]"))), None)
    if not isinstance(value, dict):
        return None
    known = schema.get("properties", {})
    missing = [name for name in schema.get("required", []) if name not in value]
    more = [name for name in value if name not in known] if schema.get("additionalProperties") is False else []
    if missing or more:
        return f"{where}: without {missing}, with {more} besides"
    return next((why for name, inner in value.items() if name in known and (why := unlike(known[name], inner, f"{where}.{name}"))), None)


def lists(schema, value=None, where=""):
    """Paths of the lists that a schema knows; with a value those alone that hold something in it."""
    if schema.get("type") == "array":
        if value is None or value:
            yield where
        for inner in [None] if value is None else value:
            yield from lists(schema["items"], inner, where + "[]")
    for name, inner in schema.get("properties", {}).items():
        if value is None or name in value:
            yield from lists(inner, None if value is None else value[name], f"{where}.{name}" if where else name)


def answer_schema(about, status=200):
    """Of an operation object of OpenAPI; None when its answers are not described."""
    content = about.get("responses", {}).get(str(status), {}).get("content", {})
    return content.get("application/json", {}).get("schema")


def unlike_schema(about, status, answer):
    """`about`: an operation object of OpenAPI."""
    schema = answer_schema(about, status)
    return unlike(schema, answer) if schema else None


@functools.cache
def described():
    """Operation objects by the name of the operation."""
    paths = json.loads((ROOT / "docs/openapi.json").read_text())["paths"]
    return {about["x-operation"]: about for methods in paths.values() for about in methods.values() if "x-operation" in about}


def unlike_described(operation, status, answer):
    return unlike_schema(described().get(operation, {}), status, answer)
