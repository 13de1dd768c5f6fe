-- Of what is offered, what was promised to the applicant: offers that wait for a second person are nobody's on
-- the application to see.
ALTER TABLE applications ADD COLUMN promised bigint NOT NULL DEFAULT 0 CONSTRAINT applications_promised_ck CHECK (promised >= 0 AND promised <= offered);
UPDATE applications SET promised = offered - (
  SELECT coalesce(sum(o.amount), 0) FROM offers o
  WHERE o.application_id = applications.id AND o.status = 'awaiting_approval')
WHERE offered > 0;
