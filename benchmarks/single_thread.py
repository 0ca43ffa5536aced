"""One thread for everybody, so that a ratio compares work and not the number of cores.

The variables cover the thread pools of each library. Where the system can pin a process (Linux), it is pinned too: a
pool that follows none of the variables then sees a single CPU. Where it cannot, a stray thread still counts,
because process CPU time adds up all threads.
"""

import os

SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NPROC": "1",  # XLA sizes its pools by this
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
}


def enforce() -> None:
    """Limit this process to one thread of computation; call it before NumPy is imported."""
    os.environ.update(SETTINGS)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
