"""One GraphQL graph over the ordering APIs of your vendors."""
