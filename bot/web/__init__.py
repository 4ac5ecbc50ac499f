"""The web page: static files that speak to the HTTP API."""
