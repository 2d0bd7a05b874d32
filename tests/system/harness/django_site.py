"""A small Django site: Django's own login and logout views, sessions wherever it is told to keep them.

Run as a program it serves the site; `Site` starts it and signs people in as a browser does.
"""
import argparse
import http.cookiejar
import json
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

SECRET_KEY = "the secret key of the tests' site, which nobody else knows"
PASSWORD = "correct horse"
USER = "ada"


def cache_settings(redis_port, serializer):
    options = {"CLIENT_CLASS": "django_redis.client.DefaultClient"}
    if serializer == "json":
        options["SERIALIZER"] = "django_redis.serializers.json.JSONSerializer"
    return {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": f"redis://127.0.0.1:{redis_port}/1",
                        "KEY_PREFIX": "shop", "VERSION": 3, "OPTIONS": options}}


def configure(arguments):
    from django.conf import settings
    settings.configure(
        SECRET_KEY=SECRET_KEY,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": arguments.database}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                    "django.middleware.csrf.CsrfViewMiddleware",
                    "django.contrib.auth.middleware.AuthenticationMiddleware"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": [
            ("django.template.loaders.locmem.Loader", {
                "registration/login.html": "<form method=post>{% csrf_token %}{{ form }}</form>"})]}}],
        CACHES=cache_settings(arguments.redis, arguments.serializer) if arguments.redis else {},
        SESSION_ENGINE=f"django.contrib.sessions.backends.{arguments.engine}",
        SESSION_SERIALIZER="django.contrib.sessions.serializers."
                           f"{'JSON' if arguments.serializer == 'json' else 'Pickle'}Serializer",
        LOGIN_REDIRECT_URL="/who/", LOGOUT_REDIRECT_URL="/who/")


def serve():
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--redis", type=int)
    parser.add_argument("--engine", default="cache")
    parser.add_argument("--serializer", default="pickle")
    configure(parser.parse_args())
    import django
    django.setup()
    sys.modules[__name__].urlpatterns = make_urls()
    from django.contrib.auth.models import Group, User
    from django.contrib.auth.signals import user_logged_in
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    call_command("migrate", verbosity=0)
    user = User.objects.create_user(USER, password=PASSWORD)
    user.groups.add(Group.objects.create(name="desk"))

    def remember_names(request, user, **_):
        request.session["tickcast_name"] = user.get_username()
        request.session["tickcast_groups"] = list(user.groups.values_list("name", flat=True))
    user_logged_in.connect(remember_names)

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    class Threading(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    site = make_server("127.0.0.1", 0, get_wsgi_application(), Threading, Quiet)
    print(json.dumps({"port": site.server_port, "user": str(user.pk)}), flush=True)
    site.serve_forever()


calls = []


def make_urls():
    from django.contrib.auth import views
    from django.http import JsonResponse
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    def who(request):
        return JsonResponse({"user": request.user.pk and str(request.user.pk)})

    @csrf_exempt
    def tickcast(request):
        """What docs/access.md shows for [auth.callback]."""
        calls.append(1)
        time.sleep(0.2)
        user = request.user
        if not user.is_authenticated:
            return JsonResponse({}, status=401)
        return JsonResponse({"user": str(user.pk), "name": user.get_username(),
                             "groups": list(user.groups.values_list("name", flat=True)),
                             "expires": request.session.get_expiry_date().timestamp()})

    def count(_):
        return JsonResponse({"calls": len(calls)})

    return [path("login/", views.LoginView.as_view()), path("logout/", views.LogoutView.as_view()),
            path("who/", who), path("tickcast/", tickcast), path("calls/", count)]


class Site:
    """The site as a process of its own."""

    def __init__(self, directory, engine="cache", redis=None, serializer="pickle"):
        Path(directory).mkdir(parents=True, exist_ok=True)
        command = ["/usr/bin/python3", __file__, "--database", str(Path(directory) / "site.sqlite"), "--engine", engine,
                   "--serializer", serializer]
        if redis:
            command += ["--redis", str(redis)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line, "the Django site did not start"
        started = json.loads(line)
        self.url, self.user = f"http://127.0.0.1:{started['port']}", started["user"]

    def visitor(self):
        return Visitor(self.url)

    def calls(self):
        return json.load(urllib.request.urlopen(self.url + "/calls/", timeout=10))["calls"]

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Visitor:
    """A browser as far as the site sees it: a cookie jar and Django's forms."""

    def __init__(self, url):
        self.url = url
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def cookie(self, name):
        return next((cookie.value for cookie in self.jar if cookie.name == name), None)

    def log_in(self, password=PASSWORD):
        self.opener.open(self.url + "/login/", timeout=10).read()
        form = {"username": USER, "password": password, "csrfmiddlewaretoken": self.cookie("csrftoken")}
        self.opener.open(self.url + "/login/", urllib.parse.urlencode(form).encode(), timeout=10).read()
        return self

    def log_out(self):
        self.opener.open(self.url + "/logout/", timeout=10).read()

    @property
    def headers(self):
        session = self.cookie("sessionid")
        return {"Cookie": f"csrftoken=x; sessionid={session}"} if session else {}


if __name__ == "__main__":
    serve()
