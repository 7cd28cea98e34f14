"""RawEntry to CleanEntry: safe to show and fit to compare. Pure."""
