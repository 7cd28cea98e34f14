"""The HTML sanitizer and its parts."""
