"""The fake Nuvias UC Hub.

`service` handles calls with the records of `data` and the orders of `seed`. `rules` defines what it accepts, `life` how
orders progress and what follows from them.
"""

from ordergraph.vendors.nuvias.sandbox.service import CLIENT_ID, CLIENT_SECRET, NuviasSandbox

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "NuviasSandbox"]
