"""Content negotiation: chooses a response's media type by the Accept header (RFC 9110, 12.5.1) and the operation."""

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
"""How much of an Accept header is read. The rest is ignored."""

_PARAMETER = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,]*)')
_RANGE = re.compile(r"\s*([\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+)\s*((?:;[^,\"]*(?:\"(?:[^\"\\]|\\.)*\"[^,\"]*)*)?)")


@dataclass(frozen=True, slots=True)
class Range:
    """One entry of an Accept header: a type, or a wildcard, in lower case."""

    type: str
    quality: float = 1.0
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    def specificity(self, media: str) -> int:
        """Return how specific the match is: 2 for the exact type, 1 for type/*, 0 for */*, and -1 for no match."""
        if self.type == media:
            return 2
        if self.type == media.split("/")[0] + "/*":
            return 1
        return 0 if self.type == "*/*" else -1


class Accept:
    """The media types that a client accepts. A missing or empty header accepts anything."""

    def __init__(self, header: str | None) -> None:
        self.ranges: Sequence[Range] = tuple(_ranges(header or "")) or (Range("*/*"),)

    def preference(self, media: str) -> tuple[float, int]:
        """Return the quality of a type and the specificity of the match; (0, -1) if it is not accepted."""
        fitting = [(one.specificity(media), one.quality) for one in self.ranges]
        specificity, quality = max(fitting, key=lambda one: one[0])
        return (quality, specificity) if specificity >= 0 and quality > 0 else (0.0, -1)

    def takes(self, media: str) -> bool:
        """Whether the client accepts a type."""
        return self.preference(media)[0] > 0

    def names(self, media: str) -> Range | None:
        """Return the entry that names exactly this type; None if there is none."""
        return next((one for one in self.ranges if one.type == media and one.quality > 0), None)

    def for_result(self) -> str | None:
        """Return the type for a single result; None if the client accepts none.

        The type of the specification is only for clients that name it, since others may not know it. Clients that do
        not accept JSON get a stream.
        """
        named, json = self.preference(GRAPHQL), self.preference(JSON)
        if named[1] == 2 and named[0] >= json[0]:
            return GRAPHQL
        return next((media for media in (JSON, GRAPHQL) if self.takes(media)), self.for_stream())

    def for_stream(self) -> str | None:
        """Return the type for a subscription; None if the client accepts no stream."""
        best = max((EVENTS, PARTS), key=self.preference)
        return best if self.takes(best) else None

    def for_parts(self) -> Range | None:
        """Return the entry that accepts incremental delivery of a result, if there is one."""
        return self.names(PARTS)

    def prefers_page(self) -> bool:
        """Whether the client is a browser that navigates to a page."""
        return self.names(HTML) is not None and self.preference(HTML)[0] > self.preference(GRAPHQL)[0]


def _ranges(header: str) -> Iterator[Range]:
    for match in _RANGE.finditer(header[:MAX_CHARACTERS]):
        parameters = {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(match[2])}
        yield Range(match[1].lower(), _quality(parameters.pop("q", "1")), parameters)


def _quality(text: str) -> float:
    """Return the quality, from 0 to 1. An invalid one counts as 1."""
    return min(float(text), 1.0) if re.fullmatch(r"\d(\.\d{0,3})?", text) else 1.0
