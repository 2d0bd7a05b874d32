"""A chart that reads UDF: it pages back as TradingView's library does, until it is told that there is no more."""
from .server import http_get


class UdfError(Exception):
    pass


class UdfClient:
    def __init__(self, base, symbol, resolution):
        self.base, self.resolution = base, resolution
        self.symbol = self.ask("symbols", symbol=symbol)["ticker"]
        self.requests = 0
        self.jumps = 0

    def ask(self, path, **parameters):
        query = "&".join(f"{key}={value}" for key, value in parameters.items())
        answer = http_get(f"{self.base}/{path}?{query}")
        assert answer.status == 200, answer.text
        data = answer.json
        if isinstance(data, dict) and data.get("s") == "error":
            raise UdfError(data["errmsg"])
        return data

    def history(self, begin, end, countback=None):
        self.requests += 1
        more = {} if countback is None else {"countback": countback}
        return self.ask("history", symbol=self.symbol, resolution=self.resolution, **{"from": begin, "to": end}, **more)

    def page_back(self, end, width, countback=None, most_requests=1000):
        """All bars before `end`, oldest first. `width`: seconds of one request."""
        bars = []
        while True:
            assert self.requests < most_requests, "it pages for ever"
            page = self.history(end - width, end, countback)
            if page["s"] == "no_data":
                if "nextTime" not in page:
                    return bars
                assert page["nextTime"] < end - width, "nextTime lies before what was asked"
                self.jumps += 1
                end = page["nextTime"] + 1
                continue
            times = page["t"]
            assert times == sorted(set(times)) and times[-1] < end, "ascending, unique, before `to`"
            bars = list(zip(times, page["o"], page["h"], page["l"], page["c"], page["v"])) + bars
            end = min(times[0], end - width) if countback is None else times[0]
