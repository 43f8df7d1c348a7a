"""The fake AirVantage. `service` handles the requests."""

from ordergraph.vendors.airvantage.sandbox.service import CLIENT_ID, CLIENT_SECRET, AirVantageSandbox

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "AirVantageSandbox"]
