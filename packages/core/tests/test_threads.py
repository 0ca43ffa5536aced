"""Threads: traces share nothing but the counter of levels, so nothing needs a lock."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from autodiff import deriv, grad, make_vjp, value_and_grad
from autodiff.errors import EscapedBoxError

COUNT = 8
PAIRS = pytest.mark.parametrize(("outer", "inner"), [(a, b) for a in (grad, deriv) for b in (grad, deriv)])


@pytest.fixture(autouse=True)
def _switch_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def together(work):
    """Run ``work(i)`` in COUNT threads that start at the same moment, and return the results in order."""
    barrier = threading.Barrier(COUNT, timeout=60)

    def start(i):
        barrier.wait()
        return work(i)

    with ThreadPoolExecutor(COUNT) as pool:
        return list(pool.map(start, range(COUNT)))


def loop(x, steps=200):
    for _ in range(steps):
        x = x * 1.01 + 0.01 * x * x / (1.0 + x * x)
    return x


@PAIRS
def test_each_thread_has_derivatives_of_its_own(outer, inner):
    second = outer(inner(loop))
    expected = [second(0.1 * i) for i in range(COUNT)]
    for _ in range(3):
        assert together(lambda i: second(0.1 * i)) == expected


@PAIRS
def test_threads_inside_of_a_traced_function_use_the_same_value(outer, inner):
    def function(x):
        shared = x * x
        parts = together(lambda i: sum(inner(lambda y: shared * y * y)(float(i)) for _ in range(50)) + i * loop(x, 50))
        return sum(parts)

    def alone(x):
        return sum(50 * 2.0 * i * x * x + i * loop(x, 50) for i in range(COUNT))

    assert outer(function)(1.5) == pytest.approx(outer(alone)(1.5), rel=1e-12)


def test_one_tape_written_by_many_threads():
    def function(x):
        return sum(together(lambda i: loop(x * (1.0 + i), 500)))

    value, gradient = value_and_grad(function)(0.3)
    assert value == pytest.approx(sum(loop(0.3 * (1.0 + i), 500) for i in range(COUNT)), rel=1e-14)
    assert gradient == pytest.approx(sum((1.0 + i) * grad(loop)(0.3 * (1.0 + i), 500) for i in range(COUNT)), rel=1e-12)


def test_one_pullback_used_by_many_threads():
    vjp, _ = make_vjp(loop)(0.3)
    once = vjp(1.0)
    assert together(lambda i: vjp(float(i))) == pytest.approx([i * once for i in range(COUNT)], rel=1e-12)


@PAIRS
def test_traces_that_begin_and_end_out_of_order(outer, inner):
    """The second thread's trace begins inside the first one's and ends after it; both begin inner ones meanwhile."""
    first_inside, second_inside, first_done = threading.Event(), threading.Event(), threading.Event()

    def first(x):
        y = x * x
        first_inside.set()
        assert second_inside.wait(60)
        return y * inner(lambda z: z * y)(2.0)  # x⁴

    def second(x):
        assert first_inside.wait(60)
        y = x * x
        second_inside.set()
        assert first_done.wait(60)
        return y * inner(lambda z: z * y * x)(2.0)  # x⁵

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(outer(first), 2.0), pool.submit(outer(second), 2.0)
        assert one.result(60) == 32.0
        first_done.set()
        assert two.result(60) == 80.0


def test_a_thread_that_goes_on_after_its_trace_has_ended_gets_an_error():
    ended = threading.Event()

    def function(x, pool, futures):
        def later():
            y = x * x
            started.set()
            assert ended.wait(60)
            return y * x

        started = threading.Event()
        futures.append(pool.submit(later))
        assert started.wait(60)
        return x * x

    with ThreadPoolExecutor(1) as pool:
        futures = []
        assert grad(function)(3.0, pool, futures) == 6.0
        ended.set()
        with pytest.raises(EscapedBoxError):
            futures[0].result(60)


def test_the_first_transforms_of_a_process_may_run_in_threads(python):
    code = """if True:
        import threading
        from autodiff import grad
        found = []
        barrier = threading.Barrier(8)
        def work():
            barrier.wait()
            found.append(grad(grad(lambda x: x**3))(2.0))
        threads = [threading.Thread(target=work) for _ in range(8)]
        for t in threads: t.start()
        for t in threads: t.join()
        assert found == [12.0] * 8, found
    """
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
