"""Both makes of the kernels, whichever the rest of the tests run with."""

from types import ModuleType

import pytest


@pytest.fixture
def native() -> ModuleType:
    """The compiled ones; where there are none, nothing can be compared."""
    module: ModuleType = pytest.importorskip("vnsearch.kernels._native")
    return module
