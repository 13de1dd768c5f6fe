-- Awards: grants, their agreements, requirements and tranches; payees.
CREATE TABLE payees (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  name TEXT NOT NULL,
  country TEXT NOT NULL CONSTRAINT payees_country_rule_ck CHECK (length(country) = 2),
  town TEXT NOT NULL,
  address TEXT NOT NULL,
  method TEXT NOT NULL CONSTRAINT payees_method_ck CHECK (method IN ('iban','us_bank','external')),
  currency TEXT NOT NULL,
  sealed BLOB NOT NULL,
  masked TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  status TEXT NOT NULL CONSTRAINT payees_status_ck CHECK (status IN ('incomplete','submitted','verified','rejected')),
  status_reason TEXT,
  edited_by BLOB NOT NULL REFERENCES people (id) CHECK (length(edited_by) = 16),
  edited_at INTEGER NOT NULL,
  verified_by BLOB REFERENCES people (id) CHECK (length(verified_by) = 16),
  verified_at INTEGER,
  usable_from INTEGER,
  details_version INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT payees_verified_ck CHECK (verified_by IS NULL OR status = 'verified'),
  CONSTRAINT payees_vouched_ck CHECK (status <> 'verified' OR method = 'external' OR verified_by IS NOT NULL),
  CONSTRAINT payees_two_persons_ck CHECK (verified_by IS NULL OR verified_by <> edited_by)
) STRICT;
CREATE INDEX payees_person_ix ON payees (person_id, id);
CREATE INDEX payees_status_ix ON payees (status, id);
CREATE INDEX payees_fingerprint_ix ON payees (fingerprint);

CREATE TABLE grants (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL UNIQUE REFERENCES applications (id) CHECK (length(application_id) = 16),
  recipient_id BLOB NOT NULL REFERENCES people (id) CHECK (length(recipient_id) = 16),
  call_id BLOB NOT NULL REFERENCES calls (id) CHECK (length(call_id) = 16),
  title TEXT NOT NULL,
  amount_awarded INTEGER NOT NULL CONSTRAINT grants_amount_awarded_rule_ck CHECK (amount_awarded > 0),
  currency TEXT NOT NULL,
  awarded_on INTEGER NOT NULL,
  awarded_by BLOB CHECK (length(awarded_by) = 16),
  status TEXT NOT NULL CONSTRAINT grants_status_ck CHECK (status IN ('awarded','active','paused','winding_down','closed','cancelled')),
  status_reason TEXT,
  payee_id BLOB REFERENCES payees (id) CHECK (length(payee_id) = 16),
  activated_at INTEGER,
  ends_on INTEGER,
  closed_at INTEGER,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX grants_recipient_ix ON grants (recipient_id, id);
CREATE INDEX grants_status_ix ON grants (status, id);

CREATE TABLE grant_sources (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  grant_id BLOB NOT NULL REFERENCES grants (id) CHECK (length(grant_id) = 16),
  offer_id BLOB NOT NULL UNIQUE REFERENCES offers (id) CHECK (length(offer_id) = 16),
  budget_id BLOB NOT NULL REFERENCES budgets (id) CHECK (length(budget_id) = 16),
  fund_id BLOB NOT NULL REFERENCES funds (id) CHECK (length(fund_id) = 16),
  amount INTEGER NOT NULL CONSTRAINT grant_sources_amount_rule_ck CHECK (amount > 0)
) STRICT;
CREATE INDEX grant_sources_grant_ix ON grant_sources (grant_id, id);
CREATE INDEX grant_sources_budget_ix ON grant_sources (budget_id, id);
CREATE INDEX grant_sources_fund_ix ON grant_sources (fund_id, id);

CREATE TABLE tranches (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  grant_id BLOB NOT NULL REFERENCES grants (id) CHECK (length(grant_id) = 16),
  sequence INTEGER NOT NULL CONSTRAINT tranches_sequence_rule_ck CHECK (sequence >= 1),
  amount INTEGER NOT NULL CONSTRAINT tranches_amount_rule_ck CHECK (amount > 0),
  currency TEXT NOT NULL,
  due_on INTEGER,
  release_condition TEXT NOT NULL CONSTRAINT tranches_release_condition_ck CHECK (release_condition IN ('on_activation','on_date','on_report','on_checkpoint')),
  status TEXT NOT NULL CONSTRAINT tranches_status_ck CHECK (status IN ('planned','released','instructed','paid','cancelled')),
  released_at INTEGER,
  released_by BLOB CHECK (length(released_by) = 16),
  version INTEGER NOT NULL,
  UNIQUE (grant_id, sequence)
) STRICT;
CREATE INDEX tranches_due_ix ON tranches (due_on, id) WHERE status = 'planned';
CREATE INDEX tranches_released_ix ON tranches (id) WHERE status = 'released';

CREATE TABLE tranche_parts (
  tranche_id BLOB NOT NULL REFERENCES tranches (id) CHECK (length(tranche_id) = 16),
  budget_id BLOB NOT NULL REFERENCES budgets (id) CHECK (length(budget_id) = 16),
  fund_id BLOB NOT NULL REFERENCES funds (id) CHECK (length(fund_id) = 16),
  amount INTEGER NOT NULL CONSTRAINT tranche_parts_amount_rule_ck CHECK (amount > 0),
  PRIMARY KEY (tranche_id, budget_id)
) STRICT;

CREATE TABLE templates (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  kind TEXT NOT NULL CONSTRAINT templates_kind_ck CHECK (kind IN ('agreement')),
  number INTEGER NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  created_by BLOB CHECK (length(created_by) = 16),
  created_at INTEGER NOT NULL,
  UNIQUE (kind, number)
) STRICT;
CREATE TRIGGER templates_no_update BEFORE UPDATE ON templates BEGIN
  SELECT RAISE(ABORT, 'templates only grows');
END;
CREATE TRIGGER templates_no_delete BEFORE DELETE ON templates BEGIN
  SELECT RAISE(ABORT, 'templates only grows');
END;

CREATE TABLE agreements (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  grant_id BLOB NOT NULL REFERENCES grants (id) CHECK (length(grant_id) = 16),
  template_id BLOB NOT NULL REFERENCES templates (id) CHECK (length(template_id) = 16),
  body BLOB NOT NULL,
  sha256 TEXT NOT NULL CONSTRAINT agreements_sha256_rule_ck CHECK (length(sha256) = 64),
  status TEXT NOT NULL CONSTRAINT agreements_status_ck CHECK (status IN ('open','signed','superseded')),
  created_at INTEGER NOT NULL,
  signed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX agreements_current_key ON agreements (grant_id) WHERE status <> 'superseded';
CREATE INDEX agreements_grant_ix ON agreements (grant_id, id);

CREATE TABLE signatures (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  agreement_id BLOB NOT NULL REFERENCES agreements (id) CHECK (length(agreement_id) = 16),
  party TEXT NOT NULL CONSTRAINT signatures_party_ck CHECK (party IN ('recipient','sponsor')),
  person_id BLOB NOT NULL REFERENCES people (id) CHECK (length(person_id) = 16),
  typed_name TEXT NOT NULL,
  consent TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  signed_at INTEGER NOT NULL,
  address TEXT,
  agent TEXT,
  authenticated TEXT NOT NULL,
  UNIQUE (agreement_id, party),
  UNIQUE (agreement_id, person_id)
) STRICT;
CREATE TRIGGER signatures_no_update BEFORE UPDATE ON signatures BEGIN
  SELECT RAISE(ABORT, 'signatures only grows');
END;
CREATE TRIGGER signatures_no_delete BEFORE DELETE ON signatures BEGIN
  SELECT RAISE(ABORT, 'signatures only grows');
END;

CREATE TABLE requirements (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  grant_id BLOB NOT NULL REFERENCES grants (id) CHECK (length(grant_id) = 16),
  kind TEXT NOT NULL CONSTRAINT requirements_kind_ck CHECK (kind IN ('agreement','payee','tax_form','screening')),
  status TEXT NOT NULL CONSTRAINT requirements_status_ck CHECK (status IN ('open','provided','satisfied','refused','waived')),
  note TEXT,
  due_on INTEGER,
  provided_by BLOB CHECK (length(provided_by) = 16),
  decided_by BLOB CHECK (length(decided_by) = 16),
  decided_at INTEGER,
  reason TEXT,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (grant_id, kind)
) STRICT;
CREATE INDEX requirements_open_ix ON requirements (due_on, id) WHERE status IN ('open', 'provided', 'refused');
