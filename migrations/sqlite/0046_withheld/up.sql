-- Nobody comes across an application any more because it is public whose grant is withheld.
ALTER TABLE applications ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0 CONSTRAINT applications_withheld_ck CHECK (withheld IN (0, 1));
UPDATE applications SET withheld = 1 WHERE id IN (
  SELECT g.application_id FROM grants g JOIN publications p ON p.grant_id = g.id WHERE p.status = 'withheld');
