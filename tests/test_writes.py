"""Every write is in the ledger: what was sent, its outcome, and the response to a repeat, also after a restart."""

import re
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ordergraph.vendors.nuvias.vendor import vendor as nuvias
from ordergraph.vendors.palmetto.sandbox.data import PRODUCTS
from ordergraph.vendors.palmetto.vendor import vendor as palmetto
from tests.fakes import IMPATIENT, FakeVendor, serving
from tests.gateway import Gateway, gateway

pytestmark = pytest.mark.slow

Json = dict[str, Any]
Start = Callable[[], AbstractContextManager[Gateway]]

OPERATION = """operation {
    id mutation action idempotencyKey status nextCheckAt requestId vendorRequestId caller response { status body }
    statusReason isReplay createdAt settledAt objectIds request
    account { name } order { id status } calls { operation method target body } }"""


@pytest.fixture(scope="module")
def served() -> Generator[dict[str, FakeVendor]]:
    with serving(nuvias, orders=60) as hub, serving(palmetto, orders=5) as portal:
        yield {"nuvias": hub, "palmetto": portal}


@pytest.fixture
def start(served: dict[str, FakeVendor], ledger_url: str, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Return a function that starts gateways with one shared ledger."""
    monkeypatch.setenv("ORDERGRAPH_LEDGER__URL", ledger_url)
    for fake in served.values():
        fake.reset()
        fake.end_faults()

    @contextmanager
    def make() -> Generator[Gateway]:
        with gateway({code: fake.table(timeouts=IMPATIENT) for code, fake in served.items()}) as made:
            yield made

    return make


def place(asked: Gateway, key: str = "one", account: str = "nuvias", product: str = "3", **more: Any) -> Json:
    lines = [{"product": {"id": f"Product:{account}:{product}"}}]
    values = {"accountId": f"Account:{account}", "idempotencyKey": key, "lineItems": lines, **more}
    return asked.do("placeOrder", f"order {{ id status }} {OPERATION}", **values)


def codes(payload: Json) -> list[str]:
    return [one["code"] for one in payload["userErrors"]]


def test_operation_tells_what_was_sent_and_what_it_made(start: Start) -> None:
    with start() as asked:
        done = place(asked, notes=["Ring twice."])
        operation = done["operation"]
        assert (operation["status"], operation["statusReason"], operation["isReplay"]) == ("CONFIRMED", None, False)
        assert (operation["mutation"], operation["idempotencyKey"]) == ("placeOrder", "one")
        assert operation["objectIds"] == [done["order"]["id"]]
        assert operation["order"] == done["order"]
        assert operation["account"] == {"name": "nuvias"}
        assert operation["request"]["notes"] == ["Ring twice."]
        assert [call["operation"] for call in operation["calls"]] == ["create_basket", "submit_basket"]
        assert operation["calls"][0]["body"]["line_items"]
        assert operation["createdAt"] <= operation["settledAt"]
        again = asked.get(
            f"""query($id: ID!) {{
                one: operation(id: $id) {{ id status }}
                node(id: $id) {{ id ... on WriteOperation {{ mutation }} }}
                keyed: operationByKey(accountId: "Account:nuvias", idempotencyKey: "one") {{ id }}
                free: operationByKey(accountId: "Account:nuvias", idempotencyKey: "two") {{ id }}
                other: operation(id: "{operation["id"][:-1]}x") {{ id }}
            }}""",
            id=operation["id"],
        )
        assert again["one"] == {"id": operation["id"], "status": "CONFIRMED"}
        assert again["node"] == {"id": operation["id"], "mutation": "placeOrder"}
        assert (again["keyed"], again["free"], again["other"]) == ({"id": operation["id"]}, None, None)


def test_key_is_known_after_a_restart(start: Start, served: dict[str, FakeVendor]) -> None:
    with start() as asked:
        done = place(asked)
    served["nuvias"].forget_calls()
    with start() as asked:
        again = place(asked)
        assert (again["order"], again["userErrors"]) == (done["order"], [])
        assert (again["operation"]["id"], again["operation"]["isReplay"]) == (done["operation"]["id"], True)
        assert codes(place(asked, notes=["other"])) == ["IDEMPOTENCY_CONFLICT"]
        assert served["nuvias"].writes() == []


def test_what_was_refused_before_sending_has_no_operation(start: Start) -> None:
    with start() as asked:
        refused = place(asked, product="x")
        assert (codes(refused)[0], refused["operation"]) == ("NOT_FOUND", None)
        assert place(asked)["operation"]["status"] == "CONFIRMED"


def test_refusal_of_the_vendor_frees_the_key(start: Start) -> None:
    with start() as asked:
        refused = place(asked, product="999999")
        assert (codes(refused), refused["operation"]["status"]) == (["REJECTED_BY_VENDOR"], "REJECTED")
        assert refused["operation"]["statusReason"] == refused["userErrors"][0]["message"]
        assert place(asked)["userErrors"] == []


def test_answer_that_was_lost_leaves_it_in_doubt_also_after_a_restart(
    start: Start, served: dict[str, FakeVendor]
) -> None:
    fault = {"fault": "times_out_after_commit", "method": "POST", "path": "/products/selfservice/order", "times": 1}
    product = str(next(iter(PRODUCTS)))
    served["palmetto"].faults(fault)
    with start() as asked:
        lost = place(asked, account="palmetto", product=product)
        assert (codes(lost), lost["operation"]["status"]) == (["OUTCOME_IN_DOUBT"], "IN_DOUBT")
        assert lost["operation"]["calls"][0]["body"].startswith("{")
    served["palmetto"].forget_calls()
    with start() as asked:
        again = place(asked, account="palmetto", product=product)
        assert (codes(again), again["operation"]["status"]) == (["OUTCOME_IN_DOUBT"], "IN_DOUBT")
        assert again["operation"]["isReplay"]
        assert served["palmetto"].writes() == []


def test_vendor_that_certainly_did_nothing_frees_the_key(start: Start, served: dict[str, FakeVendor]) -> None:
    served["nuvias"].faults({"fault": "rate_limited", "method": "POST", "path": "/baskets", "times": 1})
    with start() as asked:
        limited = place(asked)
        assert (codes(limited), limited["operation"]["status"]) == (["NOT_SENT"], "REJECTED")
        assert limited["userErrors"][0]["isRetryable"]
        assert place(asked)["operation"]["status"] == "CONFIRMED"


def test_no_secret_is_on_record(start: Start, ledger_url: str, tmp_path: Path) -> None:
    with start() as asked:
        made = asked.do(
            "createNuviasFeed",
            f"feed {{ id }} {OPERATION}",
            accountId="Account:nuvias",
            idempotencyKey="feed",
            organisationId="NuviasOrganisation:nuvias:5",
            name="Price feed",
            timeslot=90,
            columns=["STOCK", "PRICE"],
            deliveryMethod="FTP",
            deliveryUser="user",
            deliveryPassword="hunter2",
            deliveryServer="ftp.example.org",
            deliveryProtocol="FTPS",
            deliveryPort=990,
        )
        assert made["userErrors"] == []
        assert "hunter2" not in str(made)
    if ledger_url.startswith("sqlite"):
        content = b"".join(file.read_bytes() for file in tmp_path.glob("ledger.db*"))
    else:
        with psycopg.connect(ledger_url) as connection:
            found = connection.execute("SELECT one::text FROM write_operations AS one").fetchall()
        content = bytes.fromhex("".join("".join(re.findall(r"\\x([0-9a-f]*)", row)) for (row,) in found))
    assert b"Price feed" in content
    assert b"hunter2" not in content


LISTED = """query($first: Int, $after: String, $last: Int, $before: String, $filter: OperationFilter) {
    operations(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        totalCount nodes { id idempotencyKey status account { name } }
        pageInfo { hasNextPage endCursor hasPreviousPage startCursor } sources { state coverage account { name } }
    } }"""


def test_operations_are_listed_over_all_accounts(start: Start) -> None:
    product = str(next(iter(PRODUCTS)))
    with start() as asked:
        made = [
            place(asked, f"k{number}", account, product if account == "palmetto" else "3")["operation"]["id"]
            for number, account in enumerate(["nuvias", "palmetto", "nuvias", "palmetto", "nuvias"])
        ]
        cancelled = asked.do("cancelOrder", f"order {{ id }} {OPERATION}", orderId=place(asked, "k5")["order"]["id"])
        assert (cancelled["operation"]["mutation"], cancelled["operation"]["action"]) == ("cancelOrder", "CANCEL_ORDER")
        page = asked.get(LISTED, first=3)["operations"]
        assert page["totalCount"] == 7
        assert page["nodes"][0]["id"] == cancelled["operation"]["id"]
        rest = asked.get(LISTED, first=10, after=page["pageInfo"]["endCursor"])["operations"]
        ids = [one["id"] for one in [*page["nodes"], *rest["nodes"]]]
        assert ids[2:] == made[::-1]
        assert not rest["pageInfo"]["hasNextPage"]
        back = asked.get(LISTED, last=2)["operations"]["nodes"]
        assert [one["id"] for one in back] == made[1::-1]
        assert {one["state"] for one in page["sources"]} == {"OK"}
        for filter_, keys in (
            ({"accountIds": ["Account:palmetto"]}, ["k3", "k1"]),
            ({"mutations": ["cancelOrder"]}, [None]),
            ({"statuses": ["IN_DOUBT", "SENDING"]}, []),
            ({"createdAt": {"end": "2020-01-01T00:00:00Z"}}, []),
        ):
            found = asked.get(LISTED, filter=filter_)["operations"]
            assert [one["idempotencyKey"] for one in found["nodes"]] == keys
            assert found["totalCount"] == len(keys)
        assert asked.error(LISTED, after="xyz")["extensions"]["code"] == "BAD_USER_INPUT"
