"""The past of a symbol, as lists, NumPy arrays or a pandas frame."""
from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from .values import Bar, Trade, exact, time_of

if TYPE_CHECKING:
    import numpy

PRICES = ("open", "high", "low", "close", "volume", "value")
COUNTS = ("trades", "rev")
TRADE_COLUMNS = ("time", "price", "size", "side", "id")


@dataclasses.dataclass(frozen=True)
class History:
    """Rows of a symbol, oldest first: trades where `interval` is None, else bars, with a column for each output of an
    indicator.

    `columns` are the rows as they came, by name; `time` is whole microseconds since 1970 UTC. `forming` says that
    the last bar is not closed yet. (`epoch`, `seq`) is where live updates go on. `previous` is the `end` of the page
    before and `next` the `start` of the page behind, None where there is nothing.
    """

    symbol: str
    interval: Optional[str]
    columns: Dict[str, List[Any]]
    epoch: str
    seq: int
    forming: bool
    previous: Optional[int]
    next: Optional[int]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "History":
        """From an answer to get_history."""
        columns: Dict[str, List[Any]] = {}
        if "trades" in data and "interval" not in data:
            columns = {name: [row.get(name) for row in data["trades"]] for name in TRADE_COLUMNS}
        else:
            columns = {name: data[name] for name in ("time", *PRICES, "vwap", *COUNTS) if name in data}
            columns.update(data.get("values") or {})
        return cls(str(data["symbol"]), data.get("interval"), columns, str(data.get("epoch") or ""),
                   int(data.get("seq") or 0), bool(data.get("forming")), data.get("previous"), data.get("next"))

    def __len__(self) -> int:
        return len(self.columns["time"])

    def trades(self) -> List[Trade]:
        """The trades, with exact prices. Raises ValueError where these are bars."""
        if self.interval is not None:
            raise ValueError(f"these are bars of {self.interval}: ask get_history without an interval for trades")
        return [Trade.read(dict(zip(TRADE_COLUMNS, row)))
                for row in zip(*(self.columns[name] for name in TRADE_COLUMNS))]

    def bars(self) -> List[Bar]:
        """The bars, with exact prices. Raises ValueError where these are trades."""
        if self.interval is None:
            raise ValueError("these are trades: ask get_history with an interval, such as \"1m\", for bars")
        names = ("open", "high", "low", "close", "volume")
        rows: List[Any] = [map(time_of, self.columns["time"]), *(map(exact, self.columns[name]) for name in names)]
        return [Bar(*row) for row in zip(*rows, self._closed())]

    def to_numpy(self, exact: bool = False) -> "Dict[str, numpy.ndarray[Any, Any]]":
        """The columns as arrays: `time` as datetime64[ns] in UTC, prices and sizes as float64 (with `exact` as objects
        of Decimal), counts as int64, indicators as float64 with NaN through their look-back; bars have `closed`."""
        import numpy
        arrays: Dict[str, numpy.ndarray[Any, Any]] = {}
        for name, values in self.columns.items():
            if name == "time":
                arrays[name] = numpy.array(values, dtype="int64").astype("datetime64[us]").astype("datetime64[ns]")
            elif name in PRICES or name in ("price", "size"):
                arrays[name] = _decimals(values) if exact else _floats(values)
            elif name in COUNTS:
                arrays[name] = numpy.array([value or 0 for value in values], dtype="int64")
            elif name in ("side", "id"):
                whole = name == "id" and all(type(value) is int and value < 2**63 for value in values)
                arrays[name] = numpy.array(values, dtype="int64" if whole else object)
            else:
                arrays[name] = _floats(values)
        if self.interval is not None:
            arrays["closed"] = numpy.array(self._closed(), dtype=bool)
        return arrays

    def to_pandas(self, exact: bool = False) -> Any:
        """A DataFrame of the same columns, indexed by `time` (UTC); symbol, interval and position are in `attrs`."""
        import pandas
        arrays = self.to_numpy(exact)
        times = pandas.DatetimeIndex(arrays.pop("time"), tz="UTC", name="time")
        frame = pandas.DataFrame(arrays, index=times)
        frame.attrs = {"symbol": self.symbol, "interval": self.interval, "epoch": self.epoch, "seq": self.seq}
        return frame

    def _closed(self) -> List[bool]:
        rows = len(self)
        return [not self.forming or row < rows - 1 for row in range(rows)]


def _floats(values: List[Any]) -> "numpy.ndarray[Any, Any]":
    import numpy
    # A number that no double holds exactly comes as text.
    return numpy.array([float("nan") if value is None else float(value) for value in values], dtype="float64")


def _decimals(values: List[Any]) -> "numpy.ndarray[Any, Any]":
    import numpy
    found = numpy.empty(len(values), dtype=object)
    found[:] = [exact(value) for value in values]
    return found
