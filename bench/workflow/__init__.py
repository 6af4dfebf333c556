"""The two ways of working, measured: from edit to running, compiling on the board, storage, memory, the REPL, I/O.

One module a part, each with a `PART` (see parts.py) that yields rows; measuring.py measures parts into the folder
`workflow/` of a run, store.py reads and writes that folder, claims.py judges by its figures.
"""
