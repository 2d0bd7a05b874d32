"""The Django app in a real site: settings, pushing on commit, signals, handlers and the command that runs them."""
import os
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

pytest.importorskip("django")

import tickcast
from fake_server import decoded, until

ROOT = Path(__file__).parents[1]


@pytest.fixture
def outbox(shop):
    """What is pushed in this test."""
    from django.test import override_settings
    from tickcast.django import outbox as found
    with override_settings(TICKCAST={"OUTBOX": True}):
        found.clear()
        yield found
        found.clear()


@pytest.fixture
def users(shop):
    from django.contrib.auth import get_user_model
    users = get_user_model()
    users.objects.all().delete()
    return [users.objects.create_user("ann"), users.objects.create_user("ben"),
            users.objects.create_user("gone", is_active=False)]


def test_a_push_leaves_when_the_transaction_commits(outbox, users):
    from django.db import transaction
    from tickcast.django import push_user
    ann = users[0]
    with transaction.atomic():
        data = {"price": Decimal("1.50")}
        push_user(ann, "order.saved", data)
        data["price"] = "changed later"
        assert not outbox
    assert list(outbox) == [{"type": "push_user", "src": "django",
                             "data": {"user": ann.pk, "kind": "order.saved", "data": {"price": "1.50"}}}]


def test_a_transaction_that_is_rolled_back_pushes_nothing(outbox, users):
    from django.db import transaction
    from tickcast.django import push_user
    with pytest.raises(RuntimeError), transaction.atomic():
        push_user(users[0], "order.saved", {})
        raise RuntimeError
    assert not outbox


def test_outside_a_transaction_it_leaves_at_once_to_whom_it_is_meant_for(outbox, users):
    from django.contrib.auth import get_user_model
    from django.utils import timezone
    from django.utils.translation import gettext_lazy
    from tickcast import django as site
    ann, ben, _ = users
    active = get_user_model().objects.filter(is_active=True).order_by("pk")
    site.push_user(active, "k", {"at": timezone.now()}, keep=False)
    site.push_user(ann.pk, "k", gettext_lazy("Monday"))
    site.push_group("desk", "k", 1)
    site.broadcast("k", 1)
    site.publish("a.b", 1)
    site.subscribe_user(ann, "a.b")
    site.unsubscribe_user(ann, "a.b")
    site.disconnect_user(ann, 3700, "bye")
    site.refresh(ann)
    assert outbox[0]["data"]["users"] == [ann.pk, ben.pk] and outbox[0]["data"]["keep"] is False
    assert outbox[1]["data"]["data"] == "Monday"
    assert [message["type"] for message in outbox][2:] == [
        "push_group", "broadcast", "publish", "subscribe_user", "unsubscribe_user", "disconnect_user", "refresh"]


async def test_a_coroutine_pushes_at_once(outbox):
    from tickcast.django import push_user
    push_user(42, "k", {})
    assert len(outbox) == 1


def test_what_cannot_be_pushed_raises_where_it_is_written(outbox, users):
    from django.contrib.auth.models import AnonymousUser
    from tickcast.django import push_user
    with pytest.raises(ValueError, match="is no user"):
        push_user(AnonymousUser(), "k", {})
    with pytest.raises(TypeError):
        push_user(users[0], "k", {"file": object()})


def test_a_saved_model_is_pushed_to_whom_it_concerns(outbox, users):
    from django.db.models.signals import post_save
    from shop.models import Order
    from tickcast.django import push_on_delete, push_on_save
    ann, ben, _ = users
    ends = [push_on_save(Order, to=lambda order: order.user_id, kind="order.saved",
                         data=lambda order: {"id": order.pk, "price": order.price}),
            push_on_save(Order, to=lambda order: [ann, ben], kind="order.new", when=lambda order, created: created),
            push_on_delete(Order, to=lambda order: order.user_id, kind="order.deleted")]
    try:
        order = Order.objects.create(user=ann, price=Decimal("1.5"))
        order.save()
        post_save.send(Order, instance=order, created=False, raw=True, using=None)  # as loaddata does
        number = order.pk
        order.delete()
        Order.objects.create(user=None, price=1).delete()
    finally:
        for end in ends:
            end()
    Order.objects.create(user=ann, price=2)
    told = [(message["data"]["kind"], message["data"].get("user"), message["data"]["data"]) for message in outbox]
    assert told[:4] == [("order.saved", ann.pk, {"id": number, "price": "1.5"}), ("order.new", None, {"id": number}),
                        ("order.saved", ann.pk, {"id": number, "price": "1.5"}),
                        ("order.deleted", ann.pk, {"id": number})]
    assert [kind for kind, *_ in told[4:]] == ["order.new"]


def test_a_server_that_is_away_holds_no_request_up(shop, users):
    from django.test import override_settings
    from tickcast.django import push_user, pusher
    with override_settings(TICKCAST={"PULL": "tcp://127.0.0.1:1", "HWM": 3}):
        for _ in range(10):
            push_user(users[0], "k", {})
        assert (pusher().sent, pusher().dropped) == (3, 7)


@pytest.mark.parametrize("wrong, word", [({"COLOUR": 1}, "COLOUR"), ({"CURVE": {"server_key": "x"}}, "secret_key")])
def test_settings_that_are_wrong_are_told(shop, wrong, word):
    from django.core.exceptions import ImproperlyConfigured
    from django.test import override_settings
    from tickcast.django import conf
    with override_settings(TICKCAST=wrong), pytest.raises(ImproperlyConfigured, match=word):
        conf.options()


def test_views_ask_over_one_client(shop, fake):
    from django.test import override_settings
    from tickcast.django import client
    fake.answers["presence"] = lambda message: {"users": [{"user": "1", "online": True, "connections": 1}]}
    with override_settings(TICKCAST={"ROUTER": fake.endpoint}):
        assert client().online(1)["1"].online and client() is client()
    assert fake.messages[0]["src"] == "django"


@pytest.fixture
def pull():
    import zmq
    found = zmq.Context.instance().socket(zmq.PULL)
    found.setsockopt(zmq.RCVTIMEO, 5000)
    found.bind("tcp://127.0.0.1:*")
    yield found
    found.close(0)


@pytest.fixture
def listener(shop, fake, users, pull):
    """`manage.py tickcast_listen` of the shop."""
    import zmq
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "shop.settings", "SHOP_ROUTER": fake.endpoint,
                   "SHOP_PULL": pull.getsockopt_string(zmq.LAST_ENDPOINT),
                   "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}"}
    with subprocess.Popen([sys.executable, "-m", "django", "tickcast_listen", "--name", "shop-1"], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        yield process
        process.kill()


def test_the_command_runs_the_apps_handlers(listener, fake, users, pull):
    ann, ben, gone = users
    fake.call("order.place", "c1", user=str(ann.pk), client="k", data={"price": "1.5"})
    answer = fake.answer_of("c1")["data"]
    assert answer["by"] == "ann"
    pushed = decoded(pull.recv())[0]
    assert pushed["data"] == {"user": ann.pk, "kind": "order.placed", "data": {"id": answer["id"]}}
    assert fake.of("claim")[0]["data"] == {"name": "shop-1", "types": ["order.cancel", "order.place", "shop.hours"]}

    refusals = {
        "c2": ("order.place", ann, {"price": "-1"}, 1400), "c3": ("order.cancel", ben, {"id": answer["id"]}, 1403),
        "c4": ("order.cancel", ann, {"id": 10**6}, 1404), "c5": ("order.place", gone, {"price": 1}, 1401),
        "c6": ("order.place", None, {"price": 1}, 1401), "c7": ("order.place", ann, {}, 1500)}
    for id, (type, user, data, code) in refusals.items():
        who = {"user": str(user.pk)} if user else {}
        fake.call(type, id, client="k", data=data, **who)
        assert fake.answer_of(id)["error"]["code"] == code, id
    assert fake.answer_of("c2")["error"]["data"] == {"price": ["a price is above 0"]}
    assert fake.answer_of("c3")["error"]["message"] == "this order is somebody else's"
    fake.call("order.cancel", "c8", user=str(ann.pk), client="k", data={"id": answer["id"]})
    assert fake.answer_of("c8")["data"] == {}
    fake.call("order.cancel", "c9", user=str(ann.pk), client="k", data={"id": answer["id"]})
    assert fake.answer_of("c9")["error"] == {"code": 2001, "message": "it is cancelled already"}


def test_each_call_begins_without_an_old_connection(listener, fake):
    for n in range(8):
        fake.call("shop.hours", f"c{n}", client="k")
        assert fake.answer_of(f"c{n}")["data"] == {"open": "always", "connection": False}


def test_sigterm_ends_the_command_in_order(listener, fake):
    until(lambda: fake.of("claim"), "it has claimed")
    listener.send_signal(signal.SIGTERM)
    assert listener.wait(10) == 0
    assert fake.of("unclaim")


def test_a_site_without_handlers_is_told(shop):
    from django.core.management import CommandError, call_command
    from tickcast.django import handlers
    import shop.tickcast_handlers  # so that discovering registers nothing anew
    before = handlers.registry
    handlers.registry = tickcast.calls.Handlers()
    try:
        with pytest.raises(CommandError, match="no handlers"):
            call_command("tickcast_listen")
    finally:
        handlers.registry = before
