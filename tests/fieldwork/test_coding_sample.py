"""Who codes what follows from SHA-256 alone."""

from hypothesis import given
from hypothesis import strategies as st

from praktijktest.fieldwork.coding_sample import dealt, item_id

REPLIES = [f"r{number:04d}" for number in range(500)]


def test_the_numbers_can_be_checked_by_hand():
    # printf 'gent|code/item|r0001' | sha256sum
    assert item_id("gent", "r0001") == "it-7a95b5941a"


def test_every_reply_has_a_coder_and_the_share_has_two():
    sheets = dealt(REPLIES, ["An", "Bea", "Cis"], 0.2, "gent")
    times = [reply for own in sheets.values() for reply in own]
    assert set(times) == set(REPLIES)
    assert len(times) == 600
    assert all(len(set(own)) == len(own) for own in sheets.values())
    assert all(150 <= len(own) <= 250 for own in sheets.values())


def test_one_coder_gets_a_sample_of_the_share():
    assert len(dealt(REPLIES, ["An"], 1.0, "gent")["An"]) == 500
    assert len(dealt(REPLIES, ["An"], 0.1, "gent")["An"]) == 50


def test_the_sheet_is_not_in_the_order_of_the_round():
    own = dealt(REPLIES, ["An"], 1.0, "gent")["An"]
    assert own != sorted(own)
    assert own == sorted(own, key=lambda reply: item_id("gent", reply))


@given(
    st.sets(st.text(min_size=1, max_size=5), max_size=30),
    st.lists(st.text(min_size=1, max_size=3), min_size=2, max_size=4, unique=True),
    st.floats(0, 1),
)
def test_the_order_of_names_and_replies_does_not_matter(replies, coders, share):
    found = dealt(replies, coders, share, "gent")
    again = dealt(sorted(replies, reverse=True), coders[::-1], share, "gent")
    assert found == again
    for reply in replies:
        assert sum(reply in own for own in found.values()) in (1, 2)


def test_a_larger_share_holds_a_smaller_one_and_late_replies_move_nobody():
    def twice(share, replies=REPLIES):
        sheets = dealt(replies, ["An", "Bea"], share, "gent")
        return set(sheets["An"]) & set(sheets["Bea"])

    assert twice(0.1) < twice(0.3)
    before, after = (
        dealt(replies, ["An", "Bea"], 0.0, "gent") for replies in (REPLIES[:300], REPLIES)
    )
    assert set(before["An"]) <= set(after["An"])
