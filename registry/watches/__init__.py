"""
A company is told when the standing of one of its suppliers changes.

A delivery of a webhook:

stateDiagram-v2
    waiting --> delivered
    waiting --> failed
    delivered --> waiting
    failed --> waiting
"""
