"""
An organisation asks for the mark: its answers, its evidence, its way to a decision.

stateDiagram-v2
    draft --> submitted
    draft --> withdrawn
    draft --> archived
    submitted --> accepted
    submitted --> declined
    submitted --> withdrawn
    accepted --> in_evaluation
    accepted --> withdrawn
    in_evaluation --> integration
    in_evaluation --> evaluated
    in_evaluation --> withdrawn
    integration --> in_evaluation
    integration --> withdrawn
    evaluated --> in_evaluation
    evaluated --> granted
    evaluated --> granted_with_conditions
    evaluated --> refused
    evaluated --> withdrawn
"""
