"""Property tests: no deadline (a busy machine is not a wrong number), and fixed cases in CI.

On a person's machine every run tries new cases; what CI says of a commit must not depend on
chance.
"""

import os

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")
