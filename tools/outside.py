"""List what the pages of a built site would load from elsewhere; there should be nothing."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

# A link that a reader may click is no load: <a href> is left out.
LOADING = {"script", "link", "img", "iframe", "source", "video", "audio", "object", "embed"}
ATTRIBUTES = ("src", "href", "srcset", "data", "poster")
OUTSIDE = re.compile(r"(?:https?:)?//")
IN_STYLE = re.compile(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)")


class Loads(HTMLParser):
    """Collects the outside addresses that a page loads by itself."""

    def __init__(self) -> None:
        """Start with none."""
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element's addresses."""
        values = dict(attrs)
        if tag in LOADING and values.get("rel") != "canonical":
            self.found += [
                value
                for name in ATTRIBUTES
                if (value := values.get(name)) and OUTSIDE.match(value.strip())
            ]


def outside(site: Path) -> Iterator[str]:
    """Yield `page: address` for each outside address that pages and style sheets load."""
    for path in sorted(site.rglob("*")):
        text = path.read_text(encoding="utf-8") if path.suffix in {".html", ".css"} else ""
        parser = Loads()
        if path.suffix == ".html":
            parser.feed(text)
        for address in parser.found + IN_STYLE.findall(text):
            yield f"{path.relative_to(site)}: {address}"


if __name__ == "__main__":
    found = list(outside(Path(sys.argv[1])))
    print("\n".join(found), end="\n" if found else "")
    raise SystemExit(bool(found))
