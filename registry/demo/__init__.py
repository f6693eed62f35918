"""A small invented world, built through the operations with a clock that is moved."""
