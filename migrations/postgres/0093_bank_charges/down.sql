DROP TABLE bank_transfers;
DROP TABLE bank_charges;
