"""declweb beside its peers: what a request costs, what a large site costs, and what starting costs.

Nothing here is part of the package, and no test depends on a figure of it.
"""
