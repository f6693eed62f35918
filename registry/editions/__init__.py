"""An edition of the criteria is written, adopted, told, and then anyone may apply.

The life of an edition (lifecycles.md, section 7):

stateDiagram-v2
    draft --> consultation
    draft --> adopted
    consultation --> draft
    consultation --> adopted
    adopted --> notified
    adopted --> in_force
    notified --> in_force
    in_force --> transition
    transition --> retired

The last three follow from the calendar.
"""
