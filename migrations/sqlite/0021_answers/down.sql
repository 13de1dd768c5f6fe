DROP TABLE application_versions;
DROP TABLE answer_bank;
DROP TABLE application_answers;
