"""Which name writes each application: never the same one twice to a target."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from praktijktest.planning.ordering import IntArray, key, permutations, ranks
from praktijktest.problems import DataError, Problem, shown


@dataclass(frozen=True, slots=True)
class NamePools:
    """The names of every profile; profiles with the same list share one pool.

    Attributes:
        pools: the names of every pool.
        pool_of: profile id -> index of its pool.
    """

    pools: tuple[tuple[str, ...], ...]
    pool_of: dict[str, int]


@dataclass(frozen=True, slots=True)
class Writers:
    """What the choice of names depends on; one entry per application.

    Attributes:
        test: index of the test; applications of a test stand together.
        target: index of the target.
        profile: profile ids.
        position: place in the order of sending.
        template: index of the letter template.
        labels: stable label of every application, for its keys.
    """

    test: IntArray
    target: IntArray
    profile: Sequence[str]
    position: IntArray
    template: IntArray
    labels: Sequence[str]


def name_pools(names: Mapping[str, Sequence[str]]) -> NamePools:
    """Gather the names of the profiles into pools.

    Two profiles may share their whole list (a wheelchair does not show in a name); lists
    that overlap in part would make the same person two.

    Raises:
        DataError: a profile has no names, or two lists overlap in part.
    """
    empty = [profile for profile, own in names.items() if not any(n.strip() for n in own)]
    problems = [
        Problem(
            code="profile-without-names",
            message="the profile has no names",
            column="profile.names",
            value=profile,
            hint='give names = ["First Last", …] in its [[profile]] table',
        )
        for profile in empty
    ]
    pools: list[tuple[str, ...]] = []
    pool_of: dict[str, int] = {}
    owners: dict[str, int] = {}
    for profile, own in names.items():
        pool = tuple(sorted({name.strip() for name in own} - {""}))
        if pool in pools:
            pool_of[profile] = pools.index(pool)
            continue
        shared = sorted(name for name in pool if name in owners)
        if shared:
            problems.append(
                Problem(
                    code="name-in-two-profiles",
                    message=f"{len(shared)} names are also another profile's, whose list differs",
                    column="profile.names",
                    value=shown(f"{profile}: {shared[0]}"),
                    hint="give both profiles the same whole list, or no name in common",
                )
            )
        pool_of[profile] = len(pools)
        owners |= dict.fromkeys(pool, len(pools))
        pools.append(pool)
    if problems:
        raise DataError("The names cannot be planned with.", problems)
    return NamePools(tuple(pools), pool_of)


def mailbox_of_names(pools: NamePools, mailboxes: Sequence[str], seed: int) -> dict[str, str]:
    """The mailbox of every name: each pool is spread evenly over all mailboxes."""
    found = {}
    for pool in pools.pools:
        order = ranks(seed, "mailbox", pool)
        for name, rank in zip(pool, order.tolist(), strict=True):
            found[name] = mailboxes[rank % len(mailboxes)] if mailboxes else ""
    return found


def choose_names(
    writers: Writers, pools: NamePools, mailboxes: Mapping[str, str], seed: int
) -> list[str]:
    """Choose a name for every application.

    Tests are taken in the order of their keys. Each application gets, of the names that its
    target has not seen, the one that its profile used least; then least with this letter,
    then least in this place; then the one with the lowest key. This is a chain of choices,
    so it goes application by application. Names whose mailbox already writes in the test
    come last.

    Args:
        writers: the applications.
        pools: names per profile.
        mailboxes: name -> mailbox ("" when every identity has its own).
        seed: seed of the plan.

    Returns:
        The names, in the order of the applications.

    Raises:
        DataError: a profile writes to a target more often than it has names.
    """
    _refuse_too_few(writers, pools)
    orders = permutations(seed, "name", writers.labels, max(map(len, pools.pools)))
    used: Counter[tuple[str, str]] = Counter()
    by_letter: Counter[tuple[str, str, int]] = Counter()
    by_place: Counter[tuple[str, str, int]] = Counter()
    seen: dict[int, set[str]] = defaultdict(set)
    boxes: dict[int, set[str]] = defaultdict(set)
    chosen = [""] * len(writers.labels)
    for entry in _in_key_order(writers, seed):
        profile, target = writers.profile[entry], int(writers.target[entry])
        letter, place = int(writers.template[entry]), int(writers.position[entry])
        busy = boxes[int(writers.test[entry])]
        pool = pools.pools[pools.pool_of[profile]]
        _, name = min(
            (
                (
                    mailboxes[name] in busy,
                    used[profile, name],
                    by_letter[profile, name, letter],
                    by_place[profile, name, place],
                    orders[entry, number],
                ),
                name,
            )
            for number, name in enumerate(pool)
            if name not in seen[target]
        )
        chosen[entry] = name
        seen[target].add(name)
        used[profile, name] += 1
        by_letter[profile, name, letter] += 1
        by_place[profile, name, place] += 1
        if mailboxes[name]:
            busy.add(mailboxes[name])
    return chosen


def _in_key_order(writers: Writers, seed: int) -> list[int]:
    """Applications in random order, so that no target and no arm always chooses first."""
    by_key = [key(seed, "name/turn", label) for label in writers.labels]
    return sorted(range(len(by_key)), key=by_key.__getitem__)


def _refuse_too_few(writers: Writers, pools: NamePools) -> None:
    pool_codes = np.array([pools.pool_of[profile] for profile in writers.profile], dtype=np.int64)
    width = len(pools.pools)
    targets = int(writers.target.max()) + 1
    demand = np.bincount(writers.target * width + pool_codes, minlength=targets * width)
    demand = demand.reshape(targets, width)
    most = demand.max(axis=0)
    problems = []
    for number, pool in enumerate(pools.pools):
        if most[number] > len(pool):
            owners = sorted(p for p, own in pools.pool_of.items() if own == number)
            problems.append(
                Problem(
                    code="too-few-names",
                    message=f"one target is written to {most[number]} times by "
                    f"{' and '.join(owners)}, who have {len(pool)} names: "
                    f"{most[number] - len(pool)} short; a name never writes to a target twice",
                    column="profile.names",
                    value=shown(owners[0]),
                    hint="add names to the profile, or lower sampling.tests_per_target",
                )
            )
    if problems:
        raise DataError("There are too few names.", problems)
