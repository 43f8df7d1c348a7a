"""Seeds the Hub's sandbox.

Seeded orders go through the same steps as orders placed later, so that shipments, invoices and subscriptions are always
created in the same way.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from ordergraph.sandbox import ANCHOR, seeded_instants
from ordergraph.vendors.nuvias.sandbox import data
from ordergraph.vendors.nuvias.sandbox.data import Record, months_after, stamp
from ordergraph.vendors.nuvias.sandbox.life import Hub


class SeededHub(Hub):
    """A Hub with orders that have progressed until `ANCHOR`."""

    def _seed(self, rng: random.Random, orders: int) -> None:
        Seeder(self, rng).seed(orders)


class Seeder:
    """Places the seeded orders and advances them until `ANCHOR`."""

    def __init__(self, hub: Hub, rng: random.Random) -> None:
        self._hub = hub
        self._rng = rng
        popular = sorted(hub.products.values(), key=lambda row: -hub.popularity[row["id"]])
        goods = [row for row in popular if row["type"] != data.SERVICE_TYPE and not row["subscription_type"]]
        self._devices = [row for row in goods if row["is_shippable"]]
        self._modest = [row for row in self._devices if row["price"] < 400]
        self._licences = [row for row in goods if not row["is_shippable"]] or self._devices
        self._subscribable = [row for row in popular if row["subscription_type"]]

    def seed(self, count: int) -> None:
        """Create orders, what follows from them, and baskets."""
        for index, at in enumerate(seeded_instants(self._rng, count)):
            self._order(at, newest=count - 1 - index)
        for subscription in self._hub.subscriptions.values():
            self._live(subscription)
        self._bill()
        for index in range(data.BASKETS):
            self._basket(index)

    def _order(self, at: datetime, newest: int) -> None:
        status = self._status(at, newest)
        draft = self._draft(status, special=newest < len(data.NEWEST_STATUSES))
        order = self._hub.new_order(draft, at)
        self._hub.submit(order, at)
        while (step := self._step(order, status)) is not None:
            at = min(ANCHOR, at + timedelta(hours=self._rng.randrange(1, 40)))
            self._hub.enter(order, step, at)

    def _step(self, order: Record, status: str) -> str | None:
        if order["status"] == status:
            return None
        if status in ("CANCELLED", "FAILED", "ATTENTION_REQUIRED") and order["status"] == "PROCESSING":
            return status
        steps = self._hub.steps(order, status)
        step = steps[0] if steps else None
        if step == "PART_SHIPPED" != status and order["id"] % 3:
            return "SHIPPED"
        return "PROCESSING" if step in ("CANCELLED", "FAILED", "ATTENTION_REQUIRED") else step

    def _status(self, at: datetime, newest: int) -> str:
        if newest < len(data.NEWEST_STATUSES):
            return data.NEWEST_STATUSES[newest]
        return self._rng.choice(data.RECENT_STATUSES if (ANCHOR - at).days < 14 else data.OLD_STATUSES)

    def _draft(self, status: str, *, special: bool) -> Record:
        finance = status == "PENDING_AUTHORISATION" or (not special and self._rng.random() < 0.04)
        organisation = self._rng.choice(data.ORGANISATIONS)[0]
        saved = self._hub.addresses[organisation][0]
        number = self._hub.take("purchase_order")
        return {
            "purchase_order_number": f"PO{10_000 + number}" if special or self._rng.random() < 0.96 else None,
            "organisation": organisation,
            "shipping_address": {key: value for key, value in saved.items() if key != "name"},
            "shipping_type": self._rng.choice((1, 2, 2, 2, 3, 4)),
            "ship_instructions": "Please leave with security" if self._rng.random() < 0.3 else None,
            "end_user": self._rng.choice(data.END_USERS) if self._rng.random() < 0.6 else None,
            "provisioning_instructions": "Please ensure firmware 1.2.3 is installed" if number % 5 == 0 else None,
            "part_ship": special or self._rng.random() < 0.9,
            "line_items": self._lines(status, special=special),
            "name": f"{self._rng.choice(data.END_USERS)} {self._rng.choice(('refresh', 'new site', 'expansion'))}",
            "payment_type": "FINANCE" if finance else "ON_ACCOUNT",
            "finance": _finance(saved) if finance else None,
        }

    def _lines(self, status: str, *, special: bool) -> list[Record]:
        if special and status == "ACCEPTED":
            return [self._subscribed_line(), self._device_line(2, self._modest)]
        if special and status in ("PART_SHIPPED", "SHIPPED", "CREATED", "PROCESSING"):
            return [self._device_line(3, self._modest), self._device_line(2, self._modest)]
        return [self._line() for _ in range(self._rng.choice((1, 1, 1, 2, 2, 3, 4, 5)))]

    def _line(self) -> Record:
        draw = self._rng.random()
        if draw < 0.12:
            return self._subscribed_line()
        if draw < 0.25:
            return {"product": self._pick(self._licences)["id"], "quantity": self._rng.randrange(1, 20)}
        return self._device_line(self._rng.choice((1, 1, 2, 2, 3, 4, 6, 10)), self._devices)

    def _device_line(self, quantity: int, devices: list[Record]) -> Record:
        product = self._pick(devices)
        line: Record = {"product": product["id"], "quantity": quantity}
        if product["provisioning"] and self._rng.random() < 0.4:
            line["prov_product"] = product["provisioning"][0]["id"]
        if product["maintenance"] and self._rng.random() < 0.25:
            line["maintenance_product"] = product["maintenance"][0]["id"]
        if self._rng.random() < 0.05:
            line["discount"] = 5
        return line

    def _subscribed_line(self) -> Record:
        product = self._rng.choice(self._subscribable)
        plan = self._rng.choice(product["rate_plans"])
        kind, customer = product["subscription_type"], self._rng.choice(data.END_USERS)
        return {
            "product": product["id"],
            "quantity": self._rng.randrange(1, 40),
            "selected_rate_plan": plan["id"],
            data.ORDER_KEYS[kind]: _subscription_order(kind, customer),
        }

    def _pick(self, products: list[Record]) -> Record:
        """Pick a product, popular ones more often."""
        return products[int(len(products) * self._rng.random() ** 2)]

    def _live(self, subscription: Record) -> None:
        ordered = date.fromisoformat(subscription["start_date"])
        if (ANCHOR.date() - ordered).days < 4 or subscription["id"] % 17 == 0:
            return
        self._hub.activate(subscription, ordered + timedelta(days=2))
        renewal = self._hub.subscription_line(subscription)["rate_plan_details"]["renewal_term_length"]
        end = date.fromisoformat(subscription["end_date"])
        while end <= ANCHOR.date() and subscription["auto_renewal_flag"]:
            end = months_after(end, renewal)
        expired = end <= ANCHOR.date()
        subscription["end_date"] = end.isoformat()
        subscription["status"] = "EXPIRED" if expired else "ACTIVE"
        subscription["pending_change"] = not expired and subscription["id"] % 7 == 0

    def _bill(self) -> None:
        """Mark older invoices as paid, disputed or overdue, and credit a few."""
        for index, invoice in enumerate(list(self._hub.invoices)):
            made = datetime.fromisoformat(invoice["date"]).replace(tzinfo=ANCHOR.tzinfo)
            if (ANCHOR - made).days > 30:
                status, overdue = data.OLD_INVOICES[index % len(data.OLD_INVOICES)]
                due = made + timedelta(days=30) if overdue is None else ANCHOR - timedelta(days=overdue)
                invoice.update(status=status, days_overdue=overdue, due_date=stamp(due))
                if index % 20 == 3:
                    self._hub.credit(invoice, made + timedelta(days=5))
            elif index % 9 == 0:
                invoice.update(status="pending_approval", days_overdue=None)

    def _basket(self, index: int) -> None:
        at = ANCHOR - timedelta(days=index, minutes=7 * index + 3)
        draft = self._draft("PROCESSING", special=False)
        name = f"Quote {index + 1:02} for {data.END_USERS[index % len(data.END_USERS)]}"
        basket = self._hub.new_order({**draft, "organisation": data.OWN_ORGANISATION, "name": name}, at)
        self._hub.baskets[basket["id"]] = basket


def _finance(address: Record) -> Record:
    place = {key: value for key, value in address.items() if key != "name"}
    company = {"company_name": address["company_name"], "registered_address": place, "trading_addresses": [place]}
    return {**data.FINANCE, **company}


def _subscription_order(kind: str, customer: str) -> Record:
    """Return the part of a line that describes its subscription."""
    if kind == "ZOOM":
        blank = dict.fromkeys(("deal_registration_id", "deal_registration_approval_id", "subscription_id"))
        people = {"end_user_name": customer, "end_user_company": customer, "end_user_email": "customer@example.com"}
        return {**blank, **people, "zoom_order_type": "NEW", "zoom_order_sub_type": None}
    name, what = ("team_name", "Team") if kind == "DROPBOX" else ("tenant_name", "Tenant")
    return {name: f"{customer} {what}", "admin_email": "admin@test.com", "subscription_id": None}
