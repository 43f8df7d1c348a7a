"""Palmetto Virtual Data Center: products for virtual data centres, ordered by self-service."""
