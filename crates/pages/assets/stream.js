// One stream of events for all tabs that look at a repository: over HTTP/1.1 a browser has six connections to a server, and a stream
// takes one for as long as it lasts. The tabs elect who holds it over a BroadcastChannel, which unlike Web Locks is there on plain
// http, too. Must not know what a page shows.

const BEAT = 2000; // a leader says so often that it is there
const SILENCE = 5000; // and is gone after so long
const STREAMS = 3; // of all repositories together
const DEAF = 50000; // the server pings every 20 s
const TYPES = ["ready", "resync", "job", "pipeline_imported", "pipeline_gone", "ping"];

/** How long to wait before the nth new try, in milliseconds: 1 to 30 s, so that not all come back at once. */
export const backoff = (tries, random = Math.random()) => Math.min(30, 2 ** tries) * (500 + 500 * random);

/** Follows `url`. `heard(type, data)` gets its events; `turned(live)` whether they come. `world` is for tests. */
export function follow(url, heard, turned, world = globalThis) {
  const me = world.crypto.getRandomValues(new Uint32Array(2)).join(".");
  const channel = world.BroadcastChannel ? new world.BroadcastChannel("stagepost") : { postMessage() {}, close() {} };
  const others = new Map(); // leaders of other repositories: url -> when heard
  let leads = false,
    live = false,
    source,
    retry,
    claim,
    last,
    tries = 0,
    beaten = 0,
    word = 0;
  const now = () => world.performance.now();
  const say = (kind, more) => channel.postMessage({ from: me, url, kind, ...more });
  const beat = () => say("beat", { live });

  function turn(on) {
    if (live === on) return;
    live = on;
    if (leads) beat();
    turned(on);
  }
  function open() {
    close();
    word = now();
    source = new world.EventSource(last ? `${url}&after=${last}` : url);
    const mine = source;
    for (const type of TYPES)
      mine.addEventListener(type, (event) => {
        word = now();
        tries = 0;
        last = event.lastEventId;
        if (type === "ready") turn(true);
        if (type === "ping") return;
        const data = JSON.parse(event.data);
        say("event", { type, data });
        heard(type, data);
      });
    mine.onerror = () => {
      if (++tries > 1) turn(false);
      // It comes back by itself, unless the answer was not a stream.
      if (mine.readyState === 2) again();
    };
  }
  function again() {
    close();
    retry = world.setTimeout(open, backoff(tries));
  }
  function close() {
    world.clearTimeout(retry);
    source?.close();
    source = undefined;
  }
  /** How many other streams there are; those that go before ours when there are too many. */
  const busy = (before) => [...others].filter(([of, at]) => now() - at < SILENCE && (!before || of < url)).length;
  function lead() {
    if (leads || busy() >= STREAMS) return;
    leads = true;
    live = false;
    open();
    beat();
  }
  function yields() {
    leads = false;
    close();
    turn(false);
  }
  /** Leads soon, unless somebody else says that they do. */
  function claims(within) {
    world.clearTimeout(claim);
    claim = world.setTimeout(lead, 50 + Math.random() * within);
  }
  channel.onmessage = ({ data: { from, url: of, kind, ...more } }) => {
    if (kind === "ask") {
      if (leads) beat();
    } else if (of !== url) {
      if (kind === "beat") others.set(of, now());
      if (kind === "bye") others.delete(of);
    } else if (kind === "beat") {
      // Of two the one with the smaller name stays.
      if (leads && from > me) return beat();
      if (leads) yields();
      world.clearTimeout(claim);
      beaten = now();
      turn(more.live);
    } else if (kind === "event" && !leads) {
      heard(more.type, more.data);
    } else if (kind === "bye" && !leads) {
      claims(100);
    }
  };
  const pulse = world.setInterval(() => {
    if (leads && busy(true) >= STREAMS) {
      yields();
      say("bye");
    } else if (leads) {
      beat();
      if (source && now() - word > DEAF) {
        turn(false);
        again();
      }
    } else if (now() - beaten > SILENCE) {
      turn(false);
      claims(500);
    }
  }, BEAT);
  say("ask");
  claims(100);

  return function stop() {
    world.clearInterval(pulse);
    world.clearTimeout(claim);
    close();
    if (leads) say("bye");
    channel.close();
  };
}
