"""What the documents say is what happens: every example is run, every table generated."""

from pathlib import Path

import pytest

from tests.documents import DOCUMENTS, rewritten


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_document_is_current(path: Path) -> None:
    text = path.read_text()
    assert rewritten(text) == text, "run `python -m tests.documents`"
