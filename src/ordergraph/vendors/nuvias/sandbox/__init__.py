"""The fake Nuvias UC Hub.

`service` answers calls over the records of `data`, which `seed` begins with. `rules` says what it accepts, `life` how
orders move on and what comes of them.
"""

from ordergraph.vendors.nuvias.sandbox.service import CLIENT_ID, CLIENT_SECRET, NuviasSandbox

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "NuviasSandbox"]
