"""`fail`: a test that cannot be used, for a reason that does not depend on the replies."""

from pathlib import Path

from praktijktest.rounds.entry import EntrySummary, open_entry


def fail_test(
    folder: Path,
    which: str,
    *,
    reason: str,
    detail: str = "",
    at: str | None = None,
    store: str | None = None,
    who: str | None = None,
) -> EntrySummary:
    """Fail a whole test, or the one application that it broke down on.

    One failed application fails its test. Naming the application where only one is concerned
    (a message that bounced) lets the report count failures by arm.

    Args:
        folder: the round folder.
        which: id of a test or of an application.
        reason: reason code: built in, or the design's.
        detail: more about it; kept as a document in the identity store.
        at: when, ISO.
        store: URL of the ledger; default as for `ingest`.
        who: who enters it.

    Raises:
        UsageError: no such test, or no such reason.
        DataError: it failed for another reason already.
    """
    from praktijktest.fieldwork.entries import applications_of_test, failed_events, require_reason

    with open_entry(folder, store, who) as entry:
        require_reason(entry.opened.design, reason)
        one = entry.state.applications.get(which)
        found = [one] if one is not None else applications_of_test(entry.state, which)
        moment = "" if at is None else entry.moment(at, "--at")
        events = failed_events(found, reason, entry.keep_words(detail, "note"), moment)
        what = "Application" if one is not None else "Test"
        return entry.store(
            events,
            f"{what} {which} failed: {reason}.",
            details={"test": found[0].test, "failed": reason},
        )
