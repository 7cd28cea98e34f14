"""Which sources the config lists, changed for a person: added, taken out, paused, renamed, moved, imported, exported.

What is written is config.yaml, which whoever runs next takes up, and what the config has no word for: that a source is
to be asked once more that was gone, or not where it moved to, and what it answered when it was added. The modules are
imported one by one, since what asks and reads feeds is slow to load.
"""
