DROP TABLE lane_log;
DROP TABLE concerns;
DROP TABLE screenings;
DROP TABLE screening_sets;
DROP TABLE lane_members;
