DROP TABLE payment_files;
ALTER TABLE disbursements DROP COLUMN double_reason;
ALTER TABLE disbursements DROP COLUMN double_confirmed_by;
ALTER TABLE disbursements DROP COLUMN double_of;
