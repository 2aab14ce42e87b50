"""Letters: templates understood or refused, twins that are alike, drafts that say nothing."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.design import parse_design
from praktijktest.planning.letter_checks import check_templates, check_twins
from praktijktest.planning.letter_drafts import (
    draft_files,
    file_name_part,
    mail_draft,
    send_sheets,
)
from praktijktest.planning.letter_parsing import load_templates, parse_template
from praktijktest.planning.letter_rendering import Identity, render_letters
from praktijktest.planning.letters import Templates
from praktijktest.planning.scaffold import grounds_of_markets
from praktijktest.problems import DataError, UsageError
from praktijktest.vocabulary import LANGUAGES
from tests.planning.letters_of_tests import (
    design_of,
    every_pair,
    plan_of,
    planned,
    shipped_templates,
    without_named_templates,
)

FRONT = """+++
format = 1
id = "{id}"
language = "nl"
market = "housing"
kind = "application"
subject = "Vraag {advert}"
+++
"""
BODY = """== same: question
Mag ik langskomen?

== free: words
Beste, graag en bedankt.
-- or
Dag, heel graag en dank u.

== different: signature (next line)
{name}
{phone?}
"""


def template(body: str = BODY, ident: str = "a", front: str = FRONT):
    found, problems = parse_template(front.replace("{id}", ident) + body, f"{ident}.nl.md", ())
    assert problems == [], [problem.line() for problem in problems]
    assert found is not None
    return found


def problems_of(body: str, front: str = FRONT):
    return parse_template(front.replace("{id}", "a") + body, "a.nl.md", ("district",))[1]


def letters_of(templates: Templates, rows, design=None, identities=None, seed: int = 5):
    design = design or design_of("housing", "nl")
    return render_letters(plan_of(design, rows, seed), design, templates, identities)


# ------------------------------------------------------------------ the shipped letters


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("market", "first"), [("housing", "rent"), ("labour", "job")])
def test_every_market_has_three_letters_a_decline_and_scripts(market, first, language):
    templates = shipped_templates(market)
    assert templates.application_ids(language) == (f"{first}-1", f"{first}-2", f"{first}-3")
    assert len(templates.of_kind("decline", language)) == 1
    assert len(templates.of_kind("call", language)) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("market", "ground"), list(grounds_of_markets()))
def test_shipped_letters_are_a_fair_pair_whoever_gets_which(market, ground, language):
    design, templates = design_of(market, language, ground), shipped_templates(market)
    assert check_templates(design, templates) == []
    rows = every_pair(design, templates.application_ids(language))
    letters = letters_of(templates, rows, design)
    assert len(letters.letters) == len(rows)
    assert check_twins(letters.letters) == []
    for letter in (*letters.letters, *letters.declines):
        assert "{" not in letter.text + letter.subject
        assert letter.name in letter.text
        assert not re.search(r"  |\n\n\n| \n|^\s", letter.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("market", "attribute"), [
    ("housing", "disability"), ("housing", "family"), ("labour", "disability"),
])  # fmt: skip
def test_every_level_of_every_letter_differs_in_its_own_part_only(market, attribute, language):
    templates = shipped_templates(market).of_kind("application", language)
    levels = [
        {v.level for part in one.parts if part.attribute == attribute for v in part.variants}
        for one in templates
    ]
    assert levels[0] == levels[1] == levels[2]
    assert len(levels[0]) >= 3
    for one in templates:
        part = next(part for part in one.parts if part.attribute == attribute)
        texts = {variant.text for variant in part.variants}
        assert len(texts) == len(part.variants)
        # A level changes one sentence, so no level may make a letter of another kind.
        assert max(map(len, texts)) - min(map(len, texts)) <= 60


def test_shipped_french_letters_do_not_give_away_a_gender():
    agreeing = re.compile(r"\b(intéressée?|motivée?|ravie?|heureux|heureuse|seule?|disposée?)\b")
    for market in ("housing", "labour"):
        for one in shipped_templates(market).of_kind("application", "fr"):
            spoken = "\n".join(one.texts()).replace("une seule personne", "")
            assert not agreeing.search(spoken), one.file


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_asks_once_and_lists_every_code(language):
    from praktijktest.vocabulary import SCHEMES

    codes = {*SCHEMES["mystery"].codes, *SCHEMES["mystery"].failed}
    for market in ("housing", "labour"):
        for script in shipped_templates(market).of_kind("call", language):
            text = "\n".join(script.texts())
            assert codes <= set(re.findall(r"^- ([a-z-]+)", text, re.MULTILINE))


# ------------------------------------------------------------------ reading templates


def test_an_unknown_placeholder_names_template_place_known_ones_and_the_nearest(tmp_path: Path):
    body = BODY.replace("Mag ik langskomen?", "Mag ik langskomen voor {avdert}?")
    (tmp_path / "a.nl.md").write_text(FRONT.replace("{id}", "a") + body, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_templates(tmp_path)
    assert caught.value.exit_code == 1
    (problem,) = caught.value.problems
    assert (problem.code, problem.file, problem.row) == ("letter-placeholder", "a.nl.md", 10)
    assert problem.value == "{avdert}"
    assert "'a'" in problem.message
    assert "question" in problem.message
    assert "did you mean advert?" in problem.hint
    assert "{link}" in problem.hint


@pytest.mark.parametrize(("body", "said"), [
    (BODY.replace("langskomen?", "langskomen? {name}"), "says who writes"),
    (BODY.replace("Beste,", "Beste, {phone?}"), "says who writes"),
    (BODY.replace("== same", "== equal"), "same, different or free"),
    (BODY.replace("== same: question", "== same question"), "not understood"),
    (BODY.replace("== free: words", "== free: words by age"), "only a different part"),
    ("Losse tekst\n" + BODY, "outside any part"),
    ("", "no parts"),
    (BODY.replace("-- or", "-- of"), "divided by"),
    (BODY.replace("words", "question"), "two parts"),
    (BODY.replace("langskomen?", "langskomen? {"), "brace"),
    (BODY + "== different: dog by dog\nno level\n", "under `-- level` lines"),
    (BODY + "== different: dog by dog\n-- yes\nx\n-- yes\ny\n", "twice"),
    (BODY.replace("Mag ik langskomen?", ""), "empty"),
])  # fmt: skip
def test_what_is_wrong_with_a_template_is_said(body, said):
    problems = problems_of(body)
    assert any(said in problem.message for problem in problems), [p.line() for p in problems]


@pytest.mark.parametrize(("old", "new", "said"), [
    ('language = "nl"', 'language = "de"', "unknown value"),
    ('language = "nl"', "language =", "not TOML"),
    ('kind = "application"', "", "needed"),
    ("format = 1", 'format = 1\nfact = ["x"]', "unknown key"),
    ("format = 1", 'format = 1\nfacts = "x"', "list of texts"),
    ("+++\nformat", "format", "between two +++ lines"),
])  # fmt: skip
def test_what_is_wrong_with_the_front_matter_is_said(old, new, said):
    problems = problems_of(BODY, FRONT.replace(old, new, 1))
    assert any(said in problem.message for problem in problems), [p.line() for p in problems]


PIECES = [
    "+++", "== same: a", "== different: b by c", "== free: d", "-- or", "-- x", "-- ", "==", "",
    "{name}", "{advert?}", "{", "text", 'id = "a"', "format = 1", FRONT.replace("{id}", "a"),
]  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_no_template_however_broken_makes_the_reader_fail(pieces):
    found, problems = parse_template("\n".join(pieces), "a.nl.md")
    assert (found is None) == bool(problems)
    for problem in problems:
        assert problem.row >= 1
        assert problem.line()


def test_every_problem_of_every_template_is_said_at_once(tmp_path: Path):
    for name in ("a", "b"):
        text = FRONT.replace("{id}", "a") + BODY.replace("{phone?}", "{fax}")
        (tmp_path / f"{name}.nl.md").write_text(text, encoding="utf-8")
    (tmp_path / "c.nl.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError) as caught:
        load_templates(tmp_path)
    assert [problem.file for problem in caught.value.problems] == ["a.nl.md", "b.nl.md", "c.nl.md"]


def test_two_templates_with_one_id_are_refused(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.nl.md").write_text(FRONT.replace("{id}", "a") + BODY, "utf-8")
    with pytest.raises(DataError, match="cannot be used") as caught:
        load_templates(tmp_path)
    assert [p.code for p in caught.value.problems] == ["letter-twice"]


def test_a_missing_folder_is_wrong_use(tmp_path: Path):
    with pytest.raises(UsageError):
        load_templates(tmp_path / "letters")


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path):
    text = FRONT.replace("{id}", "a") + BODY
    (tmp_path / "a.nl.md").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    (found,) = load_templates(tmp_path).all
    assert found == template()


# ------------------------------------------------------------------ filling in


def test_a_letter_without_telephone_number_leaves_the_line_out():
    design = design_of("housing", "nl")
    rows = [planned(design, template="a")]
    (bare,) = letters_of(Templates((template(),)), rows).letters
    assert bare.text.endswith(f"\n{rows[0].name}\n")
    phones = {rows[0].name: Identity("w@post.example", "0470 00 00 00")}
    (full,) = letters_of(Templates((template(),)), rows, identities=phones).letters
    assert full.text.endswith(f"\n{rows[0].name}\n0470 00 00 00\n")
    assert full.mail == "w@post.example"


def test_a_value_that_is_not_there_is_said_once_with_how_often():
    design = design_of("housing", "nl")
    needs = template(BODY.replace("{phone?}", "{phone}"))
    rows = [planned(design, template="a", application=f"t{n}-1", test=f"t{n}") for n in range(3)]
    with pytest.raises(DataError) as caught:
        letters_of(Templates((needs,)), rows)
    (problem,) = caught.value.problems
    assert problem.count == 3
    assert "{phone?}" in problem.hint


def test_braces_and_line_breaks_in_a_value_stay_text():
    design = design_of("housing", "nl")
    rows = [planned(design, template="a", advert="{name}\r\nBcc: x@y.example")]
    (letter,) = letters_of(Templates((template(),)), rows).letters
    assert letter.subject == "Vraag {name} Bcc: x@y.example"
    message = message_from_bytes(mail_draft(letter), policy=default)
    assert message["Bcc"] is None


def test_slots_that_wait_for_an_advert_are_counted_and_not_written():
    design = design_of("housing", "nl")
    rows = [planned(design), planned(design, application="t0002-1", test="t0002", advert="")]
    letters = letters_of(shipped_templates("housing"), rows, design)
    assert ([one.application for one in letters.letters], letters.waiting) == (["t0001-1"], 1)
    assert len(letters.declines) == 1


def test_a_stratum_called_language_chooses_the_language_of_a_letter():
    design = design_of("housing", "nl")
    rows = [planned(design, strata={"language": "fr"})]
    (letter,) = letters_of(shipped_templates("housing"), rows, design).letters
    assert letter.language == "fr"
    assert "Madame, Monsieur" in letter.text


def test_a_template_that_is_not_there_is_named_with_those_that_are():
    design = design_of("housing", "nl")
    with pytest.raises(DataError) as caught:
        letters_of(Templates((template(),)), [planned(design, template="z")])
    assert "'z'" in caught.value.problems[0].message
    assert "a (nl)" in caught.value.problems[0].hint


def test_a_level_without_text_is_said_when_filling_in_too():
    design = design_of("housing", "nl", "disability")
    body = BODY + "\n== different: dog by disability\n-- deaf\nIk ben doof.\n"
    rows = [planned(design, template="a", profile=p.id) for p in design.profiles for _ in "ab"]
    with pytest.raises(DataError) as caught:
        letters_of(Templates((template(body),)), rows, design)
    found = {(p.code, p.row, p.count) for p in caught.value.problems}
    assert found == {("letter-level", 21, 2)}
    assert len(caught.value.problems) == 2


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**40), st.integers(1, 400))
def test_what_is_free_does_not_look_at_the_applicant(seed, number):
    design = design_of("housing", "nl")
    row = planned(design, template="a", application=f"t{number}-1", test=f"t{number}")
    other = replace(row, profile=design.profiles[1].id, name=design.profiles[1].names[0])
    one, two = (
        letters_of(Templates((template(),)), [r], design, seed=seed).letters[0]
        for r in (row, other)
    )
    neutral = [[p.text for p in letter.parts if p.rule != "different"] for letter in (one, two)]
    assert neutral[0] == neutral[1]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**40))
def test_same_parts_are_drawn_per_test_and_different_ones_never_repeat_within_it(seed):
    body = "== same: a\none\n-- or\ntwo\n-- or\nthree\n\n== different: b\nx\n-- or\ny\n-- or\nz\n"
    design = design_of("housing", "nl")
    rows = [planned(design, template="a", position=p, application=f"t1-{p}") for p in (1, 2, 3)]
    letters = letters_of(Templates((template(body),)), rows, seed=seed).letters
    assert len({letter.parts[0].text for letter in letters}) == 1
    assert {letter.parts[1].text for letter in letters} == {"x", "y", "z"}


def test_a_mystery_script_is_found_by_the_path_in_the_design():
    text = (
        'format = 1\n[round]\nid = "m"\ntitle = "M"\nmarket = "housing"\nplace = "Gent"\n'
        'language = "nl"\n[[call]]\nid = "c"\nground = "origin"\nrequest = "r"\n'
        'script = "letters/call-origin.nl.md"\n[outcomes]\nscheme = "mystery"\n'
    )
    design, templates = parse_design(text), shipped_templates("housing")
    assert check_templates(design, templates) == []
    row = planned(
        design_of("housing", "nl"), profile="c", name="", advert="", channel="phone",
        template="letters/call-origin.nl.md",
    )  # fmt: skip
    (script,) = letters_of(templates, [row], design).letters
    assert "appartement in Gent" in script.text
    assert "Uw naam" not in script.text
    missing = parse_design(text.replace("call-origin", "call-age"))
    assert [p.code for p in check_templates(missing, templates)] == ["letter-script-missing"]


# ------------------------------------------------------------------ checks


def with_changed(name: str, old: str, new: str) -> Templates:
    """The shipped Dutch housing letters with one text changed in one of them."""
    shipped = shipped_templates("housing").of_kind("application", "nl")
    changed = []
    for one in shipped:
        parts = tuple(
            replace(
                part,
                variants=tuple(replace(v, text=v.text.replace(old, new)) for v in part.variants),
            )
            for part in one.parts
        )
        changed.append(replace(one, parts=parts) if one.id == name else one)
    return Templates(tuple(changed))


def twin_codes(templates: Templates, ground: str = "origin", identities=None) -> set[str]:
    design = design_of("housing", "nl", ground)
    rows = every_pair(design, templates.application_ids("nl"))
    return {p.code for p in check_twins(letters_of(templates, rows, design, identities).letters)}


def test_twins_of_unequal_length_are_found():
    long = with_changed("rent-2", "Vriendelijke groeten", "Vriendelijke groeten. " + "Echt. " * 30)
    assert twin_codes(long) == {"twins-length"}


def test_a_tone_that_only_one_twin_has_is_found():
    rude = with_changed("rent-1", "Alvast bedankt voor uw antwoord.", "Ik wacht op uw antwoord.")
    assert twin_codes(rude) == {"twins-tone"}


def test_a_same_part_that_differs_is_found_before_and_after_filling_in():
    changed = with_changed("rent-3", "Zou ik eens mogen komen kijken?", "Zou ik mogen komen?")
    assert twin_codes(changed) == {"twins-same-part"}
    codes = [p.code for p in check_templates(design_of("housing", "nl"), changed)]
    assert codes.count("templates-same-part") == 2


def test_one_identity_in_the_letter_of_the_other_is_found():
    design = design_of("housing", "nl")
    name = design.profiles[0].names[0]
    written = with_changed("rent-2", "{name}", f"{{name}} en {name}")
    assert "twins-leak" in twin_codes(written)
    (problem,) = (p for p in check_templates(design, written) if p.code == "letter-name")
    assert name in problem.value


def test_a_mail_address_or_number_of_the_twin_is_found():
    design = design_of("housing", "nl")
    one, other = (profile.names[0] for profile in design.profiles)
    rows = [
        planned(design, template="rent-1", name=one),
        planned(design, template="rent-2", name=other, application="t0001-2", position=2),
    ]
    identities = {one: Identity("a@post.example", "1111"), other: Identity("b@post.example", "22")}
    letters = letters_of(shipped_templates("housing"), rows, design, identities).letters
    assert check_twins(letters) == []
    spoilt = replace(letters[0], text=letters[0].text + "b@post.example\n")
    assert [p.code for p in check_twins((spoilt, letters[1]))] == ["twins-leak"]


def test_a_number_that_only_one_twin_has_is_found():
    name = design_of("housing", "nl").profiles[0].names[0]
    codes = twin_codes(shipped_templates("housing"), identities={name: Identity(phone="0470")})
    assert codes == {"twins-phone"}


def test_equal_letters_are_a_warning():
    design = design_of("housing", "nl")
    rows = [planned(design, application=f"t0001-{n}", position=n, name=f"Name {n}") for n in (1, 2)]
    (problem,) = check_twins(letters_of(shipped_templates("housing"), rows, design).letters)
    assert (problem.code, problem.level) == ("twins-identical", "warning")


def test_a_level_without_a_text_is_said_for_every_template():
    design = design_of("housing", "nl", "disability")
    profiles = (design.profiles[0], design.profiles[1].model_copy(
        update={"attributes": {"disability": "deaf"}}
    ))  # fmt: skip
    changed = design.model_copy(update={"profiles": profiles})
    problems = check_templates(changed, shipped_templates("housing"))
    assert {p.code for p in problems} == {"letter-level"}
    assert len(problems) == 3
    assert "wheelchair" in problems[0].hint


def test_a_contrast_that_no_letter_shows_is_refused_unless_names_show_it():
    plain = Templates((template(), template(BODY, "b")))
    by_name = check_templates(without_named_templates(design_of("housing", "nl")), plain)
    assert [p.code for p in by_name if p.level == "error"] == []
    unseen = check_templates(
        without_named_templates(design_of("housing", "nl", "disability")), plain
    )
    assert "letter-signal" in [p.code for p in unseen]


def test_templates_that_state_other_facts_do_not_serve_one_round():
    other = template(BODY, "b", FRONT.replace("+++\nformat", '+++\nfacts = ["owns a dog"]\nformat'))
    design = without_named_templates(design_of("housing", "nl"))
    codes = [p.code for p in check_templates(design, Templates((template(), other)))]
    assert "templates-facts" in codes


# ------------------------------------------------------------------ drafts


def some_letters(**more):
    design = design_of("housing", "nl")
    rows = [
        planned(
            design,
            application=f"t0001-{place}",
            position=place,
            profile=profile.id,
            name=profile.names[0],
            template=f"rent-{place}",
            **more,
        )
        for place, profile in enumerate(design.profiles, 1)
    ]
    identities = {row.name: Identity(f"{row.position}@post.example", "0470") for row in rows}
    return letters_of(shipped_templates("housing"), rows, design, identities)


def test_a_draft_reads_back_as_the_letter_and_is_the_same_bytes_every_time():
    for letter in some_letters().letters:
        content = mail_draft(letter)
        assert content == mail_draft(letter)
        message = message_from_bytes(content, policy=default)
        assert message.get_content().replace("\r\n", "\n") == letter.text
        assert message["subject"] == letter.subject
        assert message["from"].addresses[0].display_name == letter.name
        assert message["from"].addresses[0].addr_spec == letter.mail
        assert message["to"] == "rent@office.example"
        assert message["date"] is None
        assert message["message-id"].endswith("@post.example>")


def test_drafts_of_twins_share_no_id_and_no_file_speaks_of_a_test():
    letters = some_letters()
    drafts = [mail_draft(letter) for letter in letters.letters]
    ids = {message_from_bytes(draft, policy=default)["message-id"] for draft in drafts}
    assert len(ids) == 2
    for content in [*drafts, *(text for name, text in draft_files(letters) if "txt" in name)]:
        assert not re.search(rb"(?i)praktijk|test|t0001|control|contrast", content)


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"])))
def test_any_subject_and_name_survive_the_draft(text):
    letter = some_letters().letters[0]
    subject, name = " ".join(text.split()) or "x", "Grâce Müller"
    content = mail_draft(replace(letter, subject=subject, name=name))
    message = message_from_bytes(content, policy=default)
    assert message["subject"] == subject
    assert message["from"].addresses[0].display_name == name


@pytest.mark.parametrize("contact", ["", "https://form.example", "a@b", "x@y.example\nBcc: z@q.be"])
def test_what_is_no_mail_address_does_not_become_one(contact):
    message = message_from_bytes(
        mail_draft(replace(some_letters().letters[0], contact=contact)), policy=default
    )
    assert message["to"] is None
    assert message["bcc"] is None


def test_a_send_sheet_per_tester_that_says_neither_arm_nor_contrast():
    letters = some_letters(tester="Zoë O'Neil", contact="=HYPERLINK(1)")
    sheets = send_sheets(letters)
    assert list(sheets) == ["send-sheet-zoe-o-neil.csv"]
    text = sheets["send-sheet-zoe-o-neil.csv"].decode()
    assert "'=HYPERLINK(1)" in text
    assert "≤ 24 h: t0001-1.decline.txt" in text
    assert not re.search(r"origin|moroccan|flemish|control", text)


def test_testers_whose_names_look_alike_get_a_sheet_each():
    letters = some_letters()
    two = replace(letters, letters=(
        replace(letters.letters[0], tester="An!"), replace(letters.letters[1], tester="an"),
    ))  # fmt: skip
    assert sorted(send_sheets(two)) == ["send-sheet-an-2.csv", "send-sheet-an.csv"]
    assert file_name_part("../../etc/passwd") == "etc-passwd"


def test_an_id_that_somebody_turned_into_a_path_stays_in_the_folder():
    letters = some_letters()
    first = replace(letters.letters[0], application="../../t1")
    names = [name for name, _ in draft_files(replace(letters, letters=(first,)))]
    assert "------t1.eml" in names
    assert not any("/" in name or name.startswith(".") for name in names)


def test_a_form_gets_a_text_and_no_mail_draft():
    names = [name for name, _ in draft_files(some_letters(channel="form"))]
    assert not any(name.endswith(".eml") for name in names)
    assert {"t0001-1.txt", "t0001-2.txt", "t0001-1.decline.txt"} <= set(names)
