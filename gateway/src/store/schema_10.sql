-- Which modem and which SIM each name of the settings stood for last.
CREATE TABLE known_modem (
    name TEXT PRIMARY KEY,
    imei TEXT NOT NULL,
    imsi TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX known_modem_sim ON known_modem (imsi);
