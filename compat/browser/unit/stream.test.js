// Which of the open tabs holds the stream of events, in a simulated browser with its own clock and channels.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const source = readFileSync(new URL("../../../crates/pages/assets/stream.js", import.meta.url), "utf8");
const { backoff, follow } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

/** Timers that fire when `run` passes them, channels between all tabs, and the open streams. */
function browser() {
  let now = 0;
  let timers = [];
  let made = 0;
  const channels = new Set();
  const streams = [];
  const timer =
    (repeats) =>
    (does, after = 0) => {
      made += 1;
      const it = { does, at: now + after, every: repeats && after, number: made };
      timers.push(it);
      return it;
    };
  const clear = (it) => (timers = timers.filter((other) => other !== it));
  const run = (time) => {
    const end = now + time;
    for (;;) {
      timers.sort((a, b) => a.at - b.at || a.number - b.number);
      const [next] = timers;
      if (!next || next.at > end) break;
      now = next.at;
      timers.shift();
      if (next.every) timers.push(Object.assign(next, { at: next.at + next.every }));
      next.does();
    }
    now = end;
  };
  const world = {
    crypto,
    performance: { now: () => now },
    setTimeout: timer(false),
    clearTimeout: clear,
    setInterval: timer(true),
    clearInterval: clear,
    BroadcastChannel: class {
      constructor() {
        channels.add(this);
      }
      close() {
        channels.delete(this);
      }
      postMessage(data) {
        for (const other of channels) {
          if (other !== this) world.setTimeout(() => channels.has(other) && other.onmessage?.({ data }), 1);
        }
      }
    },
    EventSource: class {
      constructor(url) {
        Object.assign(this, { url, readyState: 0, hears: {} });
        streams.push(this);
      }
      addEventListener(type, does) {
        this.hears[type] = does;
      }
      close() {
        this.readyState = 2;
        streams.splice(streams.indexOf(this), 1);
      }
      send(type, id, data = {}) {
        this.readyState = 1;
        this.hears[type]({ lastEventId: String(id), data: JSON.stringify(data) });
      }
      refuse() {
        this.readyState = 2;
        this.onerror();
      }
    },
  };
  return { world, run, streams };
}

function tab({ world }, url) {
  const it = { heard: [], live: false };
  it.close = follow(
    url,
    (type) => it.heard.push(type),
    (live) => (it.live = live),
    world,
  );
  return it;
}

test("seven tabs of a repository have one stream, and another tab takes over", () => {
  const { world, run, streams } = browser();
  const tabs = Array.from({ length: 7 }, () => tab({ world }, "/events?repository=1"));
  run(1500);
  while (tabs.length > 0) {
    assert.equal(streams.length, 1);
    streams[0].send("ready", 5);
    streams[0].send("job", 6);
    run(10);
    for (const { live, heard } of tabs) assert.deepEqual([live, heard.at(-1)], [true, "job"]);
    tabs.shift().close();
    run(8000);
  }
  assert.equal(streams.length, 0);
});

test("of many repositories no more than three have a stream", () => {
  const { world, run, streams } = browser();
  const tabs = [1, 2, 3, 4, 5, 6, 7].map((id) => {
    if (id % 2) run(400);
    return tab({ world }, `/events?repository=${id}`);
  });
  run(20000);
  assert.equal(streams.length, 3);
  for (const stream of streams) stream.send("ready", 1);
  run(10);
  assert.equal(tabs.filter(({ live }) => live).length, 3);
});

test("a stream that is refused is made anew, from the last event on; one that is silent, too", () => {
  const { world, run, streams } = browser();
  const one = tab({ world }, "/events?repository=1");
  run(500);
  streams[0].send("ready", 7);
  streams[0].refuse();
  assert.deepEqual([streams.length, one.live], [0, true], "once may happen");
  run(31000);
  assert.equal(streams[0].url, "/events?repository=1&after=7");
  streams[0].refuse();
  assert.equal(one.live, false);
  run(31000);
  streams[0].send("ready", 7);
  assert.equal(one.live, true);
  run(60000);
  assert.equal(one.live, false);
});

test("new tries are spread over a second at least and half a minute at most", () => {
  for (let tries = 0; tries < 20; tries += 1) {
    assert.ok(backoff(tries, 0) >= 500 && backoff(tries, 1) <= 30000);
  }
});
