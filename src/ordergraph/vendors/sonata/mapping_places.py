"""Maps the JSON Pointers in Sonata's errors to paths in our inputs.

Source: the schemas of MEF 123 v10, as `wire` declares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from ordergraph.domain.commands import camel
from ordergraph.vendors.sonata import wire, wire_parts
from ordergraph.wire.fields import INLINE, READ_ONLY, Input, fields_of, struct_in

OWN = "details.sonata"
"""The path of the values that only Sonata accepts, in an order and in each line."""
LINE = "lineItems.*"
ITEM = "/productOrderItem/*"
CONTACT = "/relatedContactInformation"


def places_in(struct: type[msgspec.Struct], pointer: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield the pointer and the input path of each property of the struct at ``pointer`` and input path ``path``."""
    for one in fields_of(struct):
        given = one.get(Input)
        shape = one.type if given is None or given.type is None else given.type
        inner, here, there = struct_in(shape), f"{pointer}/{one.wire_name}", f"{path}.{camel(one.name)}"
        if inner is not None and INLINE in one.declared:
            yield from places_in(inner, here, path)
        elif one.description and READ_ONLY not in one.declared:
            yield here, there
            star = "*" if "list[" in str(shape) else ""
            yield from places_in(inner, f"{here}/{star}".rstrip("/"), f"{there}.{star}".rstrip(".")) if inner else ()


# By operation. `*` is a position in a list. A property that is not listed is below the path of its parent, under the
# same name.
PLACES: Mapping[str, Mapping[str, str]] = {
    "createProductOrder": {
        "/externalId": "clientReference",
        "/note": "notes",
        "/projectId": f"{OWN}.projectId",
        CONTACT: "contact",
        f"{CONTACT}/*": "contact",
        f"{CONTACT}/*/emailAddress": "contact.email",
        f"{CONTACT}/*/name": "contact.name",
        f"{CONTACT}/*/number": "contact.phone",
        "/productOrderItem": "lineItems",
        ITEM: LINE,
        **dict(places_in(wire.ItemWrite, ITEM, f"{LINE}.{OWN}")),
        f"{ITEM}/billingAccount": f"{LINE}.{OWN}.billingAccountId",
        f"{ITEM}/product": f"{LINE}.product",
        f"{ITEM}/product/productOffering": f"{LINE}.product",
        f"{ITEM}/product/productOffering/id": f"{LINE}.product",
    },
    "createCancelProductOrder": {
        **dict(places_in(wire.CancelWrite, "", OWN)),
        "/cancellationReason": "reason",
        "/productOrder": "orderId",
        "/productOrder/productOrderId": "orderId",
        CONTACT: f"{OWN}.contact",
        f"{CONTACT}/*": f"{OWN}.contact",
        **dict(places_in(wire_parts.Person, f"{CONTACT}/*", f"{OWN}.contact")),
    },
    "createModifyProductOrderItemRequestedDeliveryDate": {
        **dict(places_in(wire.DeliveryDateWrite, "", OWN)),
        "/productOrderItem": "lineItemId",
        "/productOrderItem/productOrderId": "lineItemId",
        "/productOrderItem/productOrderItemId": "lineItemId",
        "/requestedCompletionDate": "requestedAt",
    },
}


def input_path(operation: str, pointer: str) -> Sequence[str] | None:
    """Return the path in our input of the property at a JSON Pointer (RFC 6901). None if the pointer is empty."""
    names = [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]
    known = PLACES.get(operation, {})
    for length in range(len(names), 0, -1):
        place = known.get("".join(f"/{'*' if name.isdigit() else name}" for name in names[:length]))
        if place is not None:
            indexes = [name for name in names[:length] if name.isdigit()]
            indexes = iter(indexes[len(indexes) - place.count("*") :])  # the input has one contact and no list
            path = (next(indexes) if name == "*" else name for name in place.split("."))
            return ("input", *path, *names[length:])
    return ("input", *names) if names else None
