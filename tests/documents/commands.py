"""Commands of documents that are not run, since they serve, or need somebody's accounts: whether there are such."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import typer.main

from ordergraph.cli import cli
from ordergraph.settings import ENV_PREFIX

ROOT = Path(__file__).parent.parent.parent


def check_commands(content: str) -> None:
    """Raise an exception for a line that would not be understood."""
    for line in content.splitlines():
        words = list(shlex.shlex(line, posix=True, punctuation_chars="|>&"))
        first = _until_sign(words)
        if first:
            program = first[0].removeprefix(".venv/bin/")
            assert program in CHECKS, f"nobody looks at {line!r}"
            CHECKS[program](first[1:])


def _until_sign(words: Sequence[str]) -> Sequence[str]:
    """The first command of a line: what another one makes of its output is that one's affair."""
    return next((words[:place] for place, word in enumerate(words) if set(word) <= set("|>&")), words)


def _ordergraph(words: Sequence[str]) -> None:
    """Read the words as the command line does, and do nothing."""
    command, context = cast("Any", typer.main.get_command(cli)), None
    while True:
        context = command.make_context(command.name, list(words), parent=context)
        if not hasattr(command, "resolve_command"):
            return
        _, command, words = command.resolve_command(context, context._protected_args + context.args)


def _make(words: Sequence[str]) -> None:
    targets = [word for word in words if "=" not in word]
    made = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(targets) <= set(made), f"make makes no {targets}"


def _export(words: Sequence[str]) -> None:
    assert all(word.startswith(ENV_PREFIX) for word in words), words


def _python(words: Sequence[str]) -> None:
    module = ROOT / words[1].replace(".", "/")
    assert words[0] == "-m", words
    assert module.with_suffix(".py").is_file() or (module / "__main__.py").is_file(), words


def _pytest(words: Sequence[str]) -> None:
    assert (ROOT / words[0]).is_file(), words


CHECKS: Mapping[str, Callable[[Sequence[str]], None]] = {
    "export": _export,
    "make": _make,
    "ordergraph": _ordergraph,
    "pytest": _pytest,
    "python": _python,
}
