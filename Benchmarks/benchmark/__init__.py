"""Instar beside its peers: see Benchmarks/run."""
