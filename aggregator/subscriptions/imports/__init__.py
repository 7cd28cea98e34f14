"""What other programs subscribed to, read from their files: one module a format, all giving `found.Found`.

A format is recognized by its content, never by the name of its file. What has no counterpart here is listed with its
line. Nothing is included, replaced or run that a file names.
"""
