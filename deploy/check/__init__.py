"""Builds the Dockerfile without Docker, and runs what it made as Docker would."""
