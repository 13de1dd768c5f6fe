DROP TABLE lane_log;
DROP FUNCTION lane_log_only_grows();
DROP TABLE concerns;
DROP TABLE screenings;
DROP TABLE screening_sets;
DROP FUNCTION screening_sets_only_grows();
DROP TABLE lane_members;
