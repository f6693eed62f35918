"""
Letters wait here, in the same transaction as what they tell, until they are sent.

stateDiagram-v2
    waiting --> sent
    waiting --> failed
    failed --> waiting
"""
