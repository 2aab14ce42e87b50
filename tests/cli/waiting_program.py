"""A process with the program's libraries loaded, which forks a child for each command."""

import json
import os
import sys
import traceback
import warnings
from typing import Any

LIBRARIES = (
    "pandas", "scipy.stats", "scipy.optimize", "statsmodels.api", "jinja2", "babel.numbers",
    "sqlalchemy", "xlsxwriter", "python_calamine", "rich.console", "rich.table",
    "praktijktest.cli.main", "praktijktest.rounds.analyse", "praktijktest.rounds.report_folder",
    "praktijktest.analysis.analysis", "praktijktest.design", "praktijktest.reporting.document",
    "praktijktest.reporting.html", "praktijktest.reporting.terminal",
    "praktijktest.fieldwork.ledger", "praktijktest.fieldwork.state", "praktijktest.rounds.ingest",
)  # fmt: skip


def main() -> None:
    """Answer requests, one JSON line each, with the exit code of the command."""
    for name in LIBRARIES:
        __import__(name)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(request)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _become(request: dict[str, Any]) -> None:
    """Be the command; never returns."""
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    flags = (os.O_RDONLY, os.O_CREAT | os.O_WRONLY, os.O_CREAT | os.O_WRONLY)
    for number, (path, flag) in enumerate(zip(request["streams"], flags, strict=True)):
        opened = os.open(path, flag, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    sys.argv = ["praktijktest", *request["arguments"]]
    warnings.resetwarnings()
    warnings.simplefilter("error")
    os._exit(_run())


def _run() -> int:
    from praktijktest.cli.main import run

    try:
        run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    else:
        code = 0
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or 120
    return code


if __name__ == "__main__":
    main()
