"""The nesting limit for JSON from outside: deeper JSON cannot safely be traversed and serialized again.

Python's own limit does not help: since 3.14 its decoders stop only at the end of the C stack.
"""

from __future__ import annotations

import re

MAX_DEPTH = 100

_BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|([\[{])|[\]}]')
"""The strings and brackets of a JSON text; an opening bracket is the group."""


def too_deep(text: bytes) -> bool:
    """Whether a JSON text is nested more than `MAX_DEPTH` levels deep.

    It must be valid JSON, so decode it first: searching anything else for strings could take forever.
    """
    return text.count(b"[") + text.count(b"{") > MAX_DEPTH and _depth(text) > MAX_DEPTH


def _depth(text: bytes) -> int:
    depth = deepest = 0
    for found in _BRACKETS.finditer(text):
        if found[0][0] != ord('"'):
            depth += 1 if found[1] else -1
            deepest = max(deepest, depth)
    return deepest
