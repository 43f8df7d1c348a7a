"""The fake Verifone. `service` handles the requests, on the records of `data`."""

from ordergraph.vendors.verifone.sandbox.service import PASSWORD, USERNAME, VerifoneSandbox

__all__ = ["PASSWORD", "USERNAME", "VerifoneSandbox"]
