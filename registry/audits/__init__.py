"""
An auditor with no conflict looks at the evidence and says, criterion by criterion,
what is met.

stateDiagram-v2
    assigned --> in_progress
    assigned --> recused
    assigned --> replaced
    in_progress --> reported
    in_progress --> recused
    in_progress --> replaced
    reported --> in_progress
"""
