"""Proof by many runs: real processes that are killed, and a simulation with faults."""
