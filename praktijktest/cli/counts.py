"""`praktijktest counts`: a calculator for a published table."""

from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import console, print_json


def command(
    both: Annotated[int, typer.Argument(help="Tests in which both applicants were positive.")],
    only_control: Annotated[int, typer.Argument(help="Tests with only the control positive.")],
    only_test: Annotated[int, typer.Argument(help="Tests with only the test applicant positive.")],
    neither: Annotated[int, typer.Argument(help="Tests in which nobody was positive.")],
    confidence: Annotated[
        float, typer.Option("--confidence", help="Confidence level of the intervals.")
    ] = 0.95,
    json: options.Json = False,
    lang: options.Language = None,
) -> None:
    """Every estimate, interval and significance test of one four-cell table."""
    from praktijktest.language import language_named
    from praktijktest.rounds.counts import counts

    language = options.language_or("en", lang)
    result = counts(both, only_control, only_test, neither, confidence).to_dict()
    if json:
        print_json(result)
        return
    from praktijktest.reporting.terminal import print_counts

    print_counts(result, console(), language_named(language))
