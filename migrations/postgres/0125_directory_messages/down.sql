DROP TABLE directory_messages;
