"""Verifone: orders of payment terminals and the services that go with them."""
