"""Every shipped design is valid and says what its file name promises."""

from pathlib import Path

import pytest

from praktijktest.design import Design, read_design

DESIGNS = sorted((Path(__file__).parents[1] / "designs").glob("*.toml"))
TEMPLATES = {
    "housing-origin": ("housing", ["origin"]),
    "housing-disability": ("housing", ["disability"]),
    "housing-family": ("housing", ["family-composition"]),
    "labour-origin": ("labour", ["origin"]),
    "labour-age": ("labour", ["age"]),
    "intersectional": ("housing", ["origin", "gender"]),
    "mystery-calls": ("housing", ["origin", "disability"]),
}


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_a_shipped_design_is_valid(path):
    design = read_design(path)
    assert isinstance(design, Design)
    assert design.comparisons() or design.calls


@pytest.mark.parametrize(("name", "market", "grounds"), [(n, *v) for n, v in TEMPLATES.items()])
def test_a_template_is_about_what_its_name_says(name, market, grounds):
    design = read_design(next(path for path in DESIGNS if path.stem == name))
    assert design.round.market == market
    entries = design.contrasts or design.calls
    assert [entry.ground for entry in entries] == grounds


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_a_shipped_design_explains_itself(path):
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_every_template_and_example_has_a_design():
    names = {path.stem for path in DESIGNS}
    examples = {path.name for path in (DESIGNS[0].parents[1] / "data").iterdir() if path.is_dir()}
    assert set(TEMPLATES) | examples <= names
