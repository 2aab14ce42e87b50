"""Numbers, dates, intervals and names the way a person writes them."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.language import Message, language_named, message, shortened

NL, FR, EN = (language_named(code) for code in ("nl", "fr", "en"))
NBSP, NARROW, MINUS = "\u00a0", "\u202f", "\u2212"
OPEN, CLOSE = "\u2018", "\u2019"


def test_numbers_have_the_separators_of_the_language() -> None:
    assert NL.number(12345.678, 2) == "12.345,68"
    assert FR.number(12345.678, 2) == f"12{NARROW}345,68"
    assert EN.number(12345.678, 2) == "12,345.68"
    assert NL.number(None) == "–"


def test_percentages_have_one_decimal_and_a_true_minus() -> None:
    assert NL.percent(0.1234) == "12,3%"
    assert FR.percent(0.1234) == f"12,3{NBSP}%"
    assert EN.percent(-0.1234) == f"{MINUS}12.3%"
    assert NL.percent(-0.0001) == "0,0%"
    assert EN.percent(None) == "–"


def test_levels_of_confidence_have_no_needless_decimals() -> None:
    assert [EN.confidence(level) for level in (0.95, 0.99, 0.995, 0.9999)] == [
        "95%",
        "99%",
        "99.5%",
        "99.99%",
    ]
    assert NL.confidence(0.975) == "97,5%"


def test_intervals_are_in_words_and_never_with_a_comma_between() -> None:
    assert NL.interval(0.031, 0.124) == "3,1% tot 12,4%"
    assert FR.interval(0.031, 0.124) == f"3,1{NBSP}% à 12,4{NBSP}%"
    assert EN.interval(0.031, 0.124) == "3.1% to 12.4%"
    assert NL.interval(0.5, None, "ratio") == "0,50 of meer"
    assert FR.interval(0.5, None, "ratio") == "0,50 ou plus"
    assert EN.interval(None, 2.0, "ratio") == "at most 2.00"
    assert EN.interval(None, None) == "–"


def test_p_values_never_round_to_the_wrong_side_of_a_limit() -> None:
    assert EN.p_value(0.0503) == "0.0503"
    assert EN.p_value(0.04999) == "0.0500"
    assert EN.p_value(0.09999) == "0.100"
    assert EN.p_value(0.25) == "0.250"
    assert EN.p_value(1.0) == "1.000"
    assert EN.p_value(0.000999) == f"<{NBSP}0.001"
    assert NL.p_equation(0.0123) == f"p{NBSP}={NBSP}0,0123"
    assert FR.p_equation(1e-9) == f"p{NBSP}<{NBSP}0,001"
    assert EN.p_value(None) == "–"


def test_dates_have_their_month_in_words() -> None:
    assert NL.date("2026-09-01") == "1 september 2026"
    assert FR.date("2026-09-01") == "1er septembre 2026"
    assert FR.date("2027-03-31") == "31 mars 2027"
    assert FR.date("2027-03-11") == "11 mars 2027"
    assert EN.date("2027-03-31T23:59:59") == "31 March 2027"
    assert NL.text("period", start="2026-09-01", end="2027-03-31") == (
        "1 september 2026 tot 31 maart 2027"
    )


def test_lists_and_names() -> None:
    assert NL.enumeration(["a", "b", "c"]) == "a, b en c"
    assert FR.enumeration(["a", "b", "c"]) == "a, b et c"
    assert NL.name("moroccan") == f"{OPEN}moroccan{CLOSE}"
    assert FR.name("moroccan") == f"«{NBSP}moroccan{NBSP}»"


def test_messages_hold_messages() -> None:
    inner = message("unit.tests", count=1234)
    assert NL.say(
        message("summary.done_without_targets", applications=inner, tests=inner)
    ).startswith("Het logboek telt 1.234 tests.")
    assert EN.say(message("enumeration", items=[inner, "x"])) == "1,234 tests and x"
    assert message("a", b=1) == Message("a", {"b": 1})


def test_a_missing_key_or_value_raises_instead_of_showing_a_key() -> None:
    with pytest.raises(KeyError):
        NL.text("no.such.key")
    with pytest.raises(KeyError):
        NL.text("comparison", control="a")
    with pytest.raises(KeyError):
        language_named("de")


def test_codes_of_ours_have_labels_and_others_stand_as_they_are() -> None:
    assert NL.label("outcome", "no-reply") == "geen antwoord"
    assert NL.label("outcome", "eigen code") == "eigen code"
    assert NL.label("problem", "brand-new") == "Andere opmerking (brand-new)"


def test_names_cannot_smuggle_placeholders_controls_or_direction() -> None:
    assert EN.name("{test:name} %s") == f"{OPEN}{{test:name}} %s{CLOSE}"
    assert EN.name("a\x1b[31m\nb\u202e") == f"{OPEN}a [31m b{CLOSE}"
    assert EN.name("مغربي") == f"{OPEN}\u2068مغربي\u2069{CLOSE}"
    assert EN.name("👩\u200d🦽") == f"{OPEN}👩\u200d🦽{CLOSE}"
    assert len(shortened("x" * 10_000_000)) == 80


@given(st.floats(-1, 1, allow_nan=False), st.sampled_from(["nl", "fr", "en"]))
def test_percentages_can_be_read_back(value: float, code: str) -> None:
    text = language_named(code).percent(value, 2)
    plain = text.replace(MINUS, "-").replace("%", "").replace(NBSP, "").replace(NARROW, "")
    plain = plain.replace(",", "#" if code == "en" else ".").replace("#", "")
    assert float(plain) == pytest.approx(100 * value, abs=0.00501)
    assert not re.fullmatch(r"-0[.,]?0*", plain)


@given(st.text(max_size=300))
def test_any_text_becomes_one_short_line(text: str) -> None:
    line = shortened(text)
    assert len(line) <= 82
    assert "\n" not in line
    assert "\x1b" not in line


def test_babel_is_loaded_only_when_a_number_is_written() -> None:
    code = (
        "import sys; from praktijktest.language import language_named;"
        "language_named('nl').text('statement'); print('babel' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
