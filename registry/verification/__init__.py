"""What the register answers to a question about a number or a name, now or then."""
