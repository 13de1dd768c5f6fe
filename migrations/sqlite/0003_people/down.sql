DROP TABLE access_tokens;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE mail_tokens;
DROP TABLE people;
