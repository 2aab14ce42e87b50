"""`praktijktest compare`: what changed from round to round, and what may be said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import UsageError
from praktijktest.vocabulary import FORMAT

if TYPE_CHECKING:
    from praktijktest.rounds.compared_reports import ReadReport
    from praktijktest.rounds.compared_tests import ComparedRound, Treated

COMPARISON: Final = "comparison"
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Waves whose names are numbers between these are years."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of rounds, as plain data.

    Attributes:
        rounds: label, title, place, dates, tests and targets of every round, in order.
        comparison_rounds: the same of the rounds that serve as the comparison group.
        by: the column that tells the rounds apart, None for report folders.
        treated: "column=value", "tested-before", "place" (the rounds themselves, against
            `comparison_rounds`), or None without a comparison group.
        time: unit of the trend, "year" or "round", and when every round was in that unit.
        sources: name and SHA-256 of the files it was made from.
        about: title, last date, market, place, method and whether the data are simulated.
        contrasts: per contrast: rates, changes, trend, groups, difference in differences,
            composition and the targets that stood out.
        left_out: contrasts that not every round has, with the rounds that lack them.
        notes: what a reader should know: code and values.
    """

    rounds: tuple[dict[str, Any], ...]
    comparison_rounds: tuple[dict[str, Any], ...]
    by: str | None
    treated: str | None
    time: dict[str, Any]
    sources: tuple[dict[str, str], ...]
    about: dict[str, Any]
    contrasts: tuple[dict[str, Any], ...]
    left_out: tuple[dict[str, Any], ...]
    notes: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as one JSON document."""
        return {
            "format": FORMAT,
            "kind": COMPARISON,
            "title": self.about["title"],
            "sources": list(self.sources),
            "rounds": list(self.rounds),
            "comparison_rounds": list(self.comparison_rounds),
            "by": self.by,
            "treated": self.treated,
            "time": self.time,
            **{name: value for name, value in self.about.items() if name != "title"},
            "left_out": list(self.left_out),
            "notes": list(self.notes),
            "contrasts": list(self.contrasts),
        }


def compare_reports(
    folders: Sequence[Path],
    *,
    treated: str | None = None,
    comparison: Sequence[Path] = (),
) -> Comparison:
    """Compare rounds by their report folders or round folders, first to last.

    Targets are the same where the log's own ids are the same; with rounds of different
    places, none is.

    Args:
        folders: two or more report folders, or round folders with a ledger.
        treated: "column=value" or "tested-before": the group whose change is compared with
            that of all others.
        comparison: as many report folders of another place, whose rounds are the comparison
            group.

    Raises:
        UsageError: a folder is no report, there is one only, one is named twice, or the
            rounds have nothing in common that can be compared.
        DataError: a report folder is damaged.
    """
    from praktijktest.rounds.compared_ledger import read_folder
    from praktijktest.rounds.compared_reports import compared_report, refuse_repeats
    from praktijktest.rounds.compared_tests import treated_group

    apart = treated_group(treated)
    if len(folders) < 2:
        raise UsageError("A comparison needs two rounds or more.")
    if comparison and apart is not None:
        raise UsageError("--treated and --comparison are two comparison groups; name one.")
    if comparison and len(comparison) != len(folders):
        raise UsageError(
            f"There are {len(folders)} rounds and {len(comparison)} with --comparison; "
            "name one for every round, in the same order."
        )
    read = [read_folder(folder) for folder in (*folders, *comparison)]
    refuse_repeats(read)
    _refuse_other_counting(read)
    about = [report.document["round"] for report in read]
    labels = _labels(about[: len(folders)])
    labels += [
        f"{label}, {elsewhere['place'] or elsewhere['id']}"
        for label, elsewhere in zip(labels, about[len(folders) :], strict=False)
    ]
    rounds = [
        compared_report(report, label, apart) for report, label in zip(read, labels, strict=True)
    ]
    sources = [{"file": report.source, "sha256": report.sha256} for report in read]
    return _compared(
        rounds[: len(folders)], rounds[len(folders) :], sources, by=None, treated=apart
    )


def compare_waves(
    log: Sequence[Path], design: Path, by: str, *, treated: str | None = None
) -> Comparison:
    """Compare the waves within one log.

    Args:
        log: the log, in one file or several.
        design: its design file.
        by: the column that tells the waves apart, such as "wave".
        treated: "column=value" or "tested-before": the group whose change is compared with
            that of all others.

    Raises:
        UsageError: the column is not in the log or has one value.
        DesignError, DataError: as for `analyse`.
    """
    from praktijktest.rounds.compared_log import waves_of_log
    from praktijktest.rounds.compared_tests import treated_group
    from praktijktest.storage import sha256_of_file

    apart = treated_group(treated)
    rounds, notes = waves_of_log(log, design, by, apart)
    sources = [{"file": path.name, "sha256": sha256_of_file(path)} for path in (*log, design)]
    return _compared(rounds, [], sources, by=by, treated=apart, notes=notes)


def _refuse_other_counting(read: "Sequence[ReadReport]") -> None:
    """Refuse rounds whose replies are not counted alike."""
    rules = {report.document["method"]["primary"] for report in read}
    if len(rules) > 1:
        raise UsageError(
            f"The rounds count different replies as positive ({', '.join(sorted(rules))}); "
            "analyse them again with the same `primary` under [outcomes]."
        )
    if len({report.document["method"]["same_profile"] == "mean" for report in read}) > 1:
        raise UsageError(
            "One round averages the replies of a test and another does not; analyse them again "
            "with the same `same_profile` under [reading]."
        )


def _compared(
    rounds: "Sequence[ComparedRound]",
    others: "Sequence[ComparedRound]",
    sources: Sequence[dict[str, str]],
    *,
    by: str | None,
    treated: "Treated | None",
    notes: Sequence[dict[str, Any]] = (),
) -> Comparison:
    from praktijktest.rounds.wave_changes import contrast_changes

    rounds, places = _of_one_place(rounds)
    shared, left_out = _shared([*rounds, *others])
    grouped = {name: _grouped(name, rounds, others, treated) for name in shared}
    _refuse_empty_group(grouped, treated)
    unit, times = _times(rounds)
    if treated is not None and treated.tested_before and times != sorted(times):
        raise UsageError(
            "--treated tested-before needs the rounds in the order of their dates; "
            "name the earliest first."
        )
    document = rounds[0].document
    contrasts = tuple(
        contrast_changes(
            rounds[0].contrasts[name],
            [one.tests[name] for one in rounds],
            document["method"]["confidence"],
            binary=rounds[0].binary,
            times=times,
            level=document["flag_rule"]["grey_midp"],
            grouped=grouped[name],
            tested_before=treated is not None and treated.tested_before,
        )
        for name in shared
    )
    every = [*rounds, *others]
    return Comparison(
        rounds=tuple({"label": one.label, **one.about} for one in rounds),
        comparison_rounds=tuple({"label": one.label, **one.about} for one in others),
        by=by,
        treated="place" if others else treated.text if treated else None,
        time={"unit": unit, "rounds": times},
        sources=tuple(sources),
        about=_about(rounds, every, by),
        contrasts=contrasts,
        left_out=tuple(left_out),
        notes=(
            *notes,
            *places,
            *(note for one in every for note in one.notes),
            *_unlike(every, shared),
            *_said(rounds, shared, grouped, treated),
        ),
    )


def _of_one_place(
    rounds: "Sequence[ComparedRound]",
) -> "tuple[Sequence[ComparedRound], list[dict[str, Any]]]":
    """The rounds; those of different places share no target, whatever their ids."""
    places = list(dict.fromkeys(one.about["place"] for one in rounds if one.about["place"]))
    if len(places) < 2:
        return rounds, []
    apart = [
        replace(
            one,
            tests={name: tests.kept_apart(one.label) for name, tests in one.tests.items()},
        )
        for one in rounds
    ]
    return apart, [{"code": "places-differ", "places": places}]


def _shared(rounds: "Sequence[ComparedRound]") -> tuple[list[str], list[dict[str, Any]]]:
    """Contrasts with tests in every round, and the others with the rounds that lack them.

    Raises:
        UsageError: no contrast has tests in every round.
    """
    names = list(dict.fromkeys(name for one in rounds for name in one.tests))
    lacking = {
        name: [one.label for one in rounds if not len(one.tests.get(name, ()))] for name in names
    }
    shared = [name for name in names if not lacking[name]]
    if not shared:
        has = "; ".join(f"{one.label}: {', '.join(one.tests) or 'none'}" for one in rounds)
        raise UsageError(f"No contrast has tests in every round ({has}).")
    left_out = [
        {"contrast": name, "rounds": list(dict.fromkeys(labels))}
        for name, labels in lacking.items()
        if labels
    ]
    return shared, left_out


def _grouped(
    name: str,
    rounds: "Sequence[ComparedRound]",
    others: "Sequence[ComparedRound]",
    treated: "Treated | None",
) -> Any:
    """The tests of a contrast with both groups; None where no group is set apart."""
    from praktijktest.rounds.compared_tests import OTHERS, TREATED, joined

    if not others:
        return [one.tests[name] for one in rounds] if treated else None
    return [
        joined(
            [
                one.tests[name].in_group(TREATED),
                other.tests[name].kept_apart("elsewhere").in_group(OTHERS),
            ]
        )
        for one, other in zip(rounds, others, strict=True)
    ]


def _refuse_empty_group(grouped: Mapping[str, Any], treated: "Treated | None") -> None:
    """Refuse a treated value that no test has."""
    from praktijktest.rounds.compared_tests import TREATED

    if treated is None or treated.tested_before:
        return
    if not any((wave.group == TREATED).any() for waves in grouped.values() for wave in waves):
        raise UsageError(
            f"No test has {treated.column!r} equal to {treated.value!r}; "
            "look at the values in the log, letter by letter."
        )


def _times(rounds: "Sequence[ComparedRound]") -> tuple[str, list[float]]:
    """When the rounds were, in years where that is known, else by their number."""
    known = [one.moment for one in rounds if one.moment is not None]
    if len(known) == len(rounds) == len(set(known)):
        return "year", known
    years = [one.label for one in rounds]
    if all(year.isdecimal() and FIRST_YEAR <= int(year) <= LAST_YEAR for year in years):
        return "year", [float(year) for year in years]
    return "round", [float(place) for place in range(len(rounds))]


def _about(
    rounds: "Sequence[ComparedRound]", every: "Sequence[ComparedRound]", by: str | None
) -> dict[str, Any]:
    """What the comparison as a whole rests on."""
    about, method = rounds[0].document["round"], rounds[0].document["method"]
    documents = [one.document for one in (rounds[:1] if by else rounds)]
    titles = [found["round"]["title"] or found["round"]["id"] for found in documents]
    return {
        "title": " – ".join(dict.fromkeys(titles)),
        "dated": max(str(one.document["method"]["as_of"] or "")[:10] for one in every),
        "round": {name: about[name] for name in ("market", "place", "jurisdiction", "language")},
        "data": {"simulated": any(one.document["data"]["simulated"] for one in every)},
        "method": {
            **{name: method[name] for name in ("confidence", "headline", "scheme", "primary")},
            "positive": method["positive"],
            "labels": method["labels"],
            "same_profile": method["same_profile"],
            "min_cell": max(one.document["method"]["min_cell"] or 0 for one in every),
        },
    }


def _unlike(rounds: "Sequence[ComparedRound]", shared: Sequence[str]) -> list[dict[str, Any]]:
    """Ways in which the rounds were not made or counted alike."""
    found: list[dict[str, Any]] = []
    methods = [one.document["method"] for one in rounds]
    if len({tuple(m["positive"][m["primary"]]) for m in methods}) > 1:
        found.append({"code": "positive-differs"})
    if len({m["response_days"] for m in methods}) > 1:
        found.append({"code": "response-days-differ"})
    if len({one.document["round"]["order"] for one in rounds}) > 1:
        found.append({"code": "order-differs"})
    for name in shared:
        entries = [one.contrasts[name] for one in rounds]
        if len({(e["control"], e["test"], tuple(e["within"])) for e in entries}) > 1:
            found.append({"code": "levels-differ", "contrast": name})
    return found


def _said(
    rounds: "Sequence[ComparedRound]",
    shared: Sequence[str],
    grouped: Mapping[str, Any],
    treated: "Treated | None",
) -> list[dict[str, Any]]:
    """What is thin about the data of the rounds."""
    from praktijktest.rounds.compared_tests import UNKNOWN

    found: list[dict[str, Any]] = []
    moments = [one.moment for one in rounds if one.moment is not None]
    if len(moments) == len(rounds) and moments != sorted(moments):
        found.append({"code": "not-in-order"})
    for name in shared:
        found += [
            {"code": "one-target", "contrast": name, "round": one.label}
            for one in rounds
            if len(set(one.tests[name].cluster.tolist())) == 1
        ]
        if treated is not None and not treated.tested_before:
            unknown = sum(int((wave.group == UNKNOWN).sum()) for wave in grouped[name])
            if unknown:
                found.append({"code": "group-unknown", "contrast": name, "count": unknown})
    return found


def _labels(rounds: Sequence[Mapping[str, Any]]) -> list[str]:
    """The year of each round where that tells them apart, else its id, else its number."""
    years = [(about["start"] or "")[:4] for about in rounds]
    ids = [about["id"] for about in rounds]
    for names in (years, ids):
        if all(names) and len(set(names)) == len(names):
            return names
    return [f"{name} ({number})" for number, name in enumerate(ids, 1)]
