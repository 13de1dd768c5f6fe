-- Grants that can be closed are looked up among those of which nothing is left to release or to pay. It is
-- kept where a tranche moves on.
ALTER TABLE grants ADD COLUMN nothing_left INTEGER NOT NULL DEFAULT 0 CONSTRAINT grants_nothing_left_ck CHECK (nothing_left IN (0, 1));
CREATE INDEX grants_nothing_left_ix ON grants (status, id) WHERE nothing_left;
UPDATE grants SET nothing_left = 1
WHERE NOT EXISTS (
  SELECT 1 FROM tranches t
  WHERE t.grant_id = grants.id AND t.status IN ('planned', 'released', 'instructed'));
