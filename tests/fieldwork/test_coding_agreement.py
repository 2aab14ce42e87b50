"""Agreement over the codings of a round."""

import pytest

from praktijktest.fieldwork.coding_agreement import Unit, agreement_of

ORDER = ["viewing-individual", "viewing-group", "call-back", "refused"]


def units(*rows: tuple[str, ...]) -> list[Unit]:
    names = ("An", "Bea", "Cis")
    return [
        Unit(f"u{number}", {n: c for n, c in zip(names, row, strict=False) if c})
        for number, row in enumerate(rows)
    ]


def test_two_coders():
    found = agreement_of(
        units(
            ("refused", "refused"), ("call-back", "refused"), ("refused", "refused"), ("call-back",)
        ),
        ORDER,
    )
    assert (found.coders, found.units, found.compared) == (("An", "Bea"), 4, 3)
    assert found.categories == ("call-back", "refused")
    (pair,) = found.pairs
    assert pair.table == ((0, 1), (0, 2))
    assert pair.measures[0].value == pytest.approx(2 / 3)
    assert [measure.name for measure in pair.measures] == [
        "percent_agreement",
        "cohen_kappa",
        "cohen_kappa_linear",
        "cohen_kappa_quadratic",
        "gwet_ac1",
    ]
    assert [unit.unit for unit in found.disagreements] == ["u1"]
    assert {one.category: one.specific for one in pair.categories} == {
        "call-back": 0.0,
        "refused": pytest.approx(0.8),
    }


def test_three_coders_have_three_pairs_and_one_alpha():
    rows = [
        ("refused", "refused", "refused"),
        ("call-back", "", "refused"),
        ("", "refused", "call-back"),
    ]
    found = agreement_of(units(*rows), ORDER, ordered=False)
    assert [pair.coders for pair in found.pairs] == [("An", "Bea"), ("An", "Cis"), ("Bea", "Cis")]
    assert [alpha.name for alpha in found.alphas] == ["krippendorff_alpha_nominal"]
    assert len(found.pairs[0].measures) == 3


def test_codes_outside_the_scheme_come_last_and_nobody_is_no_agreement():
    found = agreement_of(units(("zzz", "refused")), ORDER)
    assert found.categories == ("refused", "zzz")
    empty = agreement_of([], ORDER)
    assert (empty.units, empty.compared, empty.pairs) == (0, 0, ())
    assert [alpha.value for alpha in empty.alphas] == [None, None]
    assert empty.to_dict()["disagreements"] == ()
