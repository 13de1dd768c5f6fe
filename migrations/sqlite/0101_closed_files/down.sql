UPDATE application_routes SET ended_at = NULL WHERE status = 'draft';
ALTER TABLE attachments DROP COLUMN closed;
