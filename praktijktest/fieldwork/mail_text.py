"""The words of a message: text out of its parts, and what its writer wrote himself."""

import re
from collections.abc import Iterator
from email.message import Message
from html.parser import HTMLParser
from typing import Final

from praktijktest.fieldwork.mail_headers import decoded

LONGEST_TEXT: Final = 200_000
"""Characters of words that are kept; the raw message is kept whole."""

_SKIPPED: Final = frozenset(("script", "style", "head", "title", "template"))
_BLOCKS = re.compile(
    "address|article|aside|blockquote|br|d[dlt]|div|footer|form|h[1-6r]|header|li|main|nav|[ou]l|p"
    "|pre|section|t(?:able|[dhr])"
)
_VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr")
_QUOTE_MARKS: Final = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote")
_QUOTE_IDS: Final = ("divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container")

# How mail programs announce what is quoted below, in three languages.
_INTRODUCTION = re.compile(
    r"^[\s>*_]*(?:"
    r"(?:op|le|on|am)\b[^\n]{4,200}\n?[^\n]{0,100}?"
    r"\b(?:schreef|heeft [^\n]{1,100} geschreven|a écrit|wrote|schrieb)\b"
    r"[^\n]{0,120}\n?[^\n]{0,120}:[ \t*_]*$"
    r"|-{2,}\s*(?:oorspronkelijk|original|message d.origine|doorgestuurd|forwarded|message transf)"
    r"|(?:van|de|from|von)\s*:.{1,200}\n(?:[\s>*_]*\n)?"
    r"[\s>*_]*(?:verzonden|verstuurd|datum|envoyé|date|sent|aan|à|to|gesendet)\s*:"
    r"|_{20,}\s*$"
    r")",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED_LINE = re.compile(r"^[ \t]*>", re.MULTILINE)
_MANY_BLANKS = re.compile(r"[ \t\xa0\u200b\u200c\u2060\ufeff]+")
_MANY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def text_of(message: Message) -> str:
    """The words of a message: its plain text, else its HTML as text.

    Text that was attached as a file is no words of the message. A message inside the message
    counts where there is nothing else.
    """
    plain = "\n".join(_texts(message, "text/plain"))
    if plain.strip():
        return _tidied(plain)
    return _tidied("\n".join(text_of_html(part) for part in _texts(message, "text/html")))


def own_words(text: str) -> str:
    """What the writer wrote, without the message that is quoted below or between it.

    Where nothing else is left, somebody wrote inside the quotation: then all of it counts.
    """
    found = _INTRODUCTION.search(text)
    above = text[: found.start()] if found else text
    lines = [line for line in above.splitlines() if not _QUOTED_LINE.match(line)]
    own = "\n".join(lines).strip()
    if own:
        return own
    below = text[found.end() :] if found else text
    kept = [line for line in below.splitlines() if not _QUOTED_LINE.match(line)]
    return "\n".join(kept).strip() or text.strip()


def text_of_html(source: str) -> str:
    """HTML as text: blocks on their own lines, quotations marked with >."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Collects the text of a page; broken markup gives what can be read of it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = [""]
        self._skipped: list[str] = []
        self._open: list[str] = []
        self._quoted_from: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipped.append(tag)
        if _BLOCKS.fullmatch(tag):
            self._break()
        if _VOID.fullmatch(tag):
            return
        self._open.append(tag)
        if not self._quoted_from and _starts_quotation(tag, dict(attrs)):
            self._break()
            self._quoted_from.append(len(self._open))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipped:
            del self._skipped[self._skipped.index(tag) :]
        if _BLOCKS.fullmatch(tag):
            self._break()
        if tag in self._open[-100:]:
            while self._open.pop() != tag:
                pass
        if self._quoted_from and len(self._open) < self._quoted_from[0]:
            self._break()
            self._quoted_from.clear()

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self._lines[-1] += data.replace("\n", " ")

    def _break(self) -> None:
        if self._lines[-1].strip():
            self._lines.append("")
        self._lines[-1] = "> " if self._quoted_from else ""

    def text(self) -> str:
        return "\n".join(self._lines)


def _starts_quotation(tag: str, attributes: dict[str, str | None]) -> bool:
    kind = (attributes.get("class") or "").casefold()
    name = (attributes.get("id") or "").casefold()
    return (
        tag == "blockquote"
        or any(mark in kind for mark in _QUOTE_MARKS)
        or any(name.endswith(mark) for mark in _QUOTE_IDS)
    )


def _texts(message: Message, wanted: str) -> Iterator[str]:
    """The decoded texts of the parts of one type that are not attached as files."""
    for part in message.walk():
        if part.is_multipart() or part.get_content_type() != wanted:
            continue
        disposition = str(part.get("Content-Disposition", "")).strip().casefold()
        if disposition.startswith("attachment"):
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            charset = part.get_param("charset")
            yield decoded(content, charset if isinstance(charset, str) else None)


def _tidied(text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _MANY_LINES.sub("\n\n", _MANY_BLANKS.sub(" ", plain))[:LONGEST_TEXT].strip()
