-- The sponsor's fee that a giver was told when they announced; unknown of older ones.
ALTER TABLE announcements ADD COLUMN fee_basis_points integer CONSTRAINT announcements_fee_basis_points_rule_ck CHECK (fee_basis_points BETWEEN 0 AND 10000);
