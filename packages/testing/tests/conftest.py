"""What the tests of the audit need."""

import importlib

import pytest

from autodiff.extend import primitive, register_rules


@pytest.fixture
def primitive_like():
    """Return a function that makes a primitive of its own, which does what a function of NumPy does."""

    def make(fun):
        def own(x):
            return fun(x)

        own.__name__ = own.__qualname__ = fun.__name__
        return primitive(own)

    return make


@pytest.fixture
def plugin(monkeypatch):
    """Return a function that puts rules in the place of those of the plugin `numpy`."""

    def put(*rules):
        register_rules(rules)
        monkeypatch.setattr(importlib.import_module("autodiff_testing.audit"), "rules_of", lambda name: rules)

    return put
