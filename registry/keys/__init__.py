"""Keys by which programs of a company ask more, and what each has used."""
