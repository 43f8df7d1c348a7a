"""The conditions that hold after the kill test. Each check yields the idempotency keys that violate it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tests.chaos.clients import Diary, Said
from tests.chaos.shops import Placed, Shop

SENDING, CONFIRMED, REJECTED, IN_DOUBT = "SENDING", "CONFIRMED", "REJECTED", "IN_DOUBT"


@dataclass(frozen=True)
class Operation:
    """A write operation as the gateway shows it. ``orders`` are the vendor's IDs. ``shown``: the order can be read."""

    id: str
    key: str
    account: str
    status: str
    orders: Sequence[str] = ()
    shown: bool = True
    reason: str | None = None


@dataclass(frozen=True)
class Evidence:
    """The responses to the clients, the operations in the ledger, and the orders in the sandboxes."""

    shops: Mapping[str, Shop]
    diaries: Sequence[Diary]
    operations: Sequence[Operation]
    placed: Sequence[Placed]

    @cached_property
    def binding(self) -> Mapping[str, Operation]:
        """The operation that has used each key, by key."""
        return {one.key: one for one in self.operations if one.status != REJECTED}

    @cached_property
    def orders(self) -> Mapping[str, Sequence[Placed]]:
        """The orders in the sandboxes, by key."""
        found: dict[str, list[Placed]] = {}
        for one in self.placed:
            found.setdefault(one.key or "", []).append(one)
        return found

    def status(self, key: str) -> str:
        """Return the final status of a key."""
        return self.binding[key].status if key in self.binding else REJECTED

    @property
    def statuses(self) -> Counter[tuple[str, str]]:
        """The number of keys by account and final status."""
        return Counter((one.wish.account, self.status(one.wish.key)) for one in self.diaries)

    @property
    def lost(self) -> int:
        """The number of confirmed orders that do not exist, and of orders that belong to no operation."""
        confirmed = {key for key, one in self.binding.items() if one.status == CONFIRMED}
        unknown = sum(len(found) for key, found in self.orders.items() if key not in self.binding)
        return len(confirmed - self.orders.keys()) + unknown

    @property
    def doubled(self) -> int:
        """The number of orders beyond the first of each key."""
        return sum(len(found) - 1 for key, found in self.orders.items() if key)


Check = Callable[[Evidence], Iterator[str]]


def every_wish_was_answered(evidence: Evidence) -> Iterator[str]:
    """Every client got a final response."""
    return (one.wish.key for one in evidence.diaries if len(one.told) < one.wish.at_once)


def no_answer_contradicts_itself(evidence: Evidence) -> Iterator[str]:
    """For example, every operation that is not confirmed comes with an error."""
    for one in evidence.diaries:
        yield from (f"{one.wish.key}: {told.text}" for told in one.answers if told.said is Said.NONSENSE)


def every_operation_is_settled(evidence: Evidence) -> Iterator[str]:
    """Operations are in doubt only if the vendor cannot be asked for the outcome."""
    for one in evidence.operations:
        doubtful = one.status == IN_DOUBT and not evidence.shops[one.account].askable
        if one.status not in (CONFIRMED, REJECTED) and not doubtful:
            yield f"{one.key}: operation {one.id} is {one.status}: {one.reason}"


def every_order_belongs_to_an_operation(evidence: Evidence) -> Iterator[str]:
    """No vendor has an order that the gateway does not know or considers rejected."""
    for key, found in evidence.orders.items():
        if key not in evidence.binding:
            yield from (f"{key or 'no key'}: order {one.id} of {one.vendor} has no operation" for one in found)


def no_key_has_two_orders(evidence: Evidence) -> Iterator[str]:
    """Neither at one vendor nor at several."""
    for key, found in evidence.orders.items():
        if key and len(found) > 1:
            yield f"{key}: orders {', '.join(one.id for one in found)}"


def no_key_has_two_operations(evidence: Evidence) -> Iterator[str]:
    """Rejected operations do not count, because they leave the key free."""
    counts = Counter(one.key for one in evidence.operations if one.status != REJECTED)
    return (f"{key}: {count} operations" for key, count in counts.items() if count > 1)


def every_confirmed_order_is_there(evidence: Evidence) -> Iterator[str]:
    """The order is also the one that the operation names."""
    for one in evidence.operations:
        if one.status == CONFIRMED:
            there = {order.id for order in evidence.orders.get(one.key, ())}
            if set(one.orders) != there or not there:
                yield f"{one.key}: operation {one.id} names {list(one.orders)}, the vendor has {sorted(there)}"


def every_confirmed_order_is_shown(evidence: Evidence) -> Iterator[str]:
    """This includes orders that only the gateway can show."""
    return (f"{one.key}: {one.id}" for one in evidence.operations if one.status == CONFIRMED and not one.shown)


def clients_were_told_the_truth(evidence: Evidence) -> Iterator[str]:
    """A confirmed order exists and is the same for all clients. A rejected one does not exist."""
    for diary in evidence.diaries:
        key = diary.wish.key
        there = {f"Order:{diary.wish.account}:{one.id}" for one in evidence.orders.get(key, ())}
        for told in diary.told:
            wrong = told.said is Said.DONE and (not there or told.order not in (None, *there))
            wrong |= told.said is Said.REFUSED and bool(there)
            if wrong:
                yield f"{key}: told {told.text}, the vendor has {sorted(there)}"


def only_wrong_orders_were_refused(evidence: Evidence) -> Iterator[str]:
    """All invalid orders were rejected."""
    for diary in evidence.diaries:
        for told in diary.told:
            if diary.wish.wrong and told.said is Said.DONE:
                yield f"{diary.wish.key}: is wrong, and told {told.text}"
            elif not diary.wish.wrong and told.said in (Said.REFUSED, Said.CONFLICT):
                yield f"{diary.wish.key}: is right, and told {told.text}"


def no_key_took_another_input(evidence: Evidence) -> Iterator[str]:
    """The response was a conflict, and nothing was placed."""
    for diary in evidence.diaries:
        yield from (f"{diary.wish.key}: {one.text}" for one in diary.told_others if one.said is not Said.CONFLICT)
    yield from (f"{one.key}: order {one.id}" for one in evidence.placed if one.other)


CHECKS: Sequence[Check] = (
    every_wish_was_answered,
    no_answer_contradicts_itself,
    every_operation_is_settled,
    every_order_belongs_to_an_operation,
    no_key_has_two_orders,
    no_key_has_two_operations,
    every_confirmed_order_is_there,
    every_confirmed_order_is_shown,
    clients_were_told_the_truth,
    only_wrong_orders_were_refused,
    no_key_took_another_input,
)


def failures(evidence: Evidence) -> Mapping[str, Sequence[str]]:
    """Return the violations of each check that fails, by its name."""
    found = {check.__name__.replace("_", " "): list(check(evidence)) for check in CHECKS}
    return {name: lines for name, lines in found.items() if lines}
