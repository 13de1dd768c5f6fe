DROP TABLE offers;
DROP TABLE conflicts;
DROP TABLE application_members;
DROP TABLE applications;
DROP TABLE call_funds;
DROP TABLE calls;
