"""Stub."""


def fold_entries(d, fold):
    pass
