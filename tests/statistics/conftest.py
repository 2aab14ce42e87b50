"""Property tests have no deadline: a busy machine is not a wrong number."""

from hypothesis import settings

settings.register_profile("statistics", deadline=None, max_examples=1000)
settings.load_profile("statistics")
