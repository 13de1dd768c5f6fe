DROP TABLE conflict_exceptions;
DROP TABLE person_accounts;
