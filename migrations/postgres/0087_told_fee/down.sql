ALTER TABLE announcements DROP COLUMN fee_basis_points;
