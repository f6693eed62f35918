"""Every certificate is looked at again each year, and what follows when it is not."""
