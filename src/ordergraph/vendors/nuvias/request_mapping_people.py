"""Maps requests that create and change users, product groups and feeds. All functions are pure: nothing is sent.

Source: Nuvias UC "Hub API (1.1.0)", the schemas of the write bodies. Inputs have the same fields as the bodies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from ordergraph.domain.commands import camel
from ordergraph.domain.errors import UserErrorCode
from ordergraph.vendors.nuvias.request_mapping import Findings, body_of, hub_values
from ordergraph.vendors.nuvias.values import Cleared
from ordergraph.vendors.nuvias.wire import Wire, Write
from ordergraph.vendors.nuvias.wire_people import FeedWrite, ProductGroupWrite, UserWrite
from ordergraph.wire.fields import fields_of

B = TypeVar("B", bound=Write)

TIMEOUTS = (86400, 43200, 28800, 14400, 7200, 3600, 1800)
TIMESLOTS = range(0, 24 * 60, 30)
# The fields of each delivery method. NEEDED are those that a method requires.
DELIVERY: Mapping[str, Sequence[str]] = {
    "EMAIL": ("delivery_email",),
    "FTP": ("delivery_user", "delivery_password", "delivery_server", "delivery_protocol", "delivery_port"),
    "SITC": ("is_sitc_confirmed", "sitc_filename"),
}
NEEDED = ("delivery_email", "delivery_user", "delivery_password", "delivery_server")


def new_body(struct: type[B], values: Mapping[str, Any], findings: Findings) -> B:
    """Return the body that creates an object. Null counts as omitted."""
    given = hub_values(struct, {name: value for name, value in values.items() if value is not None}, findings)
    body = struct(**({"is_active": True} | given if struct is FeedWrite else given))
    check(body, given, findings)
    return body


def changed_body(current: Wire | Write, struct: type[B], values: Mapping[str, Any], findings: Findings) -> B:
    """Return the body of an object after a change. Omitted fields keep their values."""
    whole = body_of(current, struct)
    changes = changes_of(struct, values, findings)
    body = msgspec.structs.replace(whole, **{**taken_away(whole, changes), **changes})
    check(body, changes, findings)
    return body


def changes_of(struct: type[Write], values: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """Return the fields that an input changes, in the Hub's format. Null clears a field if the Hub allows it."""
    found = hub_values(struct, {name: value for name, value in values.items() if value is not None}, findings)
    for one in fields_of(struct):
        cleared = one.get(Cleared)
        if one.input_name not in values or values[one.input_name] is not None:
            continue
        if cleared is not None:
            found[one.name] = cleared.value
        else:
            message = "This field cannot be cleared. Give a value, or omit it."
            findings.add(UserErrorCode.REQUIRED, message, camel(one.input_name))
    return found


def taken_away(whole: Write, changes: Mapping[str, Any]) -> Mapping[str, None]:
    """Return the fields that a change clears: roles with the organisation, other methods' fields with the delivery."""
    if isinstance(whole, UserWrite) and changes.get("organisation", whole.organisation) != whole.organisation:
        return {"roles": None, "notifications": None}  # the Hub resets them
    if isinstance(whole, FeedWrite):
        method = changes.get("delivery_method", whole.delivery_method)
        return dict.fromkeys(name for other, names in DELIVERY.items() if other != method for name in names)
    return {}


def check(body: Write, given: Mapping[str, Any], findings: Findings) -> None:
    """Check the rules of the document. ``given`` has the fields of the input."""
    if isinstance(body, UserWrite):
        check_user(given, findings)
    elif isinstance(body, FeedWrite):
        check_feed(body, given, findings)
    elif isinstance(body, ProductGroupWrite) and given.get("vendor_status") == "UNKNOWN":  # only in responses
        findings.add(UserErrorCode.INVALID, "The status must be DRAFT or LIVE.", "status")


def check_user(given: Mapping[str, Any], findings: Findings) -> None:
    """Check the rules for a user."""
    timeout, email = given.get("timeout"), given.get("email_address")
    if timeout is not None and timeout not in TIMEOUTS:
        allowed = ", ".join(str(seconds) for seconds in TIMEOUTS)
        findings.add(UserErrorCode.INVALID, f"The timeout must be one of {allowed} (seconds).", "timeout")
    if email is not None and "@" not in email:
        findings.add(UserErrorCode.INVALID, "This is not a valid email address.", "emailAddress")


def check_feed(body: FeedWrite, given: Mapping[str, Any], findings: Findings) -> None:
    """Check the rules for a feed."""
    if body.timeslot is not None and body.timeslot not in TIMESLOTS:
        findings.add(
            UserErrorCode.INVALID,
            "The timeslot must be a multiple of 30 from 0 to 1410 (minutes after midnight UTC).",
            "timeslot",
        )
    if not body.columns:
        findings.add(UserErrorCode.REQUIRED, "A feed needs at least one column.", "columns")
    method = body.delivery_method or ""
    for name in DELIVERY.get(method, ()):
        if name in NEEDED and not getattr(body, name):
            findings.add(UserErrorCode.REQUIRED, f"Required if deliveryMethod is {method}.", camel(name))
    for other, names in DELIVERY.items():
        for name in names:
            if other != method and given.get(name) is not None:
                message = f"Only allowed if deliveryMethod is {other}. It is {method}."
                findings.add(UserErrorCode.INVALID, message, camel(name))
