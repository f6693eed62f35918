"""Reads and answers files of tables.  Runs alone, in a process with hard limits.

`registry.suppliers.reading` starts it.  Of ours it imports nothing but its own files,
so that what a hostile file can reach is these and one library.
"""
