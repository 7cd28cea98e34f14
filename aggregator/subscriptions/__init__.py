"""The sources in the config, changed by commands: init, add, remove, pause, resume, rename, move, import, export.

The commands edit config.yaml, which the next run or the daemon reads. They change the state only where the config has
no key: to pull a source that was gone once more, to forget a permanent redirect, and to keep the first answer of a new
source. Import the modules one by one, since those that fetch and parse are slow to load.
"""
