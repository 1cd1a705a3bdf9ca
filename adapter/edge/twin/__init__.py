"""The twin: Dataverse and Finance on a laptop, to learn, to demonstrate and to test with.

It speaks both protocols, errors included, keeps state, has a clock and can be told to fail.
It proves nothing about a real tenant's names or settings.
"""
