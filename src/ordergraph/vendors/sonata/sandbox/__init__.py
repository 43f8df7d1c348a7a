"""The fake Sonata.

`service` answers calls, in the form of `http`, over the records that `data` begins with. `rules` says what it accepts,
`life` how orders move on.
"""

from ordergraph.vendors.sonata.sandbox.service import CLIENT_ID, CLIENT_SECRET, SonataSandbox

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "SonataSandbox"]
