"""Client libraries and tools against a running gateway. The recorded versions are those in the documentation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.run import CLIENTS, Client, World, entry, record, run, table, world

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def running() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_client(client: Client, running: World) -> None:
    if client.missing:
        pytest.skip(client.missing)
    running.start_over()
    ran = run(client, running.environment)
    assert not ran.failed, ran.output
    assert entry(client, ran) == record().get(client.name), "run `make clients`, then `python -m tests.clients`"


def test_every_client_is_in_the_table() -> None:
    rows = table().splitlines()[2:]
    assert all(row.startswith(f"| {one.name} ") for row, one in zip(rows, CLIENTS, strict=True))
