"""The notifications that each watcher of an order receives."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordergraph.domain import OrderStatus
from ordergraph.domain.errors import SlowConsumer, VendorTimeout
from ordergraph.settings import WatchSettings
from ordergraph.watch.changes import Change, ChangeSource
from ordergraph.watch.order import HISTORY, WatchedOrder
from ordergraph.watch.watcher import ROOM, Watcher
from tests.watch.orders import Order, ill

FIRST, POLL, GATEWAY = ChangeSource.INITIAL, ChangeSource.POLL, ChangeSource.GATEWAY
ID = "Order:acme:1"
Told = tuple[str | None, str]


class World:
    """An order and a clock."""

    def __init__(self, **settings: Any) -> None:
        self.now = 0.0
        self.words: list[str] = []
        """All versions of the order until now."""
        self.order = WatchedOrder(ID, "1", WatchSettings(**settings), lambda: self.now)

    def join(self, since: str | None = None) -> Watcher[Change]:
        watcher = Watcher[Change]({ID})
        self.order.join(watcher, since)
        return watcher

    def saw(self, *words: str, state: OrderStatus = OrderStatus.IN_PROGRESS) -> None:
        for word in words:
            self.now += 10
            if self.words[-1:] != [word]:
                self.words.append(word)
            self.order.saw(Order(word=word, state=state), POLL)


async def told(watcher: Watcher[Change]) -> list[Told]:
    """Return what a watcher has received until now, as versions and sources."""
    watcher.end(ID)
    return [(one.version, one.source.name) async for one in watcher.news()]


def version(word: str) -> str:
    return Order(word=word).version


async def test_all_are_told_the_first_and_then_only_changes() -> None:
    world = World()
    early = world.join()
    world.saw("a", "a", "b")
    late = world.join()
    world.saw("b", "c")
    assert await told(early) == [("a-IN_PROGRESS", "INITIAL"), ("b-IN_PROGRESS", "POLL"), ("c-IN_PROGRESS", "POLL")]
    assert await told(late) == [("b-IN_PROGRESS", "INITIAL"), ("c-IN_PROGRESS", "POLL")]


async def test_a_change_says_what_was_before() -> None:
    world = World()
    watcher = world.join()
    world.saw("a")
    world.order.saw(Order(word="a", state=OrderStatus.COMPLETED), GATEWAY)
    first, second = [one async for one in watcher.news()]
    assert (first.previous_status, first.changed_fields) == (None, None)
    assert (second.previous_status, second.changed_fields) == (
        OrderStatus.IN_PROGRESS,
        ["isFinal", "phase", "status"],
    )
    assert second.source is GATEWAY


async def test_who_begins_a_moment_after_a_look_is_told_at_once_and_later_waits_for_the_next() -> None:
    world = World(fastest=2)
    world.saw("a")
    assert world.order.is_fresh
    assert await told(world.join()) == [("a-IN_PROGRESS", "INITIAL")]
    world.now += 2
    assert not world.order.is_fresh
    assert await told(world.join()) == []


@pytest.mark.parametrize(
    ("since", "missed"),
    [
        ("a", [("b", "POLL"), ("c", "POLL"), ("d", "POLL")]),
        ("c", [("d", "POLL")]),
        ("d", []),
        ("x", [("d", "INITIAL")]),
        (None, [("d", "INITIAL")]),
    ],
)
async def test_who_comes_back_is_told_what_has_happened_since(since: str | None, missed: Sequence[Told]) -> None:
    world = World()
    world.saw("a", "b", "c")
    world.now += 10
    back = world.join(version(since) if since else None)
    world.saw("d", "e")
    expected = [*missed, ("e", "POLL")]
    assert await told(back) == [(version(word or ""), source) for word, source in expected]


async def test_an_order_that_comes_to_be_what_it_was_before_is_told_from_its_latest_time_on() -> None:
    world = World()
    world.saw("a", "b", "a")
    back = world.join(version("a"))
    world.saw("c")
    assert await told(back) == [(version("c"), "POLL")]


async def test_only_so_many_changes_are_kept() -> None:
    world = World()
    words = [str(number) for number in range(HISTORY + 2)]
    world.saw(*words)
    world.now += 10
    forgotten, kept = world.join(version(words[1])), world.join(version(words[2]))
    world.saw("last")
    assert await told(forgotten) == [(version("last"), "INITIAL")]
    assert [one for one, _ in await told(kept)] == [version(one) for one in [*words[3:], "last"]]


async def test_the_final_status_is_the_last_that_is_told() -> None:
    world = World()
    watcher = world.join()
    world.saw("a")
    world.saw("b", state=OrderStatus.CANCELLED)
    assert [one.version async for one in watcher.news()] == ["a-IN_PROGRESS", "b-CANCELLED"]
    assert not world.order.is_watched
    back, informed = world.join("a-IN_PROGRESS"), world.join("b-CANCELLED")
    assert [one.version async for one in back.news()] == ["b-CANCELLED"]
    assert [one async for one in informed.news()] == []


async def test_watching_an_order_that_is_gone_ends_with_one_empty_event() -> None:
    world = World()
    watcher, informed = world.join(), world.join("x")
    world.saw("a")
    world.order.saw(None, POLL)
    assert [(one.order is None, one.source.name) async for one in watcher.news()] == [
        (False, "INITIAL"),
        (True, "POLL"),
    ]
    assert len([one async for one in informed.news()]) == 2
    never = world.join("a-IN_PROGRESS")
    world.order.saw(None, POLL)
    assert [(one.order, one.source) async for one in never.news()] == [(None, FIRST)]


async def test_trouble_is_told_once_and_so_is_its_end() -> None:
    world = World()
    early = world.join()
    world.saw("a")
    world.order.failed(ill())
    late = world.join()
    world.order.failed(ill())
    world.saw("a", "a", "b")
    a, b = version("a"), version("b")
    assert await told(early) == [(a, "INITIAL"), (a, "ERROR"), (a, "RECOVERED"), (b, "POLL")]
    assert await told(late) == [(a, "ERROR"), (a, "INITIAL"), (b, "POLL")]


async def test_what_is_remembered_is_told_at_once_also_under_trouble() -> None:
    world = World()
    world.saw("a", "b")
    world.order.failed(ill())
    back = world.join(version("a"))
    world.order.failed(ill())
    world.saw("c")
    assert await told(back) == [(version("b"), "POLL"), (version("b"), "ERROR"), (version("c"), "POLL")]


async def test_what_has_changed_under_trouble_is_a_change() -> None:
    world = World()
    watcher = world.join()
    world.order.failed(ill(), 30)
    world.order.failed(VendorTimeout("nuvias", "acme", "get_order"))
    world.saw("a")
    world.order.failed(ill())
    world.saw("b")
    watcher.end(ID)
    found = [one async for one in watcher.news()]
    codes = [one.error.code if one.error else None for one in found]
    assert codes == ["VENDOR_UNAVAILABLE", "VENDOR_TIMEOUT", None, "VENDOR_UNAVAILABLE", None]
    assert [one.source.name for one in found] == ["ERROR", "ERROR", "INITIAL", "ERROR", "POLL"]
    assert found[0].order is None
    assert found[0].error is not None
    assert found[1].error is not None
    assert (found[0].error.retry_after, found[0].error.started_at) == (30, found[1].error.started_at)


async def test_who_has_missed_nothing_under_trouble_is_told_of_its_end() -> None:
    world = World()
    world.saw("a")
    world.order.failed(ill())
    back = world.join(version("a"))
    world.order.failed(ill())
    world.saw("a")
    assert await told(back) == [(version("a"), "ERROR"), (version("a"), "RECOVERED")]


async def test_who_does_not_keep_up_is_dropped() -> None:
    world = World()
    slow, quick = world.join(), world.join()
    news = quick.news()
    for number in range(ROOM + 1):
        world.saw(str(number))
        assert (await anext(news)).version == version(str(number))
    with pytest.raises(SlowConsumer):
        await anext(slow.news())
    await news.aclose()
    world.order.leave(quick)
    assert not world.order.is_watched


STEPS = st.lists(st.sampled_from(["change", "look", "fail", "leave", "come back", "a minute"]), max_size=HISTORY)


@given(STEPS)
def test_who_comes_and_goes_as_they_like_sees_every_change_once(steps: list[str]) -> None:
    async def run() -> None:
        world, seen = World(), list[str | None]()
        watcher: Watcher[Change] | None = world.join()
        world.saw("0")
        for number, step in enumerate([*steps, "come back", "look"], 1):
            if step in ("change", "look"):
                world.saw(str(number) if step == "change" else world.words[-1])
            elif step == "fail":
                world.order.failed(ill())
            elif step == "a minute":
                world.now += 60
            elif step == "come back" and watcher is None:
                watcher = world.join(seen[-1])
            elif step == "leave" and watcher is not None:
                world.order.leave(watcher)
                seen += await changes(watcher)
                watcher = None
        assert watcher is not None
        assert seen + await changes(watcher) == [version(one) for one in world.words]

    asyncio.run(run())


async def changes(watcher: Watcher[Change]) -> list[str | None]:
    """Return the versions that a watcher has received, without the vendor's state."""
    return [one for one, source in await told(watcher) if source not in ("ERROR", "RECOVERED")]


# ---- Polling intervals ------------------------------------------------------------------------------


def between(shortest: float, longest: float, world: World) -> None:
    for _ in range(20):
        assert shortest <= world.order.pause() <= longest


def test_it_is_looked_at_the_more_rarely_the_longer_nothing_happens() -> None:
    world = World(fastest=2, slowest=60)
    between(1.6, 2, world)
    world.now = 20
    between(1.6, 2, world)
    world.now = 300
    between(24, 30, world)
    world.now = 1e6
    between(48, 60, world)


def test_what_has_changed_and_what_somebody_begins_to_watch_is_young() -> None:
    world = World(fastest=2, slowest=60)
    world.now = 1e6
    world.join()
    between(1.6, 2, world)
    world.now = 2e6
    world.saw("a")
    between(1.6, 2, world)
    world.now = 3e6
    world.saw("a")
    between(48, 60, world)


def test_a_sick_vendor_is_asked_the_more_rarely_the_longer_it_is_ill() -> None:
    world = World(fastest=2, slowest=60)
    world.order.failed(ill())
    between(3.2, 4, world)
    world.order.failed(ill())
    between(6.4, 8, world)
    for _ in range(100):
        world.order.failed(ill())
    between(48, 60, world)
    world.order.failed(ill(), 500)
    between(500, 600, world)
    world.saw("a")
    between(1.6, 2, world)
