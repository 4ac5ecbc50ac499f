"""How a question's latency and the memory grow with the archive: see docs/scaling.md."""
