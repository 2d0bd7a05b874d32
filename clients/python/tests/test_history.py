"""History as lists, arrays and frames."""
import datetime
from decimal import Decimal

import pytest

import tickcast

numpy = pytest.importorskip("numpy")
UTC = datetime.timezone.utc
T0 = 1_723_075_200_000_000

TRADES = {"symbol": "B", "epoch": "k3", "seq": 2, "previous": None, "next": T0 + 5, "trades": [
    {"time": T0, "price": 100, "size": 0.5, "side": "buy", "id": 1},
    {"time": T0 + 1, "price": "123456789.123456789", "size": 1e-18, "id": 2}]}
BARS = {"symbol": "B", "interval": "1m", "epoch": "k3", "seq": 9, "previous": None, "next": None, "forming": True,
        "time": [T0, T0 + 60_000_000], "open": [1, 2], "high": [1.5, "50.02000000012345679"], "low": [0.1, 2],
        "close": [1, 2.5], "volume": [10, 0], "vwap": [1.25, None], "trades": [3, 0], "rev": [0, 1],
        "values": {"sma(2)": [None, 1.75]}}


def test_trades_are_exact():
    first, second = tickcast.History.read(TRADES).trades()
    assert first == tickcast.Trade(datetime.datetime(2024, 8, 8, tzinfo=UTC), Decimal(100), Decimal("0.5"), "buy", 1)
    assert (second.price, second.size, second.side) == (Decimal("123456789.123456789"), Decimal("1E-18"), None)


def test_bars_are_exact_and_the_last_may_be_forming():
    first, second = tickcast.History.read(BARS).bars()
    assert first.low == Decimal("0.1") and second.high == Decimal("50.02000000012345679")
    assert (first.closed, second.closed) == (True, False)


def test_one_is_not_taken_for_the_other():
    with pytest.raises(ValueError, match="without an interval"):
        tickcast.History.read(BARS).trades()
    with pytest.raises(ValueError, match="with an interval"):
        tickcast.History.read(TRADES).bars()


def test_arrays_have_the_columns_types():
    arrays = tickcast.History.read(BARS).to_numpy()
    assert {name: str(column.dtype) for name, column in arrays.items()} == {
        "time": "datetime64[ns]", "open": "float64", "high": "float64", "low": "float64", "close": "float64",
        "volume": "float64", "vwap": "float64", "trades": "int64", "rev": "int64", "sma(2)": "float64",
        "closed": "bool"}
    assert arrays["time"][1] == numpy.datetime64("2024-08-08T00:01:00")
    assert numpy.isnan(arrays["sma(2)"][0]) and arrays["sma(2)"][1] == 1.75
    assert arrays["high"][1] == 50.02000000012346
    assert list(arrays["closed"]) == [True, False]


def test_arrays_are_exact_on_wish():
    arrays = tickcast.History.read(BARS).to_numpy(exact=True)
    assert list(arrays["high"]) == [Decimal("1.5"), Decimal("50.02000000012345679")]
    trades = tickcast.History.read(TRADES).to_numpy(exact=True)
    assert trades["price"][1] == Decimal("123456789.123456789") and list(trades["id"]) == [1, 2]


def test_a_frame_is_indexed_by_time_in_utc():
    pandas = pytest.importorskip("pandas")
    frame = tickcast.History.read(BARS).to_pandas()
    assert str(frame.index.dtype) == "datetime64[ns, UTC]" and frame.index.name == "time"
    assert frame.loc[pandas.Timestamp("2024-08-08T00:01Z"), "close"] == 2.5
    assert frame.attrs == {"symbol": "B", "interval": "1m", "epoch": "k3", "seq": 9}
    trades = tickcast.History.read(TRADES).to_pandas(exact=True)
    assert list(trades.columns) == ["price", "size", "side", "id"] and trades["side"].tolist() == ["buy", None]


@pytest.mark.parametrize("empty", [{**TRADES, "trades": []},
                                   {"symbol": "B", "interval": "1m", "time": [], "open": [], "high": [], "low": [],
                                    "close": [], "volume": []}])
def test_nothing_is_empty_and_not_wrong(empty):
    history = tickcast.History.read(empty)
    assert len(history) == 0 and len(history.to_numpy()["time"]) == 0
