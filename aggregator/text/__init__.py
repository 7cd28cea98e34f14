"""Pure tools on strings, dates, URLs and ids."""
