// The tokens for calls: with the scope read, or with all permissions of the signed-in user.

// Tokens are only in the memory of this page.
const tokens = new Map();

// The server refused to issue a token. The message is shown to the user.
export class NoToken extends Error {}

// `signIn` is the message for users whose session does not exist or has expired.
export async function token(writes, signIn) {
  const known = tokens.get(writes);
  if (known && known.until > Date.now()) return known.token;
  const response = await fetch(`${document.documentElement.dataset.base}/explorer/token`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ writes }),
  });
  const result = await response.json();
  if (!response.ok)
    throw new NoToken(response.status === 401 ? signIn : (result.detail ?? result.title ?? response.status));
  // Tokens are renewed one minute before they expire.
  tokens.set(writes, { token: result.token, until: Date.parse(result.expires_at) - 60_000 });
  return result.token;
}

export const forget = () => tokens.clear();
