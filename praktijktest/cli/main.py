"""The program: commands, shared options, and the one place where errors become exit codes."""

import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from praktijktest import __version__
from praktijktest.cli import (
    advert,
    analyse,
    case,
    code,
    compare,
    correct,
    counts,
    demo,
    design,
    export,
    ingest,
    init,
    mail,
    next,
    pool,
    power,
    privacy,
    reply,
    report,
    simulate,
    snapshot,
    status,
    verify,
)
from praktijktest.cli.output import print_error
from praktijktest.problems import EXIT_DATA, PraktijktestError

app = typer.Typer(
    name="praktijktest",
    help="Design, analyse and report discrimination practice tests "
    "on the housing and labour markets.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("analyse")(analyse.command)
app.command("counts")(counts.command)
app.command("compare")(compare.command)
app.command("pool")(pool.command)
app.command("demo")(demo.command)
app.command("snapshot")(snapshot.snapshot_command)
app.command("report")(report.command)
app.command("verify")(verify.verify_command)
app.command("init")(init.init_command)
app.command("simulate")(simulate.command)
app.command("next")(next.command)
app.add_typer(design.app, name="design")
app.add_typer(power.app, name="power")
app.command("ingest")(ingest.command)
app.command("status")(status.command)
app.add_typer(code.app, name="code")
app.add_typer(reply.app, name="reply")
app.command("correct")(correct.correct_command)
app.command("fail")(correct.fail_command)
app.command("note")(reply.note_command)
app.add_typer(advert.app, name="advert")
app.add_typer(mail.app, name="mail")
app.add_typer(case.app, name="case")
app.add_typer(privacy.app, name="privacy")
app.add_typer(export.app, name="export")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"praktijktest {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Design, analyse and report discrimination practice tests."""


def run() -> None:
    """Run the program; whatever happens, a person gets a sentence and not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character shows a question mark, not a failure.
            stream.reconfigure(errors="replace")
    try:
        app()
    except PraktijktestError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Somebody closed the pipe (`| head`); point stdout elsewhere so that the
        # interpreter's own flush at exit stays silent too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        print_error("Stopped.")
        sys.exit(130)
    except (OSError, MemoryError) as error:
        print_error(_system_message(error))
        sys.exit(EXIT_DATA)
    except Exception as error:
        if os.environ.get("PRAKTIJKTEST_DEBUG"):
            raise
        print_error(
            f"praktijktest has a fault of its own ({type(error).__name__}: {error}). "
            "Please report it with the command you gave; PRAKTIJKTEST_DEBUG=1 shows where it "
            "happened."
        )
        sys.exit(EXIT_DATA)


def _system_message(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return "There is not enough memory for this file."
    name = Path(str(error.filename)).name if error.filename else ""
    return f"{name}: {error.strerror or error}" if name else str(error.strerror or error)
