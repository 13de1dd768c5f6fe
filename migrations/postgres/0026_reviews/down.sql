DROP TABLE review_decisions;
DROP FUNCTION review_decisions_only_grows();
DROP TABLE review_versions;
DROP FUNCTION review_versions_only_grows();
DROP TABLE reviews;
DROP TABLE review_settings;
