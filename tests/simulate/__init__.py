"""A day of many sources: when each is asked, by the code that decides it; what their hosts answer, and what it costs.

`make simulate` prints it, and draws docs/images/growing.svg. No request is sent, and no time passes.
"""
