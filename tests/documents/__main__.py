"""Updates the documentation."""

import sys

from tests.documents import DOCUMENTS, ROOT, rewritten
from tests.documents.examples import missing
from tests.documents.world import World


def main() -> int:
    """Rewrite the outdated documents. Return their number as the exit code."""
    stale = 0
    with World() as world:
        for path in DOCUMENTS:
            text, name = path.read_text(), path.relative_to(ROOT)
            if lacking := missing(text):
                sys.stdout.write(f"left as it is: {name}: {lacking}\n")
            elif (new := rewritten(text, world)) != text:
                path.write_text(new)
                stale += 1
                sys.stdout.write(f"rewritten: {name}\n")
    return stale


if __name__ == "__main__":
    sys.exit(main())
