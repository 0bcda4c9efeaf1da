-- How the session was started by a sign-in; NULL: the token is not the session of a sign-in.
ALTER TABLE tokens ADD COLUMN sign_in TEXT;
-- Until now the session of a sign-in with an identity was recognized by its lifetime of more than 15 minutes.
UPDATE tokens SET sign_in = 'oidc'
WHERE kind = 'session' AND identity_id IS NOT NULL AND expires_at > created_at + 900000;

CREATE INDEX audit_by_actor ON audit (actor, number) WHERE actor IS NOT NULL;
CREATE INDEX audit_by_first_time ON audit (at, number);
