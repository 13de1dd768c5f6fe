-- Reviews under a rubric: who scores which application, each version that was handed in, and what
-- was decided on them.

-- How a call is reviewed; without a row names are shown.
CREATE TABLE review_settings (
  call_id BLOB NOT NULL PRIMARY KEY REFERENCES calls (id) CHECK (length(call_id) = 16),
  blind INTEGER NOT NULL CONSTRAINT review_settings_blind_ck CHECK (blind IN (0, 1)),
  set_by BLOB REFERENCES people (id) CHECK (length(set_by) = 16),
  set_at INTEGER NOT NULL
) STRICT;

CREATE TABLE reviews (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  application_id BLOB NOT NULL REFERENCES applications (id) CHECK (length(application_id) = 16),
  call_id BLOB NOT NULL REFERENCES calls (id) CHECK (length(call_id) = 16),
  reviewer_id BLOB NOT NULL REFERENCES people (id) CHECK (length(reviewer_id) = 16),
  status TEXT NOT NULL CONSTRAINT reviews_status_ck CHECK (status IN ('assigned','submitted','set_aside')),
  aside TEXT CONSTRAINT reviews_aside_ck CHECK (aside IN ('conflict','declined','removed')),
  aside_reason TEXT,
  blind INTEGER NOT NULL CONSTRAINT reviews_blind_ck CHECK (blind IN (0, 1)),
  rubric TEXT NOT NULL CHECK (json_valid(rubric)),
  scores TEXT NOT NULL CHECK (json_valid(scores)),
  comment TEXT NOT NULL,
  recommendation TEXT CONSTRAINT reviews_recommendation_ck CHECK (recommendation IN ('fund','unsure','decline')),
  submissions INTEGER NOT NULL CONSTRAINT reviews_submissions_ck CHECK (submissions BETWEEN 0 AND 20),
  due_on INTEGER,
  assigned_by BLOB CHECK (length(assigned_by) = 16),
  assigned_at INTEGER NOT NULL,
  submitted_at INTEGER,
  version INTEGER NOT NULL,
  CONSTRAINT reviews_set_aside_ck CHECK ((status = 'set_aside') = (aside IS NOT NULL)),
  CONSTRAINT reviews_submitted_ck CHECK ((submissions > 0) = (submitted_at IS NOT NULL)),
  CONSTRAINT reviews_in_ck CHECK (status <> 'submitted' OR submissions > 0),
  UNIQUE (application_id, reviewer_id)
) STRICT;
CREATE INDEX reviews_reviewer_ix ON reviews (reviewer_id, id);
CREATE INDEX reviews_reviewer_status_ix ON reviews (reviewer_id, status, id);
CREATE INDEX reviews_call_ix ON reviews (call_id);

CREATE TABLE review_versions (
  review_id BLOB NOT NULL REFERENCES reviews (id) CHECK (length(review_id) = 16),
  number INTEGER NOT NULL CONSTRAINT review_versions_number_ck CHECK (number BETWEEN 1 AND 20),
  scores TEXT NOT NULL CHECK (json_valid(scores)),
  comment TEXT NOT NULL,
  recommendation TEXT NOT NULL CONSTRAINT review_versions_recommendation_ck CHECK (recommendation IN ('fund','unsure','decline')),
  total INTEGER NOT NULL CONSTRAINT review_versions_total_ck CHECK (total BETWEEN 0 AND 10000),
  blind INTEGER NOT NULL CONSTRAINT review_versions_blind_ck CHECK (blind IN (0, 1)),
  others_in INTEGER NOT NULL CONSTRAINT review_versions_others_ck CHECK (others_in >= 0),
  submitted_at INTEGER NOT NULL,
  PRIMARY KEY (review_id, number)
) STRICT;
CREATE TRIGGER review_versions_no_update BEFORE UPDATE ON review_versions BEGIN
  SELECT RAISE(ABORT, 'review_versions only grows');
END;
CREATE TRIGGER review_versions_no_delete BEFORE DELETE ON review_versions BEGIN
  SELECT RAISE(ABORT, 'review_versions only grows');
END;

CREATE TABLE review_decisions (
  application_id BLOB NOT NULL PRIMARY KEY REFERENCES applications (id) CHECK (length(application_id) = 16),
  outcome TEXT NOT NULL CONSTRAINT review_decisions_outcome_ck CHECK (outcome IN ('advance','revise','decline')),
  reason TEXT NOT NULL,
  reviews INTEGER NOT NULL CONSTRAINT review_decisions_reviews_ck CHECK (reviews > 0),
  mean INTEGER NOT NULL CONSTRAINT review_decisions_mean_ck CHECK (mean BETWEEN 0 AND 10000),
  decided_by BLOB NOT NULL REFERENCES people (id) CHECK (length(decided_by) = 16),
  decided_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER review_decisions_no_update BEFORE UPDATE ON review_decisions BEGIN
  SELECT RAISE(ABORT, 'review_decisions only grows');
END;
CREATE TRIGGER review_decisions_no_delete BEFORE DELETE ON review_decisions BEGIN
  SELECT RAISE(ABORT, 'review_decisions only grows');
END;
