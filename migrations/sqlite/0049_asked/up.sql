-- Merges that wait for somebody's answer.
CREATE INDEX merges_asked_ix ON merges (asked_id) WHERE status = 'proposed';
