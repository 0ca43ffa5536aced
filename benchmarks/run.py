"""Gradients by autodiff against hand-written ones and other libraries: ``python benchmarks/run.py --help``."""

import sys

import single_thread

if __name__ == "__main__":
    # Before anything imports NumPy: BLAS, OpenMP and XLA read their thread counts once, when they are loaded.
    single_thread.enforce()

    from command_line import main

    sys.exit(main())
