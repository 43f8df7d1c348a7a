"""The examples of a document: each block is run, in order, and shows what really comes.

- ``graphql`` is asked; a ``json`` block after it is the answer, and without one there must be no errors. A subscription
  is read until it ends: its ``json`` block is a list, and ``sh`` between them is run after the first of it has come.
- ``sh`` with curl is run; another one holds commands that are only looked at: whether there are such.
- ``js`` is a module that Node runs; those of one section are one program.
- ``python`` is run; ``toml`` must be good settings, and ``json`` without a question good JSON.
- ``text`` or ``json`` after a program is what it writes.

The gateway is at 127.0.0.1:8000 in documents, and its sandboxes at port 8001. Files that are named are beside the
program: those of FILES, and what an earlier one has written. A block that is none of these is an error.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self, cast

import httpx

from tests.documents.commands import check_commands
from tests.documents.toml import check_settings
from tests.documents.world import World
from tests.gateway import NO_COST

ROOT = Path(__file__).parent.parent.parent
NODE_MODULES = ROOT / "tests" / "clients" / "node_modules"
FILES = ("schema.graphql", "possibleTypes.json")
SECONDS = 60

GATEWAY, SANDBOX = "127.0.0.1:8000", "127.0.0.1:8001"
CONTROLLED = re.compile(rf"{re.escape(SANDBOX)}/(\w+)/_control")
SECTION = re.compile(r"^## ", re.MULTILINE)
SCRIPT = re.compile(r"^```js\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CURL = re.compile(r"^ *curl ", re.MULTILINE)
DRAWINGS = ("mermaid",)

MADE_ID, SHOWN_ID = re.compile(r'(?<="requestId": ")[0-9a-f]{32}(?=")'), "4bf92f3577b34da6a3ce929d0e0e4736"
"""Request ids are never the same: documents show this one."""

BROWSER = 'import { WebSocket } from "ws"; globalThis.WebSocket ??= WebSocket;'
"""What a browser has and Node 20 has not."""
MARK = "\x1e"
"""Between what the blocks of one program write."""


def missing(text: str) -> str | None:
    """What has to be installed before a document can be run; None if nothing."""
    if CURL.search(text) and not shutil.which("curl"):
        return "curl is not installed"
    if not SCRIPT.search(text):
        return None
    if not shutil.which("node"):
        return "Node 20 or newer is not installed"
    return None if NODE_MODULES.is_dir() else "client libraries are not installed: run `make clients`"


class Examples:
    """Runs the blocks of one document, in order."""

    def __init__(self, text: str, world: World) -> None:
        self._text = text
        self._world = world
        self._stack = ExitStack()
        self._answer: Any = None
        self._written: str | None = None
        self._scripts = [SCRIPT.findall(section) for section in SECTION.split(text)]
        self._outputs: list[str] = []

    def __enter__(self) -> Self:
        """Begin: a gateway is started when the first block asks it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it; the last question has been answered well, if the answer is not shown."""
        with self._stack:
            if kind is None:
                self._check_answer()

    def block(self, language: str, content: str, indent: str) -> str:
        """A block as it should be."""
        if language != "json" and not (language == "sh" and isinstance(self._answer, Iterator)):
            self._check_answer()
        runner = self._runners.get(language)
        assert runner or language in DRAWINGS, f"nobody runs blocks of {language or 'no language'}"
        if runner:
            content = textwrap.indent(runner(textwrap.dedent(content)), indent)
        return f"{indent}```{language}\n{content}{indent}```"

    @property
    def _runners(self) -> Mapping[str, Callable[[str], str]]:
        return {
            "graphql": self._graphql,
            "js": self._js,
            "json": self._json,
            "python": self._python,
            "sh": self._sh,
            "text": self._shown_text,
            "toml": self._toml,
        }

    @cached_property
    def _url(self) -> str:
        return self._stack.enter_context(self._world.gateway(CONTROLLED.findall(self._text)))

    @cached_property
    def _client(self) -> httpx.Client:
        return self._stack.enter_context(
            httpx.Client(base_url=self._url, timeout=SECONDS, headers=NO_COST, verify=False)
        )

    @cached_property
    def _folder(self) -> Path:
        """Where programs run."""
        folder = Path(self._stack.enter_context(TemporaryDirectory()))
        for name in FILES:
            shutil.copy(ROOT / name, folder)
        (folder / "node_modules").symlink_to(NODE_MODULES)
        return folder

    def _check_answer(self) -> None:
        """A question whose answer is not shown has no errors."""
        answer = self._whole_answer()
        for one in cast("list[Any]", answer if isinstance(answer, list) else [answer or {}]):
            assert "errors" not in one, one

    def _whole_answer(self) -> Any:
        answer, self._answer = self._answer, None
        return list(cast("Iterator[Any]", answer)) if isinstance(answer, Iterator) else answer

    def _graphql(self, content: str) -> str:
        if content.startswith("subscription"):
            results = self._results(content)
            self._answer = chain([next(results)], results)
        else:
            self._answer = self._client.post("/graphql", json={"query": content}).json()
        return content

    def _results(self, document: str) -> Iterator[Any]:
        """The results of a subscription, as they come."""
        headers = {"accept": "text/event-stream"}
        with self._client.stream("POST", "/graphql", json={"query": document}, headers=headers) as response:
            for line in response.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    def _json(self, content: str) -> str:
        if self._answer is not None:
            content, self._written = shown(self._whole_answer()) + "\n", None
        elif self._written is not None:
            content, self._written = shown(json.loads(self._written)) + "\n", None
        else:
            json.loads(content)
        return MADE_ID.sub(SHOWN_ID, content)

    def _shown_text(self, content: str) -> str:
        assert self._written is not None, f"nothing writes this: {content}"
        content, self._written = self._written, None
        return content

    def _toml(self, content: str) -> str:
        check_settings(content)
        return content

    def _sh(self, content: str) -> str:
        if CURL.search(content):
            self._written = self._run(["bash", "-euo", "pipefail", "-s"], content)
        else:
            check_commands(content)
        return content

    def _python(self, content: str) -> str:
        self._written = self._run([sys.executable, "-"], content)
        return content

    def _js(self, content: str) -> str:
        if not self._outputs:
            (scripts,) = (one for one in self._scripts if content in one)
            self._outputs = self._program(scripts)
        self._written = self._outputs.pop(0)
        return content

    def _program(self, scripts: Sequence[str]) -> list[str]:
        """What each of the blocks writes that are one program."""
        between = f"\nconsole.log({json.dumps(MARK)});\n"
        written = self._run(["node", "--input-type=module", "-"], BROWSER + between.join([*scripts, "process.exit();"]))
        *outputs, _ = written.split(f"{MARK}\n")
        return outputs

    def _run(self, command: Sequence[str], program: str) -> str:
        """What a program writes; where it is asked, and where the sandboxes are, is as documents have it."""
        places = {GATEWAY: self._url.removeprefix("http://"), SANDBOX: self._world.url.removeprefix("http://")}
        for documented, real in places.items():
            program = program.replace(documented, real)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "NODE_NO_WARNINGS": "1"}
        done = subprocess.run(
            command, input=program, cwd=self._folder, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, f"exit code {done.returncode}\n{program}\n{done.stdout}\n{done.stderr}"
        written = done.stdout
        for documented, real in places.items():
            written = written.replace(real, documented)
        return written if written.endswith("\n") or not written else f"{written}\n"


def shown(value: Any, indent: int = 0, width: int = 118) -> str:
    """JSON for people: what fits on a line stands on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= width or not isinstance(value, dict | list):
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        parts = [f"{json.dumps(key)}: {shown(item, indent + 2, width)}" for key, item in items]
        return "{\n" + ",\n".join(inner + part for part in parts) + "\n" + " " * indent + "}"
    parts = [shown(item, indent + 2, width) for item in cast("list[Any]", value)]
    return "[\n" + ",\n".join(inner + part for part in parts) + "\n" + " " * indent + "]"
