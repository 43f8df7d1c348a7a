"""What the documents say is what happens: every example is run, every table and excerpt generated."""

from pathlib import Path

import pytest

from tests.documents import DOCUMENTS, excerpt, rewritten


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_document_is_current(path: Path) -> None:
    text = path.read_text()
    assert rewritten(text) == text, "run `python -m tests.documents`"


MODULE = """
'About it.'
A = {
    1: 2,
}
B: int = 3

@decorated
class C:
    d = 4

    @decorated
    async def e(self) -> None:
        pass
"""


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        ("__doc__", ["'About it.'"]),
        ("A", ["A = {", "    1: 2,", "}"]),
        ("B C.d", ["B: int = 3", "", "d = 4"]),
        ("C.e", ["@decorated", "async def e(self) -> None:", "    pass"]),
    ],
)
def test_an_excerpt_is_the_source_of_what_is_named(tmp_path: Path, names: str, lines: list[str]) -> None:
    (tmp_path / "module.py").write_text(MODULE)
    assert excerpt(tmp_path / "module.py", names).splitlines() == ["```python", *lines, "```"]


@pytest.mark.parametrize("name", ["X", "C.x", "A.d"])
def test_an_excerpt_of_what_is_not_there_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "module.py").write_text(MODULE)
    with pytest.raises(LookupError, match=name.rpartition(".")[2]):
        excerpt(tmp_path / "module.py", name)
