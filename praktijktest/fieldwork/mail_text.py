"""The words of a message: text out of its parts, and what its writer wrote himself."""

import re
from collections.abc import Iterator
from email.message import Message
from html.parser import HTMLParser
from typing import Final

from praktijktest.fieldwork.mail_headers import decoded

LONGEST_HTML: Final = 500_000
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
_SOMEBODY_WROTE = re.compile(
    r"(?:op|le|on|am)\b.*\b(?:schreef|geschreven|écrit|wrote|schrieb)\b", re.I
)
_RULE = re.compile(
    r"-{2,} ?(?:oorspronkelijk|original|message d.origine|doorgestuurd|forwarded|message transf)"
    r"|_{20,}$",
    re.IGNORECASE,
)
_FROM = re.compile(r"(?:van|de|from|von) ?: ?\S", re.IGNORECASE)
_SENT = re.compile(r"(?:verzonden|verstuurd|datum|envoyé|date|sent|aan|à|to|gesendet) ?:", re.I)
_MARKS: Final = " \t>*_"
_LINES_OF_INTRODUCTION: Final = 3
_LONGEST_INTRODUCTION: Final = 400
LINE_READ: Final = 100
_DECLARATION = re.compile(r"<!--|<[!?]")
_QUOTED_LINE = re.compile(r"[ \t]*>")
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
    lines = text.splitlines()
    start, end = _introduction(lines)
    own = _unquoted(lines[:start])
    return own or _unquoted(lines[end:]) or text.strip()


def _introduction(lines: list[str]) -> tuple[int, int]:
    """The lines with which a mail program announces a quotation: first, and one past the last."""
    for number, line in enumerate(lines):
        bare = line.strip(_MARKS)[:_LONGEST_INTRODUCTION]
        if _RULE.match(bare if bare else line.strip()):
            return number, number + 1
        following = next((other for other in lines[number + 1 : number + 3] if other.strip()), "")
        if _FROM.match(bare) and _SENT.match(following.strip(_MARKS)[:LINE_READ]):
            return number, number + 2
        if bare[:2].casefold() in ("op", "le", "on", "am") and (
            size := _announcing_lines(lines[number : number + _LINES_OF_INTRODUCTION])
        ):
            return number, number + size
    return len(lines), len(lines)


def _announcing_lines(lines: list[str]) -> int:
    """How many of these lines, from the first, say that somebody wrote what follows; 0 if none."""
    said = ""
    for size, line in enumerate(lines, start=1):
        said = f"{said} {line.strip(_MARKS)}".strip()
        if len(said) > _LONGEST_INTRODUCTION:
            return 0
        if said.endswith(":"):
            return size if _SOMEBODY_WROTE.match(said) else 0
    return 0


def _unquoted(lines: list[str]) -> str:
    return "\n".join(line for line in lines if not _QUOTED_LINE.match(line)).strip()


def text_of_html(source: str) -> str:
    """HTML as text: blocks on their own lines, quotations marked with >."""
    reader = _Reader()
    reader.feed(_only_whole_tags(source[:LONGEST_HTML]))
    reader.close()
    return reader.text()


def _only_whole_tags(source: str) -> str:
    """HTML without comments and declarations, and without tags that never end.

    The parser of the standard library needs hours for a message of nothing but "<!--".
    """
    parts = []
    place = 0
    while (found := _DECLARATION.search(source, place)) is not None:
        parts.append(source[place : found.start()])
        closing = "-->" if found[0] == "<!--" else ">"
        end = source.find(closing, found.end())
        place = len(source) if end < 0 else end + len(closing)
    parts.append(source[place:])
    kept = "".join(parts)
    ends = kept.rfind(">") + 1
    return kept[:ends] + kept[ends:].replace("<", "&lt;")


class _Reader(HTMLParser):
    """Collects the text of a page; broken markup gives what can be read of it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
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
            self._line.append(data.replace("\n", " "))

    def _break(self) -> None:
        line = "".join(self._line).strip()
        self._line.clear()
        if line:
            self._lines.append(f"> {line}" if self._quoted_from else line)

    def text(self) -> str:
        self._break()
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
