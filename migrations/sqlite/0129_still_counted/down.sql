DROP TABLE still_counted;
