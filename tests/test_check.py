"""`ordergraph check --account`: finds the capabilities of an account with harmless reads, at every vendor."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from ordergraph.cli.check import MAX_TEXT, GroupFinding, check_groups, table
from ordergraph.connector import LOGIN, ReadCheck
from ordergraph.ledger.store import MEMORY, Store
from ordergraph.sandbox import json_response
from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from ordergraph.vendors.registry import VENDORS
from ordergraph.vendors.sonata.vendor import vendor as sonata
from ordergraph.vendors.vendor import Vendor
from tests.between import between
from tests.fakes import FakeVendor, serving
from tests.replies import answer

pytestmark = pytest.mark.slow

LOGINS = {
    "airvantage": ("POST", "/api/oauth/token"),
    "nuvias": ("POST", "/oauth/create_token"),
    "palmetto": ("POST", "/security/credentials"),
    "sonata": ("POST", "/oauth/token"),
}
TRIED = {"airvantage": 2, "nuvias": 17, "palmetto": 1, "sonata": 7, "verifone": 2}
"""The number of groups that can be checked at each vendor, including authentication."""


@pytest.fixture(scope="module")
def fakes() -> Generator[Mapping[str, FakeVendor]]:
    with ExitStack() as stack:
        yield {one.code: stack.enter_context(serving(one, orders=5)) for one in VENDORS}


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.code)
def fake(request: pytest.FixtureRequest, fakes: Mapping[str, FakeVendor]) -> Generator[FakeVendor]:
    vendor: Vendor = request.param
    fakes[vendor.code].forget_calls()
    yield fakes[vendor.code]
    fakes[vendor.code].end_faults()


def checked(fake: FakeVendor, said: list[str] | None = None, **settings: Any) -> Sequence[GroupFinding]:
    connector = fake.connector(Store(MEMORY), **settings)
    return asyncio.run(check_groups(connector, (said if said is not None else []).append))


def path_of(fake: FakeVendor, check: ReadCheck) -> tuple[str, str]:
    """Return method and path template of a check's operation, as the sandbox logs it."""
    method, _, path = fake.vendor.settings.operations[check.operation].partition(" ")
    (found,) = {one for one in fake.operations if same(one, (method, path))}
    return found


def same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two operations are equal, apart from the names of path parameters."""
    parts, others = (operation[1].split("/") for operation in (one, other))
    return (
        one[0] == other[0]
        and len(parts) == len(others)
        and all(mine == its or mine[:1] == its[:1] == "{" for mine, its in zip(parts, others, strict=True))
    )


def test_every_group_works_with_one_read_each(fake: FakeVendor) -> None:
    said: list[str] = []
    found = checked(fake, said)
    tried = [one for one in found if one.works is not None]
    assert [one.text for one in tried] == ["works"] * TRIED[fake.vendor.code]
    assert fake.calls() == [path_of(fake, one.check) for one in tried]
    login = LOGINS.get(fake.vendor.code)
    assert [call for call in fake.calls() if call[0] != "GET"] == ([login] if login else [])
    assert fake.writes() == []
    assert [line.partition(" ")[0] for line in said] == [
        f"{number}/{len(found)}" for number in range(1, len(found) + 1)
    ]


def test_every_read_of_a_vendor_belongs_to_a_group(fake: FakeVendor) -> None:
    """Every list, and every object without a list, belongs to a check. No group can be forgotten."""
    operations = fake.vendor.settings.operations
    reads = {name for name, path in operations.items() if path.startswith("GET ")}
    tried = {one.operation for one in fake.vendor.connector.read_checks}
    places = {operations[name].rpartition("/")[0] for name in reads - tried}  # single objects: their list is checked
    assert places <= {operations[name] for name in tried} | {operations[name].rpartition("/")[0] for name in tried}


def test_what_half_refuses_is_shown_for_each_group(fake: FakeVendor) -> None:
    reads = [one for one in fake.vendor.connector.read_checks if one.read is not None and one.group != LOGIN]
    denied, away = reads[::2], reads[1::4]
    faults = [*(("unauthorized", one) for one in denied), *(("unavailable", one) for one in away)]
    rules = [{"fault": fault, "method": "GET", "path": path_of(fake, one)[1]} for fault, one in faults]
    fake.faults(*rules)
    found = {one.check: one for one in checked(fake)}
    for one in reads:
        finding = found[one]
        if one in denied:
            assert finding.works is False
            assert finding.text.startswith("refused"), finding
            assert "401" in finding.text
        elif one in away:
            assert finding.works is False
            assert finding.text.startswith("failed"), finding
            assert "503" in finding.text
        elif not finding.text.startswith("refused at whoami"):  # the Hub's address check depends on whoami
            assert finding.works is True
    assert {method for method, path in fake.calls() if (method, path) != LOGINS.get(fake.vendor.code)} <= {"GET"}
    assert fake.writes() == []


def test_after_a_failed_login_nothing_else_is_tried(fake: FakeVendor) -> None:
    login = LOGINS.get(fake.vendor.code)
    if login is None:  # without a login, every call sends the credentials
        fake.faults({"fault": "unauthorized"})
        assert {one.works for one in checked(fake)} == {False, None}
        return
    fake.faults({"fault": "unauthorized", "path": login[1]})
    first, *others = checked(fake)
    assert first.works is False
    assert first.text.startswith("refused (401"), first
    for one in others:
        reason = "authentication failed" if one.check.read is not None else one.check.reason
        assert (one.works, one.text) == (None, f"not tried: {reason}")
    assert set(fake.calls()) == {login}


def test_extensions_that_are_off_are_not_tried(fakes: Mapping[str, FakeVendor]) -> None:
    fake = fakes["sonata"]
    fake.forget_calls()
    found = {one.check.group: one for one in checked(fake, extensions=["charges"])}
    assert {name for name, one in found.items() if one.works} == {"login", "single orders", "charges"}
    assert found["orders"].text == "not tried: the extension 'list' is off"
    assert len(fake.calls()) == 3


def test_wrong_address_is_no_missing_order() -> None:
    """The check reads an order that does not exist. A web server's own 404 does not mean that reads are permitted."""
    with serving(sonata, orders=1) as fake, between(fake.url) as front:
        front.answer = lambda asked: (
            [answer(b"<h1>Not found</h1>", status="404 Not Found")] if asked.method == "GET" else None
        )
        found = {one.check.group: one for one in checked(fake, base_url=front.url)}
    assert found["login"].works
    assert found["single orders"].works is False
    assert found["single orders"].text == "refused (404): sonata has no such object"


def test_refusal_has_the_vendors_code_and_words_and_the_advice_names_its_groups() -> None:
    body = bytes(json_response({"code": "no_right", "message": "Users are\nnot\x1b for you. " + "x" * 10_000}).body)
    with serving(nuvias, orders=1) as fake, between(fake.url) as front:
        denied = ("/users", "/feeds")
        front.answer = lambda asked: [answer(body, status="403 Forbidden")] if asked.target.endswith(denied) else None
        found = checked(fake, base_url=front.url)
    refused = [one for one in found if one.works is False]
    assert {one.check.group for one in refused} == {"users", "feeds"}
    words = "refused (403 no_right): Users are not for you. "
    assert {one.text for one in refused} == {words + "x" * (MAX_TEXT - len(words))}
    lines = table(found).splitlines()
    assert lines[0].split() == ["group", "operation", "time", "result"]
    assert lines[-1] == "users, feeds: The credentials are valid. Ask the vendor to give their user permission to read."


def test_rows_that_break_the_contract_are_counted() -> None:
    with serving(nuvias, orders=1) as fake:
        fake.faults({"fault": "contract_drift", "path": "/sites"})
        found = {one.check.group: one for one in checked(fake)}
    assert (found["sites"].works, found["sites"].text) == (True, "works; 1 invalid rows omitted")
