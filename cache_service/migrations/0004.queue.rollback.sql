DROP TABLE queue_turns;
DROP TABLE tasks;
