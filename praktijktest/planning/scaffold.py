"""A new round folder that works as it stands: design, example frame, letters, names, README."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from praktijktest.planning.names import NameBank, shipped_names
from praktijktest.problems import UsageError, shown
from praktijktest.tables import plain_csv
from praktijktest.vocabulary import JURISDICTIONS, LANGUAGES

FOLDER: Final = "scaffold_files"
START: Final = date(2027, 2, 1)
END: Final = date(2027, 7, 31)
"""A fixed example period: the same command gives the same files on any day."""

SEED: Final = 20270201
REMARK_COLUMN: Final = 34
TARGETS: Final = 12
JURISDICTION_OF: Final = {"nl": "be-vlg", "fr": "be-wal", "en": "be-bru"}
MAJORITY: Final = {"nl": "dutch", "be-vlg": "flemish", "be-wal": "walloon"}
_NOT_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class NewRound:
    """What a new round is to be about.

    Attributes:
        market: housing or labour.
        language: nl, fr or en: letters, remarks and README.
        ground: ground that is tested; None: origin.
        jurisdiction: legal setting; None: the usual one of the language.
        id: id of the round.
    """

    market: str
    language: str
    ground: str | None = None
    jurisdiction: str | None = None
    id: str = "round"


@dataclass(frozen=True, slots=True)
class _Profile:
    id: str
    attributes: tuple[tuple[str, str], ...]
    names: tuple[str, ...]


def scaffold(new: NewRound) -> dict[str, bytes]:
    """The files of a new round folder, by path.

    The result passes `design check`, `design plan` and `design lock` as it is.

    Raises:
        UsageError: there is no such market, ground, language or jurisdiction to begin with.
    """
    example = _example(new)
    majority = _majority(new)
    bank = shipped_names()
    profiles = _profiles(example, majority, bank)
    words = _words()[new.language]
    strata = ["agent_type", "district"] if new.market == "housing" else ["sector"]
    context = {
        **_about(new, words),
        **_market_choices(new),
        "profiles": profiles,
        "contrast": _contrast(new, example, majority),
        "strata": strata,
        "templates": _application_ids(new),
        "c": words["comments"],
        "q": quoted,
        "pad": remark,
    }
    used = {name for profile in profiles for name in profile.names}
    return {
        "design.toml": _tidy(_rendered("design.toml.j2", context)).encode("utf-8"),
        "frame.csv": _frame(words, new.market == "housing", strata),
        "names.csv": _names(bank, used),
        "README.md": _rendered(f"README.{new.language}.md.j2", context).encode("utf-8"),
        ".gitignore": _source("gitignore").encode("utf-8"),
        **{f"letters/{name}": text for name, text in _letters(new).items()},
    }


def _about(new: NewRound, words: Mapping[str, Any]) -> dict[str, Any]:
    """Which round it is, and when."""
    return {
        "id": round_id(new.id),
        "title": words[f"title_{new.market}"],
        "market": new.market,
        "place": words["place"],
        "jurisdiction": _checked_jurisdiction(new),
        "language": new.language,
        "start": START.isoformat(),
        "end": END.isoformat(),
        "retain": END.replace(year=END.year + 4).isoformat(),
        "seed": SEED,
    }


def _market_choices(new: NewRound) -> dict[str, Any]:
    """What is usual on a market: agents repeatedly and fast, employers once and slowly."""
    if new.market == "housing":
        return {
            "unit": "advert",
            "gap": (3, 8),
            "response_days": 14,
            "primary": "strict",
            "tests_per_target": 12,
        }
    return {
        "unit": "vacancy",
        "gap": (12, 36),
        "response_days": 30,
        "primary": "broad",
        "tests_per_target": 1,
    }


def _application_ids(new: NewRound) -> list[str]:
    names = [name.partition(".")[0] for name in _letters(new)]
    return [name for name in names if not name.startswith(("call-", "decline"))]


def _majority(new: NewRound) -> str:
    """The origin of names that nobody takes for a minority's, where the round takes place."""
    usual = "walloon" if new.language == "fr" else "flemish"
    return MAJORITY.get(_checked_jurisdiction(new), usual)


def round_id(text: str) -> str:
    """A text as an id: lower-case ASCII letters, digits and hyphens."""
    return _NOT_ID.sub("-", text.lower()).strip("-") or "round"


def quoted(text: str) -> str:
    """A text as a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def remark(text: str) -> str:
    """A remark behind a value; `_tidy` lines remarks up."""
    return f"\t# {text}"


def _tidy(text: str) -> str:
    """The design with its remarks in one column, or after the value where that is longer."""
    lines = []
    for line in text.splitlines():
        value, tab, note = line.partition("\t")
        lines.append(f"{value:<{REMARK_COLUMN}}{note}" if tab and len(value) < REMARK_COLUMN
                     else f"{value}  {note}" if tab else value)  # fmt: skip
    return "\n".join(lines) + "\n"


def _example(new: NewRound) -> dict[str, Any]:
    rounds = tomllib.loads(_source("rounds.toml"))
    if new.language not in LANGUAGES:
        raise UsageError(f"--language is {', '.join(LANGUAGES)}, not {shown(new.language)!r}.")
    if new.market not in rounds:
        raise UsageError(
            f"init knows the markets {' and '.join(rounds)}, not {shown(new.market)!r}. For "
            "another market begin with one of these and write your own letters."
        )
    ground = new.ground or "origin"
    if ground not in rounds[new.market]:
        raise UsageError(
            f"For {new.market} init knows the grounds {', '.join(rounds[new.market])}, not "
            f"{shown(ground)!r}. For another ground begin with one of these and change "
            "profiles, contrast and letters."
        )
    found: dict[str, Any] = rounds[new.market][ground]
    return found


def _checked_jurisdiction(new: NewRound) -> str:
    wanted = new.jurisdiction or JURISDICTION_OF[new.language]
    if wanted not in JURISDICTIONS:
        raise UsageError(f"--jurisdiction is {', '.join(JURISDICTIONS)}, not {shown(wanted)!r}.")
    return wanted


def _level(example: Mapping[str, Any], arm: str, majority: str) -> str:
    level: str = example[arm]
    return majority if level == "control" else level


def _profiles(example: Mapping[str, Any], majority: str, bank: NameBank) -> list[_Profile]:
    """Two profiles per gender; arms that names do not tell apart share their names."""
    attribute, genders = example["attribute"], example["genders"]
    profiles = []
    for gender in genders:
        for arm in ("control", "test"):
            level = _level(example, arm, majority)
            by_name = attribute == "origin"
            names = bank.names(level if by_name else majority, gender)
            attributes = [(attribute, level)]
            if by_name:
                attributes.append(("gender", gender))
            prefix = f"aged-{level}" if attribute == "age" else level
            profiles.append(
                _Profile(
                    id=f"{'no-disability' if level == 'none' else prefix}"
                    + (f"-{gender}" if by_name else ""),
                    attributes=tuple(attributes),
                    names=names[:12] if by_name else names,
                )
            )
    return profiles


def _contrast(new: NewRound, example: Mapping[str, Any], majority: str) -> dict[str, str]:
    return {
        "id": example["attribute"],
        "attribute": example["attribute"],
        "ground": new.ground or "origin",
        "control": _level(example, "control", majority),
        "test": _level(example, "test", majority),
    }


def _frame(words: Mapping[str, Any], housing: bool, strata: Sequence[str]) -> bytes:
    """Made-up targets, half of them with a first advert; the others wait for `design draw`."""
    name = words["target_housing" if housing else "target_labour"]
    header = ["target", "name", "advert", "link", "contact", *strata]
    rows = []
    for number in range(1, TARGETS + 1):
        values = [words[stratum][(number - 1) % len(words[stratum])] for stratum in strata]
        if housing:
            # Every second pair of agents, so that the two strata are crossed.
            values[1] = words["district"][(number - 1) // 2 % 2]
        has_advert = number % 2 == 1 or not housing
        rows.append([
            f"T{number:03d}",
            f"{name} {number}",
            f"A-{number:04d}" if has_advert else "",
            f"https://adverts.example/A-{number:04d}" if has_advert else "",
            f"contact{number}@target{number}.example",
            *values,
        ])  # fmt: skip
    return plain_csv(header, rows)


def _names(bank: NameBank, used: set[str]) -> bytes:
    header = (
        "name", "gender", "origin", "pretested", "raters", "origin_share", "class", "class_sd",
        "education", "education_sd", "religiosity", "religiosity_sd", "mail", "phone",
    )  # fmt: skip
    rows = [
        [record.name, record.gender, record.origin, "no", *[""] * (len(header) - 4)]
        for record in bank.records.values()
        if record.name in used
    ]
    return plain_csv(header, rows)


def _letters(new: NewRound) -> dict[str, bytes]:
    """The shipped templates of a market in a language, by file name."""
    folder = files("praktijktest.planning").joinpath(f"letter_templates/{new.market}")
    ending = f".{new.language}.md"
    return {
        one.name: one.read_bytes()
        for one in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if one.name.endswith(ending)
    }


def _rendered(name: str, context: Mapping[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("praktijktest.planning", FOLDER),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name).render(**context)


@cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_source("words.toml"))


def _source(name: str) -> str:
    return files("praktijktest.planning").joinpath(f"{FOLDER}/{name}").read_text(encoding="utf-8")


def grounds_of_markets() -> Iterator[tuple[str, str]]:
    """Every market and ground that a round can begin with."""
    for market, grounds in tomllib.loads(_source("rounds.toml")).items():
        for ground in grounds:
            yield market, ground
