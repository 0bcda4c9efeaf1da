-- Bitbucket Server has no case in the paths of repositories.
CREATE INDEX repositories_by_lower_path ON repositories (lower(path));
