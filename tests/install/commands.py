"""Commands that install ordergraph, as docs/installation.md has them."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.documents import ROOT


def run(
    *words: str | Path, stdin: str | None = None, cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> str:
    """What a command writes; raise AssertionError if it fails. ``environment`` is added to that of the tests.

    What it executes does not count as covered: most of it is pip.
    """
    env = {name: text for name, text in os.environ.items() if not name.startswith("COV")} | dict(environment or {})
    done = subprocess.run(words, input=stdin, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def documented(start: str) -> Sequence[str]:
    """The commands that begin with this; raise AssertionError if there are none."""
    text = (ROOT / "docs" / "installation.md").read_text().replace("\\\n", "")
    found = re.findall(rf"^{re.escape(start)}.*$", text, re.MULTILINE)
    assert found, f"docs/installation.md has no {start!r}"
    return found
