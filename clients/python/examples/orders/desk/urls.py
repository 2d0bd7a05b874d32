"""Sign in and out by Django's own views, and the one page."""
from django.contrib.auth import views as accounts
from django.urls import path

from orders import views

urlpatterns = [
    path("", views.index, name="index"),
    path("orders/", views.place, name="place"),
    path("accounts/login/", accounts.LoginView.as_view(), name="login"),
    path("accounts/logout/", accounts.LogoutView.as_view(), name="logout"),
]
