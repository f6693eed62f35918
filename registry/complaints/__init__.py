"""
A doubt about a holder becomes a case that the secretariat follows to its end.

ISO/IEC 17065, 7.13: it is confirmed, it is said whether it can be looked into, it is
looked into by somebody who had no part in the certification, and it is answered.

stateDiagram-v2
    received --> admissible
    received --> not_admissible
    admissible --> closed
"""
