"""The commands in docs/installation.md that install ordergraph."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.documents import ROOT


def run(
    *words: str | Path, stdin: str | None = None, cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> str:
    """Return the output of a command. Raises AssertionError if it fails. ``environment`` is added to the current one.

    Coverage is not measured in the command, which is mostly pip.
    """
    env = {name: text for name, text in os.environ.items() if not name.startswith("COV")} | dict(environment or {})
    done = subprocess.run(words, input=stdin, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def documented(start: str) -> Sequence[str]:
    """Return the documented commands that begin with `start`. Raises AssertionError if there are none."""
    text = (ROOT / "docs" / "installation.md").read_text().replace("\\\n", "")
    found = re.findall(rf"^{re.escape(start)}.*$", text, re.MULTILINE)
    assert found, f"docs/installation.md has no {start!r}"
    return found
