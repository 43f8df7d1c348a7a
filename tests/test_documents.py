"""The documentation is correct: every example is run, and every table and excerpt is generated."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ordergraph.vendors.registry import VENDORS
from tests.documents import DOCUMENTS, ROOT, rewritten
from tests.documents.examples import missing
from tests.documents.generated import excerpt
from tests.documents.world import World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small() -> Iterator[World]:
    with World(orders=5) as made:
        yield made


@pytest.mark.timeout(400)
def test_documents_are_current(subtests: pytest.Subtests) -> None:
    with World() as world:
        for path in DOCUMENTS:  # sequential, in one process, because the sandboxes take seconds to start
            with subtests.test(path.name):
                text = path.read_text()
                if lacking := missing(text):
                    pytest.skip(lacking)
                assert rewritten(text, world) == text, "run `python -m tests.documents`"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("```swift\nlet a = 1\n```", "blocks of swift are not supported"),
        ("```\nfree\n```", "blocks of no language are not supported"),
        ("```graphql\n{ nothing }\n```", "Cannot query field"),
        ("```graphql\n{ nothing }\n```\n\n```sh\nmake test\n```", "Cannot query field"),
        ("```sh\ncurl -sf http://127.0.0.1:8000/nothing\n```", "exit code 22"),
        ("```sh\nmake coffee\n```", "the Makefile lacks"),
        ("```sh\nrm -r x\n```", "no check for"),
        ("```sh\npip install -r requirements.lock\n```", "no-deps"),
        ("```sh\npip install --no-deps -r requirements.lock\n```", "require-hashes"),
        ("```sh\ndocker build --build-arg COFFEE=1 .\n```", "COFFEE"),
        ("```sh\ndocker run -p 1:1 \\\n  ordergraph serve --nothing\n```", "No such option"),
        ("```sh\n.venv/bin/python -m coffee\n```", "coffee"),
        ("```sh\nordergraph serve --nothing\n```", "No such option"),
        ("```js\nthrow new Error('told');\n```", "told"),
        ("```python\nraise ValueError('told')\n```", "told"),
        ("```text\nfree\n```", "no program has this output"),
        ("```json\n{\n```", "Expecting"),
        ("```toml\n[graphql]\nnothing = 1\n```", "is not a setting"),
    ],
)
def test_an_example_that_does_not_work_is_an_error(small: World, text: str, reason: str) -> None:
    if lacking := missing(text):
        pytest.skip(lacking)
    with pytest.raises(Exception, match=reason):
        rewritten(text, small)


def test_every_vendor_has_a_page() -> None:
    pages = {path.stem for path in DOCUMENTS if path.parent.name == "vendors"}
    assert pages == {one.code for one in VENDORS}


def test_the_pages_of_vendors_have_the_same_headings() -> None:
    pages = [path for path in DOCUMENTS if path.parent.name == "vendors"]
    assert len({tuple(re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)) for page in pages}) == 1


LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


def anchors(path: Path) -> set[str]:
    """Return the link targets in a document: its headings in lower case, with hyphens and without punctuation."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for place, anchor in LINK.findall(path.read_text()):
        target = path.parent / place if place else path
        assert target.is_file(), place
        assert not anchor or anchor in anchors(target), f"{place}#{anchor}"


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
    assert excerpt(tmp_path / "module.py", names.split()).splitlines() == ["```python", *lines, "```"]


@pytest.mark.parametrize("name", ["X", "C.x", "A.d"])
def test_an_excerpt_of_what_is_not_there_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "module.py").write_text(MODULE)
    with pytest.raises(LookupError, match=name.rpartition(".")[2]):
        excerpt(tmp_path / "module.py", [name])


def test_every_log_event_in_the_documents_is_logged() -> None:
    rows = re.findall(r"^\| (`.+?`) \| (?:warning|info|error)", (ROOT / "docs/logging.md").read_text(), re.MULTILINE)
    events = [event for row in rows for event in re.findall(r"`([^`]+)`", row)]
    source = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    assert len(events) > 10
    assert [event for event in events if f'"{event}"' not in source] == []


def test_the_index_leads_to_every_document() -> None:
    indexes = (ROOT / "docs/index.md", ROOT / "docs/decisions/index.md")
    linked = {(one.parent / place).resolve() for one in indexes for place, _ in LINK.findall(one.read_text()) if place}
    assert {*(ROOT / "docs").rglob("*.md")} - {*indexes} <= linked
