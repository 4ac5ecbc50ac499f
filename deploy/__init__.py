"""How Dateline is run on servers, and the check of it: `make docker-check`."""
