"""
A decision becomes paper: a number is reserved, a page rendered, read, sealed, kept.
What the paper is worth on a day is worked out from dated events.

stateDiagram-v2
    reserved --> issued
"""
