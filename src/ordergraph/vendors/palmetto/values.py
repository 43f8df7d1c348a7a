"""Palmetto's enums and the codecs of its values. Source: "Net3 API Interface for Customer Portal"."""

from __future__ import annotations

from datetime import date, datetime

from ordergraph.domain import DescribedEnum
from ordergraph.wire.fields import Codec

ID = Codec(str, str)
"""Palmetto's ids are numbers."""
WORD = Codec(str, lambda text: text or None)
"""Text. An empty text reads as null."""
DAY = Codec(date, datetime.date)
"""The day of a time."""


class PalmettoDatacenter(DescribedEnum):
    """A data centre, by Palmetto's code. Palmetto does not explain the codes."""

    ACD = "The data centre with Palmetto's code ACD."
    GMU = "The data centre with Palmetto's code GMU."
    SPA = "The data centre with Palmetto's code SPA."
    LAS = "The data centre with Palmetto's code LAS."
    DEV = "The data centre with Palmetto's code DEV."
    VCD = "The data centre with Palmetto's code VCD."
    AWS = "The data centre with Palmetto's code AWS."
    GCP = "The data centre with Palmetto's code GCP."
    UAT = "The data centre with Palmetto's code UAT."
    AZU = "The data centre with Palmetto's code AZU."
    CNW = "The data centre with Palmetto's code CNW."
    AUV = "The data centre with Palmetto's code AUV."
    ATL = "The data centre with Palmetto's code ATL."
    EXT = "The data centre with Palmetto's code EXT."


class PalmettoList(DescribedEnum):
    """A list of a payload that contains line items."""

    PRODUCTS = "The list `products`, with products in the shortest form."
    REQUESTED_PRODUCTS = "The list `requestedproducts`, with products requested at a data centre."
    ORDER = "The list `order`, with rows that have prices and dates."
