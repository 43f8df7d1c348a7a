"""Runs GraphQL: documents are parsed and validated once, and executed by graphql-core.

It knows a schema of graphql-core and nothing of orders. Errors come out as they were raised: whoever answers a client
names them.
"""

from ordergraph.execution.documents import Document, Documents, Rejected
from ordergraph.execution.executor import Events, Execution, Incremental

__all__ = ["Document", "Documents", "Events", "Execution", "Incremental", "Rejected"]
