"""A site with one app; its database is named by SHOP_DATABASE, its server by SHOP_ROUTER and SHOP_PULL."""
import os

SECRET_KEY = "the secret key of a shop that sells nothing"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "tickcast.django", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["SHOP_DATABASE"],
                         "OPTIONS": {"timeout": 20}}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
TICKCAST = {"PULL": os.environ.get("SHOP_PULL", "tcp://127.0.0.1:1"),
            "ROUTER": os.environ.get("SHOP_ROUTER", "tcp://127.0.0.1:1"), "SOURCE": "shop", "THREADS": 4}
