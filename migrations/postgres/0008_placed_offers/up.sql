-- When an offer was first promised: what the applicant's side may know of it hangs on this.
ALTER TABLE offers ADD COLUMN placed_at timestamptz;
UPDATE offers SET placed_at = created_at
  WHERE status IN ('placed', 'committed')
     OR (status = 'released'
         AND (NOT EXISTS (SELECT 1 FROM approvals
                WHERE subject_kind = 'offer' AND subject_id = offers.id)
              OR EXISTS (SELECT 1 FROM approvals
                WHERE subject_kind = 'offer' AND subject_id = offers.id
                  AND approvals.status = 'approved')));
