"""Which sources the config lists, changed for a person: added, taken out, paused, renamed, moved, imported, exported.

Nothing but config.yaml is written: whoever runs next takes it up, and a daemon beside this is not disturbed. The
modules are imported one by one, since what asks and reads feeds is slow to load.
"""
