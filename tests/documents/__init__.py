"""Runs the examples in the documentation, and updates their output and the tables.

A document is read from top to bottom, against a gateway with unused sandboxes (seeded as by `make serve`). `examples`
runs the blocks of each language. `generated` writes the text between ``<!-- name -->`` and ``<!-- end -->``. `python -m
tests.documents` updates the documents. The tests only compare.
"""

import re
from pathlib import Path

from tests.documents.examples import Examples
from tests.documents.generated import generated
from tests.documents.world import World

ROOT = Path(__file__).parent.parent.parent
GUIDES = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
DOCUMENTS = (*(ROOT / one for one in GUIDES), *sorted((ROOT / "docs").rglob("*.md")))

PART = re.compile(
    r"(?P<begin><!-- (?!end )(?P<what>[^\n]+) -->\n).*?(?P<end><!-- end -->)"
    r"|^(?P<indent> *)```(?P<language>[^\n]*)\n(?P<content>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


def rewritten(text: str, world: World) -> str:
    """Return a document with current responses, tables and excerpts. Raises AssertionError if an example fails."""
    with Examples(text, world) as examples:

        def part(match: re.Match[str]) -> str:
            if match["what"]:
                return f"{match['begin']}{generated(match['what'])}\n{match['end']}"
            return examples.block(match["language"], match["content"], match["indent"])

        return PART.sub(part, text)
