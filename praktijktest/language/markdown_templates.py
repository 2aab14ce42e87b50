"""Papers in Markdown from templates: texts of people never count as markup."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

MARKUP = "\\|<>*[]`"
"""Characters that Markdown may take for markup anywhere in a line."""


@cache
def markdown_environment(package: str, folder: str, markup: str = MARKUP) -> "Environment":
    """Templates of a package whose values are written as plain text.

    Args:
        package: dotted name of the package that holds the templates.
        folder: folder of the templates in it.
        markup: characters that get a backslash.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    special = re.compile(f"([{re.escape(markup)}])")

    def escaped(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return special.sub(r"\\\1", " ".join(value.split()))

    return Environment(
        loader=PackageLoader(package, folder),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=escaped,
    )


def tidied(text: str) -> str:
    """A text without blanks at the ends of lines and without more than one empty line."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).rstrip() + "\n"
