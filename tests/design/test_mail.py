"""`[mail]` in a design: what it takes and what it refuses."""

import pytest

from praktijktest.design import parse_design
from praktijktest.design.summary import summarise
from praktijktest.problems import DesignError
from tests.fieldwork.made_rounds import DESIGN

ROUND = DESIGN.format(kind="paired", order="random")


def test_addresses_of_names_are_taken():
    design = parse_design(f'{ROUND}[mail.addresses]\n"Bram Maes" = "bram@post.example"\n')
    assert design.mail.addresses == {"Bram Maes": "bram@post.example"}
    assert design.mail.window_days == 60


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('addresses = { "Bram Mae" = "b@post.example" }', "did you mean Bram Maes"),
        ('addresses = { "Bram Maes" = "post.example" }', "not a mail address"),
        ('address_form = "box@post.example"', "{name} or {mailbox}"),
        ('plus_form = "pt"', "{application} in it"),
        ('reference_form = "{application} {application}"', "{application} in it"),
        ('portals = ["https://portal.example"]', "not a mail domain"),
        ("window_days = 0", "1 or more"),
        ("windowdays = 3", "mail.window_days"),
        ('[[mail.phrase]]\ncode = "viewing"\nlanguage = "nl"\npatterns = ["kom"]', "viewing-"),
        ('[[mail.phrase]]\ncode = "refused"\nlanguage = "nl"\npatterns = []', "empty list"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(text, words):
    heading = "" if text.startswith("[[") else "[mail]\n"
    with pytest.raises(DesignError) as caught:
        parse_design(f"{ROUND}{heading}{text}\n")
    assert words in " ".join(problem.line() for problem in caught.value.problems)


def test_the_summary_says_what_is_declared_about_mail():
    text = f'{ROUND}[mail]\nportals = ["portal.example"]\nreference_form = "ref. {{application}}"\n'
    lines = "\n".join(summarise(parse_design(text)).lines())
    assert "portal.example" in lines
    assert "ref. {application}" in lines
    assert "\nMail\n" not in "\n".join(summarise(parse_design(ROUND)).lines())
