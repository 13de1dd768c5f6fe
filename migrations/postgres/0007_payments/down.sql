DROP TABLE import_rows;
DROP TABLE checkpoints;
DROP TABLE reports;
DROP TABLE attempts;
DROP TABLE disbursements;
DROP TABLE payment_batches;
