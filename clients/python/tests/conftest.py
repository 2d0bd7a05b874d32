"""Fixtures; coroutine tests run by themselves; Django is configured for a shop with one model."""
import asyncio
import inspect

import pytest

from fake_server import FakeServer

TEST_DEADLINE_S = 30.0


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), TEST_DEADLINE_S))
    return True


@pytest.fixture
def fake():
    with FakeServer() as server:
        yield server


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """The shop's Django, set up, with its tables in a file."""
    import os
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    os.environ["SHOP_DATABASE"] = str(tmp_path_factory.mktemp("shop") / "shop.sqlite")
    import django
    from django.core.management import call_command
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    return os.environ["SHOP_DATABASE"]
