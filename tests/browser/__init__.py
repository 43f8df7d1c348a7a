"""The web pages in a browser. Requires Chromium."""
