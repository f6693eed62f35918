"""A doubt about a holder becomes a case that the secretariat follows to its end."""
