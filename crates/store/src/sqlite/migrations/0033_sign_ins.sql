-- How the session was started by a sign-in; NULL: the token is not the session of a sign-in.
ALTER TABLE tokens ADD COLUMN sign_in TEXT;
-- Until now the session of a sign-in with an identity was recognized by its lifetime of more than 15 minutes.
-- The issuer of a provider is an address; that of a reverse proxy is a name.
UPDATE tokens SET sign_in =
    (SELECT CASE WHEN issuer LIKE 'http%' THEN 'oidc' ELSE 'header' END FROM identities WHERE identities.id = identity_id)
WHERE kind = 'session' AND identity_id IS NOT NULL AND expires_at > created_at + 900000;

CREATE INDEX audit_by_actor ON audit (actor, number) WHERE actor IS NOT NULL;
CREATE INDEX audit_by_first_time ON audit (at, number);
