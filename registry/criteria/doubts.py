"""What is legal in an edition and yet cannot be meant."""

from registry.criteria.checks import Problem
from registry.criteria.edition import Edition


def doubts(edition: Edition) -> list[Problem]:
    """Nothing is doubted yet."""
    return []
