CREATE TABLE customers (number TEXT PRIMARY KEY, name TEXT, email TEXT, phone TEXT, street TEXT, zip TEXT, city TEXT);
INSERT INTO customers VALUES
    ('K-1', 'Anna Berg', 'anna.berg@example.com', '030 1234567', 'Hauptstr. 1', '10115', 'Berlin'),
    ('K-2', 'Boris Conti', 'boris.conti@example.com', NULL, 'Marktplatz 2', '80331', 'München'),
    ('K-3', 'Chiara Faber', 'chiara.faber@example.com', '040 7654321', 'Hafen 3', '20095', 'Hamburg');
