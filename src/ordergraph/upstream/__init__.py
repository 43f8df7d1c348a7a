"""Calls of a vendor: transport, authentication, retries, circuit breaker, rate limit, cache."""
