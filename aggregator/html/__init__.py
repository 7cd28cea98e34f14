"""The sanitizer and what it is made of."""
