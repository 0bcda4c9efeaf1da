// The token that calls are made with: to read, or with all rights of who is signed in.

// In this page's memory and nowhere else.
const tokens = new Map();

// No token was given; the message says why, in words of the page where it has some.
export class NoToken extends Error {}

// `signIn`: what those are told who are not signed in, or no more.
export async function token(writes, signIn) {
  const known = tokens.get(writes);
  if (known && known.until > Date.now()) return known.token;
  const answer = await fetch("/explorer/token", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ writes }),
  });
  const told = await answer.json();
  if (!answer.ok) throw new NoToken(answer.status === 401 ? signIn : (told.detail ?? told.title ?? answer.status));
  // A minute before its end another is fetched.
  tokens.set(writes, { token: told.token, until: Date.parse(told.expires_at) - 60_000 });
  return told.token;
}

export const forget = () => tokens.clear();
