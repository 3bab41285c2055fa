"""What every store must do, whichever database is below it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openyun.state import DuplicateKey, StateError, Store, Transaction
from tests.state.conftest import OpenStore
from tests.state.records import Block, Book, Leaf, Setting


class Refused(Exception):
    """What an operation raises when a rule is broken."""


def put(store: Store, *records: Book | Leaf | Setting) -> None:
    def work(state: Transaction) -> None:
        for record in records:
            state.put(record)

    store.write(work)


def ids(records: list[Book]) -> list[str]:
    return [record.id for record in records]


def test_a_record_comes_back_as_it_was(store: Store) -> None:
    book = Book(id="b-1", shelf="左", title="道德經 \U0001f409", year=-(2**40), lent=True, notes={"a": "ü"})
    store.write(lambda state: state.insert(book))
    assert store.read(lambda state: state.get(Book, "b-1")) == book
    assert store.read(lambda state: state.get(Book, "b-2")) is None


def test_insert_refuses_a_key_that_is_there_and_keeps_the_first(store: Store) -> None:
    store.write(lambda state: state.insert(Book(id="b", title="first")))
    with pytest.raises(DuplicateKey):
        store.write(lambda state: state.insert(Book(id="b", title="second")))
    found = store.read(lambda state: state.get(Book, "b"))
    assert found is not None
    assert found.title == "first"


def test_put_replaces_also_what_indexes_see(store: Store) -> None:
    put(store, Book(id="b", shelf="left", title="old"))
    put(store, Book(id="b", shelf="right", title="new"))
    assert store.read(lambda state: state.find(Book, shelf="left")) == []
    assert ids(store.read(lambda state: state.find(Book, shelf="right", title="new"))) == ["b"]
    assert store.read(lambda state: state.count(Book)) == 1


def test_delete_is_repeatable(store: Store) -> None:
    leaf = Leaf(tree="oak", path="a/b")
    put(store, leaf)
    for _ in range(2):
        store.write(lambda state: state.delete(leaf))
    assert store.read(lambda state: state.get(Leaf, "oak", "a/b")) is None


def test_find_takes_values_lists_truths_and_numbers(store: Store) -> None:
    put(store, *(Book(id=f"b-{n}", shelf="ab"[n % 2], year=n, lent=n > 2) for n in range(5)))

    def look(state: Transaction) -> list[list[str]]:
        return [
            ids(state.find(Book)),
            ids(state.find(Book, shelf="a")),
            ids(state.find(Book, id=["b-3", "b-1", "nobody", "b-1"])),
            ids(state.find(Book, id=[])),
            ids(state.find(Book, year=[0, 4])),
            ids(state.find(Book, lent=True)),
            ids(state.find(Book, lent=[False], shelf={"b"})),
        ]

    assert store.read(look) == [
        ["b-0", "b-1", "b-2", "b-3", "b-4"],
        ["b-0", "b-2", "b-4"],
        ["b-1", "b-3"],
        [],
        ["b-0", "b-4"],
        ["b-3", "b-4"],
        ["b-1"],
    ]
    assert store.read(lambda state: state.count(Book, lent=True)) == 2


def test_a_list_may_be_longer_than_any_database_takes_parameters(store: Store) -> None:
    put(store, Book(id="b-7"))
    assert ids(store.read(lambda state: state.find(Book, id=[f"b-{n}" for n in range(100_000)]))) == ["b-7"]


def test_only_indexed_fields_can_be_asked_for(store: Store) -> None:
    with pytest.raises(TypeError, match=r"Book\.notes"):
        store.read(lambda state: state.find(Book, notes={}))
    with pytest.raises(TypeError, match=r"Leaf\.size"):
        store.read(lambda state: state.scan(Leaf, "size"))


def test_values_are_never_part_of_a_statement(store: Store) -> None:
    hostile = "x'; DROP TABLE test_book; -- %s ? $1 {}"
    put(store, Book(id=hostile, shelf=hostile))
    assert ids(store.read(lambda state: state.find(Book, shelf=hostile, id=[hostile]))) == [hostile]


PATHS = ["", "A", "Z", "a", "a/", "a/b", "a0", "aa", "z", "À", "é", "中", "\uffee", "\U0001f409"]
"""in the order of their UTF-8 bytes, which is neither a dictionary's nor UTF-16's"""


def test_scan_is_in_the_order_of_bytes(store: Store) -> None:
    put(store, *(Leaf(tree="oak", path=path) for path in sorted(PATHS, key=hash)), Leaf(tree="ash", path="b"))

    def paths(**bounds: object) -> list[str]:
        return [one.path for one in store.read(lambda state: state.scan(Leaf, "path", tree="oak", **bounds))]

    assert paths() == PATHS
    assert paths(descending=True) == PATHS[::-1]
    assert paths(start="a") == PATHS[3:]
    assert paths(after="a") == PATHS[4:]
    assert paths(after="a", before="z") == PATHS[4:8]
    assert paths(before="a", descending=True, limit=2) == ["Z", "A"]
    assert paths(start="é", limit=1) == ["é"]
    assert paths(limit=0) == []


def test_scan_of_equals_is_in_the_order_of_keys(store: Store) -> None:
    put(store, *(Book(id=f"b-{n}", year=n % 2) for n in (3, 1, 4, 0, 2)))
    assert ids(store.read(lambda state: state.scan(Book, "year"))) == ["b-0", "b-2", "b-4", "b-1", "b-3"]
    assert ids(store.read(lambda state: state.scan(Book, "year", limit=2))) == ["b-0", "b-2"]
    assert ids(store.read(lambda state: state.scan(Book, "year", before=1, descending=True))) == ["b-4", "b-2", "b-0"]


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(paths=st.sets(TEXT, max_size=12), after=TEXT, before=TEXT, limit=st.integers(0, 5), descending=st.booleans())
def test_scan_agrees_with_sorting(
    store: Store, paths: set[str], after: str, before: str, limit: int, descending: bool
) -> None:
    def work(state: Transaction) -> list[str]:
        for old in state.find(Leaf):
            state.delete(old)
        for path in paths:
            state.insert(Leaf(tree="t", path=path))
        found = state.scan(Leaf, "path", tree="t", after=after, before=before, limit=limit, descending=descending)
        return [one.path for one in found]

    inside = sorted((path for path in paths if after < path < before), key=str.encode, reverse=descending)
    assert store.write(work) == inside[:limit]


def test_an_error_undoes_all_and_is_passed_on(store: Store) -> None:
    put(store, Book(id="kept", title="old"))

    def work(state: Transaction) -> None:
        state.insert(Book(id="new"))
        state.put(Book(id="kept", title="changed"))
        state.delete(Book(id="kept"))
        raise Refused("no")

    with pytest.raises(Refused, match="no"):
        store.write(work)
    assert ids(store.read(lambda state: state.find(Book))) == ["kept"]
    assert store.read(lambda state: state.find(Book))[0].title == "old"


def test_after_commit_runs_once_durable_and_never_without(store: Store) -> None:
    seen: list[str] = []

    def look() -> None:
        seen.extend(ids(store.read(lambda state: state.find(Book))))

    def good(state: Transaction) -> None:
        state.after_commit(look)
        state.insert(Book(id="good"))
        assert seen == []

    def bad(state: Transaction) -> None:
        state.after_commit(lambda: seen.append("bad"))
        raise Refused

    store.write(good)
    with pytest.raises(Refused):
        store.write(bad)
    assert seen == ["good"]


def test_what_fails_after_the_commit_fails_nothing_else(store: Store) -> None:
    ran: list[int] = []

    def work(state: Transaction) -> str:
        state.insert(Book(id="b"))
        state.after_commit(lambda: ran.append(1 // 0))
        state.after_commit(lambda: ran.append(2))
        return "done"

    assert store.write(work) == "done"
    assert ran == [2]
    assert store.write(lambda state: state.count(Book)) == 1


def test_a_read_sees_one_moment(store: Store) -> None:
    put(store, Book(id="b", year=1))
    begun, changed = threading.Event(), threading.Event()

    def look(state: Transaction) -> tuple[int, int, int]:
        first = state.find(Book)[0].year
        begun.set()
        assert changed.wait(30)
        return first, state.find(Book)[0].year, state.count(Book)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(store.read, look)
        assert begun.wait(30)
        put(store, Book(id="b", year=2), Book(id="c"))
        changed.set()
        assert looking.result(30) in ((1, 1, 1), (2, 2, 2))
    assert store.read(lambda state: state.count(Book)) == 2


def claim(store: Store, name: str, first: int, last: int) -> bool:
    """CreateVSwitch in small: look at all others, then insert."""

    def work(state: Transaction) -> None:
        if any(first <= other.last and other.first <= last for other in state.find(Block, network="n")):
            raise Refused
        state.insert(Block(id=name, network="n", first=first, last=last))

    try:
        store.write(work)
    except Refused:
        return False
    return True


def test_of_many_that_race_for_one_range_exactly_one_wins(store: Store) -> None:
    writers = 8
    with ThreadPoolExecutor(writers) as pool:
        for round_number in range(25):
            start = threading.Barrier(writers)

            def race(writer: int, first: int = round_number * 100, start: threading.Barrier = start) -> bool:
                start.wait()
                # The ranges differ, and all of them overlap: a unique key could not tell.
                return claim(store, f"{first}-{writer}", first + writer, first + 50 + writer)

            assert sum(pool.map(race, range(writers))) == 1
    assert store.read(lambda state: state.count(Block)) == 25


def test_those_who_take_the_next_free_number_all_get_one(store: Store) -> None:
    """As addresses are given out: two may pick the same key, and only the database can tell."""

    def take(_: int) -> str:
        def work(state: Transaction) -> str:
            taken = {one.path for one in state.find(Leaf, tree="pool")}
            free = next(path for number in range(1000) if (path := f"{number:03}") not in taken)
            state.insert(Leaf(tree="pool", path=free))
            return free

        return store.write(work)

    with ThreadPoolExecutor(12) as pool:
        given = list(pool.map(take, range(120)))
    assert sorted(given) == [f"{number:03}" for number in range(120)]


def test_counting_up_loses_no_step(store: Store) -> None:
    put(store, Book(id="counter"))

    def step(_: int) -> None:
        def work(state: Transaction) -> None:
            found = state.get(Book, "counter")
            assert found is not None
            found.year += 1
            state.put(found)

        store.write(work)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(step, range(120)))
    assert store.read(lambda state: state.find(Book))[0].year == 120


def test_writes_that_are_committed_together_fail_apart(store: Store) -> None:
    gate = threading.Event()

    def wait(state: Transaction) -> None:
        gate.wait(30)

    def insert(number: int) -> None:
        def work(state: Transaction) -> None:
            state.insert(Book(id=f"b-{number % 40}", year=number))
            if number % 3 == 0:
                raise Refused

        return work

    # While the first waits, all others queue up behind it: on SQLite they share one commit.
    first = store.submit(wait)
    rest = [store.submit(insert(number)) for number in range(60)]
    gate.set()
    first.result(60)
    good = set()
    for number, future in enumerate(rest):
        problem = future.exception(60)
        if number % 3 == 0:
            assert isinstance(problem, Refused | DuplicateKey)
        elif problem is None:
            good.add(number)
        else:
            assert isinstance(problem, DuplicateKey)
    found = store.read(lambda state: state.find(Book))
    assert {one.year for one in found} == good
    # Of every id one attempt had to succeed, as at least one of its two numbers is not refused.
    assert {number % 40 for number in good} == {n % 40 for n in range(60) if n % 3}


def test_quick_work_of_an_event_loop_and_that_of_threads_take_their_turns(store: Store) -> None:
    """Some fails, some is cancelled before it begins; what is done is seen in the order of its answers."""
    put(store, Book(id="counter"))

    def step(number: int) -> Callable[[Transaction], int]:
        def work(state: Transaction) -> int:
            found = state.get(Book, "counter")
            assert found is not None
            found.year += 1
            state.put(found)
            if number % 5 == 0:
                raise Refused
            return found.year

        return work

    async def client(number: int) -> int:
        done = 0
        for round_ in range(1, 11):
            sent = store.send(step(round_), quick=True)
            dropped = store.send(step(round_), quick=True)
            dropped.cancel()
            try:
                counted = await sent
            except Refused:
                continue
            done += 1
            assert store.read(lambda state: state.find(Book))[0].year >= counted
        return done

    async def clients() -> int:
        return sum(await asyncio.gather(*(client(number) for number in range(20))))

    with ThreadPoolExecutor(4) as pool:
        beside = [pool.submit(lambda: store.write(step(1))) for _ in range(60)]
        done = asyncio.run(clients())
        done += len({future.result(60) for future in beside})
    book = store.read(lambda state: state.get(Book, "counter"))
    assert done == 20 * 8 + 60
    assert book is not None
    assert book.year >= done


def test_quick_work_that_waits_as_the_store_closes_is_done(reopen: OpenStore) -> None:
    store = reopen()

    async def last() -> None:
        sent = store.send(lambda state: state.insert(Book(id="last")), quick=True)
        await asyncio.to_thread(store.close)
        await sent

    asyncio.run(last())
    assert ids(reopen().read(lambda state: state.find(Book))) == ["last"]


def test_a_value_that_the_database_cannot_hold_fails_alone(store: Store) -> None:
    gate = threading.Event()
    first = store.submit(lambda state: gate.wait(30))
    monstrous = store.submit(lambda state: state.insert(Book(id="big", year=2**70)))
    unfit = store.submit(lambda state: state.get(Book, object()))
    good = store.submit(lambda state: state.insert(Book(id="good")))
    gate.set()
    first.result(60)
    assert monstrous.exception(60) is not None
    assert unfit.exception(60) is not None
    good.result(60)
    assert ids(store.read(lambda state: state.find(Book))) == ["good"]


def test_a_read_inside_other_work_is_a_part_of_it(store: Store) -> None:
    def work(state: Transaction) -> int:
        state.insert(Book(id="b"))
        return store.read(lambda inner: inner.count(Book))

    assert store.write(work) == 1
    assert store.read(lambda state: store.read(lambda inner: inner.count(Book))) == 1
    with pytest.raises(Refused):
        store.read(lambda state: store.read(refuse))
    assert store.read(lambda state: state.count(Book)) == 1


def refuse(state: Transaction) -> None:
    raise Refused


def test_more_writers_with_reads_inside_than_connections_do_not_wait_for_ever(store: Store) -> None:
    def step(number: int) -> None:
        def work(state: Transaction) -> None:
            state.insert(Book(id=f"b-{number}", shelf=str(number)))
            assert store.read(lambda inner: inner.count(Book, shelf=str(number))) == 1

        store.write(work)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(step, range(60)))
    assert store.read(lambda state: state.count(Book)) == 60


def test_a_write_inside_other_work_says_so(store: Store) -> None:
    """It would wait for what waits for it."""
    for around in (store.read, store.write):
        with pytest.raises(RuntimeError, match="inside"):
            around(lambda state: store.write(lambda inner: None))
    store.write(lambda state: state.insert(Book(id="b")))


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    with pytest.raises(StateError):
        store.submit(lambda state: None).result(10)


def test_a_store_holds_after_it_is_opened_again(reopen: OpenStore) -> None:
    store = reopen()
    put(store, Book(id="b", title="kept"))
    store.close()
    assert [one.title for one in reopen().read(lambda state: state.find(Book))] == ["kept"]


def test_what_is_kept_in_memory_is_never_old(store: Store) -> None:
    """Two records that are always written together are never read apart, though one of them is kept."""
    over = threading.Event()

    def write(value: int) -> None:
        put(store, Setting(id="s", value=value), Book(id="b", year=value))

    def look(state: Transaction) -> tuple[int, int]:
        setting, book = state.get(Setting, "s"), state.get(Book, "b")
        assert setting is not None
        assert book is not None
        return setting.value, book.year

    def watch() -> None:
        last = 0
        while not over.is_set():
            value, year = store.read(look)
            assert value == year >= last
            last = value

    write(0)
    with ThreadPoolExecutor(3) as pool:
        watching = [pool.submit(watch) for _ in range(2)]
        for value in range(1, 300):
            write(value)
            assert store.read(look) == (value, value)
        over.set()
        for one in watching:
            one.result(30)


def test_a_refused_write_leaves_no_trace_in_memory(store: Store) -> None:
    put(store, Setting(id="s", value=1))
    assert store.read(lambda state: state.get(Setting, "s")) == Setting(id="s", value=1)

    def work(state: Transaction) -> None:
        state.put(Setting(id="s", value=2))
        raise Refused

    with pytest.raises(Refused):
        store.write(work)
    assert store.read(lambda state: state.get(Setting, "s")) == Setting(id="s", value=1)
    store.write(lambda state: state.delete(Setting(id="s", value=1)))
    assert store.read(lambda state: state.get(Setting, "s")) is None
