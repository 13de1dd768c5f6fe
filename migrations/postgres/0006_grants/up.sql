-- Awards: grants, their agreements, requirements and tranches; payees.
CREATE TABLE payees (
  id uuid NOT NULL PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES people (id),
  name text NOT NULL,
  country text NOT NULL CONSTRAINT payees_country_rule_ck CHECK (length(country) = 2),
  town text NOT NULL,
  address text NOT NULL,
  method text NOT NULL CONSTRAINT payees_method_ck CHECK (method IN ('iban','us_bank','external')),
  currency text NOT NULL,
  sealed bytea NOT NULL,
  masked text NOT NULL,
  fingerprint bytea NOT NULL,
  status text NOT NULL CONSTRAINT payees_status_ck CHECK (status IN ('incomplete','submitted','verified','rejected')),
  status_reason text,
  edited_by uuid NOT NULL REFERENCES people (id),
  edited_at timestamptz NOT NULL,
  verified_by uuid REFERENCES people (id),
  verified_at timestamptz,
  usable_from timestamptz,
  details_version integer NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT payees_verified_ck CHECK (verified_by IS NULL OR status = 'verified'),
  CONSTRAINT payees_vouched_ck CHECK (status <> 'verified' OR method = 'external' OR verified_by IS NOT NULL),
  CONSTRAINT payees_two_persons_ck CHECK (verified_by IS NULL OR verified_by <> edited_by)
);
CREATE INDEX payees_person_ix ON payees (person_id, id);
CREATE INDEX payees_status_ix ON payees (status, id);
CREATE INDEX payees_fingerprint_ix ON payees (fingerprint);

CREATE TABLE grants (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL UNIQUE REFERENCES applications (id),
  recipient_id uuid NOT NULL REFERENCES people (id),
  call_id uuid NOT NULL REFERENCES calls (id),
  title text NOT NULL,
  amount_awarded bigint NOT NULL CONSTRAINT grants_amount_awarded_rule_ck CHECK (amount_awarded > 0),
  currency text NOT NULL,
  awarded_on date NOT NULL,
  awarded_by uuid,
  status text NOT NULL CONSTRAINT grants_status_ck CHECK (status IN ('awarded','active','paused','winding_down','closed','cancelled')),
  status_reason text,
  payee_id uuid REFERENCES payees (id),
  activated_at timestamptz,
  ends_on date,
  closed_at timestamptz,
  version integer NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX grants_recipient_ix ON grants (recipient_id, id);
CREATE INDEX grants_status_ix ON grants (status, id);

CREATE TABLE grant_sources (
  id uuid NOT NULL PRIMARY KEY,
  grant_id uuid NOT NULL REFERENCES grants (id),
  offer_id uuid NOT NULL UNIQUE REFERENCES offers (id),
  budget_id uuid NOT NULL REFERENCES budgets (id),
  fund_id uuid NOT NULL REFERENCES funds (id),
  amount bigint NOT NULL CONSTRAINT grant_sources_amount_rule_ck CHECK (amount > 0)
);
CREATE INDEX grant_sources_grant_ix ON grant_sources (grant_id, id);
CREATE INDEX grant_sources_budget_ix ON grant_sources (budget_id, id);
CREATE INDEX grant_sources_fund_ix ON grant_sources (fund_id, id);

CREATE TABLE tranches (
  id uuid NOT NULL PRIMARY KEY,
  grant_id uuid NOT NULL REFERENCES grants (id),
  sequence integer NOT NULL CONSTRAINT tranches_sequence_rule_ck CHECK (sequence >= 1),
  amount bigint NOT NULL CONSTRAINT tranches_amount_rule_ck CHECK (amount > 0),
  currency text NOT NULL,
  due_on date,
  release_condition text NOT NULL CONSTRAINT tranches_release_condition_ck CHECK (release_condition IN ('on_activation','on_date','on_report','on_checkpoint')),
  status text NOT NULL CONSTRAINT tranches_status_ck CHECK (status IN ('planned','released','instructed','paid','cancelled')),
  released_at timestamptz,
  released_by uuid,
  version integer NOT NULL,
  UNIQUE (grant_id, sequence)
);
CREATE INDEX tranches_due_ix ON tranches (due_on, id) WHERE status = 'planned';
CREATE INDEX tranches_released_ix ON tranches (id) WHERE status = 'released';

CREATE TABLE tranche_parts (
  tranche_id uuid NOT NULL REFERENCES tranches (id),
  budget_id uuid NOT NULL REFERENCES budgets (id),
  fund_id uuid NOT NULL REFERENCES funds (id),
  amount bigint NOT NULL CONSTRAINT tranche_parts_amount_rule_ck CHECK (amount > 0),
  PRIMARY KEY (tranche_id, budget_id)
);

CREATE TABLE templates (
  id uuid NOT NULL PRIMARY KEY,
  kind text NOT NULL CONSTRAINT templates_kind_ck CHECK (kind IN ('agreement')),
  number integer NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  created_by uuid,
  created_at timestamptz NOT NULL,
  UNIQUE (kind, number)
);
CREATE FUNCTION templates_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'templates only grows';
END $$;
CREATE TRIGGER templates_no_change BEFORE UPDATE OR DELETE ON templates
  FOR EACH ROW EXECUTE FUNCTION templates_only_grows();
CREATE TRIGGER templates_no_truncate BEFORE TRUNCATE ON templates
  FOR EACH STATEMENT EXECUTE FUNCTION templates_only_grows();

CREATE TABLE agreements (
  id uuid NOT NULL PRIMARY KEY,
  grant_id uuid NOT NULL REFERENCES grants (id),
  template_id uuid NOT NULL REFERENCES templates (id),
  body bytea NOT NULL,
  sha256 text NOT NULL CONSTRAINT agreements_sha256_rule_ck CHECK (length(sha256) = 64),
  status text NOT NULL CONSTRAINT agreements_status_ck CHECK (status IN ('open','signed','superseded')),
  created_at timestamptz NOT NULL,
  signed_at timestamptz
);
CREATE UNIQUE INDEX agreements_current_key ON agreements (grant_id) WHERE status <> 'superseded';
CREATE INDEX agreements_grant_ix ON agreements (grant_id, id);

CREATE TABLE signatures (
  id uuid NOT NULL PRIMARY KEY,
  agreement_id uuid NOT NULL REFERENCES agreements (id),
  party text NOT NULL CONSTRAINT signatures_party_ck CHECK (party IN ('recipient','sponsor')),
  person_id uuid NOT NULL REFERENCES people (id),
  typed_name text NOT NULL,
  consent text NOT NULL,
  sha256 text NOT NULL,
  signed_at timestamptz NOT NULL,
  address text,
  agent text,
  authenticated text NOT NULL,
  UNIQUE (agreement_id, party),
  UNIQUE (agreement_id, person_id)
);
CREATE FUNCTION signatures_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'signatures only grows';
END $$;
CREATE TRIGGER signatures_no_change BEFORE UPDATE OR DELETE ON signatures
  FOR EACH ROW EXECUTE FUNCTION signatures_only_grows();
CREATE TRIGGER signatures_no_truncate BEFORE TRUNCATE ON signatures
  FOR EACH STATEMENT EXECUTE FUNCTION signatures_only_grows();

CREATE TABLE requirements (
  id uuid NOT NULL PRIMARY KEY,
  grant_id uuid NOT NULL REFERENCES grants (id),
  kind text NOT NULL CONSTRAINT requirements_kind_ck CHECK (kind IN ('agreement','payee','tax_form','screening')),
  status text NOT NULL CONSTRAINT requirements_status_ck CHECK (status IN ('open','provided','satisfied','refused','waived')),
  note text,
  due_on date,
  provided_by uuid,
  decided_by uuid,
  decided_at timestamptz,
  reason text,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (grant_id, kind)
);
CREATE INDEX requirements_open_ix ON requirements (due_on, id) WHERE status IN ('open', 'provided', 'refused');
