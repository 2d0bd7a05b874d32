"""The page, and the form's target. Neither pushes anything: the model does (apps.py)."""
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.forms import modelform_factory
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from .models import Order

OrderForm = modelform_factory(Order, fields=["symbol", "quantity"])


@login_required
def index(request):
    """Today's orders; the later ones come by Tickcast."""
    orders = [order.as_data() for order in Order.objects.filter(user=request.user).order_by("pk")]
    return render(request, "orders/index.html", {"orders": orders, "form": OrderForm(), "ws": settings.TICKCAST_WS})


@login_required
@require_POST
def place(request):
    """Saves an order."""
    form = OrderForm(request.POST, instance=Order(user=request.user))
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    form.save()
    return HttpResponse(status=204)
