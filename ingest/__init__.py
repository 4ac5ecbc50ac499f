"""Bring articles in: read, extract, date, find the story, archive, index."""
