"""WebSub, both ends (W3C Recommendation, 23 January 2018): news as it appears, in place of polls.

As subscriber: the hubs that sources name, leases, and what hubs deliver. As publisher: pings, and a hub of our own.
"""
