"""Tokens as a backend makes them, by PyJWT."""
import time

import jwt

SECRET = "0123456789abcdef0123456789abcdef"


def token(user="42", secret=SECRET, lives_s=60, algorithm="HS256", headers=None, **claims):
    """A token of `user`; `lives_s=None`: for ever."""
    body = {"sub": user, **claims}
    if lives_s is not None:
        body["exp"] = time.time() + lives_s
    return jwt.encode(body, secret, algorithm=algorithm, headers=headers)


def secret_file(directory, text=SECRET, name="secret"):
    path = directory / name
    path.write_text(text)
    path.chmod(0o600)
    return str(path)
