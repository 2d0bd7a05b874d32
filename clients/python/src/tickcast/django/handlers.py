"""Handlers of calls, in the modules `tickcast_handlers` of the site's apps; `manage.py tickcast_listen` runs them."""
from __future__ import annotations

from typing import Any, Callable, Dict

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import close_old_connections
from django.http import Http404
from django.utils.module_loading import autodiscover_modules

from ..calls import Call, CallError, Handler, Handlers

SIGN_IN, INVALID, FORBIDDEN, NOT_FOUND = 1401, 1400, 1403, 1404

registry = Handlers()


def tickcast_handler(*types: str, user: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: the function answers calls of these types and returns the answer's data.

    It takes the Call; with `user` also the caller's Django user, active and signed in, and others get code 1401. What
    Django raises becomes a code: ValidationError 1400 (with its messages as data), PermissionDenied 1403, Http404 and
    DoesNotExist 1404. For others raise tickcast.CallError.
    """
    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        registry.on(*types)(_wrapped(function, user))
        return function
    return register


def get_user(call: Call) -> Any:
    """The active Django user who has sent the call, or None."""
    users = get_user_model()
    try:
        found = users._default_manager.get(pk=call.user) if call.user is not None else None
    except (users.DoesNotExist, ValueError, ValidationError):
        return None
    return found if found is not None and found.is_active else None


def discover() -> Dict[str, Handler]:
    """Imports the apps' tickcast_handlers and gives all handlers by type."""
    autodiscover_modules("tickcast_handlers")
    return registry.by_type


def _wrapped(function: Callable[..., Any], wants_user: bool) -> Handler:
    def handle(call: Call) -> Any:
        close_old_connections()
        try:
            if not wants_user:
                return function(call)
            user = get_user(call)
            if user is None:
                raise CallError(SIGN_IN, "sign in first")
            return function(call, user)
        except ValidationError as error:
            told = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
            raise CallError(INVALID, "; ".join(error.messages), told) from error
        except PermissionDenied as error:
            raise CallError(FORBIDDEN, str(error) or "this is not allowed") from error
        except (ObjectDoesNotExist, Http404) as error:
            raise CallError(NOT_FOUND, "there is no such thing") from error
        finally:
            close_old_connections()
    return handle
