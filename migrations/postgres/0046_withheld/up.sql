-- Nobody comes across an application any more because it is public whose grant is withheld.
ALTER TABLE applications ADD COLUMN withheld boolean NOT NULL DEFAULT false;
UPDATE applications SET withheld = true WHERE id IN (
  SELECT g.application_id FROM grants g JOIN publications p ON p.grant_id = g.id WHERE p.status = 'withheld');
