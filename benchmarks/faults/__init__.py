"""Several replicas on one PostgreSQL and one Chroma server, and each part of them at fault in turn:
what do users see, for how long, and is anything lost?

    python -m benchmarks.faults
"""
