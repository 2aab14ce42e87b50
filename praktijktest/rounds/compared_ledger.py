"""The tests of a round from its round folder: the ledger, analysed as it stands."""

from hashlib import sha256
from pathlib import Path

from praktijktest.rounds.compared_reports import (
    ReadReport,
    read_report,
    refuse_other_kinds,
    screened,
)
from praktijktest.storage import folder_kind


def read_folder(folder: Path) -> ReadReport:
    """Read a report folder, or analyse the ledger of a round folder.

    Raises:
        UsageError: it is neither, or of a kind of test that has no pairs.
        DesignError, DataError: as for `analyse`, or a report is damaged.
    """
    if folder.is_dir() and folder_kind(folder) == "round":
        return _read_round(folder)
    return read_report(folder)


def _read_round(folder: Path) -> ReadReport:
    """The round as its report folder would hold it, with the own id of every target."""
    import pandas as pd

    from praktijktest.analysis.analysis import Analysis
    from praktijktest.analysis.export import applications_table
    from praktijktest.rounds.analyse import analyse_round
    from praktijktest.rounds.report_folder import document_json

    name = folder.resolve().name
    analysis = analyse_round(folder).analysis
    refuse_other_kinds(analysis.design.kind, name)
    assert isinstance(analysis, Analysis)
    document = analysis.to_dict()
    header, columns = applications_table(analysis)
    rows = {
        title: column.values[column.codes] for title, column in zip(header, columns, strict=True)
    }
    return ReadReport(
        name=name,
        source=f"{name} (ledger)",
        sha256=sha256(b"".join(document_json(document))).hexdigest(),
        document=document,
        design=analysis.design,
        applications=screened(pd.DataFrame(rows, dtype=object), document),
        targets={pseudonym: target for target, pseudonym in analysis.pseudonyms.items()},
    )
