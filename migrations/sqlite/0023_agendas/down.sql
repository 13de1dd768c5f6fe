DROP TABLE budget_agendas;
DROP TABLE application_agendas;
DROP TABLE agenda_people;
DROP TABLE profile_agendas;
DROP TABLE profiles;
DROP TABLE agendas;
