-- SQLite lives within the program: there are no ways to a server to be saved.
SELECT 1;
