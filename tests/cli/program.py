"""Runs the program as a user does: a process of its own, its output and its exit code."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """What a finished process left behind."""

    code: int
    out: str
    err: str

    @property
    def last_error_line(self) -> str:
        """The last line of standard error."""
        return self.err.strip().splitlines()[-1] if self.err.strip() else ""


def praktijktest(
    *arguments: object, stdin: bytes | None = None, cwd: Path | None = None, columns: int = 100
) -> Outcome:
    """Run `python -m praktijktest` with these arguments."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "praktijktest", *map(str, arguments)],
        input=stdin if stdin is not None else b"",
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", "PYTHONUTF8": "1"},
        timeout=120,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
