DROP INDEX bank_charges_day_ix;
DROP INDEX contributions_day_ix;
