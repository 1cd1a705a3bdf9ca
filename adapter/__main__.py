"""`python -m adapter COMMAND ...` is `fieldledger COMMAND ...`."""

from adapter.edge.start import main

main()
