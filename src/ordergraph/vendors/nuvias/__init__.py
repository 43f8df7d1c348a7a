"""Nuvias UC Hub: products, orders, subscriptions and invoices of a distributor of unified communications."""
