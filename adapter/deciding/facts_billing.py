"""Stub."""


def fold_nte(d, fold):
    pass
