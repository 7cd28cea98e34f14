"""The health of sources: their state, what it means and what to do, and their events, each reported once.

After each merge, `record` finds new events with the rules of `diagnose` and stores them. `report` is the status as the
operator sees it; `advice` explains each class of fault; `redact` removes secrets; `held` lists held entries.
"""
