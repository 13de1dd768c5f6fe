-- Reviews under a rubric: who scores which application, each version that was handed in, and what
-- was decided on them.

-- How a call is reviewed; without a row names are shown.
CREATE TABLE review_settings (
  call_id uuid NOT NULL PRIMARY KEY REFERENCES calls (id),
  blind boolean NOT NULL,
  set_by uuid REFERENCES people (id),
  set_at timestamptz NOT NULL
);

CREATE TABLE reviews (
  id uuid NOT NULL PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications (id),
  call_id uuid NOT NULL REFERENCES calls (id),
  reviewer_id uuid NOT NULL REFERENCES people (id),
  status text NOT NULL CONSTRAINT reviews_status_ck CHECK (status IN ('assigned','submitted','set_aside')),
  aside text CONSTRAINT reviews_aside_ck CHECK (aside IN ('conflict','declined','removed')),
  aside_reason text,
  blind boolean NOT NULL,
  rubric jsonb NOT NULL,
  scores jsonb NOT NULL,
  comment text NOT NULL,
  recommendation text CONSTRAINT reviews_recommendation_ck CHECK (recommendation IN ('fund','unsure','decline')),
  submissions integer NOT NULL CONSTRAINT reviews_submissions_ck CHECK (submissions BETWEEN 0 AND 20),
  due_on date,
  assigned_by uuid,
  assigned_at timestamptz NOT NULL,
  submitted_at timestamptz,
  version integer NOT NULL,
  CONSTRAINT reviews_set_aside_ck CHECK ((status = 'set_aside') = (aside IS NOT NULL)),
  CONSTRAINT reviews_submitted_ck CHECK ((submissions > 0) = (submitted_at IS NOT NULL)),
  CONSTRAINT reviews_in_ck CHECK (status <> 'submitted' OR submissions > 0),
  UNIQUE (application_id, reviewer_id)
);
CREATE INDEX reviews_reviewer_ix ON reviews (reviewer_id, id);
CREATE INDEX reviews_reviewer_status_ix ON reviews (reviewer_id, status, id);
CREATE INDEX reviews_call_ix ON reviews (call_id);

CREATE TABLE review_versions (
  review_id uuid NOT NULL REFERENCES reviews (id),
  number integer NOT NULL CONSTRAINT review_versions_number_ck CHECK (number BETWEEN 1 AND 20),
  scores jsonb NOT NULL,
  comment text NOT NULL,
  recommendation text NOT NULL CONSTRAINT review_versions_recommendation_ck CHECK (recommendation IN ('fund','unsure','decline')),
  total integer NOT NULL CONSTRAINT review_versions_total_ck CHECK (total BETWEEN 0 AND 10000),
  blind boolean NOT NULL,
  others_in integer NOT NULL CONSTRAINT review_versions_others_ck CHECK (others_in >= 0),
  submitted_at timestamptz NOT NULL,
  PRIMARY KEY (review_id, number)
);

CREATE TABLE review_decisions (
  application_id uuid NOT NULL PRIMARY KEY REFERENCES applications (id),
  outcome text NOT NULL CONSTRAINT review_decisions_outcome_ck CHECK (outcome IN ('advance','revise','decline')),
  reason text NOT NULL,
  reviews integer NOT NULL CONSTRAINT review_decisions_reviews_ck CHECK (reviews > 0),
  mean integer NOT NULL CONSTRAINT review_decisions_mean_ck CHECK (mean BETWEEN 0 AND 10000),
  decided_by uuid NOT NULL REFERENCES people (id),
  decided_at timestamptz NOT NULL
);
CREATE FUNCTION review_versions_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'review_versions only grows';
END $$;
CREATE TRIGGER review_versions_no_change BEFORE UPDATE OR DELETE ON review_versions
  FOR EACH ROW EXECUTE FUNCTION review_versions_only_grows();
CREATE TRIGGER review_versions_no_truncate BEFORE TRUNCATE ON review_versions
  FOR EACH STATEMENT EXECUTE FUNCTION review_versions_only_grows();
CREATE FUNCTION review_decisions_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'review_decisions only grows';
END $$;
CREATE TRIGGER review_decisions_no_change BEFORE UPDATE OR DELETE ON review_decisions
  FOR EACH ROW EXECUTE FUNCTION review_decisions_only_grows();
CREATE TRIGGER review_decisions_no_truncate BEFORE TRUNCATE ON review_decisions
  FOR EACH STATEMENT EXECUTE FUNCTION review_decisions_only_grows();
