"""The fake Palmetto: `service` answers calls over the records of `data`."""

from ordergraph.vendors.palmetto.sandbox.service import PASSWORD, USERNAME, PalmettoSandbox

__all__ = ["PASSWORD", "USERNAME", "PalmettoSandbox"]
