"""Import and export: recordings into a directory and into a running server, out again, and in once more unchanged."""
import csv
import gzip
import json
import re
import signal
import subprocess
import time
from decimal import Decimal
from pathlib import Path

import pytest

from harness.server import BINARY, SLOWED
from harness.waiting import until_now

OK, FAILED, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130
FOREVER = {"store": {"retention": {"trade": 0, "quote": 0, "bar": 0}}}

# File, topics with how many rows each is kept with, how many rows are not new although none was there: repeated ids, equal
# bars of one time.
RECORDINGS = {
    "trades/binance_coinm_btcusd_perp_20240808_09.csv": ["trade.BTCUSD_PERP"],
    "trades/binance_spot_ethusdt_20240808_09.csv.gz": ["trade.ETHUSDT"],
    "trades/binance_usdm_btcusdt_20230404_05.csv.gz": ["trade.BTCUSDT"],
    "trades/binance_usdm_btcusdt_20240808.csv.gz": ["trade.BTCUSDT"],
    "trades/bitstamp_btcusd_bitcoincharts.csv": ["trade.BTCUSD"],
    "quotes/binance_coinm_btcusd_perp_20240808_09_bbo.csv.gz": ["quote.BTCUSD_PERP"],
    "quotes/binance_spot_ethusdt_20240808_09_bbo.csv.gz": ["quote.ETHUSDT"],
    "quotes/binance_usdm_btcusdt_20230404_05_bbo.csv.gz": ["quote.BTCUSDT"],
    "quotes/binance_usdm_btcusdt_20240808_bbo.csv.gz": ["quote.BTCUSDT"],
    "quotes/fxcm_eurusd_20140508_ticks.csv.gz": ["quote.EURUSD"],
    "quotes/oanda_nzdusd_20140506_ticks.csv.gz": ["quote.NZDUSD"],
    "quotes/oanda_xauusd_20140508_ticks.csv.gz": ["quote.XAUUSD"],
    "bars_1m/coinbase_btcusd_1m_quote.csv": ["bar.1m@bid.BTCUSD", "bar.1m@ask.BTCUSD"],
    "bars_1m/coinbase_btcusd_1m_trade.csv": ["bar.1m.BTCUSD"],
    "bars_1m/coinbase_ltcusd_1m_quote.csv": ["bar.1m@bid.LTCUSD", "bar.1m@ask.LTCUSD"],
    "bars_1m/coinbase_ltcusd_1m_trade.csv": ["bar.1m.LTCUSD"],
    "bars_1m/us_azo_1m_2024.csv.gz": ["bar.1m.AZO"],
    "bars_1m/us_fico_1m_2024.csv.gz": ["bar.1m.FICO"],
    "bars_1d/oanda_eurusd_1d_quote.csv": ["bar.1d@bid.EURUSD", "bar.1d@ask.EURUSD"],
    "bars_1d/skender_default_1d.csv": ["bar.1d.DEFAULT"],
    "bars_1d/spx_1d.csv": ["bar.1d.SPX"],
    "bars_1d/us_ba_1d.csv.gz": ["bar.1d.BA"],
    "bars_1d/us_cat_1d.csv.gz": ["bar.1d.CAT"],
}
SHORT = ["trades/binance_coinm_btcusd_perp_20240808_09.csv", "bars_1m/coinbase_ltcusd_1m_quote.csv",
         "bars_1d/us_ba_1d.csv.gz", "quotes/oanda_nzdusd_20140506_ticks.csv.gz"]


def rows_of(file):
    with (gzip.open if str(file).endswith(".gz") else open)(file, "rt", newline="") as text:
        return list(csv.DictReader(text))


@pytest.fixture
def bring(tickcast, tmp_path):
    """Imports into tmp_path/data; the summary."""

    def run(*arguments, code=OK, to=tmp_path / "data"):
        where = ["--to", to] if to else []
        done = tickcast("import", *arguments, *where, within=120 * SLOWED)
        assert done.returncode == code, done.stderr
        run.stderr = done.stderr
        return json.loads(done.stdout) if done.stdout else None

    return run


@pytest.fixture
def fetch(tickcast, tmp_path):
    """Exports from tmp_path/data; the text."""

    def run(topic, *arguments, code=OK, directory=tmp_path / "data"):
        where = ["--directory", directory] if directory else []
        done = tickcast("export", topic, *arguments, *where, within=60 * SLOWED)
        assert done.returncode == code, done.stderr
        run.stderr = done.stderr
        return done.stdout

    return run


def asking(server):
    return ["--admin", server.admin]


def kept(text):
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_recording_goes_in_and_comes_out_and_goes_in_again_unchanged(bring, fetch, recordings, tmp_path, name):
    file, topics = recordings / name, RECORDINGS[name]
    lines = len(rows_of(file))
    first = bring(file)
    assert (first["read"], first["rows"], first["bad"]) == (lines, lines * len(topics), 0)
    again = bring(file)
    assert (again["rows"], again["new"], again["present"]) == (first["rows"], 0, first["rows"])

    texts = {topic: fetch(topic) for topic in topics}
    assert sum(len(kept(text)) for text in texts.values()) == first["new"]
    assert first["new"] == first["rows"], "the recordings repeat no row"
    for topic, text in texts.items():
        exported = tmp_path / f"{topic.replace('/', '_')}.csv"
        exported.write_text(text)
        there = bring(exported)
        assert (there["rows"], there["new"], there["bad"]) == (len(kept(text)), 0, 0)
        assert bring(exported, to=tmp_path / "other")["new"] == len(kept(text))
        assert fetch(topic, directory=tmp_path / "other") == text


def test_what_comes_out_is_what_the_recording_says(bring, fetch, recordings):
    trades = recordings / "trades/binance_usdm_btcusdt_20240808.csv.gz"
    bars = recordings / "bars_1m/coinbase_btcusd_1m_quote.csv"
    bring(trades, bars)
    expected = sorted((int(row["trade_ms"]) * 1_000_000, int(row["trade_id"]), Decimal(row["price"]),
                       Decimal(row["qty"]), row["aggressor"]) for row in rows_of(trades))
    got = [(int(row["time_ns"]), int(row["id"]), Decimal(row["price"]), Decimal(row["size"]), row["side"])
           for row in kept(fetch("trade.BTCUSDT"))]
    assert [row[0] for row in got] == sorted(row[0] for row in got)
    assert sorted(got) == expected
    for side in ("bid", "ask"):
        expected = [tuple(Decimal(row[f"{side}_{field}"]) for field in ("open", "high", "low", "close"))
                    for row in rows_of(bars)]
        rows = kept(fetch(f"bar.1m@{side}.BTCUSD"))
        assert [tuple(Decimal(row[field]) for field in ("open", "high", "low", "close")) for row in rows] == expected
        assert [int(row["time_ns"]) for row in rows] == [int(row["ts_utc_ms"]) * 1_000_000 for row in rows_of(bars)]


def test_a_range_of_time_in_either_notation_and_as_json_lines(bring, fetch, tmp_path):
    file = tmp_path / "v_x.csv"
    file.write_text("time_ns,price,size,side,id\n" + "".join(
        f"{1723075200_000000000 + n * 1_000_000_000},10.{n},1,buy,{n}\n" for n in range(10)))
    bring(file)
    part = fetch("trade.X", "--from", "2024-08-08T00:00:02Z", "--to", "1723075205000000")
    assert [row["id"] for row in kept(part)] == ["2", "3", "4"]
    assert fetch("trade.X", "--from", "2024-08-08", "--to", "2024-08-09") == fetch("trade.X")
    lines = [json.loads(line) for line in fetch("trade.X", "--format", "jsonl").splitlines()]
    assert [line["id"] for line in lines] == list(range(10))
    assert lines[3] == {"type": "trade", "symbol": "X", "time": 1723075203_000000000, "price": "10.3", "size": "1",
                        "side": "buy", "id": 3}
    assert fetch("trade.NONE").splitlines() == ["time_ns,symbol,price,size,side,id,id_text"]
    assert "nothing of trade.NONE is kept" in fetch.stderr


def test_columns_are_named_by_hand_where_their_names_tell_nothing(bring, fetch, tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("when,o,h,l,c,v\n1723075200000,1,4,0.5,2,10\n1723075260000,2,3,1,1,5\n")
    done = bring(file, "--symbol", "ABC", "--interval", "1m", "--columns",
                 "time=when:ms,open=o,high=h,low=l,close=c,volume=v")
    assert done["new"] == 2
    assert [row["high"] for row in kept(fetch("bar.1m.ABC"))] == ["4", "3"]


def test_bad_rows_are_told_by_their_lines_and_the_rest_goes_in(bring, fetch, tmp_path):
    file = tmp_path / "v_x.csv"
    good = "".join(f"{n},{n}.5,1\n" for n in range(1, 31))
    bad = "soon,1,1\n" * 12
    file.write_text("unix_s,price,amount\n" + good + bad + "31,31.5,1\n")
    done = bring(file)
    assert (done["read"], done["new"], done["bad"]) == (43, 31, 12)
    told = bring.stderr.splitlines()
    assert told[0].endswith("line 32: 'soon' is not a time")
    assert len(told) == 11 and "and 2 more rows" in told[-1]
    assert len(kept(fetch("trade.X"))) == 31
    file.write_text("unix_s,price,amount\n" + bad)
    assert bring(file, code=FAILED)["bad"] == 12


def test_what_cannot_begin_begins_nothing(bring, fetch, tickcast, tmp_path):
    file = tmp_path / "v_x.csv"
    file.write_text("unix_s,price,amount\n1,1,1\n")
    assert bring(file, tmp_path / "none.csv", code=USAGE) is None
    assert "cannot open" in bring.stderr
    assert not (tmp_path / "data").exists(), "no row of the first file went in"
    assert bring(file, "--columns", "time=when:ms", code=USAGE) is None
    assert "no column `when`" in bring.stderr
    assert bring(file, to=None, code=USAGE) is None
    assert "--directory" in bring.stderr
    fetch("trade.X", code=FAILED)
    assert "no history is kept" in fetch.stderr
    fetch("user.42", code=USAGE)
    fetch("trade.X", "--from", "soon", code=USAGE)
    assert "'soon' is no time" in fetch.stderr


def test_a_gzip_file_that_is_cut_is_a_failure_and_what_was_read_is_in(bring, fetch, tmp_path):
    text = "unix_s,price,amount\n" + "".join(f"{n},{n % 977}.5,{n % 31}\n" for n in range(1, 200_001))
    file = tmp_path / "v_x.csv.gz"
    with gzip.open(file, "wt") as out:
        out.write(text)
    whole = file.read_bytes()
    file.write_bytes(whole[:len(whole) // 2])
    done = bring(file, code=FAILED)
    assert 0 < done["new"] < 200_000
    assert "cannot be read behind line" in bring.stderr
    file.write_bytes(whole)
    assert bring(file)["new"] == 200_000 - done["new"]
    assert len(kept(fetch("trade.X"))) == 200_000


@pytest.fixture
def long_file(tmp_path):
    """Two million trades, no two alike: seconds of work."""
    file = tmp_path / "v_x.csv"
    with file.open("w") as out:
        out.write("unix_s,price,amount\n")
        out.writelines(f"{n},{n * 7919 % 100_003}.5,{n * 104_729 % 9973 + 1}\n" for n in range(1, 2_000_001))
    return file


def test_an_import_that_was_killed_is_repeated(bring, fetch, long_file, tmp_path):
    history = tmp_path / "data/history"
    running = subprocess.Popen([BINARY, "import", str(long_file), "--to", str(tmp_path / "data")],
                               stdout=subprocess.DEVNULL)
    until_now(lambda: sum(each.stat().st_size for each in history.glob("*.log")) > 200_000, "the first pieces",
              30 * SLOWED)
    running.send_signal(signal.SIGKILL)
    running.wait()
    before = len(kept(fetch("trade.X")))
    assert 0 < before < 2_000_000
    assert bring(long_file)["new"] == 2_000_000 - before
    assert bring(long_file)["new"] == 0


def test_an_import_that_is_interrupted_says_so(long_file, tmp_path):
    running = subprocess.Popen([BINARY, "import", str(long_file), "--to", str(tmp_path / "data")],
                               stdout=subprocess.PIPE, text=True)
    until_now(lambda: (tmp_path / "data/history").is_dir(), "the database", 20 * SLOWED)
    running.send_signal(signal.SIGINT)
    told, _ = running.communicate(timeout=30 * SLOWED)
    assert running.returncode == INTERRUPTED
    assert json.loads(told)["event"] == "broken off"


def test_recordings_go_into_a_running_server_and_come_out_the_same(bring, fetch, start_server, recordings):
    server = start_server(FOREVER)
    data = server.directory / "data"
    for name in SHORT:
        file, topics = recordings / name, RECORDINGS[name]
        first = bring(file, *asking(server), to=data)
        assert first["to"] == server.admin
        assert (first["new"], first["bad"]) == (len(rows_of(file)) * len(topics), 0)
        assert bring(file, *asking(server), to=data)["new"] == 0
    live = {topic: fetch(topic, *asking(server), directory=data) for name in SHORT for topic in RECORDINGS[name]}
    assert server.stop() == 0
    for topic, text in live.items():
        assert fetch(topic, directory=data) == text
        assert len(kept(text)) > 1000


def test_an_import_through_a_server_is_entered_once(bring, start_server, recordings):
    server = start_server(FOREVER)
    one, two = (recordings / name for name in ("quotes/oanda_nzdusd_20140506_ticks.csv.gz", SHORT[0]))
    bring(one, two, *asking(server), to=server.directory / "data")
    entries = [row for row in server.rows("/api/audit") if row["action"] == "import"]
    assert len(entries) == 1
    assert entries[0]["outcome"] == "done"
    assert entries[0]["target"] == f"{one.name} {two.name}"
    said = entries[0]["data"]
    assert json.loads(said)["new"] == 49_798 + 5_235
    assert json.loads(said)["topics"] == ["quote.NZDUSD", "trade.BTCUSD_PERP"]


def test_an_import_through_a_server_that_was_killed_is_repeated(bring, start_server, recordings):
    server = start_server(FOREVER)
    file = recordings / "quotes/fxcm_eurusd_20140508_ticks.csv.gz"
    data = server.directory / "data"
    running = subprocess.Popen([BINARY, "import", str(file), "--to", str(data), *asking(server)],
                               stdout=subprocess.DEVNULL)
    counted = lambda: len(server.ask("/api/export?topic=quote.EURUSD&limit=50000").json)
    until_now(lambda: counted() > 0, "the first rows", 30 * SLOWED)
    running.send_signal(signal.SIGKILL)
    running.wait()
    done = bring(file, *asking(server), to=data)
    assert 0 < done["new"] < 167_466
    assert done["new"] + done["present"] == 167_466
    outcomes = [row["outcome"] for row in server.rows("/api/audit") if row["action"] == "import"]
    assert outcomes == ["done", "it was left off before its end"]


def test_a_server_with_other_work_is_not_taken_for_the_one_that_holds_the_directory(bring, start_server, tmp_path):
    holder, other = start_server(), start_server()
    file = tmp_path / "v_x.csv"
    file.write_text("unix_s,price,amount\n1,1,1\n")
    token = ["--token-file", other.started["admin_tokens"]]
    assert bring(file, *asking(other), *token, to=holder.directory / "data", code=FAILED) is None
    assert f"process {holder.process.pid} works on the directory" in bring.stderr
    nowhere = ["--admin", "http://127.0.0.1:9"]
    assert bring(file, *nowhere, to=holder.directory / "data", code=UNREACHABLE) is None
    assert f"process {holder.process.pid} works on" in bring.stderr


def test_a_configuration_names_directory_server_and_tokens(bring, fetch, start_server, tmp_path):
    server = start_server()
    file = tmp_path / "v_x.csv"
    file.write_text("unix_s,price,amount\n1,1.25,1\n")
    assert bring(file, "--config", server.config_file, *asking(server), to=None)["new"] == 1
    assert kept(fetch("trade.X", "--admin", server.admin, "--config", server.config_file, directory=None))
    assert server.stop() == 0
    assert bring(file, "--config", server.config_file, to=None)["new"] == 0


def test_a_viewer_may_export_and_not_import(bring, fetch, start_server, tmp_path):
    server = start_server()
    with Path(server.started["admin_tokens"]).open("a") as tokens:
        tokens.write("vic viewer viewer-token-000001\n")
    tokens = tmp_path / "viewer"
    tokens.write_text("vic viewer viewer-token-000001\n")
    file = tmp_path / "v_x.csv"
    file.write_text("unix_s,price,amount\n1,1.25,1\n")
    viewer = ["--admin", server.admin, "--token-file", tokens]
    assert bring(file, *viewer, to=server.directory / "data", code=FAILED)["new"] == 0
    assert "operator" in bring.stderr
    assert bring(file, *asking(server), to=server.directory / "data")["new"] == 1
    assert len(kept(fetch("trade.X", *viewer, directory=server.directory / "data"))) == 1


def test_the_server_answers_everything_else_while_an_import_runs(start_server, recordings):
    server = start_server(FOREVER)
    file = recordings / "quotes/oanda_xauusd_20140508_ticks.csv.gz"
    running = subprocess.Popen([BINARY, "import", str(file), "--to", str(server.directory / "data"), *asking(server)],
                               stdout=subprocess.PIPE, text=True)
    longest = 0.0
    while running.poll() is None:
        began = time.monotonic()
        assert server.ask("/api/overview").status == 200
        longest = max(longest, time.monotonic() - began)
    told = json.loads(running.communicate()[0])
    assert told["new"] == 199_123
    assert longest < 1.0 * SLOWED


def test_the_progress_is_shown_on_a_terminal_alone(tmp_path):
    import os
    import pty

    file = tmp_path / "v_x.csv"
    with file.open("w") as out:
        out.write("unix_s,price,amount\n")
        for n in range(1, 200_001):
            out.write(f"{n},1.5,1\n")
    command = [str(BINARY), "import", str(file), "--to"]
    piped = subprocess.run([*command, str(tmp_path / "a")], capture_output=True, text=True, timeout=60 * SLOWED)
    assert piped.returncode == OK and piped.stderr == ""
    outer, inner = pty.openpty()
    running = subprocess.Popen([*command, str(tmp_path / "b")], stdout=subprocess.DEVNULL, stderr=inner)
    os.close(inner)
    seen = b""
    try:
        while piece := os.read(outer, 4096):
            seen += piece
    except OSError:
        pass  # the other end is closed
    os.close(outer)
    assert running.wait(timeout=60 * SLOWED) == OK
    assert re.search(rb"v_x\.csv  \[#* *\] +\d+%  [\d,]+ rows", seen)
    assert seen.endswith(b"\r\x1b[K")


def test_a_replay_begins_anywhere_with_the_numbers_of_the_whole(start_program, tickcast, tmp_path):
    import zmq

    file = tmp_path / "v_x.csv"
    file.write_text("unix_s,trade_id,price,qty\n" + "".join(f"{n},{n},{n}.5,1\n" for n in range(1, 101)))
    with zmq.Context() as context, context.socket(zmq.PULL) as pull:
        pull.linger = 0
        pull.rcvtimeo = int(10_000 * SLOWED)
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        arguments = ["replay", file, "--to", f"tcp://127.0.0.1:{port}", "--speed", "max", "--format", "json"]
        whole = start_program(*arguments)
        rows = [json.loads(pull.recv()) for _ in range(100)]
        assert whole.end() == OK
        part = start_program(*arguments, "--from-seq", "98")
        assert [json.loads(pull.recv()) for _ in range(3)] == rows[97:]
        assert part.end() == OK
        assert part.lines[0]["from_seq"] == 98
        assert part.lines[-1]["sent"] == 3
        at_end = start_program(*arguments, "--from-seq", "101")
        assert at_end.end() == OK
        assert at_end.lines[-1]["sent"] == 0
        beyond = tickcast(*arguments, "--from-seq", "102")
        assert beyond.returncode == FAILED
        assert "there is no row 102: the recordings have 100" in beyond.stderr
