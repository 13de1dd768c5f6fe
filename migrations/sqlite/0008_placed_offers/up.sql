-- When an offer was first promised: what the applicant's side may know of it hangs on this.
ALTER TABLE offers ADD COLUMN placed_at INTEGER;
UPDATE offers SET placed_at = created_at
  WHERE status IN ('placed', 'committed')
     OR (status = 'released' AND release_reason <> 'denied');
