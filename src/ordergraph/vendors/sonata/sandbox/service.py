"""The fake Sonata: MEF 123 v10 on seeded records, with every optional operation.

For the client `CLIENT_ID` it is a Seller that implements the document, and for `OPENAPI_CLIENT_ID` one that implements
the published OpenAPI 10.0.0.

A Seller need not have any operations except creating and retrieving. The control API disables the others by group, and
they return 501 then. The list has no meaningful order, because MEF defines none.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ordergraph.sandbox import ControlError, SeededSandbox, seeded_instants, seeded_random
from ordergraph.sandbox.lifecycle import steps
from ordergraph.sandbox.oauth import LoginError, Tokens, check_client, read_form
from ordergraph.vendors.sonata.sandbox import rules
from ordergraph.vendors.sonata.sandbox.data import BUYER, IN_SERVICE, PUBLISHED_PRODUCTS, SELLER, new_id, stamp
from ordergraph.vendors.sonata.sandbox.http import Call, Login, Mail, Refusal, answer, in_contract, page, refusal
from ordergraph.vendors.sonata.sandbox.life import BASE, FINAL, NEXT, TASK_NEXT, Life, item_of, seed_order

Record = dict[str, Any]

CLIENT_ID = "acme-access-client"
OPENAPI_CLIENT_ID = "acme-openapi-client"
CLIENT_SECRET = "sandbox-secret-not-a-secret"
CLIENTS: Mapping[str, rules.Contract] = {CLIENT_ID: "document", OPENAPI_CLIENT_ID: "openapi"}
TOKEN_SECONDS = 3600
EXTENSIONS = ("list", "patch", "cancel", "charges", "delivery_date", "notifications")
EVENTS = (
    *("productOrderStateChangeEvent", "productOrderItemStateChangeEvent", "productOrderItemExpectedCompletionDateSet"),
    *("productSpecificProductOrderItemMilestoneEvent", "cancelProductOrderStateChangeEvent"),
    *("chargeCreateEvent", "chargeStateChangeEvent", "chargeTimeoutEvent"),
    "modifyProductOrderItemRequestedDeliveryDateStateChangeEvent",
)
LISTENER = "/mefApi/sonata/productOrderingNotification/v10/listener"
ITEM_UPDATES = rules.FIELDS["ItemUpdate"].keys() - {"id"}
CODES = {400: "invalidBody", 401: "invalidCredentials", 403: "accessDenied", 404: "notFound", 409: "conflict"}
NO_REASON = "commercial"
"""The type of reason in a row of the list for a request without one."""


class SonataSandbox(SeededSandbox):
    """A Seller with one Buyer's clients, `CLIENTS`, both with `CLIENT_SECRET`."""

    def __init__(self, orders: int, seed: int, extensions: Sequence[str] = EXTENSIONS) -> None:
        super().__init__(orders, seed)
        self._offered = tuple(extensions)
        self.tokens = Tokens[Login](TOKEN_SECONDS)
        self._mail = Mail()
        self.routes = [
            Route("/oauth/token", self._token, methods=["POST"]),
            *(
                Route(f"{BASE}{path}", self._endpoint(name, group, operation, status), methods=[method])
                for name, method, path, group, operation, status in OPERATIONS
            ),
        ]
        self.reset()

    def reset(self) -> None:
        """Reset to the seeded records and all operations, without tokens and listeners."""
        self._random = seeded_random("sonata", self._size, self._seed)
        self.extensions = frozenset(self._offered)
        self.tokens.end_all()
        self.hubs: dict[str, Record] = {}
        self._mail.forget()
        self.life = Life(self._random, self._emit)
        for index, at in enumerate(seeded_instants(self._random, self._size)):
            seed_order(self.life, self._size, at, self._size - 1 - index)
        self.life.known.products |= {**IN_SERVICE, **PUBLISHED_PRODUCTS}  # whatever was disconnected

    def error(self, status: int, message: str) -> Response:
        """Return an error in Sonata's format."""
        code = CODES.get(status, "notImplemented" if status == 501 else "internalError" if status >= 500 else "")
        if status == 422:
            return answer([{"code": "otherIssue", "reason": message}], status)
        return answer({"reason": message} | ({"code": code} if code else {}), status)

    def _endpoint(
        self, name: str, group: str, operation: Callable[["SonataSandbox", Call], Response | Any], status: int
    ) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                contract = self._admit(request, name, group)
                id_ = request.path_params.get("id", "")
                done = operation(self, Call(id_, request.query_params, await request.body(), self.now(), contract))
            except rules.BadBody as error:
                return refusal(400, "invalidBody", str(error)).response
            except Refusal as no:
                return no.response
            return done if isinstance(done, Response) else answer(in_contract(done, contract), status)

        return endpoint

    def _admit(self, request: Request, name: str, group: str) -> rules.Contract:
        """Authenticate a request, and check its scope, its parties and whether the operation is enabled."""
        header = request.headers.get("authorization", "")
        if not header.partition(" ")[2]:
            raise refusal(401, "missingCredentials", "no credentials were given")
        login = self.tokens.holder(header)
        if login is None:
            raise refusal(401, "invalidCredentials", "the credentials are wrong or have expired")
        if login.scopes and not login.scopes & {"default", name}:
            raise refusal(403, "accessDenied", f"the token's scope is not that of {name}")
        for party, own in (("buyerId", BUYER), ("sellerId", SELLER)):
            if request.query_params.get(party, own) != own:
                raise refusal(403, "forbiddenRequester", f"not in the name of that {party}")
        if group and group not in self.extensions:
            raise refusal(501, "notImplemented", f"this Seller has no {name}")
        return login.contract

    # -- authentication

    async def _token(self, request: Request) -> Response:
        """Grant a token for client credentials in the form (RFC 6749, 4.4). A scope is an operation or default."""
        form = await read_form(request)
        try:
            client = check_client(form, dict.fromkeys(CLIENTS, CLIENT_SECRET))
        except LoginError as error:
            return answer({"error": error.code}, error.status)
        login = Login(frozenset(form.get("scope", "").split()), CLIENTS[client])
        return answer({**self.tokens.grant(login), "token_type": "Bearer"})

    # -- orders

    def create_order(self, call: Call) -> Record:
        """`createProductOrder`."""
        body = call.body()
        self._refuse(rules.order_problems(body, self.life.known, call.contract))
        return self.life.acknowledge(call.known("OrderCreate", body), call.now)

    def list_orders(self, call: Call) -> Response:
        """`listProductOrder`."""
        dates = {
            "requestedCompletionDate": call.span("itemRequestedCompletionDate"),
            "expectedCompletionDate": call.span("itemExpectedCompletionDate"),
        }
        orders = {
            id_: order
            for id_, order in self.life.orders.items()
            if any(all(test(item.get(name)) for name, test in dates.items()) for item in order["productOrderItem"])
        }
        words = {"state": rules.ENUMS["OrderState"], "externalId": (), "projectId": ()}
        return listed(call, orders, "OrderRow", words, ("orderDate", "completionDate", "cancellationDate"))

    def patch_order(self, call: Call) -> Record:
        """`patchProductOrder`: a merge patch of a few fields, items by ID [R52-R58]. It has no 422 response."""
        order, body = self.known(self.life.orders, call.id), call.body()
        problems = rules.form_problems("OrderUpdate", body, call.contract)
        body = call.known("OrderUpdate", body)
        items = rules.objects(body, "productOrderItem")
        if problems or not body or not all(item.keys() & ITEM_UPDATES for item in items):
            reason = problems[0]["reason"] if problems else "nothing that can be changed"
            raise refusal(400, "invalidBody", reason)
        if order["state"] in FINAL:
            raise refusal(409, "conflict", f"an order in {order['state']} cannot be changed")
        known = {item["id"]: item for item in order["productOrderItem"]}
        pairs = [(order, {name: value for name, value in body.items() if name != "productOrderItem"})]
        for item in items:
            if item.get("id") not in known:
                raise refusal(409, "conflict", f"there is no item {item.get('id')}")
            pairs.append((known[item["id"]], item))
        for holder, patch in pairs:
            check_patch(holder, patch, call.contract)
        for holder, patch in pairs:
            merge(holder, patch)
        return order

    # -- cancellations

    def create_cancel(self, call: Call) -> Record:
        """`createCancelProductOrder` [R73, R74]."""
        body = call.body()
        problems = rules.form_problems("CancelCreate", body, call.contract)
        roles = (rules.CANCEL_ROLE,) if call.contract == "document" else ()
        problems += rules.contact_problems(body, "", roles, roles or None)
        id_ = rules.object_at(body, "productOrder").get("productOrderId")
        order = self.life.orders.get(str(id_))
        where = "/productOrder/productOrderId"
        if id_ is not None and order is None:
            problems.append(rules.unknown(where, "product order", id_))
        if order is not None and order["state"] != "inProgress":
            reason = f"an order in {order['state']} cannot be cancelled"
            problems.append(rules.problem("otherIssue", where, reason))
        self._refuse(problems)
        assert order is not None
        return self.life.ask_to_cancel(order, call.now, call.known("CancelCreate", body))

    def list_cancels(self, call: Call) -> Response:
        """`listCancelProductOrder`."""
        tasks = {id_: {"cancellationReasonType": NO_REASON, **task} for id_, task in self.life.cancels.items()}
        states, kinds = rules.ENUMS["TaskState"], rules.ENUMS["ReasonType"]
        words = {"state": states, "cancellationReasonType": kinds, "productOrderId": ()}
        return listed(call, tasks, "CancelRow", words)

    # -- charges

    def list_charges(self, call: Call) -> Response:
        """`listCharge`."""
        words = {"productOrderItemId": (), "productOrderId": ()}
        return listed(call, self.life.charges, "ChargeRow", words, ("creationDate", "responseDueDate"))

    def patch_charge(self, call: Call) -> Record:
        """`patchCharge`: the response to all items of a charge at once [R94, R95]."""
        charge, body = self.known(self.life.charges, call.id), call.body()
        problems = rules.form_problems("ChargeUpdate", body, call.contract)
        if problems:
            raise refusal(400, "invalidBody", f"{problems[0]['propertyPath']}: {problems[0]['reason']}")
        if charge["state"] != "awaitingResponse":
            raise refusal(409, "conflict", f"a charge in {charge['state']} takes no answer")
        answers = {item["id"]: item for item in call.known("ChargeUpdate", body)["chargeItem"]}
        if answers.keys() != {item["id"] for item in charge["chargeItem"]}:
            raise refusal(409, "conflict", "every item of the charge needs an answer")
        self.life.respond(charge, answers, call.now)
        return charge

    # -- delivery dates

    def create_date(self, call: Call) -> Record:
        """`createModifyProductOrderItemRequestedDeliveryDate` [R63, R66]."""
        body = call.body()
        problems = rules.form_problems("DeliveryDateCreate", body, call.contract)
        asks = body.get("expediteIndicator") or body.get("requestedCompletionDate") is not None
        if not asks and call.contract == "document":
            problems.append(rules.missing("", "requestedCompletionDate"))
        about = rules.object_at(body, "productOrderItem")
        order = self.life.orders.get(str(about.get("productOrderId")), {})
        if not problems:
            problems += date_problems(order, about)
        self._refuse(problems)
        return self.life.ask_for_date(order, call.now, call.known("DeliveryDateCreate", body))

    def list_dates(self, call: Call) -> Response:
        """`listModifyProductOrderItemRequestedDeliveryDate`."""
        states = rules.ENUMS["TaskState"]
        words = {"state": states, "expediteIndicator": ("true", "false"), "productOrderId": ()}
        return listed(call, self.life.dates, "DeliveryDate", words, ("creationDate", "requestedCompletionDate"))

    # -- notifications

    def register(self, call: Call) -> Record:
        """`registerListener`."""
        body = call.body()
        problems = rules.form_problems("HubCreate", body, call.contract)
        unknown = [one for one in events_of(body.get("query")) if one not in EVENTS]
        if problems or unknown:
            raise refusal(400, "invalidBody", problems[0]["reason"] if problems else f"no event {unknown[0]}")
        hub = {"id": new_id(self._random), **call.known("HubCreate", body)}
        parties = {name: call.query[name] for name in ("buyerId", "sellerId") if name in call.query}
        self.hubs[hub["id"]] = {"hub": hub, "parties": parties}
        return hub

    def retrieve_hub(self, call: Call) -> Record:
        """`retrieveHub`."""
        return self.known(self.hubs, call.id)["hub"]

    def unregister(self, call: Call) -> Response:
        """`unregisterListener`."""
        self.known(self.hubs, call.id)
        del self.hubs[call.id]
        return Response(status_code=204)

    def _emit(self, event: str, about: Record) -> None:
        for kept in self.hubs.values():
            wanted = events_of(kept["hub"].get("query"))
            if not wanted or event in wanted:
                body = {
                    "eventId": new_id(self._random),
                    "eventTime": stamp(self.now()),
                    "eventType": event,
                    "event": {**about, **kept["parties"]},
                }
                self._mail.post(f"{kept['hub']['callback'].rstrip('/')}{LISTENER}/{event}", body)

    # -- helpers

    def known(self, things: Mapping[str, Record], id_: str) -> Record:
        """Return the object with an ID. Reject the request with 404 if there is none."""
        if id_ not in things:
            raise refusal(404, "notFound", f"there is nothing with id {id_}")
        return things[id_]

    def _refuse(self, problems: Sequence[Record]) -> None:
        if problems:
            raise Refusal(422, problems)

    # -- seeding and the control API

    def advance(self, command: dict[str, Any]) -> dict[str, Any]:
        """Perform an action of the Seller's staff. The commands are `COMMANDS`, each named by its first key."""
        for name, (keys, do) in COMMANDS.items():
            if name in command and command.keys() <= {name, *keys}:
                return do(self, command)
        forms = "; ".join(f"{name} with {', '.join(keys) or 'nothing else'}" for name, (keys, _) in COMMANDS.items())
        raise ControlError(400, f"a command is one of: {forms}")

    def expire_tokens(self, command: Record) -> Record:
        """Expire all tokens."""
        return self.tokens.end_all()

    def choose_extensions(self, command: Record) -> Record:
        """Set the enabled optional operations."""
        wanted = command["extensions"]
        if not isinstance(wanted, list) or not set(cast("list[object]", wanted)) <= set(EXTENSIONS):
            raise ControlError(400, f"extensions is a list of {', '.join(EXTENSIONS)}")
        self.extensions = frozenset(cast("list[str]", wanted))
        return {"extensions": sorted(self.extensions)}

    def add_offering(self, command: Record) -> Record:
        """Add a product offering."""
        offering = str(command["offering"])
        self.life.known.offerings.add(offering)
        return {"offering": offering}

    def add_product(self, command: Record) -> Record:
        """Add a product in service of an existing offering."""
        product, offering = str(command["product"]), str(command.get("offering"))
        if offering not in self.life.known.offerings:
            raise ControlError(404, f"there is no offering {offering}")
        self.life.known.products[product] = offering
        return {"product": product, "offering": offering}

    def advance_order(self, command: Record) -> Record:
        """Move an order to a state, or to its next one."""
        order = self._there(self.life.orders, command["order"])
        for step in steps(NEXT, order["state"], command.get("to"), rules.ENUMS["OrderState"]):
            self.life.step(order, step, self.now())
        return order

    def hold_item(self, command: Record) -> Record:
        """Create a charge for an item of an order in progress and return it."""
        order, item = self._item(command["charge_item"], command)
        if (order["state"], item["state"]) != ("inProgress", "inProgress"):
            raise ControlError(409, f"the item is in {item['state']}, its order in {order['state']}")
        return self.life.hold(order, self.now(), item)

    def advance_charge(self, command: Record) -> Record:
        """Withdraw a charge, or let its response time out."""
        charge = self._there(self.life.charges, command["charge"])
        if command.get("to") not in ("withdrawnBySeller", "timeout") or charge["state"] != "awaitingResponse":
            raise ControlError(409, "a charge that waits goes to withdrawnBySeller or timeout")
        self.life.close_charge(charge, command["to"], self.now())
        return charge

    def advance_task(self, kind: str, command: Record) -> Record:
        """Decide on a request to cancel or to change a date, or charge for it."""
        task = self._there(self.life.cancels if kind == "cancel" else self.life.dates, command[kind])
        allowed = TASK_NEXT.get(task["state"], ())
        if command.get("to") not in allowed:
            raise ControlError(409, f"from {task['state']} a task goes to {', '.join(allowed) or 'nothing further'}")
        self.life.decide(task, command["to"], self.now())
        return task

    def reach_milestone(self, command: Record) -> Record:
        """Add a milestone to an item."""
        order, item = self._item(command["milestone_of"], command)
        self.life.reach(order, item, str(command.get("name", "SITE_SURVEY")), None, self.now())
        return order

    def revise_date(self, command: Record) -> Record:
        """Revise the expected date of an item."""
        order, item = self._item(command["revise"], command)
        expected = command.get("expected")
        if not isinstance(expected, str) or not rules.is_moment(expected):
            raise ControlError(400, "expected must be a date-time")
        self.life.revise(order, item, expected, self.now())
        return order

    def show_notifications(self, command: Record) -> Record:
        """Wait until all notifications are delivered and return them with the statuses of the responses."""
        return {"notifications": self._mail.delivered()}

    def _there(self, things: Mapping[str, Record], id_: object) -> Record:
        if str(id_) not in things:
            raise ControlError(404, f"there is nothing with id {id_}")
        return things[str(id_)]

    def _item(self, order: object, command: Record) -> tuple[Record, Record]:
        found = self._there(self.life.orders, order)
        ids = [item["id"] for item in found["productOrderItem"]]
        wanted = command.get("item", ids[0])
        if wanted not in ids:
            raise ControlError(404, f"there is no item {wanted}")
        return found, item_of(found, wanted)


Operation = Callable[[SonataSandbox, Call], Any]


def retrieving(things: str) -> Operation:
    """Return the operation that reads one order, charge or task."""
    return lambda sandbox, call: sandbox.known(getattr(sandbox.life, things), call.id)


def listed(
    call: Call, things: Mapping[str, Record], row: str, words: Mapping[str, Sequence[str]], spans: Sequence[str] = ()
) -> Response:
    """Return a page of the objects that match the filters, each as a ``row``. Their references can be filtered too.

    ``words`` are the filters for equality, each with its allowed values. Empty means any value.
    """
    same = {name: call.word(name, allowed) for name, allowed in words.items()}
    times = {name: call.span(name) for name in spans}

    def meets(thing: Record) -> bool:
        told = {**rules.object_at(thing, "productOrder"), **rules.object_at(thing, "productOrderItem"), **thing}
        equal = all(value in (None, as_word(told.get(name))) for name, value in same.items())
        return equal and all(test(told.get(name)) for name, test in times.items())

    rows = [rules.known_part(row, one, call.contract) for _, one in sorted(things.items()) if meets(one)]
    return page(call, rows)


def as_word(value: Any) -> Any:
    """Return a property in the format of a query."""
    return json.dumps(value) if isinstance(value, bool) else value


DATE = "/modifyProductOrderItemRequestedDeliveryDate"
CHANGE = "ModifyProductOrderItemRequestedDeliveryDate"
# MEF's name of the operation, method, path, its extension, its handler, and the status of a successful response
OPERATIONS: tuple[tuple[str, str, str, str, Operation, int], ...] = (
    ("createProductOrder", "POST", "/productOrder", "", SonataSandbox.create_order, 201),
    ("retrieveProductOrder", "GET", "/productOrder/{id}", "", retrieving("orders"), 200),
    ("listProductOrder", "GET", "/productOrder", "list", SonataSandbox.list_orders, 200),
    ("patchProductOrder", "PATCH", "/productOrder/{id}", "patch", SonataSandbox.patch_order, 200),
    ("createCancelProductOrder", "POST", "/cancelProductOrder", "cancel", SonataSandbox.create_cancel, 201),
    ("listCancelProductOrder", "GET", "/cancelProductOrder", "cancel", SonataSandbox.list_cancels, 200),
    ("retrieveCancelProductOrder", "GET", "/cancelProductOrder/{id}", "cancel", retrieving("cancels"), 200),
    ("listCharge", "GET", "/charge", "charges", SonataSandbox.list_charges, 200),
    ("retrieveCharge", "GET", "/charge/{id}", "charges", retrieving("charges"), 200),
    ("patchCharge", "PATCH", "/charge/{id}", "charges", SonataSandbox.patch_charge, 200),
    (f"create{CHANGE}", "POST", DATE, "delivery_date", SonataSandbox.create_date, 201),
    (f"list{CHANGE}", "GET", DATE, "delivery_date", SonataSandbox.list_dates, 200),
    (f"retrieve{CHANGE}", "GET", f"{DATE}/{{id}}", "delivery_date", retrieving("dates"), 200),
    ("registerListener", "POST", "/hub", "notifications", SonataSandbox.register, 201),
    ("retrieveHub", "GET", "/hub/{id}", "notifications", SonataSandbox.retrieve_hub, 200),
    ("unregisterListener", "DELETE", "/hub/{id}", "notifications", SonataSandbox.unregister, 204),
)
COMMANDS: Mapping[str, tuple[Sequence[str], Callable[[SonataSandbox, Record], Record]]] = {
    "expire_tokens": ((), SonataSandbox.expire_tokens),
    "extensions": ((), SonataSandbox.choose_extensions),
    "offering": ((), SonataSandbox.add_offering),
    "product": (("offering",), SonataSandbox.add_product),
    "order": (("to",), SonataSandbox.advance_order),
    "charge_item": (("item",), SonataSandbox.hold_item),
    "charge": (("to",), SonataSandbox.advance_charge),
    "cancel": (("to",), lambda sandbox, command: sandbox.advance_task("cancel", command)),
    "delivery_date": (("to",), lambda sandbox, command: sandbox.advance_task("delivery_date", command)),
    "milestone_of": (("item", "name"), SonataSandbox.reach_milestone),
    "revise": (("item", "expected"), SonataSandbox.revise_date),
    "notifications": ((), SonataSandbox.show_notifications),
}


def events_of(query: object) -> list[str]:
    """Return the events that a listener wants: ``eventType=a,b`` or ``eventType=a&eventType=b``. None means all."""
    text = query if isinstance(query, str) else ""
    pairs = [part.partition("=") for part in text.replace("&", ",").split(",") if part]
    return [(value or name).strip().replace("DateSetEvent", "DateSet") for name, _, value in pairs]


def date_problems(order: Record, about: Record) -> Iterable[Record]:
    """Yield the reasons why the date of an item cannot be changed."""
    where = "/productOrderItem/productOrderItemId"
    states = {item["id"]: item["state"] for item in rules.objects(order, "productOrderItem")}
    state = states.get(about["productOrderItemId"])
    if not order:
        yield rules.unknown("/productOrderItem/productOrderId", "product order", about["productOrderId"])
    elif state is None:
        yield rules.unknown(where, "item", about["productOrderItemId"])
    elif (order["state"], state) != ("inProgress", "inProgress"):
        reason = f"not for an item in {state} of an order in {order['state']}"
        yield rules.problem("otherIssue", where, reason)


def check_patch(holder: Record, patch: Record, contract: rules.Contract) -> None:
    """Reject a patch that conflicts with the order: notes can only be added, the Seller's contacts stay."""
    before, after = rules.objects(holder, "note"), rules.objects(patch, "note")
    if "note" in patch and after[: len(before)] != before:
        raise refusal(409, "conflict", "notes can only be added")
    if any(one["source"] != "buyer" for one in after[len(before) :]):
        raise refusal(409, "conflict", "the Buyer's notes have source buyer")
    if "relatedContactInformation" in patch:
        check_contacts(holder, rules.objects(patch, "relatedContactInformation"), contract)


def check_contacts(holder: Record, after: Sequence[Record], contract: rules.Contract) -> None:
    """Reject changes to the Seller's contacts and the removal of required ones."""
    if sellers(rules.objects(holder, "relatedContactInformation")) != sellers(after):
        raise refusal(409, "conflict", "the Seller's contacts cannot be changed")
    of_item = rules.ITEM_ROLES if contract == "document" else ()
    needed = (rules.ORDER_ROLE,) if "orderDate" in holder else of_item
    if not set(needed) <= {one["role"] for one in after}:
        raise refusal(409, "conflict", f"contacts with the roles {', '.join(needed)} are required")


def sellers(contacts: Iterable[Record]) -> list[Record]:
    """Return the Seller's contacts."""
    return [one for one in contacts if one["role"].startswith("seller")]


def merge(holder: Record, patch: Record) -> None:
    """Apply a merge patch (RFC 7386) of plain values and lists."""
    for name, value in patch.items():
        if value is None:
            holder.pop(name, None)
        else:
            holder[name] = value
