-- Tranches whose release was taken back wait for a person: they are looked up among all that are planned.
CREATE INDEX tranches_taken_back_ix ON tranches (id) WHERE status = 'planned' AND released_at IS NOT NULL;
