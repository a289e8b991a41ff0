"""What the admin face answers, against its own OpenAPI description (the few words of JSON Schema that it uses)."""
import functools
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
KINDS = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "number": (int, float)}


def unlike(schema, value, where="answer"):
    """Where and how a value does not fit, or None."""
    kind = schema.get("type")
    if kind and (not isinstance(value, KINDS[kind]) or (kind in ("integer", "number") and isinstance(value, bool))):
        return f"{where}: {type(value).__name__} instead of {kind}"
    if not isinstance(value, dict):
        return None
    known = schema.get("properties", {})
    missing = [name for name in schema.get("required", []) if name not in value]
    more = [name for name in value if name not in known] if schema.get("additionalProperties") is False else []
    if missing or more:
        return f"{where}: without {missing}, with {more} besides"
    return next((why for name, inner in value.items() if name in known and (why := unlike(known[name], inner, f"{where}.{name}"))), None)


def unlike_schema(about, status, answer):
    """`about`: an operation object of OpenAPI."""
    content = about.get("responses", {}).get(str(status), {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return unlike(schema, answer) if schema else None


@functools.cache
def described():
    """Operation objects by the name of the operation."""
    paths = json.loads((ROOT / "docs/openapi.json").read_text())["paths"]
    return {about["x-operation"]: about for methods in paths.values() for about in methods.values() if "x-operation" in about}


def unlike_described(operation, status, answer):
    return unlike_schema(described().get(operation, {}), status, answer)
