"""The vendors: one folder each. `ordergraph.registry` has them all."""
