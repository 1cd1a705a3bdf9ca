"""Sending: exactly what a plan said, exactly one effect, or a visible parked record."""
