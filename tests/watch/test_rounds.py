"""How often the watched orders of an account are polled, in simulated time."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ordergraph.domain import OrderStatus, Ref
from ordergraph.watch.changes import Change, ChangeSource
from ordergraph.watch.polling import KEPT_SECONDS, Rounds
from ordergraph.watch.watcher import Watcher
from tests.watch.clock import Clock
from tests.watch.orders import ACCOUNT, Account, Order, ill

HOUR = 3600


class Listener:
    """A watcher of an order that takes each notification immediately."""

    def __init__(self, rounds: Rounds, key: str) -> None:
        self._rounds, self._ref, self.key = rounds, Ref("Order", ACCOUNT, (key,)), key
        self.version: str | None = None
        self._watcher = Watcher[Change]({str(self._ref)})
        self.told: list[tuple[float, str, str | None]] = []
        self._more = asyncio.Event()
        rounds.join(self._ref, self._watcher, None)
        self._taking = asyncio.create_task(self._take())

    async def _take(self) -> None:
        async for one in self._watcher.news():
            code = one.error.code if one.error else None
            self.told.append((asyncio.get_running_loop().time(), one.source.name, code))
            self.version = one.version
            self._more.set()

    async def tells(self, count: int) -> None:
        """Wait for this many notifications."""
        while len(self.told) < count:
            self._more.clear()
            await self._more.wait()

    async def leave(self) -> None:
        self._taking.cancel()
        await asyncio.wait([self._taking])
        self._rounds.leave(self._ref, self._watcher)

    @property
    def why(self) -> list[str]:
        return [source for _, source, _ in self.told]


class World:
    """The polls of one account's orders."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.rounds = Rounds(account.connector, asyncio.get_running_loop().time)
        self.listeners: list[Listener] = []

    def join(self, key: str = "1") -> Listener:
        self.account.orders.setdefault(key, Order(key))
        self.listeners.append(Listener(self.rounds, key))
        return self.listeners[-1]


def simulated(account: Account, test: Callable[[World], Awaitable[None]]) -> None:
    """Run a test in simulated time, and assert that no task continues after it."""

    async def run() -> None:
        world = World(account)
        await test(world)
        for one in world.listeners:
            await one.leave()
        await world.rounds.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=Clock) as runner:
        runner.run(run())
        gc.collect()
        assert cast("Clock", runner.get_loop()).complaints == []
    assert account.twice_at_once == []


def test_an_order_is_looked_at_ever_more_rarely_until_it_changes() -> None:
    async def test(world: World) -> None:
        watching = world.join()
        await asyncio.sleep(2 * HOUR)
        times = world.account.times()
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert times[0] < 0.1
        assert max(gaps[:5]) <= 3.1  # the fastest interval, and one second for the read itself
        assert all(49 <= gap <= 61.1 for gap in gaps[-20:])
        assert len(times) < 200
        world.account.orders["1"] = Order(word="b")
        await watching.tells(2)
        assert watching.why == ["INITIAL", "POLL"]
        changed = len(world.account.times())
        await asyncio.sleep(15)
        assert len(world.account.times()) >= changed + 4

    simulated(Account(fastest=2, slowest=60), test)


def test_however_many_watch_an_order_it_is_looked_at_as_for_one() -> None:
    async def test(world: World) -> None:
        watching = [world.join() for _ in range(1000)]
        await asyncio.sleep(HOUR)
        assert len(world.account.times()) < 100
        assert {tuple(one.why) for one in watching} == {("INITIAL",)}

    simulated(Account(), test)


def test_a_final_order_and_one_that_nobody_watches_are_not_looked_at() -> None:
    async def test(world: World) -> None:
        world.account.orders["final"] = Order("final", state=OrderStatus.COMPLETED)
        final, left = world.join("final"), world.join("left")
        await asyncio.sleep(3.5)
        await left.leave()
        await asyncio.sleep(2)  # until the reads in progress are complete
        looks = len(world.account.calls)
        await asyncio.sleep(HOUR)
        assert final.why == ["INITIAL"]
        assert len(world.account.times("final")) == 1
        assert len(world.account.calls) == looks
        assert len(asyncio.all_tasks()) == 1, "the account is no longer polled"
        assert world.join("left").why == []
        await asyncio.sleep(1.5)
        assert len(world.account.calls) == looks + 1

    simulated(Account(), test)


def test_what_an_order_was_like_is_remembered_for_a_while_only() -> None:
    async def test(world: World) -> None:
        await asyncio.sleep(1)
        for pause, known in ((KEPT_SECONDS - 10, True), (KEPT_SECONDS + 10, False)):
            first = world.join()
            await asyncio.sleep(1.5)
            await first.leave()
            await asyncio.sleep(pause)
            world.account.error = ill()
            told: list[Change] = []
            watcher = Watcher[Change]({"Order:acme:1"})
            world.rounds.join(Ref("Order", ACCOUNT, ("1",)), watcher, None)
            told.append(await anext(watcher.news()))
            world.rounds.leave(Ref("Order", ACCOUNT, ("1",)), watcher)
            assert (told[0].order is not None) == known
            world.account.error = None
            await asyncio.sleep(2 * KEPT_SECONDS)

    simulated(Account(), test)


def test_a_thousand_orders_share_the_quota_evenly() -> None:
    async def test(world: World) -> None:
        for number in range(1000):
            world.join(str(number))
        await asyncio.sleep(HOUR)
        looks = Counter(key for _, key in world.account.calls)
        assert len(world.account.calls) <= 1000 + 60 * 61
        assert len(looks) == 1000
        assert max(looks.values()) - min(looks.values()) <= 2
        assert world.account.most_in_flight <= 4

    simulated(Account(concurrency=8, per_minute=60), test)


def test_what_is_signalled_does_not_wait_for_the_quota_and_takes_of_it() -> None:
    async def test(world: World) -> None:
        for number in range(100):
            world.join(str(number))
        await asyncio.sleep(HOUR)
        since = asyncio.get_running_loop().time()
        for number in range(20):
            world.account.orders[str(number)] = Order(str(number), "b")
            world.rounds.look([str(number)], ChangeSource.GATEWAY)
        await asyncio.sleep(25)
        why = Counter(one.why[1] for one in world.listeners[:20])
        assert why["GATEWAY"] >= 16  # up to four reads were in progress at the signal
        assert all(one.told[-1][0] < since + 12 for one in world.listeners[:20])
        others = [at for at, key in world.account.calls if at > since + 1 and int(key) >= 20]
        assert min(others) >= since + 19

    simulated(Account(concurrency=4, per_minute=60), test)


def test_a_signal_about_any_order_has_all_looked_at_within_the_quota() -> None:
    async def test(world: World) -> None:
        for number in range(30):
            world.join(str(number))
        await asyncio.sleep(HOUR)
        since = asyncio.get_running_loop().time()
        world.account.orders["7"] = Order("7", "b")
        world.rounds.look(None, ChangeSource.NOTIFICATION)
        await asyncio.sleep(45)
        assert world.listeners[7].why == ["INITIAL", "NOTIFICATION"]
        seen = [(at, key) for at, key in world.account.calls if at >= since]
        assert len(seen) <= 46
        assert len({key for _, key in seen}) == 30

    simulated(Account(per_minute=60, slowest=600), test)


def test_what_is_signalled_during_a_look_is_looked_at_once_more() -> None:
    async def test(world: World) -> None:
        watching = world.join()
        await asyncio.sleep(10.1)
        world.rounds.look(["1"], ChangeSource.GATEWAY)
        await asyncio.sleep(0.5)
        assert world.account.looked_at == {"1"}
        looks = len(world.account.calls)
        world.rounds.look(["1"], ChangeSource.NOTIFICATION)
        await asyncio.sleep(0.4)
        assert len(world.account.calls) == looks
        await asyncio.sleep(0.2)
        assert len(world.account.calls) == looks + 1
        world.account.orders["1"] = Order(word="b")
        await asyncio.sleep(1)
        assert watching.why == ["INITIAL", "NOTIFICATION"]
        await asyncio.sleep(HOUR)
        assert len(world.account.calls) > looks + 5

    simulated(Account(slowest=600, fastest=300), test)


def test_who_comes_and_goes_during_a_long_look_does_not_disturb_it() -> None:
    async def test(world: World) -> None:
        first = world.join()
        await asyncio.sleep(1)
        await first.leave()
        await asyncio.sleep(KEPT_SECONDS + 1)
        second = world.join()
        assert len(world.account.calls) == 1
        await asyncio.sleep(KEPT_SECONDS)
        assert second.why == ["INITIAL"]
        await second.leave()
        await asyncio.sleep(HOUR)
        assert len(asyncio.all_tasks()) == 1

    simulated(Account(seconds=2 * KEPT_SECONDS), test)


def test_while_the_vendor_wants_no_calls_there_are_none_and_all_are_told() -> None:
    async def test(world: World) -> None:
        for number in range(50):
            world.join(str(number))
        await asyncio.sleep(100)
        world.account.error = ill(retry_after=120)
        await asyncio.sleep(61)
        failed = [at for at, _ in world.account.calls][-8:]
        ill_since = next(at for one in world.listeners for at, source, _ in one.told if source == "ERROR") - 1
        under_way = [at for at, _ in world.account.calls if at > ill_since]
        assert len(under_way) <= 8, failed
        await asyncio.sleep(30)
        assert all(one.why == ["INITIAL", "ERROR"] for one in world.listeners)
        assert all(one.told[-1][2] == "VENDOR_UNAVAILABLE" for one in world.listeners)
        assert [at for at, _ in world.account.calls if at > ill_since] == under_way
        world.account.error = None
        await asyncio.sleep(240)
        assert all(one.why == ["INITIAL", "ERROR", "RECOVERED"] for one in world.listeners)

    simulated(Account(slowest=60), test)


def test_a_signal_is_remembered_until_the_vendor_answers() -> None:
    async def test(world: World) -> None:
        watching = world.join()
        await asyncio.sleep(1.5)
        world.account.error = ill()
        world.account.orders["1"] = Order(word="b")
        world.rounds.look(["1"], ChangeSource.GATEWAY)
        await asyncio.sleep(10)
        world.account.error = None
        await asyncio.sleep(60)
        assert watching.why == ["INITIAL", "ERROR", "GATEWAY"]

    simulated(Account(), test)


def test_a_fault_of_ours_ends_no_watch() -> None:
    async def test(world: World) -> None:
        watching = world.join()
        await asyncio.sleep(1.5)
        world.account.error = LookupError("a fault")
        with capture_logs() as logs:
            await asyncio.sleep(10)
        assert logs[0]["event"] == "unexpected error"
        world.account.error = None
        await asyncio.sleep(60)
        assert [one[1:] for one in watching.told[1:]] == [("ERROR", "INTERNAL_SERVER_ERROR"), ("RECOVERED", None)]

    simulated(Account(), test)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["join", "leave", "signal", "signal all", "change", "fall ill", "recover"]),
        st.sampled_from("123"),
        st.sampled_from([0, 0.5, 5, 100]),
    ),
    max_size=30,
)


@settings(max_examples=30)
@given(STEPS, st.sampled_from([0.1, 1, 70]))
def test_whatever_happens_no_order_is_looked_at_twice_at_once_and_none_is_forgotten(
    steps: list[tuple[str, str, float]], seconds: float
) -> None:
    async def test(world: World) -> None:
        for number, (step, key, pause) in enumerate(steps):
            if step == "join":
                world.join(key)
            elif step == "leave" and world.listeners:
                await world.listeners.pop().leave()
            elif step.startswith("signal"):
                world.rounds.look([key] if step == "signal" else None, ChangeSource.GATEWAY)
            elif step == "change":
                world.account.orders[key] = Order(key, str(number))
            elif step in ("fall ill", "recover"):
                world.account.error = ill(retry_after=3) if step == "fall ill" else None
            await asyncio.sleep(pause)
        world.account.error = None
        await asyncio.sleep(10 * 60)
        for one in world.listeners:
            assert one.version == world.account.orders[one.key].version
        while world.listeners:
            await world.listeners.pop().leave()
        await asyncio.sleep(HOUR)
        assert len(asyncio.all_tasks()) == 1

    simulated(Account(concurrency=4, seconds=seconds), test)
