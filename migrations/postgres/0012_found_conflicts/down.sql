DROP TABLE conflict_exceptions;
DROP FUNCTION conflict_exceptions_only_grows();
DROP TABLE person_accounts;
