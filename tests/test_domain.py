"""IDs and the enum tables."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordergraph import domain
from ordergraph.domain import FINAL_PHASES, MAX_ID_LENGTH, PHASES, Address, OrderPhase, OrderStatus, Ref
from ordergraph.domain.errors import InputError

texts = st.text(min_size=1, max_size=60)
types = st.from_regex(r"\A[A-Za-z]{1,20}\Z").filter(lambda name: name != "Account")


@given(types, texts, st.lists(texts, min_size=1, max_size=3))
def test_id_comes_back(type_: str, account: str, key: list[str]) -> None:
    ref = Ref(type_, account, tuple(key))
    text = str(ref)
    assert Ref.parse(text) == ref
    assert Ref.parse(text, "Other", type_) == ref
    assert re.fullmatch(r"[A-Za-z0-9_.~%:-]+", text)


@given(texts)
def test_id_of_an_account_comes_back(name: str) -> None:
    ref = Ref("Account", name, ())
    assert Ref.parse(str(ref), "Account") == ref


@given(texts, texts)
def test_parts_of_an_id_cannot_run_into_each_other(one: str, other: str) -> None:
    assert str(Ref("Order", "a", (one, other))) != str(Ref("Order", "a", (f"{one}:{other}",)))


def test_id_is_readable() -> None:
    assert str(Ref("LineItem", "nuvias-uk", ("77272", "1"))) == "LineItem:nuvias-uk:77272:1"
    assert str(Ref("Invoice", "a", ("1", "PO/7 ü\n%:"))) == "Invoice:a:1:PO%2F7%20%C3%BC%0A%25%3A"


def test_reference_of_the_longest_text_makes_an_id_that_can_be_read() -> None:
    ref = Ref("Invoice", "a" * 40, ("12345678", "😀" * 255))
    assert len(str(ref)) <= MAX_ID_LENGTH
    assert Ref.parse(str(ref), "Invoice") == ref


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "Order",
        "Order:",
        "Order:a",
        "Order:a:",
        "Order::1",
        ":a:1",
        "Account:a:1",
        "Account",
        "Order:a:1\n",
        "Order:a:1 ",
        "Order:a:ü",
        "Order:a:%",
        "Order:a:%zz",
        "Order:a:%ff",
        "Order:a:%2f",  # lower case, unlike ours
        "Order:a:%41",  # needs no encoding
        "0rder:a:1",
        "Order%20:a:1",
        "\ud800:a:1",
        "Order:a:" + "1" * MAX_ID_LENGTH,
        "T3JkZXI6YTox",
    ],
)
def test_text_that_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Ref.parse(text)
    assert len(str(caught.value)) < 400


def test_id_of_another_type_is_refused() -> None:
    with pytest.raises(InputError, match="is an ID of type Order, not of type Product or Invoice"):
        Ref.parse("Order:a:1", "Product", "Invoice")


@given(st.text(st.characters(codec=None)) | st.from_regex(r"[A-Z][a-z]{0,3}(:[a-z0-9%.~-]{0,4}){0,3}"))
def test_garbage_is_refused_or_comes_back(text: str) -> None:
    try:
        ref = Ref.parse(text)
    except InputError:
        return
    assert str(ref) == text


def test_every_status_has_a_phase() -> None:
    assert set(PHASES) == set(OrderStatus)
    assert set(PHASES.values()) == set(OrderPhase)
    assert set(OrderPhase) > FINAL_PHASES


def test_words_have_sentences_of_their_own() -> None:
    for words in (OrderStatus, OrderPhase):
        assert len({word.value for word in words}) == len(words.__members__)


def test_address_is_formatted_without_what_is_missing() -> None:
    assert Address().formatted_lines == []
    address = Address(company_name="ACME", lines=("1 Road", ""), city="York", postal_code="YO1", country="GB")
    assert address.formatted_lines == ["ACME", "1 Road", "York YO1", "GB"]


VIEWS = (domain.Order, domain.LineItem, domain.Product, domain.Subscription, domain.Shipment, domain.Invoice)
NEEDED = {"id", "key", "ref", "version"}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_what_a_vendor_lacks_is_nothing_or_unknown(view: type[domain.View]) -> None:
    bare = view(domain.Origin("acme", "acme", datetime(2026, 1, 1, tzinfo=UTC)))
    for name in {*domain.view_fields(view)} - NEEDED:
        value = getattr(bare, name)
        if name in ("vendor", "retrieved_at"):
            assert value
        elif isinstance(value, domain.DescribedEnum):
            assert value.name == "UNKNOWN"
        else:
            assert value in (None, (), False), name
