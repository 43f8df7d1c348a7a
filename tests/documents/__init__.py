"""Runs the examples of the documents, and writes what they and the tables should say.

A document is read from top to bottom, against a gateway over sandboxes that nobody has used (as `make serve` seeds
them). How a block of each language is run stands in `examples`; what lies between ``<!-- name -->`` and
``<!-- end -->`` is `generated`. `python -m tests.documents` writes what is stale; the tests only compare.
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
    """A document with every answer, table and excerpt as they are now; raise AssertionError if an example fails."""
    with Examples(text, world) as examples:

        def part(match: re.Match[str]) -> str:
            if match["what"]:
                return f"{match['begin']}{generated(match['what'])}\n{match['end']}"
            return examples.block(match["language"], match["content"], match["indent"])

        return PART.sub(part, text)
