-- When each merge request became known and last changed: lists over all repositories are ordered by it.
ALTER TABLE merge_requests ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE merge_requests ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
-- From the heads and pipelines that are kept.
UPDATE merge_requests SET
    created_at = coalesce((SELECT min(k.moment) FROM (
        SELECT h.reported_at AS moment FROM merge_request_heads h
        WHERE h.repository_id = merge_requests.repository_id AND h.iid = merge_requests.iid
        UNION ALL SELECT p.created_at FROM pipelines p WHERE p.repository_id = merge_requests.repository_id
        AND p.ref = 'refs/merge-requests/' || merge_requests.iid || '/head') k), 0),
    updated_at = coalesce((SELECT max(k.moment) FROM (
        SELECT h.reported_at AS moment FROM merge_request_heads h
        WHERE h.repository_id = merge_requests.repository_id AND h.iid = merge_requests.iid
        UNION ALL SELECT p.created_at FROM pipelines p WHERE p.repository_id = merge_requests.repository_id
        AND p.ref = 'refs/merge-requests/' || merge_requests.iid || '/head') k), 0);
CREATE INDEX merge_requests_by_created_at ON merge_requests (created_at, repository_id, iid);
CREATE INDEX merge_requests_by_updated_at ON merge_requests (updated_at, repository_id, iid);
