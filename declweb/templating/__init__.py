"""Templates: the sandbox they run in, the budget of a rendering, and what a template says before it is rendered.

Knows Jinja and nothing else: no site file, no WSGI, no disk.
"""
