"""The graph: one file for each entity, with its types, queries and mutations."""
