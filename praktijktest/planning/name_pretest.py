"""Pre-test names: a form in which raters say what they hear, and the scores from the answers.

Every rater sees the names in an order of their own, by SHA-256, so that no name always
comes after the same other one.
"""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from praktijktest.planning.names import SCALE, SECOND_SIGNALS
from praktijktest.planning.ordering import ranks
from praktijktest.problems import DataError, Problem, UsageError, shown
from praktijktest.tables import plain_csv

FORM_COLUMNS: Final = ("rater", "place", "name", "heard_gender", "heard_origin", *SECOND_SIGNALS)
CREATED: Final = datetime(2000, 1, 1)

QUESTIONS: Final[dict[str, dict[str, str]]] = {
    "nl": {
        "title": "Wat hoort u in deze namen?",
        "how": "Vul elke rij in zoals het eerst in u opkomt. Er zijn geen foute antwoorden.",
        "rater": "Vragenlijst",
        "place": "Nr.",
        "name": "Naam",
        "heard_gender": "Man of vrouw?",
        "heard_origin": "Welke herkomst hebben de ouders, denkt u?",
        "class": "Sociale klasse (1 = laag, 7 = hoog)",
        "education": "Opleiding (1 = kort, 7 = lang)",
        "religiosity": "Gelovig (1 = helemaal niet, 7 = heel erg)",
    },
    "fr": {
        "title": "Qu'entendez-vous dans ces noms ?",
        "how": "Remplissez chaque ligne spontanément. Il n'y a pas de mauvaise réponse.",
        "rater": "Questionnaire",
        "place": "N°",
        "name": "Nom",
        "heard_gender": "Homme ou femme ?",
        "heard_origin": "Selon vous, quelle est l'origine des parents ?",
        "class": "Classe sociale (1 = basse, 7 = élevée)",
        "education": "Études (1 = courtes, 7 = longues)",
        "religiosity": "Croyance religieuse (1 = pas du tout, 7 = très forte)",
    },
    "en": {
        "title": "What do you hear in these names?",
        "how": "Fill in every row as it first comes to mind. There are no wrong answers.",
        "rater": "Questionnaire",
        "place": "No.",
        "name": "Name",
        "heard_gender": "Man or woman?",
        "heard_origin": "Where do you think the parents come from?",
        "class": "Social class (1 = low, 7 = high)",
        "education": "Education (1 = short, 7 = long)",
        "religiosity": "Religious (1 = not at all, 7 = very)",
    },
}


@dataclass(frozen=True, slots=True)
class NameScore:
    """What the raters heard in a name.

    Attributes:
        name: the name.
        raters: how many said which origin they hear.
        origin_share: share of them who heard the origin it is meant to show.
        means: second signal -> mean rating, where anybody rated it.
        deviations: second signal -> standard deviation (n - 1), where two or more did.
    """

    name: str
    raters: int
    origin_share: float | None
    means: dict[str, float]
    deviations: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """The score as a row of a bank of names."""
        row: dict[str, Any] = {
            "name": self.name,
            "pretested": "yes",
            "raters": self.raters,
            "origin_share": self.origin_share,
        }
        for signal in SECOND_SIGNALS:
            row[signal] = self.means.get(signal)
            row[f"{signal}_sd"] = self.deviations.get(signal)
        return row


def pretest_rows(names: Sequence[str], raters: int, seed: int) -> list[dict[str, str]]:
    """The rows of the form: every rater has all names, in an order of their own.

    Raises:
        UsageError: there are no names or no raters.
    """
    distinct = sorted(set(names))
    if not distinct or raters < 1:
        raise UsageError("A form to rate names needs at least one name and one rater.")
    rows = []
    for rater in range(1, raters + 1):
        order = ranks(seed, f"pretest/{rater}", distinct).tolist()
        placed = sorted(zip(order, distinct, strict=True))
        rows += [
            {"rater": str(rater), "place": str(place + 1), "name": name} for place, name in placed
        ]
    return rows


def pretest_csv(names: Sequence[str], raters: int, seed: int) -> bytes:
    """The form as one CSV, with empty columns for the answers."""
    rows = pretest_rows(names, raters, seed)
    return plain_csv(FORM_COLUMNS, ([row.get(c, "") for c in FORM_COLUMNS] for row in rows))


def pretest_workbook(names: Sequence[str], raters: int, seed: int, language: str) -> bytes:
    """The form as a spreadsheet with one sheet per rater and the questions in a language.

    The bytes depend on the arguments alone.
    """
    import xlsxwriter

    words = QUESTIONS[language]
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"title": words["title"], "created": CREATED})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    rows = pretest_rows(names, raters, seed)
    scale = {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": 7}
    for rater in range(1, raters + 1):
        own = [row for row in rows if row["rater"] == str(rater)]
        sheet = book.add_worksheet(f"{words['rater']} {rater}")
        for column, name in enumerate(FORM_COLUMNS):
            sheet.write_string(0, column, name)
            sheet.write_string(1, column, words[name], bold)
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.write_comment(1, 0, f"{words['title']}\n{words['how']}", {"author": ""})
        for number, row in enumerate(own, start=2):
            for column, name in enumerate(FORM_COLUMNS[:3]):
                sheet.write_string(number, column, row[name])
        sheet.data_validation(2, 5, len(own) + 1, 7, scale)
        sheet.set_column(2, 7, 24)
        sheet.freeze_panes(2, 3)
    book.close()
    return stream.getvalue()


def read_answers(path: Path) -> list[dict[str, str]]:
    """The rows of a filled form, csv or spreadsheet, without the row of questions.

    Raises:
        UsageError: the file is missing or of an unknown kind.
        DataError: it is not the form.
    """
    from praktijktest.tables import read_table

    is_sheet = path.suffix.lower() not in (".csv", ".tsv", ".txt")
    table = read_table(path, sheet="all" if is_sheet else None)
    columns = {name: column.texts().tolist() for name, column in table.columns.items()}
    missing = [name for name in FORM_COLUMNS if name not in columns]
    if missing:
        message = f"the form lacks the columns {', '.join(missing)}"
        raise DataError(
            "The answers cannot be read.", [Problem("name-form", message, file=path.name)]
        )
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    questions = {words["rater"] for words in QUESTIONS.values()}
    return [row for row in rows if row["rater"] not in questions]


def score_names(
    answers: Sequence[Mapping[str, str]], origins: Mapping[str, Sequence[str]], file: str = "form"
) -> tuple[NameScore, ...]:
    """What the answers come to, per name.

    Args:
        answers: rows of the filled form; what is empty counts for nothing.
        origins: name -> the answers that mean its intended origin, in any case.
        file: base name, for messages.

    Raises:
        DataError: a rating is not a number from 1 to 7.
    """
    problems: list[Problem] = []
    by_name: dict[str, list[tuple[str, dict[str, float]]]] = {}
    for number, row in enumerate(answers, start=2):
        ratings = {s: v for s in SECOND_SIGNALS if (v := _rating(row, s, number, file, problems))}
        by_name.setdefault(row["name"], []).append((row.get("heard_origin", ""), ratings))
    if problems:
        raise DataError("The answers cannot be used.", problems)
    return tuple(_score(name, own, origins.get(name, ())) for name, own in by_name.items())


def _score(
    name: str, answers: Sequence[tuple[str, dict[str, float]]], meant: Sequence[str]
) -> NameScore:
    wanted = {text.strip().casefold() for text in meant}
    heard = [origin.strip().casefold() for origin, _ in answers if origin.strip()]
    means: dict[str, float] = {}
    deviations: dict[str, float] = {}
    for signal in SECOND_SIGNALS:
        values = [ratings[signal] for _, ratings in answers if signal in ratings]
        if values:
            means[signal] = mean = sum(values) / len(values)
        if len(values) > 1:
            spread = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
            deviations[signal] = math.sqrt(spread)
    share = sum(origin in wanted for origin in heard) / len(heard) if heard and wanted else None
    return NameScore(name, len(heard), share, means, deviations)


def _rating(
    row: Mapping[str, str], signal: str, number: int, file: str, problems: list[Problem]
) -> float | None:
    text = row.get(signal, "").strip().replace(",", ".")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if SCALE[0] <= value <= SCALE[1]:
        return value
    problems.append(
        Problem(
            code="name-rating",
            message="this is not a number from 1 to 7",
            file=file,
            row=number,
            column=signal,
            value=shown(row[signal]),
        )
    )
    return None
