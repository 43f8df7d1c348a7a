"""Persisted documents: automatic and trusted ones, accepted and rejected, alone and over HTTP."""

import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import build_schema
from hypothesis import given
from hypothesis import strategies as st
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from ordergraph.domain.errors import SettingsError
from ordergraph.execution import Documents, Rejected
from ordergraph.server import persisted
from ordergraph.server.persisted import KEPT_BYTES, Persisted, hash_of, trusted_documents
from ordergraph.server.request import GraphQLRequest
from ordergraph.server.responses import Refused
from tests.fakes import FakeVendor
from tests.gateway import Gateway, Json, gateway

TEXT = "{ clock }"
OTHER = "query Other { clock now: clock }"
SCHEMA = build_schema("type Query { clock: Int }")


def documents() -> Documents:
    return Documents(SCHEMA, [], 1000)


def known(trusted: Mapping[str, str] | None = None, *, automatic: bool = True, only: bool = False) -> Persisted:
    return Persisted(documents(), trusted or {}, automatic=automatic, only=only)


def asked(text: str | None = None, *, hashed: str | None = None, **more: Any) -> GraphQLRequest:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashed}} if hashed else None
    return GraphQLRequest.of({"query": text, "extensions": extensions, **more})


def refusal(one: Persisted, params: GraphQLRequest) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        one.document(params)
    return caught.value.status, caught.value.code


NOT_FOUND = (200, "PERSISTED_QUERY_NOT_FOUND")
NOT_SUPPORTED = (200, "PERSISTED_QUERY_NOT_SUPPORTED")
NOT_IN_LIST = (404, "PERSISTED_QUERY_NOT_IN_LIST")
NOT_IN_SAFELIST = (403, "QUERY_NOT_IN_SAFELIST")
WRONG = (400, "BAD_USER_INPUT")


# ---- Automatic persisted queries --------------------------------------------------------------------


def test_what_was_sent_with_its_hash_is_found_by_it() -> None:
    one = known()
    assert refusal(one, asked(hashed=hash_of(TEXT))) == NOT_FOUND
    assert one.document(asked(TEXT, hashed=hash_of(TEXT))).text == TEXT
    assert one.document(asked(hashed=hash_of(TEXT))).text == TEXT
    assert one.document(GraphQLRequest.of({"documentId": f"sha256:{hash_of(TEXT)}"})).text == TEXT


def test_what_was_sent_without_a_hash_is_not_kept() -> None:
    one = known()
    one.document(asked(TEXT))
    assert refusal(one, asked(hashed=hash_of(TEXT))) == NOT_FOUND


def test_hash_of_another_text_is_refused_and_nothing_is_kept() -> None:
    one = known()
    assert refusal(one, asked(TEXT, hashed=hash_of(OTHER))) == WRONG
    assert refusal(one, asked(hashed=hash_of(OTHER))) == NOT_FOUND
    assert refusal(one, asked(hashed=hash_of(TEXT))) == NOT_FOUND


@pytest.mark.parametrize("text", ["{", "{ calendar }", "fragment F on Query { clock }"])
def test_wrong_document_is_not_kept(text: str) -> None:
    one = known()
    with pytest.raises(Rejected):
        one.document(asked(text, hashed=hash_of(text)))
    assert refusal(one, asked(hashed=hash_of(text))) == NOT_FOUND


def test_switched_off_hashes_are_not_supported_and_texts_are_executed() -> None:
    one = known(automatic=False)
    assert refusal(one, asked(hashed=hash_of(TEXT))) == NOT_SUPPORTED
    assert one.document(asked(TEXT, hashed=hash_of(TEXT))).text == TEXT
    assert refusal(one, asked(hashed=hash_of(TEXT))) == NOT_SUPPORTED


def test_store_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "KEPT_BYTES", 4 * persisted.ENTRY_BYTES)
    one = known()
    texts = [f"query Q{number} {{ clock }}" for number in range(6)]
    for text in texts:
        one.document(asked(text, hashed=hash_of(text)))
    found = [refusal(one, asked(hashed=hash_of(text))) for text in texts[:2]]
    assert found == [NOT_FOUND, NOT_FOUND]
    assert [one.document(asked(hashed=hash_of(text))).text for text in texts[2:]] == texts[2:]
    large = "{ clock " + "#" * 4 * persisted.ENTRY_BYTES + "\n}"
    assert one.document(asked(large, hashed=hash_of(large))).text == large
    assert refusal(one, asked(hashed=hash_of(large))) == NOT_FOUND
    assert KEPT_BYTES >= 1024 * persisted.ENTRY_BYTES


@pytest.mark.parametrize(
    "extension",
    [
        {},
        [],
        "text",
        1,
        {"version": 1},
        {"version": 2, "sha256Hash": hash_of(TEXT)},
        {"sha256Hash": hash_of(TEXT)},
        {"version": 1, "sha256Hash": None},
        {"version": 1, "sha256Hash": ""},
        {"version": 1, "sha256Hash": [hash_of(TEXT)]},
    ],
)
def test_wrong_extension_is_refused(extension: object) -> None:
    for text in (TEXT, None):
        params = GraphQLRequest.of({"query": text, "extensions": {"persistedQuery": extension}})
        assert refusal(known({"a": TEXT}), params) == WRONG


@pytest.mark.parametrize("params", [asked(), asked(""), GraphQLRequest.of({"documentId": ""})])
def test_request_without_a_document_is_refused(params: GraphQLRequest) -> None:
    assert refusal(known({"a": TEXT}), params) == WRONG


@given(st.text(), st.text())
def test_any_name_is_found_or_refused(name: str, text: str) -> None:
    one = known({"a": TEXT})
    for params in (asked(hashed=name), GraphQLRequest.of({"documentId": name}), asked(text, hashed=name)):
        try:
            assert one.document(params).text == TEXT
        except (Refused, Rejected) as found:
            json.dumps(str(found)).encode()


# ---- Trusted documents ------------------------------------------------------------------------------


@pytest.mark.parametrize("only", [False, True])
def test_trusted_document_is_found_by_its_name_and_its_hash(only: bool) -> None:
    one = known({"list-1": TEXT}, only=only)
    for params in (
        GraphQLRequest.of({"documentId": "list-1"}),
        GraphQLRequest.of({"documentId": hash_of(TEXT)}),
        GraphQLRequest.of({"documentId": f"sha256:{hash_of(TEXT)}"}),
        asked(hashed="list-1"),
        asked(hashed=hash_of(TEXT)),
        asked(TEXT),
        asked(TEXT, hashed=hash_of(TEXT)),
    ):
        assert one.document(params).text == TEXT


def test_unknown_name_is_not_in_the_list() -> None:
    assert refusal(known({"a": TEXT}), GraphQLRequest.of({"documentId": "b"})) == NOT_IN_LIST
    assert refusal(known({"a": TEXT}, only=True), GraphQLRequest.of({"documentId": "b"})) == NOT_IN_LIST
    assert refusal(known({"a": TEXT}, only=True), asked(hashed=hash_of(OTHER))) == NOT_IN_LIST


def test_where_only_the_list_is_executed_nothing_else_is() -> None:
    one = known({"a": TEXT}, only=True)
    for params in (asked(OTHER), asked(OTHER, hashed=hash_of(OTHER)), asked("{ __schema { types { name } } }")):
        assert refusal(one, params) == NOT_IN_SAFELIST
    assert refusal(one, asked(hashed=hash_of(OTHER))) == NOT_IN_LIST


def test_where_not_only_the_list_is_executed_other_documents_are() -> None:
    one = known({"a": TEXT})
    assert one.document(asked(OTHER, hashed=hash_of(OTHER))).text == OTHER
    assert one.document(asked(hashed=hash_of(OTHER))).text == OTHER


def test_name_and_text_together_are_refused() -> None:
    one = known({"a": TEXT})
    assert refusal(one, asked(TEXT, documentId="a")) == WRONG
    assert refusal(one, asked(hashed="a", documentId="a")) == WRONG


def apollo(*operations: Any) -> Any:
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}


@pytest.mark.parametrize(
    "content",
    [
        apollo(
            {"id": hash_of(TEXT), "name": "", "type": "query", "body": TEXT},
            {"id": "other", "name": "Other", "type": "query", "body": OTHER},
        ),
        {f"sha256:{hash_of(TEXT)}": TEXT, "other": OTHER},
    ],
)
def test_manifest_is_read_in_either_form(tmp_path: Path, content: Any) -> None:
    manifest = tmp_path / "documents.json"
    manifest.write_text(json.dumps(content))
    assert trusted_documents(str(manifest), documents()) == {hash_of(TEXT): TEXT, "other": OTHER}


def test_without_a_manifest_nothing_is_trusted() -> None:
    assert trusted_documents("", documents()) == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", ["is not a manifest"]),
        ("[" * 100_000, ["is not a manifest"]),
        ("[]", ["is not a manifest"]),
        ('{"a": 1}', ["is not a manifest"]),
        ('{"format": "another", "operations": []}', ["is not a manifest"]),
        (json.dumps({**apollo(), "version": 2}), ["is not a manifest"]),
        (json.dumps(apollo({"id": "a"})), ["is not a manifest"]),
        ('{"one": "{ clock", "two": "{ calendar }", "three": "{ clock }"}', ["one: Syntax", "two: Cannot query field"]),
        (
            json.dumps(apollo({"id": "a", "body": TEXT}, {"id": "a", "body": OTHER})),
            ["a: The ID is used more than once."],
        ),
    ],
)
def test_manifest_that_cannot_be_used_is_told_with_all_that_is_wrong(
    tmp_path: Path, content: str, said: list[str]
) -> None:
    manifest = tmp_path / "documents.json"
    manifest.write_text(content)
    with pytest.raises(SettingsError) as caught:
        trusted_documents(str(manifest), documents())
    assert all(one in str(caught.value) for one in said)
    assert "three" not in str(caught.value)
    assert all(line.startswith("graphql.trusted: ") for line in str(caught.value).splitlines())


def test_manifest_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        trusted_documents(str(tmp_path / "none.json"), documents())


# ---- Over HTTP --------------------------------------------------------------------------------------

NAMES = "{ accounts { name } }"
FIRST = "query First { accounts { name } }"
DATA = {"accounts": [{"name": "nuvias"}]}


@pytest.fixture(scope="module")
def closed(fake: FakeVendor, tmp_path_factory: pytest.TempPathFactory) -> Generator[Gateway]:
    """A gateway that executes trusted documents only."""
    manifest = tmp_path_factory.mktemp("trusted") / "documents.json"
    manifest.write_text(json.dumps(apollo({"id": "first", "body": FIRST})))
    with gateway({"nuvias": fake.table()}, graphql={"trusted": str(manifest), "trusted_only": True}) as made:
        yield made


def apq(text: str) -> Json:
    return {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}


def sent(asked: Gateway, method: str, **parameters: Any) -> httpx.Response:
    """Send a request by GET or POST, as Apollo's clients do."""
    accept = {"accept": "application/graphql-response+json,application/json;q=0.9"}
    if method == "POST":
        return asked.client.post("/graphql", json=parameters, headers=accept)
    words = {name: one if isinstance(one, str) else json.dumps(one) for name, one in parameters.items()}
    return asked.client.get("/graphql", params=words, headers=accept)


def code(answer: Json) -> str:
    (error,) = answer["errors"]
    assert "data" not in answer
    return error["extensions"]["code"]


@pytest.mark.parametrize(("method", "other"), [("GET", "POST"), ("POST", "GET")])
def test_hash_alone_then_with_the_text_then_alone(asked: Gateway, method: str, other: str) -> None:
    text = f"query By{method} {{ accounts {{ name }} }}"
    missed = sent(asked, method, extensions=apq(text))
    assert (missed.status_code, missed.headers["cache-control"]) == (200, "no-store")
    assert missed.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert code(missed.json()) == "PERSISTED_QUERY_NOT_FOUND"
    assert sent(asked, method, query=text, extensions=apq(text)).json()["data"] == DATA
    for way in (method, other):
        found = sent(asked, way, extensions=apq(text))
        assert found.json()["data"] == DATA
    cached = sent(asked, "GET", extensions=apq(text))
    assert cached.headers["cache-control"] == "private, max-age=300"


def test_wrong_hash_is_refused(asked: Gateway) -> None:
    refused = sent(asked, "POST", query=NAMES, extensions=apq(FIRST))
    assert refused.status_code == 400
    assert code(refused.json()) == "BAD_USER_INPUT"
    assert "SHA-256" in refused.json()["errors"][0]["message"]


def test_mutation_by_its_hash_is_sent_with_post(asked: Gateway) -> None:
    text = 'mutation { cancelOrder(input: {orderId: "Order:nuvias:1"}) { userErrors { code } } }'
    assert sent(asked, "POST", query=text, extensions=apq(text)).status_code == 200
    assert sent(asked, "GET", extensions=apq(text)).status_code == 405
    assert sent(asked, "POST", extensions=apq(text)).json()["data"]["cancelOrder"]["userErrors"]


def test_batch_has_its_own_hashes(asked: Gateway) -> None:
    text = "query InABatch { accounts { name } }"
    one, two = {"extensions": apq(text)}, {"query": text, "extensions": apq(text)}
    first = asked.client.post("/graphql", json=[one, {"query": NAMES}]).json()
    assert code(first[0]) == "PERSISTED_QUERY_NOT_FOUND"
    assert first[1]["data"] == DATA
    assert [part["data"] for part in asked.client.post("/graphql", json=[two, one]).json()] == [DATA, DATA]


def test_hash_over_a_websocket(asked: Gateway) -> None:
    text = "query OverASocket { accounts { name } }"
    url = str(asked.client.base_url.copy_with(scheme="ws", path="/graphql"))
    with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None) as socket:

        def answer(message: Json) -> Json:
            socket.send(json.dumps(message))
            return json.loads(socket.recv(10))

        assert answer({"type": "connection_init"})["type"] == "connection_ack"
        missed = answer({"id": "1", "type": "subscribe", "payload": {"extensions": apq(text)}})
        assert (missed["type"], missed["payload"][0]["message"]) == ("error", "PersistedQueryNotFound")
        for number, payload in enumerate(({"query": text, "extensions": apq(text)}, {"extensions": apq(text)})):
            result = answer({"id": f"2{number}", "type": "subscribe", "payload": payload})
            assert result["payload"]["data"] == DATA
            assert json.loads(socket.recv(10))["type"] == "complete"


def test_hashes_switched_off(fake: FakeVendor) -> None:
    with gateway({"nuvias": fake.table()}, graphql={"persisted": False}) as made:
        refused = sent(made, "GET", extensions=apq(NAMES))
        assert (refused.status_code, code(refused.json())) == NOT_SUPPORTED
        assert sent(made, "POST", query=NAMES, extensions=apq(NAMES)).json()["data"] == DATA


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_the_list_is_executed(closed: Gateway, method: str) -> None:
    ways: list[Json] = [
        {"documentId": "first"},
        {"documentId": f"sha256:{hash_of(FIRST)}", "operationName": "First"},
        {"extensions": apq(FIRST)},
        {"query": FIRST},
    ]
    for way in ways:
        assert sent(closed, method, **way).json()["data"] == DATA
    refusals: list[tuple[Json, tuple[int, str]]] = [
        ({"query": NAMES}, NOT_IN_SAFELIST),
        ({"query": "{ __schema { queryType { name } } }"}, NOT_IN_SAFELIST),
        ({"query": NAMES, "extensions": apq(NAMES)}, NOT_IN_SAFELIST),
        ({"extensions": apq(NAMES)}, NOT_IN_LIST),
        ({"documentId": "second"}, NOT_IN_LIST),
    ]
    for way, told in refusals:
        refused = sent(closed, method, **way)
        assert (refused.status_code, code(refused.json())) == told
        assert refused.headers["cache-control"] == "no-store"
