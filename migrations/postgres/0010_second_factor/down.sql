ALTER TABLE sessions DROP CONSTRAINT sessions_end_reason_ck;
UPDATE sessions SET end_reason = 'ended' WHERE end_reason IN ('factor_changed','roles_changed');
ALTER TABLE sessions ADD CONSTRAINT sessions_end_reason_ck CHECK (end_reason IN ('logout','ended','password_changed','password_reset','reuse','suspended'));
ALTER TABLE sessions DROP COLUMN factor_at;
DROP TABLE challenges;
DROP TABLE recovery_codes;
DROP TABLE factors;
