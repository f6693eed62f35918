"""The criteria as data: editions, rules, evaluation, explanation (pure)."""
