"""The state transitions of orders at the fake Sonata, with their charges, cancellations and date changes.

Source: the state machines of MEF 123 (figures 13, 14, 17, 20, 23, 24) and its tables 10 and 11, which define the
content of a response in each state. The tables contradict the rules R27 and R47 about the expected date of cancelled
and failed items. The rules take precedence.
"""

import copy
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ordergraph.sandbox import ANCHOR, ControlError
from ordergraph.sandbox.lifecycle import way
from ordergraph.vendors.sonata.sandbox import data
from ordergraph.vendors.sonata.sandbox.data import stamp
from ordergraph.vendors.sonata.sandbox.rules import CANCEL_ROLE, Known, object_at

Record = dict[str, Any]
Emit = Callable[[str, Record], None]

BASE = "/mefApi/sonata/productOrderingManagement/v10"
FINAL = ("completed", "failed", "partial", "cancelled", "rejected")
FINAL_ITEM = ("completed", "failed", "cancelled", "rejected", "rejected.validated", "rejected.unassessed")
# The next states of an order. The first is the default.
NEXT: Mapping[str, Sequence[str]] = {
    "acknowledged": ("inProgress", "rejected"),
    "inProgress": (
        *("completed", "failed", "partial"),
        *("held.assessingCharge", "pending.assessingModification", "assessingCancellation", "pendingCancellation"),
    ),
    "held.assessingCharge": ("inProgress",),
    "pending.assessingModification": ("inProgress",),
    "assessingCancellation": ("pendingCancellation", "inProgress"),
    "pendingCancellation": ("cancelled",),
}
CHARGING = "inProgress.assessingCharge"
DATE_CAUSE = "modifyProductOrderItemRequestedDeliveryDate"
TASK_NEXT: Mapping[str, Sequence[str]] = {
    "acknowledged": ("done", "rejected", CHARGING),
    CHARGING: ("done", "done.declined"),
}
DELIVERY = timedelta(days=30)
"""The duration of an item without a requested date."""
DECLINED = "The charge was declined."
DENIED = "The site is under construction already."


class Life:
    """All records of the Seller."""

    def __init__(self, draw: random.Random, emit: Emit) -> None:
        self.draw = draw
        self.emit = emit
        self.orders: dict[str, Record] = {}
        self.cancels: dict[str, Record] = {}
        self.dates: dict[str, Record] = {}
        self.charges: dict[str, Record] = {}
        self.known = Known({*data.OFFERINGS, *data.PUBLISHED_OFFERINGS}, data.BILLING_ACCOUNTS)
        self.known.products |= {**data.IN_SERVICE, **data.PUBLISHED_PRODUCTS}

    # -- orders

    def acknowledge(self, body: Record, at: datetime) -> Record:
        """Return a new order: the Buyer's values, unchanged [R16], and those that the Seller adds."""
        order: Record = {
            **copy.deepcopy(body),
            **self._reference("productOrder"),
            "orderDate": stamp(at),
            **acknowledged(at),
        }
        for item in order["productOrderItem"]:
            expedite = item.get("expediteIndicator") or False
            item |= {"expediteIndicator": expedite, "expediteAcceptedIndicator": False, **acknowledged(at)}
            self._addresses(item)
        order["relatedContactInformation"].append(data.SELLER_CONTACT)
        self._addresses(order)
        self.orders[order["id"]] = order
        return order

    def _reference(self, path: str) -> Record:
        id_ = data.new_id(self.draw)
        return {"id": id_, "href": f"{BASE}/{path}/{id_}"}

    def _addresses(self, holder: Record) -> None:
        for one in holder.get("relatedContactInformation", ()):
            if one.get("postalAddress"):
                id_ = data.new_id(self.draw)
                one["postalAddress"] |= {**data.ADDRESS_ANSWER, "id": id_, "href": f"/geographicAddress/{id_}"}

    def enter(self, order: Record, state: str, at: datetime, reason: str | None = None) -> None:
        """Move an order to a state and send a notification."""
        order["state"] = state
        order["stateChange"].append(change(state, at, reason))
        if state in FINAL:
            order["completionDate"] = stamp(at)
        self.emit("productOrderStateChangeEvent", link(order))

    def enter_item(self, order: Record, item: Record, state: str, at: datetime, reason: str | None = None) -> None:
        """Move an item to a state and send a notification."""
        item["state"] = state
        item["stateChange"].append(change(state, at, reason))
        if state in ("failed", "cancelled"):
            item.pop("expectedCompletionDate", None)
        self.emit("productOrderItemStateChangeEvent", {**link(order), "orderItemId": item["id"]})

    def step(self, order: Record, to: str, at: datetime) -> None:
        """Move an order to its next state, with all consequences."""
        STEPS[to](self, order, at)

    def go_on(self, order: Record, at: datetime) -> None:
        """Move an order to inProgress from any state."""
        match order["state"]:
            case "acknowledged":
                self._start(order, at)
            case "held.assessingCharge":
                self.close_charge(self.open_charge(order), "withdrawnBySeller", at)
            case "pending.assessingModification":
                self.decide(self.open_task(self.dates, order), "done", at)
            case _:
                self.decide(self.open_task(self.cancels, order), "rejected", at)

    def _start(self, order: Record, at: datetime) -> None:
        for item in order["productOrderItem"]:
            wanted = datetime.fromisoformat(item.get("requestedCompletionDate", stamp(at + DELIVERY)))
            item["expectedCompletionDate"] = stamp(wanted + timedelta(days=self.draw.choice((0, 0, 3))))
            item["expediteAcceptedIndicator"] = item["expediteIndicator"]
            if item.get("requestedItemTerm"):
                item["itemTerm"] = [copy.deepcopy(item["requestedItemTerm"])]
            item["product"].setdefault("id", data.new_id(self.draw))
            self.enter_item(order, item, "inProgress", at)
        self.enter(order, "inProgress", at)

    def reject(self, order: Record, at: datetime) -> None:
        """Reject an order: one item failed validation, and only some of the others were validated."""
        for index, item in enumerate(order["productOrderItem"]):
            state = ("rejected", "rejected.validated", "rejected.unassessed")[min(index, 2)]
            if state == "rejected":
                self.break_off(order, item, at, state)
            else:
                self.enter_item(order, item, state, at)
        self.enter(order, "rejected", at, "An item did not pass.")

    def complete(self, order: Record, at: datetime) -> None:
        """Complete all items."""
        if any(item["state"] == "failed" for item in order["productOrderItem"]):
            raise ControlError(409, "an item has failed: the order can be partial only")
        for item in open_items(order):
            self.deliver(order, item, at)
        self.enter(order, "completed", at)

    def fail(self, order: Record, at: datetime) -> None:
        """Fail all items."""
        for item in open_items(order):
            self.break_off(order, item, at)
        self.enter(order, "failed", at)

    def do_in_part(self, order: Record, at: datetime) -> None:
        """Complete the first open item. Unless another failed before, the others fail."""
        first, *others = open_items(order)
        if not others and len(order["productOrderItem"]) == 1:
            raise ControlError(409, "an order of one item is never partial")
        failed = any(item["state"] == "failed" for item in order["productOrderItem"])
        self.deliver(order, first, at)
        for item in others:
            (self.deliver if failed else self.break_off)(order, item, at)
        self.enter(order, "partial", at)

    def deliver(self, order: Record, item: Record, at: datetime) -> None:
        """Complete an item. A product that it added is in service."""
        product = item["product"]
        type_ = object_at(product, "productConfiguration").get("@type")
        for name, words in data.MILESTONES.get(str(type_), ()):
            self.reach(order, item, name, words, at)
        item["completionDate"] = stamp(at)
        if item["action"] == "delete":
            self.known.products.pop(product["id"], None)
        else:
            self.known.products[product["id"]] = object_at(product, "productOffering").get("id", "")
        self.enter_item(order, item, "completed", at)

    def reach(self, order: Record, item: Record, name: str, words: str | None, at: datetime) -> None:
        """Add a milestone."""
        milestone = {"date": stamp(at), "name": name} | ({"note": words} if words else {})
        item.setdefault("milestone", []).append(milestone)
        told = {**link(order), "orderItemId": item["id"], "milestoneName": name}
        self.emit("productSpecificProductOrderItemMilestoneEvent", told)

    def break_off(self, order: Record, item: Record, at: datetime, state: str = "failed") -> None:
        """Fail or reject an item, with a random reason."""
        code, path, words = self.draw.choice(data.FAILURES)
        index = order["productOrderItem"].index(item)
        item["terminationError"] = [{"code": code, "propertyPath": f"/productOrderItem/{index}{path}", "value": words}]
        self.enter_item(order, item, state, at)

    def revise(self, order: Record, item: Record, expected: str, at: datetime) -> None:
        """Set a new expected date and add a note about it [R50]."""
        item["expectedCompletionDate"] = expected
        notes = item.setdefault("note", [])
        words = "The expected date was revised."
        notes.append(data.note(f"s{len(notes) + 1}", "Kumquat Networks", at, words, "seller"))
        self.emit("productOrderItemExpectedCompletionDateSet", {**link(order), "orderItemId": item["id"]})

    # -- charges

    def hold(self, order: Record, at: datetime, item: Record | None = None) -> Record:
        """Hold an item, by default the first, until its charge is answered."""
        item = item or open_items(order)[0]
        self.enter_item(order, item, "held", at)
        self.enter(order, "held.assessingCharge", at)
        return self.initiate(order, item, "construction", at, {})

    def initiate(self, order: Record, item: Record | None, category: str, at: datetime, cause: Record) -> Record:
        """Create a charge for an item or for the order."""
        about: Record = {"productOrderId": order["id"], "productOrderHref": order["href"]}
        if item is not None:
            about["productOrderItemId"] = item["id"]
        charge: Record = {
            **self._reference("charge"),
            "creationDate": stamp(at),
            "responseDueDate": stamp(at + timedelta(days=10)),
            "state": "awaitingResponse",
            "chargeItem": data.charge_items(self.draw, category),
            "productOrder" if item is None else "productOrderItem": about,
            **cause,
        }
        self.charges[charge["id"]] = charge
        if item is not None:
            item["charge"] = [*item.get("charge", []), link(charge)]
        self.emit("chargeCreateEvent", link(charge))
        return charge

    def open_charge(self, order: Record) -> Record:
        """Return the charge of an order that awaits a response."""
        mine = (one for one in self.charges.values() if owner(one) == order["id"])
        return next(one for one in mine if one["state"] == "awaitingResponse")

    def respond(self, charge: Record, answers: Mapping[str, Record], at: datetime) -> None:
        """Apply the Buyer's response to all items of a charge [R94, R95]."""
        for item in charge["chargeItem"]:
            given = answers[item["id"]]
            accepted = given["acceptanceIndicator"] == "accepted"
            item["acceptanceIndicator"] = given["acceptanceIndicator"]
            item["state"] = "acceptedByBuyer" if accepted else "declinedByBuyer"
            if given.get("note"):
                item["note"] = [*item.get("note", []), *given["note"]]
        self.close_charge(charge, "completed", at)

    def close_charge(self, charge: Record, state: str, at: datetime) -> None:
        """End a charge that was answered, withdrawn or timed out, and continue what depends on it."""
        self._end(charge, state)
        declined = any(item["blocking"] and item["state"] == "declinedByBuyer" for item in charge["chargeItem"])
        decision = "done.declined" if declined else "done"
        cause = charge.get("cancelProductOrder") or charge.get(DATE_CAUSE)
        if cause:
            self.decide({**self.cancels, **self.dates}[cause["id"]], decision, at)
        else:
            self._release(self.orders[owner(charge)], charge, at, declined=declined)

    def _end(self, charge: Record, state: str) -> None:
        """Close a charge. Items without a response count as declined, unless they were withdrawn [R96]."""
        for item in charge["chargeItem"]:
            if item["state"] == "awaitingResponse":
                item["state"] = "withdrawnBySeller" if state == "withdrawnBySeller" else "declinedByBuyer"
        charge["state"] = state
        self.emit("chargeTimeoutEvent" if state == "timeout" else "chargeStateChangeEvent", link(charge))

    def _release(self, order: Record, charge: Record, at: datetime, *, declined: bool) -> None:
        """Continue a held item, or fail it and the items that are related to it."""
        item = item_of(order, charge["productOrderItem"]["productOrderItemId"])
        if not any(one["state"] == "acceptedByBuyer" for one in charge["chargeItem"]):
            item["charge"] = [one for one in item["charge"] if one["id"] != charge["id"]]
            if not item["charge"]:
                del item["charge"]
        if declined:
            for one in [item, *related(order, item)]:
                self.break_off(order, one, at)
        else:
            self.enter_item(order, item, "inProgress", at)
        self.enter(order, "inProgress", at)
        states = {one["state"] for one in order["productOrderItem"]}
        if states <= {"failed", "completed"}:
            self.enter(order, "failed" if states == {"failed"} else "partial", at)

    # -- cancellations and date changes

    def ask_to_cancel(self, order: Record, at: datetime, body: Record | None = None) -> Record:
        """Create a request to cancel. Without a body, one is generated."""
        reference = self._reference("cancelProductOrder")
        task: Record = {**copy.deepcopy(body or self._cancel_body(order)), **reference, "state": "acknowledged"}
        task["relatedContactInformation"].append({**data.SELLER_CONTACT, "role": "cancelProductOrderSellerContact"})
        self._addresses(task)
        self.cancels[task["id"]] = task
        for item in open_items(order):
            self.enter_item(order, item, "pending", at)
        self.enter(order, "assessingCancellation", at)
        return task

    def _cancel_body(self, order: Record) -> Record:
        return {
            "cancellationReason": "The customer moved.",
            "cancellationReasonType": self.draw.choice(("commercial", "technical")),
            "productOrder": {"productOrderId": order["id"]},
            "relatedContactInformation": [data.contact(self.draw, CANCEL_ROLE)],
        }

    def ask_for_date(self, order: Record, at: datetime, body: Record | None = None) -> Record:
        """Create a request to change a date. Without a body, one is generated for the first item."""
        made_up: Record = {
            "productOrderItem": {"productOrderId": order["id"], "productOrderItemId": open_items(order)[0]["id"]},
            "requestedCompletionDate": stamp(at + timedelta(days=90)),
        }
        task: Record = {
            "expediteIndicator": False,
            **copy.deepcopy(body or made_up),
            **self._reference(DATE_CAUSE),
            "creationDate": stamp(at),
            "state": "acknowledged",
        }
        self.dates[task["id"]] = task
        self.enter_item(order, item_of(order, task["productOrderItem"]["productOrderItemId"]), "pending", at)
        self.enter(order, "pending.assessingModification", at)
        return task

    def decide(self, task: Record, state: str, at: datetime) -> None:
        """Decide on a request: grant it, decline it, or charge for it."""
        order, about = self.orders[owner(task)], task.get("productOrderItem")
        item = item_of(order, about["productOrderItemId"]) if about else None
        kind = DATE_CAUSE if item else "cancelProductOrder"
        if state == CHARGING:
            charge = self.initiate(order, item, "expedite" if item else "cancellation", at, {kind: link(task)})
            if item is None:
                task["charge"] = link(charge)
        else:
            self._withdraw(task)
            if item is None and state != "done":
                task["cancellationDeniedReason"] = DECLINED if state == "done.declined" else DENIED
        task["state"] = state
        self.emit(f"{kind}StateChangeEvent", link(task))
        if state != CHARGING:
            self._do_as_decided(order, item, task, at)

    def _do_as_decided(self, order: Record, item: Record | None, task: Record, at: datetime) -> None:
        granted = task["state"] == "done"
        if item is not None:
            self._settle_date(order, item, task, at)
        elif granted:
            self.stop(order, at)
            return
        else:
            for one in open_items(order):
                self.enter_item(order, one, "inProgress", at)
        self.enter(order, "inProgress", at, task.get("cancellationDeniedReason"))

    def _settle_date(self, order: Record, item: Record, task: Record, at: datetime) -> None:
        """Continue an item, with the requested date and expedite indicator if they were granted."""
        granted, date = task["state"] == "done", task.get("requestedCompletionDate")
        if granted:
            item["expediteIndicator"] = item["expediteAcceptedIndicator"] = task["expediteIndicator"]
        if granted and date:
            item["requestedCompletionDate"] = date
            self.revise(order, item, date, at)
        kept = [one for one in item.get("charge", []) if self.charges[one["id"]]["state"] == "completed"]
        item.update(charge=kept) if kept and granted else item.pop("charge", None)
        self.enter_item(order, item, "inProgress", at)

    def stop(self, order: Record, at: datetime) -> None:
        """Move an order to pendingCancellation, by a granted request or by the Seller itself."""
        if order["state"] == "assessingCancellation" and (task := self._task(self.cancels, order)):
            self.decide(task, "done", at)
            return
        for item in open_items(order):
            self.enter_item(order, item, "cancelled", at)
        granted = self._task(self.cancels, order, ("done",))
        charge = self.charges.get(granted["charge"]["id"]) if granted and "charge" in granted else None
        if charge and charge["state"] == "completed":
            order["cancellationCharge"] = [link(charge)]
        self.enter(order, "pendingCancellation", at)

    def cancel(self, order: Record, at: datetime) -> None:
        """Complete the cancellation."""
        granted = self._task(self.cancels, order, ("done",))
        words = (granted or {}).get("cancellationReason", "The Seller cannot serve the site.")
        order.update(cancellationDate=stamp(at), cancellationReason=words)
        self.enter(order, "cancelled", at, words)

    def open_task(self, tasks: Mapping[str, Record], order: Record) -> Record:
        """Return the undecided task of an order."""
        task = self._task(tasks, order)
        assert task is not None
        return task

    def _task(
        self, tasks: Mapping[str, Record], order: Record, states: Collection[str] = TASK_NEXT.keys()
    ) -> Record | None:
        mine = (one for one in tasks.values() if owner(one) == order["id"])
        return next((one for one in mine if one["state"] in states), None)

    def _withdraw(self, task: Record) -> None:
        """Withdraw the charge of a task that was decided without it."""
        for charge in self.charges.values():
            cause = charge.get("cancelProductOrder") or charge.get(DATE_CAUSE)
            if cause and cause["id"] == task["id"] and charge["state"] == "awaitingResponse":
                self._end(charge, "withdrawnBySeller")


STEPS: Mapping[str, Callable[[Life, Record, datetime], object]] = {
    "inProgress": Life.go_on,
    "rejected": Life.reject,
    "completed": Life.complete,
    "failed": Life.fail,
    "partial": Life.do_in_part,
    "held.assessingCharge": Life.hold,
    "pending.assessingModification": Life.ask_for_date,
    "assessingCancellation": Life.ask_to_cancel,
    "pendingCancellation": Life.stop,
    "cancelled": Life.cancel,
}


def change(state: str, at: datetime, reason: str | None = None) -> Record:
    """Return an entry of a history."""
    return {"changeDate": stamp(at), "state": state} | ({"changeReason": reason} if reason else {})


def acknowledged(at: datetime) -> Record:
    """Return the initial state of an order or item."""
    return {"state": "acknowledged", "stateChange": [change("acknowledged", at)]}


def link(thing: Record) -> Record:
    """Return a reference to a charge or a task."""
    return {"id": thing["id"], "href": thing["href"]}


def owner(thing: Record) -> str:
    """Return the ID of the order that a charge or a task concerns."""
    about = thing.get("productOrder") or thing["productOrderItem"]
    return str(about["productOrderId"])


def item_of(order: Record, id_: str) -> Record:
    """Return the item with an ID."""
    return next(item for item in order["productOrderItem"] if item["id"] == id_)


def open_items(order: Record) -> list[Record]:
    """Return the items that can still change."""
    return [item for item in order["productOrderItem"] if item["state"] not in FINAL_ITEM]


def related(order: Record, item: Record) -> Iterable[Record]:
    """Yield the open items that are related to an item."""
    named = {one["id"] for one in item.get("productOrderItemRelationship", ())}
    for other in open_items(order):
        names = {one["id"] for one in other.get("productOrderItemRelationship", ())}
        if other is not item and (other["id"] in named or item["id"] in names):
            yield other


# ---- Seeding ----------------------------------------------------------------------------------------

# the share of orders through inProgress that make each detour
DETOURS = {"held.assessingCharge": 0.3, "pending.assessingModification": 0.15, "assessingCancellation": 0.1}
LEAST_ITEMS = {"partial": 2, "rejected": 3}


def seed_order(life: Life, size: int, at: datetime, newest: int) -> None:
    """Seed an order, where number 0 is the newest, and move it to its state, sometimes with detours."""
    draw = life.draw
    state = data.NEWEST_STATES[newest] if newest < len(data.NEWEST_STATES) else draw.choice(data.OLD_STATES)
    items = max(draw.choice((1, 1, 2, 3)), LEAST_ITEMS.get(state, 1))
    order = life.acknowledge(data.order_body(draw, size - newest, at, items), at)
    steps = seeded_way(draw, state)
    for index, step in enumerate(steps):
        if order["state"] != step:
            at = min(ANCHOR, at + timedelta(hours=draw.randrange(1, 60)))
            live(life, order, step, at, granted="pendingCancellation" in steps[index + 1 : index + 2])


def seeded_way(draw: random.Random, state: str) -> list[str]:
    """Return the states that a seeded order goes through, including detours."""
    steps = list(way(NEXT, "acknowledged", state) or ())
    if state in FINAL and steps[0] == "inProgress":
        for detour, share in DETOURS.items():
            if draw.random() < share:
                steps[1:1] = [detour, "inProgress"]
    if "pendingCancellation" in steps and draw.random() < 0.7:
        steps.insert(steps.index("pendingCancellation"), "assessingCancellation")
    return steps


def live(life: Life, order: Record, step: str, at: datetime, *, granted: bool) -> None:
    """Move a seeded order to its next state. Charges are answered, and some cancellations are charged for."""
    if order["state"] == "held.assessingCharge":
        accept(life, order, at)
        return
    life.step(order, step, at)
    if step == "assessingCancellation" and life.draw.random() < 0.5:
        life.decide(life.open_task(life.cancels, order), CHARGING, at)
        if granted:
            accept(life, order, at)


def accept(life: Life, order: Record, at: datetime) -> None:
    """Accept the open charge of an order. Its non-blocking items may be rejected."""
    charge = life.open_charge(order)
    others = life.draw.choice(("accepted", "rejected"))
    words = {True: "accepted", False: others}
    answers = {one["id"]: {"acceptanceIndicator": words[one["blocking"]]} for one in charge["chargeItem"]}
    life.respond(charge, answers, at)
