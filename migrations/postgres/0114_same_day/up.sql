-- Whether a contribution or a bank charge was recorded already is looked up by its fund and day.
CREATE INDEX contributions_day_ix ON contributions (fund_id, received_on);
CREATE INDEX bank_charges_day_ix ON bank_charges (fund_id, charged_on);
