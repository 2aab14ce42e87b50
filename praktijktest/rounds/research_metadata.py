"""What other programs read of an export: a tabular data package and a research object crate."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from praktijktest.language import Language
from praktijktest.rounds.research_variables import Variable
from praktijktest.storage import sha256_of_file
from praktijktest.tables.writing import neutral

PACKAGE: Final = "datapackage.json"
CRATE: Final = "ro-crate-metadata.json"
MEDIA: Final = {
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".json": "application/json",
    ".py": "text/x-python",
    ".R": "text/x-r",
    ".dta": "application/x-stata-dta",
    ".sav": "application/x-spss-sav",
}
CODE: Final = (".py", ".R")


def data_package(
    folder: Path,
    document: Mapping[str, Any],
    variables: Sequence[Variable],
    others: Mapping[str, Mapping[str, str]],
    language: Language,
) -> dict[str, Any]:
    """The tabular data package of an export (Frictionless, data package 1).

    Args:
        folder: the export, with its CSV files written.
        document: the analysis document.
        variables: the columns of `applications.csv`.
        others: type of every column of the other tables, by file.
        language: language of titles and descriptions.
    """
    about = document["round"]
    schema: dict[str, Any] = {
        "fields": [_field(variable, language) for variable in variables],
        "missingValues": [""],
    }
    return {
        "profile": "tabular-data-package",
        "name": _slug(f"{about['id']}-applications"),
        "title": language.text("codebook.title", title=about["title"] or about["id"]),
        "description": language.text("codebook.intro", tests=document["data"]["tests"]),
        "resources": [
            _resource(folder, "applications.csv", schema),
            *(
                _resource(
                    folder,
                    name,
                    {
                        "fields": [{"name": k, "type": v} for k, v in columns.items()],
                        "missingValues": [""],
                    },
                )
                for name, columns in others.items()
            ),
        ],
    }


def _resource(folder: Path, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    path = folder / name
    return {
        "profile": "tabular-data-resource",
        "name": _slug(path.stem),
        "path": name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "header": True},
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of_file(path)}",
        "schema": schema,
    }


def _field(variable: Variable, language: Language) -> dict[str, Any]:
    number = variable.kind in ("flag", "integer")
    field: dict[str, Any] = {
        "name": variable.name,
        "type": "integer" if number else "string",
        "title": variable.short,
        "description": variable.label(language),
    }
    limits: dict[str, Any] = {}
    if variable.kind == "flag":
        limits["enum"] = [0, 1]
    elif variable.kind == "category" and variable.values:
        limits["enum"] = [neutral(value) for value in variable.values]
    if not variable.missing:
        limits["required"] = True
    return field | ({"constraints": limits} if limits else {})


def crate(
    folder: Path, document: Mapping[str, Any], licence: str, made: date, language: Language
) -> dict[str, Any]:
    """The metadata of a research object crate (RO-Crate 1.1) over all files of an export.

    Args:
        folder: the export, with every other file written.
        document: the analysis document.
        licence: a licence's address, or a sentence.
        made: the day the export was made.
        language: language of the description.
    """
    about = document["round"]
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CRATE)
    linked = licence.startswith(("https://", "http://"))
    licence_id = licence if linked else "#licence"
    root = {
        "@id": "./",
        "@type": "Dataset",
        "identifier": about["id"],
        "name": language.text("codebook.title", title=about["title"] or about["id"]),
        "description": language.text("codebook.intro", tests=document["data"]["tests"]),
        "datePublished": made.isoformat(),
        "license": {"@id": licence_id},
        "inLanguage": language.code,
        "hasPart": [{"@id": path.relative_to(folder).as_posix()} for path in files],
    }
    if about["start"] and about["end"]:
        root["temporalCoverage"] = f"{about['start'][:7]}/{about['end'][:7]}"
    if about["place"]:
        root["spatialCoverage"] = {"@id": "#place"}
    return {
        "@context": [
            "https://w3id.org/ro/crate/1.1/context",
            {"sha256": "https://schema.org/sha256"},
        ],
        "@graph": [
            {
                "@id": CRATE,
                "@type": "CreativeWork",
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
                "about": {"@id": "./"},
            },
            root,
            {"@id": licence_id, "@type": "CreativeWork", "name": licence},
            *(
                [{"@id": "#place", "@type": "Place", "name": about["place"]}]
                if about["place"]
                else []
            ),
            *(_file(folder, path) for path in files),
        ],
    }


def _file(folder: Path, path: Path) -> dict[str, Any]:
    code = path.suffix in CODE
    return {
        "@id": path.relative_to(folder).as_posix(),
        "@type": ["File", "SoftwareSourceCode"] if code else "File",
        "name": path.name,
        "contentSize": str(path.stat().st_size),
        "encodingFormat": MEDIA.get(path.suffix, "application/octet-stream"),
        "sha256": sha256_of_file(path),
    }


def _slug(text: str) -> str:
    """A name of lower-case letters, digits, dots, hyphens and underscores."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in text.lower())
    return kept.strip("-.") or "data"
