"""Dateline beside other retrieval stacks, each with its own defaults."""
