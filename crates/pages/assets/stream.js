// One event stream for all tabs of a repository. Over HTTP/1.1 a browser has six connections to a server, and
// each stream occupies one. The tabs elect a leader, which holds the stream, over a BroadcastChannel, which
// unlike Web Locks is also available without TLS. Must not know the content of the pages.

const BEAT = 2000; // interval of the heartbeats of a leader, in ms
const BEAT_TIMEOUT = 5000; // a leader without heartbeat for this time has ended, in ms
const STREAMS_MAX = 3; // maximum number of streams of all repositories
const STREAM_TIMEOUT = 50000; // reconnect after this time without data, in ms; the server pings every 20 s
const TYPES = ["ready", "resync", "job", "pipeline_imported", "pipeline_gone", "gate", "ping"];

/** The delay before the nth retry in ms: 1 to 30 s with jitter, so that not all clients reconnect at once. */
export const backoff = (tries, random = Math.random()) => Math.min(30, 2 ** tries) * (500 + 500 * random);

/**
 * Follows the events of `url`. Calls `onEvent(type, data)` for every event and `onChange(live)` when the
 * stream connects or breaks. `world` replaces the browser globals in tests. Returns a function that stops.
 */
export function follow(url, onEvent, onChange, world = globalThis) {
  const me = world.crypto.getRandomValues(new Uint32Array(2)).join(".");
  const channel = world.BroadcastChannel ? new world.BroadcastChannel("stagepost") : { postMessage() {}, close() {} };
  const others = new Map(); // leaders of other repositories: url -> time of the last heartbeat
  let isLeader = false,
    live = false,
    source,
    retryTimer,
    claimTimer,
    last,
    tries = 0,
    lastBeat = 0,
    lastData = 0;
  const now = () => world.performance.now();
  const send = (kind, more) => channel.postMessage({ from: me, url, kind, ...more });
  const beat = () => send("beat", { live });

  function setLive(on) {
    if (live === on) return;
    live = on;
    if (isLeader) beat();
    onChange(on);
  }
  function open() {
    close();
    lastData = now();
    source = new world.EventSource(last ? `${url}&after=${last}` : url);
    const own = source;
    for (const type of TYPES)
      own.addEventListener(type, (event) => {
        lastData = now();
        tries = 0;
        last = event.lastEventId;
        if (type === "ready") setLive(true);
        if (type === "ping") return;
        const data = JSON.parse(event.data);
        send("event", { type, data });
        onEvent(type, data);
      });
    own.onerror = () => {
      if (++tries > 1) setLive(false);
      // EventSource reconnects by itself, unless the response was not a stream.
      if (own.readyState === 2) reconnect();
    };
  }
  function reconnect() {
    close();
    retryTimer = world.setTimeout(open, backoff(tries));
  }
  function close() {
    world.clearTimeout(retryTimer);
    source?.close();
    source = undefined;
  }
  /** The number of other streams; with `before`, only of those that have priority over this one. */
  const busy = (before) => [...others].filter(([of, at]) => now() - at < BEAT_TIMEOUT && (!before || of < url)).length;
  function lead() {
    if (isLeader || busy() >= STREAMS_MAX) return;
    isLeader = true;
    live = false;
    open();
    beat();
  }
  function resign() {
    isLeader = false;
    close();
    setLive(false);
  }
  /** Becomes the leader after a random delay, unless another tab is the leader. */
  function claimSoon(within) {
    world.clearTimeout(claimTimer);
    claimTimer = world.setTimeout(lead, 50 + Math.random() * within);
  }
  channel.onmessage = ({ data: { from, url: of, kind, ...more } }) => {
    if (kind === "ask") {
      if (isLeader) beat();
    } else if (of !== url) {
      if (kind === "beat") others.set(of, now());
      if (kind === "bye") others.delete(of);
    } else if (kind === "beat") {
      // Of two leaders, the one with the smaller id remains.
      if (isLeader && from > me) return beat();
      if (isLeader) resign();
      world.clearTimeout(claimTimer);
      lastBeat = now();
      setLive(more.live);
    } else if (kind === "event" && !isLeader) {
      onEvent(more.type, more.data);
    } else if (kind === "bye" && !isLeader) {
      claimSoon(100);
    }
  };
  const pulse = world.setInterval(() => {
    if (isLeader && busy(true) >= STREAMS_MAX) {
      resign();
      send("bye");
    } else if (isLeader) {
      beat();
      if (source && now() - lastData > STREAM_TIMEOUT) {
        setLive(false);
        reconnect();
      }
    } else if (now() - lastBeat > BEAT_TIMEOUT) {
      setLive(false);
      claimSoon(500);
    }
  }, BEAT);
  send("ask");
  claimSoon(100);

  return function stop() {
    world.clearInterval(pulse);
    world.clearTimeout(claimTimer);
    close();
    if (isLeader) send("bye");
    channel.close();
  };
}
