"""Sierra Wireless AirVantage: orders of SIM cards and devices."""
