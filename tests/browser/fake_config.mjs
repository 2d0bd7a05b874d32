// A configuration in force, as `/api/config` gives it.
const key = (name, value, usual, hot, meaning) => ({
  key: name,
  value,
  default: usual,
  changed: JSON.stringify(value) !== JSON.stringify(usual),
  hot,
  meaning,
});

export const fakeConfig = {
  sections: [
    {
      name: 'listen',
      keys: [
        key('address', '127.0.0.1', '127.0.0.1', false, 'IPv4 or IPv6 address to bind'),
        key('port', 8081, 8080, false, '0: any free one'),
        key('max_connections', 20000, 20000, true, 'open connections over all shards; more are answered with 503'),
        key(
          'allowed_origins',
          ['https://desk.example.com'],
          [],
          true,
          'empty: the same origin, and programs that send none; "*": every origin',
        ),
        key('ping_ms', 25000, 25000, true, 'silence after which a client is pinged'),
      ],
    },
    {
      name: 'admin',
      keys: [
        key('address', '127.0.0.1', '127.0.0.1', false, 'beyond loopback only with TLS'),
        key('port', 9190, 9190, false, '0: any free one'),
        key('token_file', '', '', false, "file with the callers' tokens; empty: admin-tokens in store.directory"),
      ],
    },
    {
      name: 'limits',
      keys: [
        key('topics', 100000, 100000, false, 'symbols the engine keeps, and as many event topics'),
        key(
          'queue_bytes',
          1048576,
          1048576,
          true,
          'what may wait for one client; above it updates are left out and a gap is told',
        ),
        key(
          'stalled_ms',
          10000,
          30000,
          true,
          'a client that has read nothing for so long while data waits is closed (3008)',
        ),
      ],
    },
    {
      name: 'feed.sub',
      keys: [
        key('endpoint', 'tcp://10.0.1.17:5556', 'tcp://127.0.0.1:5556', false, 'where it connects to'),
        key('curve.secret_key', '•••', '', false, "this side's secret key, Z85"),
      ],
    },
    {
      name: 'log',
      keys: [
        key('level', 'info', 'info', true, 'least grave lines that are written'),
        key('format', 'json', 'text', false, 'text or json'),
      ],
    },
  ],
};
