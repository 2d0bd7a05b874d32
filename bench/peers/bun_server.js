// Bun's built-in WebSocket pub/sub. Clients say `sub a b …` or `unsub a b …` and get `ok`; a publisher connects
// by TCP and sends lines of `topic TAB payload`.
const clients = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response("WebSocket only", { status: 426 });
  },
  websocket: {
    perMessageDeflate: false,
    idleTimeout: 0,
    backpressureLimit: 64 << 20,
    message(socket, text) {
      const [verb, ...topics] = text.split(" ");
      for (const topic of topics) verb === "sub" ? socket.subscribe(topic) : socket.unsubscribe(topic);
      socket.send("ok");
    },
  },
});

const ingest = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open(socket) {
      socket.data = "";
    },
    data(socket, bytes) {
      const text = socket.data + bytes.latin1Slice(0, bytes.length);
      let from = 0;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
        const tab = text.indexOf("\t", from);
        clients.publish(text.slice(from, tab), text.slice(tab + 1, end));
        from = end + 1;
      }
      socket.data = text.slice(from);
    },
  },
});

console.log(JSON.stringify({ event: "started", port: clients.port, ingest: [ingest.port] }));
