"""ariadne-codegen: a typed client, generated from the schema and a few operations."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from typing import Any

import pytest

from tests.clients.given import AIRVANTAGE, HEADERS, NUVIAS, URL, nuvias_down
from tests.clients.run import ARIADNE, HERE, ROOT

GENERATED = HERE / "generated"


@pytest.fixture(scope="module")
def shop() -> Any:
    """The generated package."""
    GENERATED.mkdir(exist_ok=True)
    command = [ARIADNE / "bin" / "ariadne-codegen", "--config", HERE / "ariadne" / "config.toml", "client"]
    subprocess.run(command, cwd=ROOT, check=True)
    sys.path.insert(0, str(GENERATED))
    return importlib.import_module("shop")


@pytest.fixture
def client(shop: Any) -> Any:
    return shop.Client(url=URL, headers=HEADERS)


async def test_a_client_is_made_from_the_schema_and_a_query_runs(client: Any, shop: Any) -> None:
    filter_ = shop.OrderFilter(vendors=[shop.Vendor.NUVIAS], statuses=[shop.OrderStatus.IN_PROGRESS])
    async with client:
        found = (await client.orders(filter_)).orders.nodes
    assert [one.status for one in found] == [shop.OrderStatus.IN_PROGRESS] * 3
    assert found[0].placed_at.tzinfo
    assert isinstance(found[0].total.amount, str)
    assert found[0].details.typename__ == "NuviasOrderDetails"


async def test_partial_data_with_errors(client: Any, shop: Any) -> None:
    with nuvias_down(), pytest.raises(shop.GraphQLClientGraphQLMultiError) as caught:
        async with client:
            await client.two(NUVIAS, AIRVANTAGE)
    found = shop.Two.model_validate(caught.value.data)
    assert (found.down, found.up.id) == (None, AIRVANTAGE)


async def test_a_mutation_takes_a_one_of_input(client: Any, shop: Any) -> None:
    line = shop.LineItemInput(product=shop.ProductRefInput(sku="anything"), quantity="-1")
    input_ = shop.CreateDraftOrderInput(
        idempotency_key="ariadne", account_id="Account:nuvias", line_items=[line], validate_only=True
    )
    async with client:
        payload = (await client.create_draft(input_)).create_draft_order
    assert payload.order is None
    assert payload.user_errors


@pytest.mark.usefixtures("shop")
def test_what_is_made_passes_basedpyright() -> None:
    project = GENERATED / "pyrightconfig.json"
    own = ["shop/async_base_client.py"]  # ariadne-codegen's own file, the same for every schema: it fails the check
    project.write_text(json.dumps({"include": ["shop"], "exclude": own, "typeCheckingMode": "standard"}))
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--project", project]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
