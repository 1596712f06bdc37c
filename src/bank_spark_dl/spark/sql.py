"""Quote names and texts for Spark SQL."""


def quoted(name: str) -> str:
    """Quote a column's name, dots and backticks included."""
    return "`" + name.replace("`", "``") + "`"


def sql_name(name: str) -> str:
    """Write a column's name for SQL text, also where SQLTransformer would replace a part of it."""
    if "${" in name or "__" in name:
        return f"IDENTIFIER({literal(quoted(name))})"
    return quoted(name)


def literal(text: str) -> str:
    """Write a text so that Spark SQL takes it as one."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    # SQLTransformer replaces __THIS__ and ${...} in its statement, wherever they stand.
    escaped = escaped.replace("_", "\\u005F").replace("$", "\\u0024")
    return f"'{escaped}'"
