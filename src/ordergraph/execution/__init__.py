"""Executes GraphQL: documents are parsed and validated once, and executed by graphql-core.

It depends only on a graphql-core schema, not on orders. Errors are returned as they were raised. The server converts
them for clients.
"""

from ordergraph.execution.documents import Document, Documents, Rejected
from ordergraph.execution.executor import Events, Execution, Incremental

__all__ = ["Document", "Documents", "Events", "Execution", "Incremental", "Rejected"]
