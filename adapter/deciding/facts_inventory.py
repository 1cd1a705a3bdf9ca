"""Stub."""


def fold_inventory(d, fold):
    pass
