"""The same report is the same file, whenever and wherever it is made."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from fontTools.ttLib import TTFont
from matplotlib import get_data_path

from tests.reporting import test_pdf, test_word

MADE = """
import hashlib
from tests.reporting import test_pdf, test_word
for made in (test_pdf, test_word):
    for name, code in (("washington", "nl"), ("blocks", "nl")):
        print(hashlib.sha256(made.rendered(name, code)).hexdigest())
"""


def other_fonts(folder: Path) -> None:
    """A machine whose fonts have the names of ours and other shapes."""
    folder.mkdir(parents=True)
    for name in ("DejaVu Sans", "Libertinus Serif", "Arial"):
        font = TTFont(Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSansMono.ttf")
        for record in font["name"].names:
            if record.nameID in (1, 4, 16):
                record.string = name
        font.save(folder / f"{name}.ttf")


def test_a_report_is_the_same_bytes_in_another_place_time_language_and_font(
    tmp_path: Path,
) -> None:
    here = [
        hashlib.sha256(made.rendered(name, "nl")).hexdigest()
        for made in (test_pdf, test_word)
        for name in ("washington", "blocks")
    ]
    other_fonts(tmp_path / "share" / "fonts")
    surroundings = {
        "TZ": "Pacific/Apia",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "PYTHONHASHSEED": "4711",
        "SOURCE_DATE_EPOCH": "1",
        "XDG_DATA_HOME": str(tmp_path / "share"),
        "MPLCONFIGDIR": str(tmp_path / "matplotlib"),
    }
    done = subprocess.run(
        [sys.executable, "-c", MADE],
        env={**os.environ, **surroundings},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == here
