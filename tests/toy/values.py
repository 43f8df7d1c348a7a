"""Toybox's enums, and the codecs of its values and times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from ordergraph.domain import DescribedEnum
from ordergraph.wire import decoding
from ordergraph.wire.fields import Codec

look_up = partial(decoding.look_up, "toy")


class ToyWrapping(DescribedEnum):
    """How an order is wrapped."""

    PAPER = "In paper with stars."
    RIBBON = "In paper, with a ribbon."


WRAPPINGS: Mapping[str, ToyWrapping] = {"paper": ToyWrapping.PAPER, "paper+ribbon": ToyWrapping.RIBBON}
WRAPPING = Codec(ToyWrapping, lambda word: look_up(WRAPPINGS, word, None, "wrapping"))
TIME = Codec(datetime, lambda moment: moment.astimezone(UTC))
