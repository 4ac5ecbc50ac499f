"""Measure what ships: gold questions, metrics, report, gate."""
