"""A person overrules the machine, and that lasts."""
