"""Invalid responses of a vendor take limited time and memory, and accepted responses can be shown."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordergraph.server.responses import encode
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.vendor import Vendor
from ordergraph.wire.decoding import shown
from tests import replies
from tests.between import Between, between
from tests.fakes import serving
from tests.gateway import Gateway, gateway
from tests.replies import ANSWERS, HASTY, MEGABYTE, with_new

pytestmark = pytest.mark.slow

Json = dict[str, Any]

ROOT = Path(__file__).parent.parent
BUSY = 15.0
"""The most seconds that a busy machine adds."""
MOST_MEMORY = 200 * MEGABYTE
"""Enough for a body of 64 MiB, in pieces and joined."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.code)
def test_bad_answer_ends_as_documented_and_in_time(vendor: Vendor) -> None:
    with serving(vendor, orders=5) as fake, between(fake.url) as front:
        found = asyncio.run(replies.tried(vendor, front, fake.table(**replies.SETTINGS)))
    fitting = {one.meaning: one.seen for one in ANSWERS if not (vendor.placements and one.of_order)}
    assert {meaning: one.seen for meaning, one in found.items()} == fitting
    for one in ANSWERS:
        if one.waits:
            assert found[one.meaning].seconds < HASTY["total"] + BUSY, one.meaning


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports the peak memory of a process")
@pytest.mark.timeout(180)
def test_bad_answers_take_bounded_memory() -> None:
    with serving(nuvias, orders=5) as fake, between(fake.url) as front:
        grown = asyncio.run(grown_by_answers(front, fake.table(**replies.SETTINGS)))
    assert set(grown) == {one.meaning for one in ANSWERS if not one.waits}
    assert {meaning: size for meaning, size in grown.items() if size > MOST_MEMORY} == {}
    assert grown["80 MB"] > 60 * MEGABYTE, "the measurement works"


async def grown_by_answers(front: Between, table: Json) -> Json:
    """Return the peak growth in bytes of a process that receives the responses one by one."""
    async with replies.trial(nuvias, front, table) as made:
        tables = {
            one.meaning: replies.settings(made, number, table) for number, one in enumerate(ANSWERS) if not one.waits
        }
        told = json.dumps({"vendor": nuvias.code, "order": made.order, "tables": tables})
        run = [sys.executable, "-m", "tests.replies"]
        process = await asyncio.create_subprocess_exec(*run, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        found, _ = await process.communicate(told.encode())
    return json.loads(found.splitlines()[-1])


# ---- Accepted responses can be shown ----------------------------------------------------------------


class Ours(msgspec.Struct):
    """The part of a body that a mapping reads."""

    id: int


TEXTS = st.binary(max_size=8).map(lambda content: b'"' + content + b'"') | st.text().map(msgspec.json.encode)
NUMBERS = st.from_regex(rb"-?(0|[1-9][0-9]{0,4})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)
LONG = st.integers(1, 6000).map(lambda digits: b"9" * digits)
VALUES = st.recursive(
    TEXTS | NUMBERS | LONG | st.sampled_from([b"null", b"true", b"NaN", b'"\\ud800"', b'"\\u0000"']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: b"[" + b",".join(items) + b"]")
        | st.lists(st.tuples(TEXTS, inner), max_size=3).map(
            lambda items: b"{" + b",".join(name + b":" + value for name, value in items) + b"}"
        )
    ),
    max_leaves=10,
)


@given(VALUES)
def test_whatever_is_taken_can_be_shown_as_json(value: bytes) -> None:
    raw = b'{"id":1,"new":' + value + b"}"
    try:
        msgspec.json.decode(raw, type=Ours)
    except (msgspec.DecodeError, ValueError):
        return  # the vendor's error
    text = encode(shown(raw))
    assert json.loads(text, parse_constant=pytest.fail)["id"] == 1


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (b'"z\xe9"', "z\ufffd"),
        (b'["\xed\xa0\x80", 0.5, 7]', ["\ufffd" * 3, 0.5, 7]),
        (b"1e400", "1e400"),
        (b"[-1e400, 1e308]", ["-1e400", 1e308]),
        (b"9" * 30, int("9" * 30)),
        (b"9" * 5000, "9" * 5000),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'{"a":"\xff","a":2}', {"a": 2}),
    ],
)
def test_what_json_cannot_hold_is_shown_in_its_place(value: bytes, seen: object) -> None:
    assert shown(b'{"new":' + value + b"}") == {"new": seen}


SHOWING = [one for one in VENDORS if not one.placements]
LIST = "query($id: ID!) { orders(first: 1, filter: {accountIds: [$id]}) { nodes { id } } }"
RAW = """query($id: ID!) { order(id: $id) {
    id version details { raw } lineItems { details { raw } }
} }"""
STRANGE = b'["z\xe9",1e400,' + b"9" * 5000 + b"," + b"[" * 98 + b"]" * 98 + b"]"


@dataclass(frozen=True)
class Shops:
    """A gateway with an account at each vendor, and a proxy in front of each vendor."""

    asked: Gateway
    fronts: Mapping[str, Between]


@pytest.fixture(scope="module")
def shops() -> Generator[Shops]:
    with ExitStack() as stack:
        fakes = [stack.enter_context(serving(vendor, orders=5)) for vendor in SHOWING]
        fronts = {fake.vendor.code: stack.enter_context(between(fake.url)) for fake in fakes}
        tables = {fake.vendor.code: fake.table(base_url=fronts[fake.vendor.code].url) for fake in fakes}
        yield Shops(stack.enter_context(gateway(tables)), fronts)


@pytest.mark.parametrize("vendor", SHOWING, ids=lambda vendor: vendor.code)
def test_raw_shows_what_was_taken(shops: Shops, vendor: Vendor) -> None:
    front, asked = shops.fronts[vendor.code], shops.asked
    order = asked.get(LIST, id=f"Account:{vendor.code}")["orders"]["nodes"][0]["id"]
    key = order.rpartition(":")[2]
    plain = asked.get(RAW, id=order)["order"]
    front.body = lambda one, body: with_new(body, STRANGE) if one.target.partition("?")[0].endswith(key) else body
    strange = asked.get(RAW, id=order)["order"]
    front.well()
    new = strange["details"]["raw"].pop("new")
    assert new[:3] == ["z\ufffd", "1e400", "9" * 5000]
    assert json.dumps(new[3]) == "[" * 98 + "]" * 98
    assert strange == plain


@pytest.mark.parametrize("total", [b"1e5000", b'"NaN"', b'"-Infinity"'])
def test_number_that_cannot_be_written_is_the_vendors_error(shops: Shops, total: bytes) -> None:
    front, asked = shops.fronts["nuvias"], shops.asked
    order = asked.get(LIST, id="Account:nuvias")["orders"]["nodes"][0]["id"]
    front.body = lambda one, body: re.sub(rb'"total":[0-9.]+', b'"total":' + total, body, count=1)
    answer = asked.ask("query($id: ID!) { order(id: $id) { id total { amount } } }", id=order)
    front.well()
    assert answer["data"]["order"] == {"id": order, "total": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["VENDOR_BAD_REPLY"]


def test_draft_that_could_not_be_sent_back_as_it_is_is_not_changed(shops: Shops) -> None:
    front, asked = shops.fronts["verifone"], shops.asked
    drafts = "{ orders(first: 1, filter: {vendors: [VERIFONE], statuses: [DRAFT]}) { nodes { id } } }"
    order = asked.get(drafts)["orders"]["nodes"][0]["id"]
    key = order.rpartition(":")[2]
    front.body = lambda one, body: with_new(body, b'"z\xe9"') if one.target.endswith(key) else body
    changed = asked.do("updateOrder", "order { id }", orderId=order, idempotencyKey="latin", notes=["Ring twice."])
    front.well()
    assert [error["code"] for error in changed["userErrors"]] == ["NOT_SENT"]
