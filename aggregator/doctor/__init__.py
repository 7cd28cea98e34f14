"""doctor: whether the machine, the config, the state and the tree are fit for each other, and what to do where not."""
