"""Runs GraphQL."""
