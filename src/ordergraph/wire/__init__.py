"""How a vendor's JSON is declared and decoded: what the vendors' mappings share."""
