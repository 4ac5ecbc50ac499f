"""Answers that are lines instead of running text: timelines, comparisons, lists."""
