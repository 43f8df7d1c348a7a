"""The fake Sonata.

`service` handles the requests in the format of `http`, on the records that `data` seeds. `rules` contains the rules for
requests, `life` the state transitions of orders.
"""

from ordergraph.vendors.sonata.sandbox.service import CLIENT_ID, CLIENT_SECRET, SonataSandbox

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "SonataSandbox"]
