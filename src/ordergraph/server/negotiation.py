"""Which media type an answer has: what the client accepts (RFC 9110, 12.5.1) and what fits the operation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
EVENTS = "text/event-stream"
PARTS = "multipart/mixed"
HTML = "text/html"

MAX_CHARACTERS = 2000
"""Of an Accept header: the rest is not looked at."""

_PARAMETER = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,]*)')
_RANGE = re.compile(r"\s*([\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+)\s*((?:;[^,\"]*(?:\"(?:[^\"\\]|\\.)*\"[^,\"]*)*)?)")


@dataclass(frozen=True, slots=True)
class Range:
    """One entry of an Accept header: a type, or a wildcard, in lower case."""

    type: str
    quality: float = 1.0
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    def specificity(self, media: str) -> int:
        """How closely it fits: 2 is the type itself, 0 anything; -1 does not fit."""
        if self.type == media:
            return 2
        if self.type == media.split("/")[0] + "/*":
            return 1
        return 0 if self.type == "*/*" else -1


class Accept:
    """What a client accepts; a header that is missing or empty accepts anything."""

    def __init__(self, header: str | None) -> None:
        self.ranges: Sequence[Range] = tuple(_ranges(header or "")) or (Range("*/*"),)

    def preference(self, media: str) -> tuple[float, int]:
        """How much a type is wanted: its quality, then how closely it is named; (0, -1) is not at all."""
        fitting = [(one.specificity(media), one.quality) for one in self.ranges]
        specificity, quality = max(fitting, key=lambda one: one[0])
        return (quality, specificity) if specificity >= 0 and quality > 0 else (0.0, -1)

    def takes(self, media: str) -> bool:
        """Whether a type will do."""
        return self.preference(media)[0] > 0

    def names(self, media: str) -> Range | None:
        """The entry for just this type, None if the client does not name it."""
        return next((one for one in self.ranges if one.type == media and one.quality > 0), None)

    def for_result(self) -> str | None:
        """The type for a single result, None if there is none that the client takes.

        The type of the specification is for clients that name it: others may not know it. A stream is for those that
        take no JSON.
        """
        named, json = self.preference(GRAPHQL), self.preference(JSON)
        if named[1] == 2 and named[0] >= json[0]:
            return GRAPHQL
        return next((media for media in (JSON, GRAPHQL) if self.takes(media)), self.for_stream())

    def for_stream(self) -> str | None:
        """The type for a subscription, None if the client takes no stream."""
        best = max((EVENTS, PARTS), key=self.preference)
        return best if self.takes(best) else None

    def for_parts(self) -> Range | None:
        """The entry that lets parts of a result come later, if there is one."""
        return self.names(PARTS)

    def prefers_page(self) -> bool:
        """Whether a person looks at the answer, in a browser."""
        return self.names(HTML) is not None and self.preference(HTML)[0] > self.preference(GRAPHQL)[0]


def _ranges(header: str) -> Iterator[Range]:
    for match in _RANGE.finditer(header[:MAX_CHARACTERS]):
        parameters = {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(match[2])}
        yield Range(match[1].lower(), _quality(parameters.pop("q", "1")), parameters)


def _quality(text: str) -> float:
    """Nought to one; what is no number is one."""
    return min(float(text), 1.0) if re.fullmatch(r"\d(\.\d{0,3})?", text) else 1.0
