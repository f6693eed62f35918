"""
A company hands in its own list and gets it back with an answer on every row.

```mermaid
stateDiagram-v2
    uploaded --> checking
    uploaded --> cancelled
    uploaded --> failed
    uploaded --> erased
    asking --> uploaded
    asking --> cancelled
    asking --> erased
    checking --> confirming
    checking --> done
    checking --> cancelled
    checking --> failed
    checking --> erased
    confirming --> uploaded
    confirming --> checking
    confirming --> cancelled
    confirming --> erased
    done --> uploaded
    done --> erased
```
"""
