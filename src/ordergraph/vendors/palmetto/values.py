"""Palmetto's enums, and how its numbers and dates are shown. Source: "Net3 API Interface for Customer Portal"."""

from __future__ import annotations

from datetime import date, datetime

from ordergraph.domain import DescribedEnum
from ordergraph.wire.fields import Codec

ID = Codec(str, str)
"""Palmetto's ids are numbers."""
WORD = Codec(str, lambda text: text or None)
"""A text; an empty one says nothing."""
DAY = Codec(date, datetime.date)
"""The day of a time."""


class PalmettoDatacenter(DescribedEnum):
    """A data centre, by the codes that Palmetto allows; it does not say more of them."""

    ACD = "Palmetto's code ACD."
    GMU = "Palmetto's code GMU."
    SPA = "Palmetto's code SPA."
    LAS = "Palmetto's code LAS."
    DEV = "Palmetto's code DEV."
    VCD = "Palmetto's code VCD."
    AWS = "Palmetto's code AWS."
    GCP = "Palmetto's code GCP."
    UAT = "Palmetto's code UAT."
    AZU = "Palmetto's code AZU."
    CNW = "Palmetto's code CNW."
    AUV = "Palmetto's code AUV."
    ATL = "Palmetto's code ATL."
    EXT = "Palmetto's code EXT."


class PalmettoList(DescribedEnum):
    """Which of the lists of a payload a line stands in."""

    PRODUCTS = "`products`: products in the shortest form."
    REQUESTED_PRODUCTS = "`requestedproducts`: products asked for at a data centre."
    ORDER = "`order`: rows with prices and dates."
