-- Paperwork of grants: the day on which somebody is reminded of it next; none once nobody is waited for.
-- Screening is done by those who run the service, who have it before them.
ALTER TABLE requirements ADD COLUMN remind_on date;
UPDATE requirements SET remind_on = due_on - 7
WHERE due_on IS NOT NULL
  AND (kind IN ('agreement', 'tax_form') AND status IN ('open', 'refused')
    OR kind = 'payee' AND status IN ('open', 'provided', 'refused'))
  AND grant_id IN (SELECT id FROM grants WHERE status NOT IN ('closed', 'cancelled'));
CREATE INDEX requirements_remind_ix ON requirements (remind_on, id) WHERE remind_on IS NOT NULL;
