"""How a one-shot run starts: whether there is anything to do, and its batch."""
