"""The vendors, one folder each. `ordergraph.vendors.registry` lists them all."""
