"""Calls to a vendor: transport, authentication, retries, circuit breaker, rate limit and cache."""
