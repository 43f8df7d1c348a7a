"""MEF LSO Sonata: orders of connectivity between network operators, at any Seller that speaks it."""
