-- What of a grant is published, where somebody has decided it: without a row the rule of the house
-- holds (all of a public application's, amounts and days of a private one's, no names).
CREATE TABLE publications (
  grant_id uuid NOT NULL PRIMARY KEY REFERENCES grants (id),
  status text NOT NULL CONSTRAINT publications_status_ck CHECK (status IN ('published','withheld')),
  recipient text NOT NULL CONSTRAINT publications_recipient_ck CHECK (recipient IN ('individual','organisation')),
  organisation_name text,
  organisation_id text,
  fields jsonb NOT NULL,
  decided_by uuid,
  decided_at timestamptz NOT NULL,
  CONSTRAINT publications_organisation_ck CHECK ((recipient = 'organisation') = (organisation_name IS NOT NULL)),
  CONSTRAINT publications_id_ck CHECK (organisation_id IS NULL OR recipient = 'organisation')
);
