"""A small site. What is Tickcast's stands at the end; `run` says where everything listens."""
import os
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
WEB = HERE.parents[3] / "web"  # tickcast.js; a site of your own copies tickcast.js and the folder client/

SECRET_KEY = os.environ.get("SECRET_KEY", "for this example alone")
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "desk.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
                  "django.contrib.staticfiles", "tickcast.django", "orders"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
              "django.contrib.auth.middleware.AuthenticationMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
              "OPTIONS": {"context_processors": ["django.template.context_processors.request",
                                                 "django.contrib.auth.context_processors.auth"]}}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3",
                         "NAME": os.environ.get("DATABASE", str(HERE / "orders.sqlite")), "OPTIONS": {"timeout": 20}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [("tickcast", WEB)]
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"

# Sessions lie in Redis, where Tickcast looks them up: [auth.django] in tickcast.toml.
REDIS_PORT = os.environ.get("REDIS_PORT", "6390")
CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": f"redis://127.0.0.1:{REDIS_PORT}/1"}}
SESSION_ENGINE = "django.contrib.sessions.backends.cache"

TICKCAST = {"PULL": f"tcp://127.0.0.1:{os.environ.get('PULL_PORT', '5560')}",
            "ROUTER": f"tcp://127.0.0.1:{os.environ.get('ROUTER_PORT', '5561')}", "SOURCE": "orders"}
TICKCAST_WS = f"ws://127.0.0.1:{os.environ.get('TICKCAST_PORT', '8080')}/ws"
