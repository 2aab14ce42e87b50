"""The codebook of exported applications, for people, in a language."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from praktijktest.rounds.research_variables import Variable, own_labels

if TYPE_CHECKING:
    from praktijktest.disclosure.anonymity import Anonymity
    from praktijktest.language import Language

VALUES_SHOWN: Final = 60
"""Values of a variable that a codebook lists."""


def codebook(
    document: Mapping[str, Any],
    variables: Sequence[Variable],
    check: "Anonymity",
    language: "Language",
    *,
    scripts: bool,
) -> bytes:
    """The codebook as Markdown.

    Args:
        document: the analysis document.
        variables: the columns.
        check: what was done so that no target is alone.
        language: what it is written in.
        scripts: whether replication scripts stand beside the data.
    """
    about = document["round"]
    text = language.text
    lines = [
        f"# {text('codebook.title', title=about['title'] or about['id'])}",
        "",
        text("codebook.intro", tests=document["data"]["tests"]),
        "",
        f"## {text('codebook.variables')}",
        "",
        _row([text(f"codebook.{name}") for name in ("name", "short", "meaning", "values")]),
        _row(["---"] * 4),
    ]
    own = own_labels(document)
    for variable in variables:
        cells = [f"`{variable.name}`", f"`{variable.short}`", variable.label(language)]
        lines.append(_row([*cells, _values(variable, language, own)]))
    lines += ["", f"## {text('codebook.privacy')}", "", text("codebook.pseudonyms")]
    lines += ["", _anonymity(check, language)]
    lines += [f"- {text('codebook.left_out')}"]
    if scripts:
        lines += ["", f"## {text('codebook.replication')}", "", text("codebook.scripts")]
    lines += ["", text("statement"), ""]
    return "\n".join(lines).encode("utf-8")


def _anonymity(check: "Anonymity", language: "Language") -> str:
    if not check.columns:
        return f"- {language.text('codebook.nothing_known')}"
    said = [
        language.text(
            "codebook.anonymity",
            columns=[f"`{name}`" for name in check.columns],
            k=check.k,
            smallest=check.smallest,
        )
    ]
    if check.touched:
        said.append(language.text("codebook.hidden", count=check.touched))
    for name, columns in (("coarser", check.coarser), ("pooled", check.pooled)):
        if columns:
            said.append(
                language.text(f"codebook.{name}", columns=[f"`{column}`" for column in columns])
            )
    return "\n".join(f"- {sentence}" for sentence in said)


def _values(variable: Variable, language: "Language", own: Mapping[str, str]) -> str:
    if variable.kind in ("identifier", "integer"):
        return language.text(f"codebook.kind.{variable.kind}")
    parts = []
    for value in variable.values[:VALUES_SHOWN]:
        label = variable.value_label(value, language, own)
        parts.append(f"`{value}`" if label == value else f"`{value}`: {label}")
    if len(variable.values) > VALUES_SHOWN:
        parts.append("…")
    if variable.missing:
        parts.append(language.text("codebook.empty"))
    return "<br>".join(parts)


def _row(cells: Sequence[str]) -> str:
    """A row of a table; what would end a cell or a line is written otherwise."""
    safe = (" ".join(cell.replace("|", "\\|").split()) for cell in cells)
    return f"| {' | '.join(safe)} |"
