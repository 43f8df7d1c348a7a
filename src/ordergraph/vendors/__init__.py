"""The vendors: one folder each. `ordergraph.vendors.registry` has them all."""
