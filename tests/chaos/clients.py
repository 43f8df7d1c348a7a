"""The clients of the kill test. Each repeats an order with the same idempotency key until it knows the outcome."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast

import httpx

from tests.chaos.shops import OTHER, Shop

Json = dict[str, Any]

PLACE_ORDER = """
mutation(
  $key: String!, $account: ID!, $line: LineItemInput!, $number: String!, $reference: String, $details: OrderDetailsInput
) {
  placeOrder(input: {
    idempotencyKey: $key
    accountId: $account
    lineItems: [$line]
    clientReference: $reference
    purchaseOrderNumber: $number
    shippingAddress: {
      recipientName: "Ann Lee", lines: ["1 High Street"], city: "York", postalCode: "YO1 7HH", countryCode: "GB"
    }
    contact: { name: "Ann Lee", email: "ann@acme.example", phone: "+44 1904 555123" }
    requestedAt: "2027-01-31T00:00:00Z"
    details: $details
  }) {
    order { id }
    operation { status isReplay }
    userErrors { code message isRetryable }
  }
}"""
PATIENCE = 6.0
"""The timeout of a client, in seconds."""
HASTE = 0.3
"""The timeout of an impatient client."""
HASTY_SHARE = 0.05
PAUSE = 1.0
"""The longest pause of a client before it repeats a request, in seconds."""
DEAD_PAUSE = 2.0
"""The same after a connection error."""


class Said(Enum):
    """The outcome of an order according to the gateway."""

    DONE = "confirmed"
    REFUSED = "refused"
    CONFLICT = "key used with another input"
    IN_DOUBT = "in doubt"
    AGAIN = "not done, or not known yet: ask again"
    NONSENSE = "against the gateway's own rules"


@dataclass(frozen=True)
class Told:
    """A response to a client. ``text`` is what the gateway sent."""

    said: Said
    order: str | None = None
    replayed: bool = False
    text: str = ""


@dataclass(frozen=True)
class Wish:
    """An order that clients place.

    ``wrong``: the vendor must reject it. ``referenced``: it has its own reference. ``at_once``: the number of clients
    that place it at the same time. ``repeated``: the request is repeated afterwards. ``conflicting``: afterwards, the
    same key is used for another order.
    """

    key: str
    account: str
    wrong: bool = False
    referenced: bool = True
    at_once: int = 1
    repeated: bool = False
    conflicting: bool = False


@dataclass
class Diary:
    """The final responses to the clients of an order, and to those that used its key for another order."""

    wish: Wish
    told: list[Told] = field(default_factory=list[Told])
    told_others: list[Told] = field(default_factory=list[Told])

    @property
    def answers(self) -> Sequence[Told]:
        """All responses."""
        return [*self.told, *self.told_others]


def wishes(count: int, accounts: Sequence[str], seed: int, draws: random.Random) -> Sequence[Wish]:
    """Return the orders to place: spread evenly over the accounts, with random properties."""
    return [
        Wish(
            key=f"chaos-{seed}-{number:05}",
            account=accounts[number % len(accounts)],
            wrong=draws.random() < 0.06,
            referenced=draws.random() < 0.8,
            at_once=2 if draws.random() < 0.15 else 1,
            repeated=draws.random() < 0.15,
            conflicting=draws.random() < 0.10,
        )
        for number in range(count)
    ]


class Clients:
    """Place orders with these shops at one gateway."""

    def __init__(self, http: httpx.AsyncClient, shops: Mapping[str, Shop], draws: random.Random) -> None:
        self._http = http
        self._shops = shops
        self._draws = draws
        self.asked = self.answers = 0

    async def fulfil(self, diary: Diary) -> None:
        """Place an order until its outcome is known, and then repeat it as the wish says."""
        wish = diary.wish
        asking = self._variables(wish)
        diary.told += await asyncio.gather(*(self._until_told(asking) for _ in range(wish.at_once)))
        if wish.repeated:
            await asyncio.sleep(self._draws.uniform(0, PAUSE))
            diary.told.append(await self._until_told(asking))
        if wish.conflicting and all(one.said is Said.DONE for one in diary.told):
            diary.told_others.append(await self._until_told(self._variables(wish, OTHER)))

    async def come_back(self, diary: Diary) -> None:
        """Repeat an order that was in doubt. If it was not placed, it is placed now."""
        if any(told.said is Said.IN_DOUBT for told in diary.told):
            diary.told.append(await self._until_told(self._variables(diary.wish)))

    def _variables(self, wish: Wish, suffix: str = "") -> Json:
        shop = self._shops[wish.account]
        line: Json = {"quantity": shop.wrong_quantity if wish.wrong else shop.quantity}
        line["product"] = {"id": f"Product:{wish.account}:{shop.wrong if wish.wrong else shop.product}"}
        if shop.line is not None:
            line["details"] = shop.line
        return {
            "key": wish.key,
            "account": f"Account:{wish.account}",
            "line": line,
            "number": wish.key + suffix,
            "reference": wish.key if wish.referenced or not shop.makes_references else None,
            "details": shop.details,
        }

    async def _until_told(self, asking: Json) -> Told:
        while True:
            pause = PAUSE
            hasty = self._draws.random() < HASTY_SHARE
            self.asked += 1
            try:
                response = await self._http.post(
                    "/graphql",
                    json={"query": PLACE_ORDER, "variables": asking},
                    timeout=HASTE if hasty else PATIENCE,
                )
                self.answers += 1
                told = read(response)
            except httpx.HTTPError as error:
                told, pause = Told(Said.AGAIN, text=repr(error)), DEAD_PAUSE
            if told.said is not Said.AGAIN:
                return told
            await asyncio.sleep(self._draws.uniform(0.02, pause))


def read(response: httpx.Response) -> Told:
    """Read the outcome of the order from a response."""
    if response.status_code >= 500:
        return Told(Said.AGAIN, text=response.text)
    answer = cast("Json", response.json())
    payload = cast("Json", answer.get("data") or {}).get("placeOrder")
    if payload is None or answer.get("errors"):
        errors = cast("list[Json]", answer.get("errors", []))
        again = bool(errors) and all(error["extensions"].get("isRetryable") for error in errors)
        return Told(Said.AGAIN if again else Said.NONSENSE, text=response.text)
    return read_payload(payload)


def read_payload(payload: Json) -> Told:
    """Read the outcome of the order from a payload, whose parts must not contradict each other."""
    operation = cast("Json", payload["operation"] or {})
    errors = cast("list[Json]", payload["userErrors"])
    codes = {cast("str", error["code"]) for error in errors}
    status = operation.get("status")
    order = cast("Json", payload["order"] or {}).get("id")
    said = Said.NONSENSE
    if not errors and status == "CONFIRMED":
        said = Said.DONE
    elif "OUTCOME_IN_DOUBT" in codes and status in ("IN_DOUBT", "SENDING"):
        said = Said.IN_DOUBT  # SENDING: the ledger failed when the operation came into doubt
    elif codes == {"IDEMPOTENCY_CONFLICT"}:
        said = Said.CONFLICT
    elif errors and all(error["isRetryable"] for error in errors) and status in (None, "REJECTED", "SENDING"):
        said = Said.AGAIN
    elif errors and not any(error["isRetryable"] for error in errors) and status in (None, "REJECTED"):
        said = Said.REFUSED
    return Told(said, order, bool(operation.get("isReplay")), str(payload))
