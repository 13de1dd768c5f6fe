DROP TABLE review_decisions;
DROP TABLE review_versions;
DROP TABLE reviews;
DROP TABLE review_settings;
