-- What somebody who was declined was told that they can do about it holds, whatever the call says later. Of
-- declines that there are, what the call says now is kept.
ALTER TABLE application_declines ADD COLUMN remedy text CONSTRAINT application_declines_remedy_ck CHECK (remedy IN ('appeal','resubmit'));
ALTER TABLE application_declines ADD COLUMN remedy_until date CONSTRAINT application_declines_until_ck CHECK ((remedy IS NULL) = (remedy_until IS NULL));
UPDATE application_declines SET remedy = said.appeals, remedy_until = (application_declines.declined_at AT TIME ZONE 'UTC')::date + said.appeal_days
FROM applications a JOIN call_decisions said ON said.call_id = a.call_id AND said.appeals <> 'none'
WHERE a.id = application_declines.application_id;
ALTER TABLE application_routes ADD COLUMN again_until date;
UPDATE application_routes SET again_until = (application_routes.ended_at AT TIME ZONE 'UTC')::date + said.appeal_days
FROM call_decisions said
WHERE said.call_id = application_routes.call_id AND said.appeals = 'resubmit' AND application_routes.ended_at IS NOT NULL
  AND (application_routes.status = 'declined' OR application_routes.status = 'draft' AND application_routes.again);
-- Nominations: when the nominee is reminded, then when it is over and its nominator hears of it; none once
-- nobody is waited for. Of what is over already nobody is told.
ALTER TABLE nominations ADD COLUMN due_at timestamptz;
UPDATE nominations SET due_at = expires_at - interval '168 hours' WHERE status = 'open' AND expires_at > now();
CREATE INDEX nominations_due_ix ON nominations (due_at) WHERE due_at IS NOT NULL;
-- Delegations in force: the day on which both are told that it ends.
ALTER TABLE delegations ADD COLUMN warn_on date;
UPDATE delegations SET warn_on = expires_on - 7 WHERE status = 'accepted';
CREATE INDEX delegations_warn_ix ON delegations (warn_on) WHERE warn_on IS NOT NULL;
