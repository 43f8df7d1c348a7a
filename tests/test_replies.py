"""Answers that no vendor should give end in bounded time and memory, at every vendor; what is taken is shown."""

from __future__ import annotations

import asyncio

import pytest

from ordergraph.vendor import Vendor
from ordergraph.vendors import VENDORS
from tests import replies
from tests.between import between
from tests.fakes import serving
from tests.replies import ANSWERS, HASTY, MEGABYTE

BUSY = 15.0
"""The most seconds that a busy machine adds."""
MOST_MEMORY = 200 * MEGABYTE
"""For a body of 64 MiB: its pieces, and once more when they are joined."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.code)
def test_bad_answer_ends_as_documented_and_in_time(vendor: Vendor) -> None:
    with serving(vendor, orders=5) as fake, between(fake.url) as front:
        found = asyncio.run(replies.tried(vendor, front, fake.table(**replies.SETTINGS)))
    expected = {one.meaning: one.seen for one in ANSWERS if one.meaning in found}
    assert {meaning: one.seen for meaning, one in found.items()} == expected
    assert len(found) >= len(ANSWERS) - 2
    for one in ANSWERS:
        if one.waits:
            assert found[one.meaning].seconds < HASTY["total"] + BUSY, one.meaning
