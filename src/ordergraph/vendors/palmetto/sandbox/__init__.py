"""The fake Palmetto. `service` handles calls with the records of `data`."""

from ordergraph.vendors.palmetto.sandbox.service import PASSWORD, USERNAME, PalmettoSandbox

__all__ = ["PASSWORD", "USERNAME", "PalmettoSandbox"]
