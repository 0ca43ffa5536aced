"""Peak extra memory of one call.

``tracemalloc`` counts every Python object and every NumPy buffer, exactly and repeatably, which the resident size of
the process does not. It sees nothing of the allocators of PyTorch and XLA: those are left out here.
"""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any


def peak_bytes(step: Callable[[], Any]) -> int:
    """The most memory allocated at any time during the call, results included, inputs not."""
    gc.collect()
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
