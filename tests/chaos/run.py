"""The kill test from start to end."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx

from tests.chaos.checks import CONFIRMED, IN_DOUBT, REJECTED, SENDING, Evidence, Operation, failures
from tests.chaos.clients import Clients, Diary, Said, wishes
from tests.chaos.process import Gateway, config
from tests.chaos.proxy import FAULTS, FaultProxy
from tests.chaos.shops import LESS, SHOPS, Shop
from tests.chaos.weather import LATE_SECONDS, Weather, weather

Json = dict[str, Any]
Say = Callable[[str], object]

WIRE_RATES: Mapping[str, float] = {**dict.fromkeys(FAULTS, 0.02), "connection_refused": 0.01}
LIFE_ANSWERS = 30
"""The most responses before a worker is killed, and again before the gateway is killed."""
LIFE_SECONDS = 5.0
"""The most seconds before each."""
STILLBORN = 0.1
"""The probability that the gateway is killed during the first seconds, before it responds."""
STILLBORN_SECONDS = 2.0
PROGRESS_SECONDS = 5.0
SETTLE_SECONDS = 60.0
"""The most seconds for reconciliation, once all faults have ended."""

OPERATIONS = """query($after: String) { operations(first: 100, after: $after) {
    nodes { id idempotencyKey status statusReason objectIds order { id } account { name } }
    pageInfo { endCursor hasNextPage }
} }"""


@dataclass(frozen=True)
class Plan:
    """The options of a run."""

    orders: int = 1000
    seed: int = 1
    workers: int = 1
    clients: int = 16
    shops: Sequence[str] = tuple(SHOPS)
    ledger: str = ""


@dataclass
class Report:
    """The results of a run."""

    evidence: Evidence
    faults: Mapping[str, int]
    calls: Mapping[str, int]
    kills: int
    worker_kills: int
    seconds: float
    failures: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def __post_init__(self) -> None:
        self.failures = failures(self.evidence)

    @property
    def passed(self) -> bool:
        """Whether every check has passed."""
        return not self.failures and not self.evidence.lost and not self.evidence.doubled

    @property
    def text(self) -> str:
        """The results as text. The last line is a summary."""
        statuses = self.evidence.statuses
        total: Counter[str] = Counter()
        lines = [f"{'account':<15}{'confirmed':>10}{'rejected':>10}{'in doubt':>10}"]
        for name in self.evidence.shops:
            found = {status: statuses[name, status] for status in (CONFIRMED, REJECTED, IN_DOUBT)}
            total.update(found)
            lines.append(f"{name:<15}" + "".join(f"{count:>10}" for count in found.values()))
        lines += ["", *(f"{count:>6} {fault}" for fault, count in sorted(self.faults.items())), ""]
        doubted = [one for one in self.evidence.diaries if any(told.said is Said.IN_DOUBT for told in one.told)]
        found = Counter(self.evidence.status(one.wish.key) for one in doubted)
        lines += [
            f"{self.kills} kills, and {self.worker_kills} of single workers, in {self.seconds:.0f} s",
            f"{sum(self.calls.values())} calls of vendors, {self.calls.get('GET', 0)} of them only to read",
            f"{len(doubted)} orders were in doubt for their clients: {found[CONFIRMED]} are confirmed, "
            f"{found[REJECTED]} rejected, {found[IN_DOUBT]} still in doubt",
            "",
        ]
        for name, found in self.failures.items():
            lines += [f"FAILED: {name} ({len(found)})", *(f"    {line}" for line in found[:20]), ""]
        placed, doubt = sum(total.values()), total[IN_DOUBT]
        lines.append(
            f"placed {placed}, confirmed {total[CONFIRMED]}, rejected {total[REJECTED]}, in doubt {doubt}, "
            f"lost {self.evidence.lost}, doubled {self.evidence.doubled}"
        )
        return "\n".join(lines)


async def run(plan: Plan, folder: Path, say: Say) -> Report:
    """Place orders with kills and faults. Then end the faults and collect the results."""
    shops = {name: one for name, one in {**SHOPS, **LESS}.items() if name in plan.shops}
    draws = random.Random(plan.seed)
    with weather(list(shops.values()), plan.seed) as vendors:
        async with AsyncExitStack() as stack:
            proxies: dict[str, FaultProxy] = {}
            for name in shops:
                proxy = FaultProxy(httpx.URL(vendors.url).port or 0, WIRE_RATES, random.Random(draws.getrandbits(32)))
                proxies[name] = await stack.enter_async_context(proxy)
            urls = {name: proxy.url for name, proxy in proxies.items()}
            ledger = plan.ledger or f"sqlite:///{folder}/ledger.db"
            gateway = Gateway(folder, *config(shops, urls, ledger), plan.workers)
            stack.callback(gateway.kill)
            vendors.begin(list(shops.values()), draws)
            begun = time.monotonic()
            gateway.start()
            diaries = [Diary(wish) for wish in wishes(plan.orders, list(shops), plan.seed, draws)]
            run = _Run(gateway, shops, diaries, draws, say)
            await run.all_told(plan.clients)
            faults = vendors.counts()
            await _well_again(vendors, list(proxies.values()))
            for proxy in proxies.values():
                faults.update(proxy.counts)
            kills = gateway.kills
            gateway.kill()
            gateway.start()
            await gateway.ready()
            operations = await run.settled()
            evidence = Evidence(shops, diaries, operations, vendors.placed())
            return Report(evidence, faults, vendors.calls(), kills, gateway.worker_kills, time.monotonic() - begun)


async def _well_again(vendors: Weather, proxies: Sequence[FaultProxy]) -> None:
    vendors.end()
    for proxy in proxies:
        proxy.calm()
    await asyncio.sleep(LATE_SECONDS + 0.5)  # by then, delayed orders are placed


class _Run:
    """One gateway during the run."""

    def __init__(
        self, gateway: Gateway, shops: Mapping[str, Shop], diaries: Sequence[Diary], draws: random.Random, say: Say
    ) -> None:
        self._gateway = gateway
        self._shops = shops
        self._diaries = diaries
        self._draws = draws
        self._say = say

    async def all_told(self, count: int) -> None:
        """Let `count` clients place all orders, while the gateway is killed repeatedly."""
        async with self._gateway.client() as http:
            clients = Clients(http, self._shops, self._draws)
            async with _beside(self._killing(clients), self._telling(clients)):
                for ask in (clients.fulfil, clients.come_back):
                    await _shared(count, ask, self._diaries)

    async def _killing(self, clients: Clients) -> None:
        while True:
            if self._draws.random() < STILLBORN:
                await asyncio.sleep(self._draws.uniform(0, STILLBORN_SECONDS))
            else:
                await self._gateway.ready()
                await self._lives(clients)
                self._gateway.kill_worker(self._draws)
                await self._lives(clients)
            self._gateway.kill()
            self._gateway.start()

    async def _lives(self, clients: Clients) -> None:
        until = clients.answers + self._draws.randint(1, LIFE_ANSWERS)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._draws.uniform(0, LIFE_SECONDS)):
                while clients.answers < until:  # noqa: ASYNC110 - answers come all the time
                    await asyncio.sleep(0.01)

    async def _telling(self, clients: Clients) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            told = [diary.told[0].said for diary in self._diaries if diary.told]
            self._say(
                f"  {len(told)} of {len(self._diaries)} orders: {told.count(Said.DONE)} confirmed, "
                f"{told.count(Said.REFUSED)} rejected, {told.count(Said.IN_DOUBT)} in doubt; "
                f"asked {clients.asked} times, killed {self._gateway.kills} times"
            )

    async def settled(self) -> Sequence[Operation]:
        """Return the operations once they are settled, or as they are at the end of the wait."""
        until = time.monotonic() + SETTLE_SECONDS
        async with self._gateway.client() as http:
            while True:
                found = await self._operations(http)
                waiting = [one for one in found if self._waits(one)]
                if not waiting or time.monotonic() > until:
                    return found
                self._say(f"  {len(waiting)} operations are still to be settled")
                await asyncio.sleep(1)

    def _waits(self, one: Operation) -> bool:
        """Whether the operation must still change. A failed read counts, because it can time out on a busy machine."""
        unsettled = one.status == SENDING or (one.status == IN_DOUBT and self._shops[one.account].askable)
        return unsettled or (one.status == CONFIRMED and not one.shown)

    async def _operations(self, http: httpx.AsyncClient) -> Sequence[Operation]:
        found: list[Operation] = []
        after: str | None = None
        while True:
            body = {"query": OPERATIONS, "variables": {"after": after}}
            response = await http.post("/graphql", json=body, timeout=30)
            answer = cast("Json", response.json())
            for error in answer.get("errors", ()):
                self._say(f"  {error['path']}: {error['extensions']['code']}: {error['message']}")
            page = cast("Json", answer["data"]["operations"])
            found += (_operation(node) for node in page["nodes"])
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return found


def _operation(node: Json) -> Operation:
    ids = [cast("str", one) for one in node["objectIds"]]
    return Operation(
        id=node["id"],
        key=node["idempotencyKey"],
        account=node["account"]["name"],
        status=node["status"],
        orders=[one.partition(":")[2].partition(":")[2] for one in ids],
        shown=node["order"] is not None,
        reason=node["statusReason"],
    )


async def _shared(count: int, do: Callable[[Diary], Awaitable[None]], diaries: Sequence[Diary]) -> None:
    """Do something for all diaries, for `count` at a time."""
    waiting = deque(diaries)

    async def work() -> None:
        while waiting:
            await do(waiting.popleft())

    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(work())


@asynccontextmanager
async def _beside(*doing: Any) -> AsyncGenerator[None]:
    """Run tasks until the context ends. Their exceptions end the context."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in doing]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
