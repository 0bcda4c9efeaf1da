// SDK-HMAC-SHA256 with its intermediate steps. Browsers have no crypto.subtle on http pages of other hosts
// than localhost, so SHA-256 is implemented here.

const NOT_SIGNED = [
  "accept",
  "accept-encoding",
  "authorization",
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
const ALGORITHM = "SDK-HMAC-SHA256";

const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((p) => n % p)) PRIMES.push(n);
// The first 32 bits of the fractional part of a root, computed with integers because floats are not exact.
function fraction(prime, power) {
  const wanted = BigInt(prime) << (32n * BigInt(power));
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** BigInt(power) <= wanted) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}
const K = PRIMES.map((prime) => fraction(prime, 3));
const START = PRIMES.slice(0, 8).map((prime) => fraction(prime, 2));

const rotate = (x, n) => (x >>> n) | (x << (32 - n));

export function sha256(bytes) {
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(padded.length - 4, bytes.length << 3);
  const state = [...START];
  const w = new Int32Array(64);
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >>> 3);
      const s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >>> 10);
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    for (const [i, x] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] + x) | 0;
  }
  const out = new DataView(new ArrayBuffer(32));
  for (const [i, x] of state.entries()) out.setInt32(4 * i, x);
  return new Uint8Array(out.buffer);
}

export function hmac(key, message) {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const inner = sha256(
    joined(
      block.map((b) => b ^ 0x36),
      message,
    ),
  );
  return sha256(
    joined(
      block.map((b) => b ^ 0x5c),
      inner,
    ),
  );
}

function joined(a, b) {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const utf8 = (text) => new TextEncoder().encode(text);

// Percent-decodes a text to bytes and encodes it in the canonical form of the signature.
function recoded(text) {
  const bytes = [];
  for (let i = 0; i < text.length; i++) {
    const octet = /^%[0-9a-f]{2}/i.exec(text.slice(i, i + 3));
    if (octet) bytes.push(parseInt(text.slice(i + 1, i + 3), 16));
    else {
      const c = String.fromCodePoint(text.codePointAt(i));
      bytes.push(...utf8(c));
      i += c.length - 1;
      continue;
    }
    i += 2;
  }
  return { bytes, text: bytes.map(spelled).join("") };
}

const spelled = (byte) =>
  /[\w.~-]/.test(String.fromCharCode(byte)) && byte < 128
    ? String.fromCharCode(byte)
    : "%" + byte.toString(16).toUpperCase().padStart(2, "0");

export function canonicalUri(path) {
  const out = recoded(path)
    .bytes.map((b) => (b === 0x2f ? "/" : spelled(b)))
    .join("");
  return out.endsWith("/") ? out : out + "/";
}

export function canonicalQuery(query) {
  if (!query) return "";
  const pairs = query.split("&").map((piece) => {
    const [name, ...value] = piece.split("=");
    return [recoded(name), recoded(value.join("="))];
  });
  const order = (a, b) => {
    for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
    return a.length - b.length;
  };
  pairs.sort(([a, v], [b, w]) => order(a.bytes, b.bytes) || order(v.bytes, w.bytes));
  return pairs.map(([name, value]) => `${name.text}=${value.text}`).join("&");
}

export const sdkDate = (date) => date.toISOString().replace(/[-:]|\.\d+/g, "");

// Signs `request` {method, target, headers: pairs including Host, body: text} and returns every step.
export function sign(request, accessKey, secretKey, date) {
  const headers = [...request.headers, ["X-Sdk-Date", date]]
    .map(([name, value]) => [name.toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, "")])
    .filter(([name]) => !name.includes("_") && !NOT_SIGNED.includes(name))
    .sort(([a, v], [b, w]) => (a < b ? -1 : a > b ? 1 : v < w ? -1 : 1));
  const signedHeaders = [...new Set(headers.map(([name]) => name))].join(";");
  const [path, ...query] = request.target.split("?");
  const stated = headers.find(([name]) => name === "x-sdk-content-sha256");
  const canonicalRequest = [
    request.method,
    canonicalUri(path),
    canonicalQuery(query.join("?")),
    headers.map(([name, value]) => `${name}:${value}\n`).join(""),
    signedHeaders,
    stated ? stated[1] : hex(sha256(utf8(request.body ?? ""))),
  ].join("\n");
  const stringToSign = [ALGORITHM, date, hex(sha256(utf8(canonicalRequest)))].join("\n");
  const signature = hex(hmac(utf8(secretKey), utf8(stringToSign)));
  const authorization = `${ALGORITHM} Access=${accessKey}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return { date, canonicalRequest, stringToSign, signature, authorization };
}
