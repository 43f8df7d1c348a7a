"""The lifecycle of records in the Hub's sandbox: how orders are priced and progress, and what follows from them."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from ordergraph.sandbox import ControlError, is_integer, seeded_random
from ordergraph.vendors.nuvias.sandbox import data
from ordergraph.vendors.nuvias.sandbox.data import Record, exact, money, months_after, plan_price, stamp

LINE_FIELDS = ("prov_organisation", "prov_group", "prov_site", *data.ORDER_KEYS.values(), "markup", "discount")


# ---- Records ----------------------------------------------------------------------------------------


class Hub:
    """All records of the Hub. The same (orders, seed) give the same records."""

    def __init__(self, orders: int, seed: int) -> None:
        self._counters: dict[str, Iterator[int]] = {}
        self._rng = seeded_random("nuvias", orders, seed)
        self.country_codes: list[Record] = [
            {"id": number, "iso_code": entry[:2], "name": entry[3:]}
            for number, entry in enumerate(data.COUNTRY_TABLE.split("|"), start=1)
        ]
        self.vendors: list[Record] = [{"id": number, "name": name} for name, number in data.VENDOR_IDS.items()]
        ways = enumerate(data.SHIPPING_TYPES, start=1)
        self.shipping_types = {number: data.seeded_shipping_type(number, row) for number, row in ways}
        self.organisations = {row[0]: data.seeded_organisation(row) for row in data.ORGANISATIONS}
        self.addresses = {row[0]: data.seeded_addresses(row) for row in data.ORGANISATIONS}
        self.users = {number: data.seeded_user(number, name) for number, name in enumerate(data.PEOPLE, start=1)}
        self.groups = {number: data.seeded_group(number) for number in range(1, 7)}
        self.sites = {number: self._site(number) for number in range(1, 13)}
        self.feeds = {number: data.seeded_feed(number) for number in range(1, 7)}
        catalogue = data.Catalogue(self._rng, min(1000, max(60, orders // 5)))
        self.products = catalogue.products
        self.popularity = catalogue.popularity
        self.by_code = catalogue.by_code
        self.product_groups = {number: self._product_group(number) for number in range(1, 11)}
        self.orders: dict[int, Record] = {}
        self.orders_by_date: list[Record] = []
        self.baskets: dict[int, Record] = {}
        self.subscriptions: dict[int, Record] = {}
        self.invoices: list[Record] = []
        self._start("order", max(1, data.NEWEST_ORDER - orders + 1))
        self._seed(self._rng, orders)
        catalogue.add_samples()
        for name, records in (("user", self.users), ("product_group", self.product_groups), ("feed", self.feeds)):
            self._start(name, len(records) + 1)

    def _seed(self, rng: random.Random, orders: int) -> None:
        """Place made-up orders: `seed.SeededHub` does."""

    def take(self, counter: str) -> int:
        """Return the next id of a kind."""
        return next(self._counters.setdefault(counter, itertools.count(1)))

    def _start(self, counter: str, first: int) -> None:
        self._counters[counter] = itertools.count(first)

    def _site(self, number: int) -> Record:
        organisation = data.ORGANISATIONS[number - 1][0]
        address = {key: value for key, value in self.addresses[organisation][0].items() if key != "name"}
        return {"id": number, "name": "Main Office", "organisation": organisation, "address": address}

    def _product_group(self, number: int) -> Record:
        products = [product for product in self.products.values() if product["type"] == number]
        first = products[0] if products else {"name": "Bundle", "vendor": None, "subscription_type": None}
        return {
            "id": number,
            "name": f"{first['name']} and friends",
            "active": number != 9,
            "status": "DRAFT" if number % 4 == 0 else "LIVE",
            "description": "What goes well together",
            "detailed_description": "A selection that our installers order together",
            "type": number,
            "vendor": first["vendor"],
            "subscription_type": first["subscription_type"],
            "subscription_product_type": None,
            "products": [product["id"] for product in products[:4]],
            "related_product_groups": [number % 10 + 1],
            "grading": number,
        }

    # -- orders

    def new_order(self, draft: Record, at: datetime, order_id: int | None = None) -> Record:
        """Create a priced DRAFT from checked fields. Lines get new ids."""
        number = order_id or self.take("order")
        lines = [self.new_line(line, number) for line in draft["line_items"]]
        order: Record = {
            "id": number,
            **draft,
            "organisation": draft.get("organisation", data.OWN_ORGANISATION),
            "date": stamp(at),
            "status": "DRAFT",
            "line_items": lines,
            **dict.fromkeys(("external_id", "supplier_ref", "parent_id", "attention_required")),
            **{name: list[Any]() for name in ("linked_supplier_refs", "units", "shipments")},
            **dict.fromkeys(("ship_final", "manual_authorisation"), False),
        }
        self.price(order)
        return order

    def new_line(self, draft: Record, order_id: int) -> Record:
        """Create an OrderLineItem from checked fields, with names and prices filled in."""
        product = self.products[draft["product"]]
        line_id = self.take("line")
        plan = next((row for row in product["rate_plans"] if row["id"] == draft.get("selected_rate_plan")), None)
        line: Record = {
            "id": line_id,
            "order": order_id,
            "product": product["id"],
            "name": product["name"],
            "quantity": draft["quantity"],
            "price": plan_price(plan) if plan else product["price"],
            "original_price": product["rrp"],
            **_service_of("prov_product", self.products.get(draft.get("prov_product") or 0)),
            **_service_of("maintenance_product", self.products.get(draft.get("maintenance_product") or 0)),
            **{name: draft.get(name) for name in LINE_FIELDS},
            "selected_rate_plan": plan and plan["id"],
            "rate_plan_details": plan and _plan_details(plan, line_id),
        }
        line["sub_total_for_item"] = money(_each(line) * line["quantity"])
        return line

    def price(self, order: Record) -> None:
        """Calculate the amounts of an order: subtotals less the lines' discounts, plus shipping."""
        lines: list[Record] = order["line_items"]
        goods = sum((exact(line["sub_total_for_item"]) for line in lines), Decimal(0))
        discount = sum((_discount(line) for line in lines), Decimal(0))
        shipping = self._ship_cost(order, goods)
        order.update(ship_cost=money(shipping), discount=money(discount), total=money(goods - discount + shipping))

    def _ship_cost(self, order: Record, goods: Decimal) -> Decimal:
        lines = self.shippable(order)
        kind = self.shipping_types.get(order["shipping_type"] or 0)
        if kind is None or not lines:
            return Decimal(0)
        if kind["free_over_cost"] is not None and goods >= exact(kind["free_over_cost"]):
            return Decimal(0)
        items = sum(line["quantity"] for line in lines)
        weight = sum(exact(self.products[line["product"]]["weight"]) * line["quantity"] for line in lines)
        bands = (row["rate"] for row in kind["shipping_prices"] if row["min_weight"] <= weight <= row["max_weight"])
        cost = exact(kind["rate"]) * items + exact(next(bands, 0))
        return min(max(cost, exact(kind["min_cost"])), exact(kind["max_cost"])).quantize(data.CENT, ROUND_HALF_UP)

    def shippable(self, order: Record) -> list[Record]:
        """Return the lines that are shipped."""
        return [line for line in order["line_items"] if self.products[line["product"]]["is_shippable"]]

    def submit(self, order: Record, at: datetime) -> None:
        """Turn a basket into an order: the same id, CREATED or waiting for authorisation."""
        self.baskets.pop(order["id"], None)
        order["date"] = stamp(at)
        self.orders[order["id"]] = order
        self.orders_by_date.append(order)
        if len(self.orders_by_date) > 1 and self.orders_by_date[-2]["date"] > order["date"]:
            self.orders_by_date.sort(key=lambda row: (row["date"], row["id"]))
        needs_approval = order["payment_type"] == "FINANCE" or exact(order["total"]) > data.CREDIT_LIMIT
        self.enter(order, "PENDING_AUTHORISATION" if needs_approval else "CREATED", at)

    # -- order lifecycle

    def steps(self, order: Record, to: str | None) -> list[str] | None:
        """Return the statuses from one to another along the main path, or None if there is no path."""
        at, steps = order["status"], list[str]()
        while at != to:
            following = to if to in data.SIDE_STATUSES.get(at, ()) else self._following(order, at, to)
            if following is None:
                return None
            steps.append(following)
            if to is None:
                break
            at = following
        return steps

    def _following(self, order: Record, status: str, to: str | None) -> str | None:
        following = data.NEXT_STATUS.get(status)
        if following == "PART_SHIPPED" and not self._can_split(order):
            return None if to == "PART_SHIPPED" else "SHIPPED"
        return following

    def _can_split(self, order: Record) -> bool:
        return order["part_ship"] and sum(line["quantity"] for line in self.shippable(order)) > 1

    def enter(self, order: Record, status: str, at: datetime) -> None:
        """Move an order to its next status, with everything that follows from it."""
        if status == "PROCESSING":
            self._process(order, approved=order["status"] == "PENDING_AUTHORISATION")
        elif status == "PENDING_AUTHORISATION":
            order["manual_authorisation"] = True
        elif status == "ATTENTION_REQUIRED":
            order["attention_required"] = data.ATTENTION[order["id"] % len(data.ATTENTION)]
        elif status == "ACCEPTED":
            self._subscribe(order, at)
        elif status in ("PART_SHIPPED", "SHIPPED"):
            self._ship(order, at, part=status == "PART_SHIPPED")
        order["status"] = status
        if status == "SHIPPED":
            self._invoice(order, at)

    def _process(self, order: Record, *, approved: bool) -> None:
        # The Hub's id exists at once. The back office assigns its ids when it has the order.
        order["attention_required"] = None
        order["ship_final"] = True
        if order["supplier_ref"] is None:
            number = self.take("supplier")
            order["supplier_ref"] = f"SO{1234566 + number}"
            order["external_id"] = 500_000 + 13 * number
        if approved and order["finance"]:
            order["finance"]["approved"] = True

    def _ship(self, order: Record, at: datetime, *, part: bool) -> None:
        open_lines = self._unshipped(order)
        if part:
            whole = len(open_lines) > 1
            half = open_lines[: (len(open_lines) + 1) // 2]
            open_lines = half if whole else [(line, count // 2) for line, count in half]
        items = [self._shipped_item(order, line, count) for line, count in open_lines]
        if items:
            number = self.take("shipment")
            names = {
                "reference": f"IF{123455 + number}",
                "tracking_number": f"20020202085819{85919809000 + 37 * number}",
            }
            order["shipments"].append({**names, "date": at.date().isoformat(), "items": items})

    def _unshipped(self, order: Record) -> list[tuple[Record, int]]:
        sent = Counter[int]()
        for item in (item for shipment in order["shipments"] for item in shipment["items"]):
            sent[item["product"]] += item["quantity"]
        rest: list[tuple[Record, int]] = []
        for line in self.shippable(order):
            there = min(sent[line["product"]], line["quantity"])
            sent[line["product"]] -= there
            if line["quantity"] > there:
                rest.append((line, line["quantity"] - there))
        return rest

    def _shipped_item(self, order: Record, line: Record, quantity: int) -> Record:
        serials = [112_200_000_000 + 7919 * self.take("serial") for _ in range(quantity)]
        order["units"] += [
            {"id": self.take("unit"), "order": order["id"], "product": line["product"], "serial": serial}
            for serial in serials
        ]
        named = {"product": line["product"], "name": line["name"], "quantity": quantity, "serial_numbers": serials}
        return {**named, "product_code": self.products[line["product"]]["product_code"]}

    def _invoice(self, order: Record, at: datetime) -> None:
        invoice = {"organisation": order["organisation"], "source": 1, "currency": "GBP"}
        invoice.update(purchase_order=order["purchase_order_number"], total=order["total"], status="open")
        invoice.update(due_date=stamp(at + timedelta(days=30)), days_overdue=0, type="invoice")
        self._write(invoice, "INV", at)

    def credit(self, invoice: Record, at: datetime) -> None:
        """Create a credit note for a fifth of an invoice."""
        note = {"total": money(exact(invoice["total"]) / 5), "due_date": None, "days_overdue": None}
        self._write({**invoice, **note, "status": "paid_in_full", "type": "credit_note"}, "CN", at)

    def _write(self, invoice: Record, kind: str, at: datetime) -> None:
        number = self.take("invoice")
        names = {"id": number, "source_id": 717_000 + number, "reference": f"{kind}{number:06}", "date": stamp(at)}
        self.invoices.append({**invoice, **names})

    # -- subscriptions

    def _subscribe(self, order: Record, at: datetime) -> None:
        for line in order["line_items"]:
            kind = self.products[line["product"]]["subscription_type"]
            attached = line[data.ORDER_KEYS[kind]] if kind else None
            if attached and line["rate_plan_details"] and attached.get("subscription_id") is None:
                attached["subscription_id"] = self._new_subscription(order, line, kind, at)["id"]

    def _new_subscription(self, order: Record, line: Record, kind: str, at: datetime) -> Record:
        number = self.take("subscription")
        plan, attached = line["rate_plan_details"], line[data.ORDER_KEYS[kind]]
        name = attached.get("team_name") or attached.get("tenant_name") or attached.get("end_user_company")
        product = {"order_line_item": line["id"], "product": line["product"], "quantity": line["quantity"]}
        product["product_type"] = self.products[line["product"]]["subscription_product_type"]
        subscription: Record = {
            "id": number,
            "name": name,
            "organisation": order["organisation"],
            "order": order["id"],
            "type": kind,
            "start_date": at.date().isoformat(),
            **dict.fromkeys(("service_activation_date", "end_date")),
            "auto_renewal_flag": plan["term_length"] > 1 and number % 5 != 0,
            "pending_change": False,
            "source_id": f"A-S{number + 122:010}",
            "status": "PENDING",
            "billing_frequency": plan["billing_frequency"].upper(),
            "total_contract_value": money(exact(line["price"]) * line["quantity"] * periods(plan)),
            "associated_subscriptions": [],
            "products": [product],
        }
        if kind == "DROPBOX":
            team = {"team_id": str(5_729_289 + number), "admin_email": attached["admin_email"]}
            subscription = {**team, "subscriptions": line["quantity"], **subscription}
        self.subscriptions[number] = subscription
        self._associate(order["id"], subscription)
        return subscription

    def _associate(self, order_id: int, subscription: Record) -> None:
        """Associate the subscriptions of an order with each other as they are created."""
        rows = itertools.islice(reversed(self.subscriptions.values()), 1, None)
        for other in itertools.takewhile(lambda row: row["order"] == order_id, rows):
            other["associated_subscriptions"].append(subscription["id"])
            subscription["associated_subscriptions"].insert(0, other["id"])

    def subscription_line(self, subscription: Record) -> Record:
        """Find the order line that a subscription came from."""
        wanted = subscription["products"][0]["order_line_item"]
        return next(line for line in self.orders[subscription["order"]]["line_items"] if line["id"] == wanted)

    def activate(self, subscription: Record, day: date) -> None:
        """PENDING to ACTIVE from a day on, for the first term of the rate plan."""
        months = self.subscription_line(subscription)["rate_plan_details"]["term_length"]
        subscription.update(
            status="ACTIVE",
            start_date=day.isoformat(),
            service_activation_date=day.isoformat(),
            end_date=months_after(day, months).isoformat(),
        )

    # -- the control API

    def advance_order(self, number: object, to: object, at: datetime) -> Record:
        """Advance an order, for the control API."""
        order = _controlled(self.orders, number, "order")
        _check_status(to, data.ORDER_STATUSES)
        steps = self.steps(order, cast("str | None", to))
        if steps is None:
            raise ControlError(409, f"there is no way from {order['status']} to {to or 'anything further'}")
        for step in steps:
            self.enter(order, step, at)
        return order

    def advance_subscription(self, command: Record, at: datetime) -> Record:
        """Advance a subscription, for the control API."""
        subscription = _controlled(self.subscriptions, command["subscription"], "subscription")
        change = command.get("pending_change")
        if change is not None:
            if not isinstance(change, bool):
                raise ControlError(400, "pending_change must be true or false")
            if subscription["status"] != "ACTIVE":
                raise ControlError(409, f"the subscription is {subscription['status']}; only an ACTIVE one can change")
            subscription["pending_change"] = change
        if change is None or "to" in command:
            self._age_subscription(subscription, command.get("to"), at)
        return subscription

    def _age_subscription(self, subscription: Record, to: object, at: datetime) -> None:
        _check_status(to, data.SUBSCRIPTION_STATUSES)
        here = subscription["status"]
        following = to or {"PENDING": "ACTIVE", "ACTIVE": "EXPIRED"}.get(here)
        if (here, following) not in SUBSCRIPTION_STEPS:
            raise ControlError(409, f"there is no way from {here} to {following or 'anything further'}")
        if following == "ACTIVE":
            self.activate(subscription, at.date())
        else:
            subscription.update(status="EXPIRED", pending_change=False, auto_renewal_flag=False)


SUBSCRIPTION_STEPS = (("PENDING", "ACTIVE"), ("PENDING", "EXPIRED"), ("ACTIVE", "EXPIRED"))


def _check_status(to: object, statuses: Sequence[str]) -> None:
    if to is not None and to not in statuses:
        raise ControlError(400, f"to must be one of {', '.join(statuses)}")


def _controlled(records: Mapping[int, Record], number: object, what: str) -> Record:
    if not is_integer(number):
        raise ControlError(400, f"{what} must be an id")
    found = records.get(cast("int", number))
    if found is None:
        raise ControlError(404, f"there is no {what} {number}")
    return found


def periods(plan: Record) -> int:
    """Return how often a plan is billed in its first term."""
    return max(1, plan["term_length"] // data.MONTHS_BILLED[plan["billing_frequency"]])


def _each(line: Record) -> Decimal:
    prices = (line["price"], line["prov_product_price"], line["maintenance_product_price"])
    return sum((exact(price) for price in prices if price is not None), Decimal(0))


def _discount(line: Record) -> Decimal:
    share = exact(line["discount"] or 0)
    return (exact(line["sub_total_for_item"]) * share / 100).quantize(data.CENT, ROUND_HALF_UP)


def _service_of(name: str, product: Record | None) -> Record:
    """Return the provisioning or the maintenance of a line."""
    shown = {name: "id", f"{name}_name": "name", f"{name}_price": "price"}
    return {ours: product and product[theirs] for ours, theirs in shown.items()}


def _plan_details(plan: Record, line_id: int) -> Record:
    """Return a rate plan as it was ordered with a line."""
    charges = [
        {
            **{name: charge[name] for name in ("id", "name", "charge_type", "charge_model", "unit_of_measure")},
            "rate_plan_id": plan["id"],
            "price": charge["rate_plan_charge_costs"][0]["charge_cost_price"],
        }
        for charge in plan["rate_plan_charges"]
    ]
    names = ("id", "name", "term_length", "billing_frequency", "renewal_term_length")
    return {**{name: plan[name] for name in names}, "line_item_id": line_id, "rate_plan_charges": charges}
