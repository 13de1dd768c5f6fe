DROP TABLE announcements;
DROP TABLE earmarks;
