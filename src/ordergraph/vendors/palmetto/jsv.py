"""JSV, ServiceStack's text format: the structure of JSON with the quoting of CSV. It is independent of Palmetto.

Source: ServiceStack's documentation of the format, and the writer and reader of ServiceStack.Text.

    object  {name:value,name:value}
    list    [value,value]
    word    bare; or, if it is empty or has any of " : , { } [ ] CR LF, in quotes with inner quotes doubled

The format has no types: a number, a date or True is a word like any other, and an empty place is null. So `loads`
returns words, and `typed` converts them to the types of a struct. White space is part of a bare word. Only `loads` with
``layout`` ignores it, for samples as ServiceStack prints them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_type_hints
from uuid import UUID

import msgspec

S = TypeVar("S", bound=msgspec.Struct)
Tree = None | str | list[Any] | dict[str, Any]
"""The content of a text: words, None for null, and lists and objects of these."""
Note = Callable[[str, str], None]
"""Called with the path of a value that does not have its struct's type, such as ``payload[0].id``, and the reason."""

MAX_DEPTH = 64
"""The maximum depth of nested lists and objects."""

UNSET = datetime(1, 1, 1, tzinfo=UTC)
"""The default of .NET's DateTime, which stands for no time."""

_QUOTED = re.compile(r'[":,{}\[\]\r\n]')
_NAME = re.compile(r'[^":,{}\[\]]*')
_WORD = re.compile(r'[^",{}\[\]]*')  # a value may contain a colon: not every writer quotes it
_BLANK = re.compile(r"\s*")
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,60}(\.[0-9]{0,60})?|\.[0-9]{1,60})([eE][+-]?[0-9]{1,2})?")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


class JsvError(ValueError):
    """A text is not valid JSV. ``position`` is the index of the character, from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at character {position}")
        self.position = position


# ---- Writing ----------------------------------------------------------------------------------------


def dumps(value: object) -> str:
    """Return a value as compact JSV. Raise ValueError if it is nested too deep or has a number that is not finite.

    The value may contain structs, mappings, lists, text, numbers, booleans, dates, UUIDs and None. None is omitted from
    an object and is an empty place in a list, so ``[None]`` is written like an empty list.
    """
    out: list[str] = []
    _write(value, out, 0)
    return "".join(out)


def _write(value: object, out: list[str], depth: int) -> None:
    members = _members(value)
    if members is None and not isinstance(value, list | tuple):
        out.append(word(value))
        return
    if depth >= MAX_DEPTH:
        raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
    opened = len(out)
    if members is None:
        for item in cast("Sequence[object]", value):
            out.append(",")
            _write(item, out, depth + 1)
    else:
        for name, member in members:
            if member is not None:
                out += (",", word(name), ":")
                _write(member, out, depth + 1)
    opening, closing = "[]" if members is None else "{}"
    if len(out) == opened:
        out.append(opening)
    else:
        out[opened] = opening  # the comma before the first
    out.append(closing)


def _members(value: object) -> Iterator[tuple[str, object]] | None:
    """Return the members of an object, or None if the value is not an object."""
    if isinstance(value, msgspec.Struct):
        names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
        return ((written, getattr(value, name)) for written, name in names)
    if isinstance(value, Mapping):
        return iter(cast("Mapping[str, object]", value).items())
    return None


def word(value: object) -> str:
    """Return a single value as JSV."""
    if value is None:
        return ""
    text = plain(value)
    return '"' + text.replace('"', '""') + '"' if text == "" or _QUOTED.search(text) else text


def plain(value: object) -> str:
    """Return a single value as text without quotes, as `loads` returns it."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):  # True and False are spelled as in Python
        return str(value)
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, date):
        return moment(value)
    if isinstance(value, Decimal | float):
        number = Decimal(str(value))
        if not number.is_finite():
            raise ValueError(f"{number} is no number")
        return format(number, "f")
    raise TypeError(f"JSV has no {type(value).__name__}")


def moment(value: date) -> str:
    """Return a time in UTC, in the shortest of three formats: a day, with seconds, or with ten-millionths."""
    if not isinstance(value, datetime):
        return value.isoformat()
    at = (value if value.tzinfo is None else value.astimezone(UTC)).replace(tzinfo=None)
    if at.microsecond:
        return f"{at.isoformat(timespec='microseconds')}0Z"
    return at.date().isoformat() if (at.hour, at.minute, at.second) == (0, 0, 0) else f"{at.isoformat()}Z"


# ---- Reading ----------------------------------------------------------------------------------------


def loads(text: str, *, layout: bool = False) -> Tree:
    """Return the content of a JSV text as words. Raise JsvError with the position if it is not valid.

    With ``layout``, white space around words, names and brackets is ignored.
    """
    reader = _Reader(text, layout)
    found = reader.value(0)
    if reader.at < len(text):
        raise JsvError(f"nothing may follow, but {text[reader.at]!r} does", reader.at)
    return found


class _Reader:
    """Reads a text in one pass."""

    def __init__(self, text: str, layout: bool) -> None:
        self.text = text
        self.layout = layout
        self.at = 0

    def value(self, depth: int) -> Tree:
        """Read a value and the layout around it."""
        self.skip()
        sign = self.next()
        if sign in ("{", "["):
            if depth >= MAX_DEPTH:
                raise JsvError(f"nested more than {MAX_DEPTH} levels deep", self.at)
            found = self.members(depth + 1) if sign == "{" else self.items(depth + 1)
        else:
            found = self.word(_WORD)
        self.skip()
        return found

    def members(self, depth: int) -> dict[str, Tree]:
        """Read an object. If a name occurs twice, the last one counts."""
        found: dict[str, Tree] = {}
        opened = self.at
        for _ in self.parts("}", opened):
            self.skip()
            start = self.at
            name = self.word(_NAME)
            self.skip()
            if name is None or self.next() != ":":
                raise JsvError("a name and a colon are missing", start)
            self.at += 1
            found[name] = self.value(depth)
        return found

    def items(self, depth: int) -> list[Tree]:
        """Read a list."""
        return [self.value(depth) for _ in self.parts("]", self.at)]

    def parts(self, closing: str, opened: int) -> Iterator[None]:
        """Yield before each part between brackets, and then move past it."""
        self.at += 1
        self.skip()
        if self.next() == closing:
            self.at += 1
            return
        while True:
            yield
            sign = self.next()
            self.at += 1
            if sign == closing:
                return
            if sign == "":
                raise JsvError(f"{self.text[opened]!r} is never closed", opened)
            if sign != ",":
                raise JsvError(f"expected ',' or {closing!r}, not {sign!r}", self.at - 1)

    def word(self, bare: re.Pattern[str]) -> str | None:
        """Read a word. Return None for an empty place."""
        if self.next() == '"':
            return self.quoted()
        found = cast("re.Match[str]", bare.match(self.text, self.at))[0]
        self.at += len(found)
        return (found.strip() if self.layout else found) or None

    def quoted(self) -> str:
        """Read a word in quotes."""
        start, text = self.at, self.text
        end = text.find('"', start + 1)
        while text.startswith('""', end):
            end = text.find('"', end + 2)
        if end < 0:
            raise JsvError("a quote is never closed", start)
        self.at = end + 1
        return text[start + 1 : end].replace('""', '"')

    def next(self) -> str:
        """Return the next character, or an empty text at the end."""
        return self.text[self.at : self.at + 1]

    def skip(self) -> None:
        """Skip layout."""
        if self.layout:
            self.at = cast("re.Match[str]", _BLANK.match(self.text, self.at)).end()


# ---- Types ------------------------------------------------------------------------------------------


def typed(tree: Tree, type_: type[S], note: Note, path: str = "") -> S:
    """Return a struct from the words of an object. Names are matched case-insensitively; unknown names are ignored.

    A value that does not have the struct's type is passed to ``note`` and reads as None.
    """
    if not isinstance(tree, dict):
        if tree is not None:
            note(path, "must be an object")
        return type_()
    fields = _fields(type_)
    values: dict[str, Any] = {}
    for given, value in tree.items():
        field = fields.get(given.strip().lower())
        if field is not None:
            name, written, kind = field
            values[name] = _typed_value(value, kind, note, f"{path}.{written}" if path else written)
    return type_(**values)


@cache
def _fields(type_: type[msgspec.Struct]) -> Mapping[str, tuple[str, str, Any]]:
    """Return the fields of a struct by their written name in lower case: both names, and the type without None."""
    hints = get_type_hints(type_)
    fields = msgspec.structs.fields(type_)
    return {one.encode_name.lower(): (one.name, one.encode_name, get_args(hints[one.name])[0]) for one in fields}


def _typed_value(value: Tree, kind: Any, note: Note, path: str) -> Any:
    if value is None:
        return None
    read = READERS.get(kind)
    if read is None:
        return _typed_list(value, get_args(kind)[0], note, path)
    if not isinstance(value, str):
        return note(path, "must be a single value")
    try:
        return read(value)
    except (ValueError, OverflowError) as error:
        return note(path, str(error))


def _typed_list(value: Tree, item: type[msgspec.Struct], note: Note, path: str) -> list[Any] | None:
    if not isinstance(value, list):
        note(path, "must be a list")
        return None
    return [typed(one, item, note, f"{path}[{index}]") for index, one in enumerate(value)]


def read_boolean(text: str) -> bool:
    """Return True or False, written in any case."""
    found = {"true": True, "false": False}.get(text.strip().lower())
    if found is None:
        raise ValueError("must be True or False")
    return found


def read_integer(text: str) -> int:
    """Return a whole number."""
    if not _INTEGER.fullmatch(text.strip()):
        raise ValueError("must be a whole number")
    return int(text)


def read_decimal(text: str) -> Decimal:
    """Return a number exactly as it is written."""
    try:
        if _DECIMAL.fullmatch(text.strip()):
            return Decimal(text.strip())
    except InvalidOperation:
        pass
    raise ValueError("must be a number")


def read_moment(text: str) -> datetime | None:
    """Return a time in UTC. A time without a zone is UTC. The default of .NET's DateTime is None."""
    if not _MOMENT.fullmatch(text.strip()):
        raise ValueError("must be a date, as 2020-01-31 or 2020-01-31T10:30:00Z")
    found = datetime.fromisoformat(text.strip())
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return None if found == UNSET else found


READERS: Mapping[Any, Callable[[str], Any]] = {
    str: str,
    bool: read_boolean,
    int: read_integer,
    Decimal: read_decimal,
    datetime: read_moment,
    UUID: UUID,
}
"""How to read a word as each type."""
