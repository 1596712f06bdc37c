"""Escape text from the data for Markdown and Plotly."""

import html
import re
from typing import Any

from markupsafe import Markup

MARKDOWN = re.compile(r"[\\`*\[\]|~$#]|(?<!\w)_|_(?!\w)")


def escape_markdown(value: Any) -> Any:
    """Put a backslash before whatever Markdown would take as a sign; HTML is escaped elsewhere.

    Args:
        value: What a template is about to write; only text is changed.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return MARKDOWN.sub(r"\\\g<0>", " ".join(value.splitlines()))


def escape_plotly(text: str) -> str:
    """Keep Plotly from taking tags in labels, such as links, for its own."""
    return html.escape(text, quote=False)
