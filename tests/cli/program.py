"""Runs the program as a user does: a process of its own, its output and its exit code.

A process that has loaded the program's libraries once waits for commands and forks a child for
each, so that hundreds of commands do not load them hundreds of times. A child sees what a fresh
process sees: its own arguments, folder, environment, standard streams and warning filters.
"""

import atexit
import json
import os
import select
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TIMEOUT = 120


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
    with tempfile.TemporaryDirectory() as scratch:
        streams = [Path(scratch) / name for name in ("in", "out", "err")]
        streams[0].write_bytes(stdin or b"")
        request = {
            "arguments": [*map(str, arguments)],
            "cwd": str(cwd or Path.cwd()),
            "environment": {
                **os.environ,
                "COLUMNS": str(columns),
                "NO_COLOR": "1",
                "PYTHONUTF8": "1",
            },
            "streams": [*map(str, streams)],
        }
        code = _ask(request)
        return Outcome(code, *(path.read_bytes().decode("utf-8") for path in streams[1:]))


def _ask(request: dict[str, object]) -> int:
    waiting = _waiting()
    assert waiting.stdin is not None
    assert waiting.stdout is not None
    waiting.stdin.write(json.dumps(request).encode() + b"\n")
    waiting.stdin.flush()
    ready, _, _ = select.select([waiting.stdout], [], [], TIMEOUT)
    answer = waiting.stdout.readline() if ready else b""
    if not answer:
        waiting.kill()
        _waiting.cache_clear()
        raise AssertionError(f"no answer in {TIMEOUT} seconds: {request['arguments']}")
    return int(answer)


@cache
def _waiting() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-m", "tests.cli.waiting_program"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    atexit.register(process.kill)
    return process
