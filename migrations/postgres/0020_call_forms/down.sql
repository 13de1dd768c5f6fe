DROP TABLE call_forms;
