"""What a certificate is worth, on a day and as known at a moment: one core for all."""
