"""The common parts of the sandboxes. A fake vendor is an application that speaks the vendor's real dialect over HTTP.

vendor     the interface of a fake vendor: `VendorSandbox`
app        handles and logs calls, and implements the control API
faults     makes calls fail on demand
bodies     reads and validates request bodies
lifecycle  the status transitions of objects
oauth      OAuth requests and their tokens
seeding    generated orders: their times and random numbers
serving    serves the fake vendors on a port
"""

from ordergraph.sandbox.app import FAULTS, METHODS, VendorApp, create_app, read_rules
from ordergraph.sandbox.bodies import MAX_BODY, Body, decode_json, is_integer, json_response
from ordergraph.sandbox.faults import drifted
from ordergraph.sandbox.seeding import ANCHOR, SeededSandbox, seeded_instants, seeded_random
from ordergraph.sandbox.serving import running, serve
from ordergraph.sandbox.vendor import ControlError, Problems, VendorSandbox

__all__ = [
    "ANCHOR",
    "FAULTS",
    "MAX_BODY",
    "METHODS",
    "Body",
    "ControlError",
    "Problems",
    "SeededSandbox",
    "VendorApp",
    "VendorSandbox",
    "create_app",
    "decode_json",
    "drifted",
    "is_integer",
    "json_response",
    "read_rules",
    "running",
    "seeded_instants",
    "seeded_random",
    "serve",
]
