-- What everybody may find: calls by when they were last changed and by their words, applications by
-- when they became public and when they were awarded.
ALTER TABLE calls ADD COLUMN changed_at timestamptz NOT NULL DEFAULT 'epoch';
ALTER TABLE calls ADD COLUMN search text NOT NULL DEFAULT '';
UPDATE calls SET changed_at = created_at, search = lower(title || ' ' || summary);
CREATE INDEX calls_changed_ix ON calls (changed_at, id) WHERE visibility = 'public' AND status <> 'draft';
CREATE INDEX applications_shown_ix ON applications (opened_at, id) WHERE visibility = 'public' AND status = 'open';
CREATE INDEX applications_granted_ix ON applications (decided_at, id) WHERE visibility = 'public' AND status = 'awarded';
