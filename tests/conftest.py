"""What holds for every test."""

from hypothesis import settings

# How long an example takes says more of the machine than of what is tested; speed is measured in benchmarks/.
settings.register_profile("declweb", deadline=None)
settings.load_profile("declweb")
