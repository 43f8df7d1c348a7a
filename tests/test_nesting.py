"""The nesting depth of JSON, with any content in its strings."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordergraph.wire.nesting import MAX_DEPTH, too_deep

TEXTS = st.text(alphabet='[]{}"\\,: a\u00fc')
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        value = list(cast("dict[str, Any]", value).values())
    if isinstance(value, list):
        return 1 + max(map(depth, cast("list[Any]", value)), default=0)
    return 0


@pytest.mark.parametrize("opening", ["[", '{"[": '])
@given(value=VALUES, more=st.integers(-5, 5), beside=TEXTS)
def test_depth_is_that_of_the_value(opening: str, value: Any, more: int, beside: str) -> None:
    around = MAX_DEPTH + more - depth(value)
    closing = "]" if opening == "[" else "}"
    text = opening * around + json.dumps([value, "[{" * MAX_DEPTH + beside]) + closing * around
    assert too_deep(text.encode()) == (more + 1 > 0)
