"""The ERP of the demo: an SQLite file with customers, orders and their lines, some of them bad on purpose."""
import random
import sqlite3

SCHEMA = """
CREATE TABLE customers (customer_no TEXT PRIMARY KEY, given TEXT, family TEXT, email TEXT, phone TEXT,
    street TEXT, zip TEXT, city TEXT, country TEXT, changed_at TEXT NOT NULL);
CREATE INDEX customers_changed ON customers (changed_at, customer_no);
CREATE TABLE orders (order_no TEXT PRIMARY KEY, customer_no TEXT, placed_at TEXT, state TEXT, currency TEXT,
    total_cents INTEGER, changed_at TEXT NOT NULL);
CREATE INDEX orders_changed ON orders (changed_at, order_no);
CREATE TABLE order_lines (order_no TEXT, line_no INTEGER, sku TEXT, quantity INTEGER, price_cents INTEGER,
    PRIMARY KEY (order_no, line_no));
"""
GIVEN = "Anna Boris Chiara David Elif Farid Greta Hugo Ines Jonas Kaya Lena Mateo Nora Omar Petra Rosa Sven Tilda Uwe".split()
FAMILY = "Albers Berg Conti Dahl Eriksen Faber Garcia Huber Ivanov Jansen Keller Lund Meyer Novak Olsen Peters Roth Silva".split()
CITIES = [("10115", "Berlin", "DE"), ("75001", "Paris", "FR"), ("20121", "Milano", "IT"), ("1010", "Wien", "AT"),
          ("8001", "Zürich", "CH"), ("1000", "Bruxelles", "BE")]
NO_ADDRESS_EVERY = 160  # customers without an address: the loyalty system refuses them


class Erp:
    """Makes the file and remembers what it put in: the demo checks its table against this."""

    def __init__(self, path, customers, orders, seed):
        self.path, self.random = path, random.Random(seed)
        self.customers, self.orders = customers, orders
        self.bad_customers = max(2, customers // 100)
        self.bad_orders = max(3, orders // 100)
        self.changed = self.touched = 0

    def make(self):
        with sqlite3.connect(self.path) as db:
            db.executescript(SCHEMA)
            db.executemany("INSERT INTO customers VALUES (?,?,?,?,?,?,?,?,?,?)", map(self._customer, range(self.customers)))
            orders, lines = [], []
            for number in range(self.orders):
                order, its_lines = self._order(number)
                orders.append(order)
                lines += its_lines
            db.executemany("INSERT INTO orders VALUES (?,?,?,?,?,?,?)", orders)
            db.executemany("INSERT INTO order_lines VALUES (?,?,?,?,?)", lines)
        db.close()

    def change(self):
        """What happens over there later: some customers move, some rows are saved without a change."""
        known = [number for number in range(self.bad_customers, self.customers) if number % NO_ADDRESS_EVERY]
        moved, touched = known[::40], known[1::20]
        with sqlite3.connect(self.path) as db:
            db.executemany("UPDATE customers SET street = 'Neue Gasse ' || ?, changed_at = ? WHERE customer_no = ?",
                           [(number % 90 + 1, at(1_000_000 + number), name(number)) for number in moved])
            db.executemany("UPDATE customers SET changed_at = ? WHERE customer_no = ?",
                           [(at(1_000_000 + number), name(number)) for number in touched])
        db.close()
        self.changed, self.touched = len(moved), len(touched)

    def _customer(self, number):
        if number < self.bad_customers:  # a country that is none: quarantined
            return (name(number), "Nobody", "Knows", None, None, "Street 1", "0", "Nowhere", "Atlantis", at(number))
        zip_code, city, country = self.random.choice(CITIES)
        address = (f"Hauptstr. {number % 90 + 1}", zip_code, city, country)
        if number % NO_ADDRESS_EVERY == 0:
            address = (None, None, None, None)
        return (name(number), *person(number), f"customer{number}@example.com", None,
                *address, at(number))

    def _order(self, number):
        order_no, kind = f"SO-{number:06}", number % 3
        lines = [(order_no, line, f"SKU-{self.random.randrange(900):03}", self.random.randrange(1, 5),
                  self.random.randrange(100, 20000)) for line in range(1, self.random.randrange(2, 5))]
        total = sum(quantity * price for _, _, _, quantity, price in lines)
        placed, state, currency = at(number)[:10], self.random.choice(["open", "shipped", "closed"]), "EUR"
        if number < self.bad_orders:  # three ways to be wrong
            placed = "31.02.2026" if kind == 0 else placed
            state = "lost" if kind == 1 else state
            currency = "EURO" if kind == 2 else currency
        customer = self.random.randrange(self.bad_customers, self.customers)
        return (order_no, name(customer), placed, state, currency, total, at(number)), lines


def name(number):
    return f"K{number:06}"


def person(number):
    """Given and family name of a customer, here and in the shop."""
    return GIVEN[number % len(GIVEN)], FAMILY[number // len(GIVEN) % len(FAMILY)]


def at(number):
    """A time that grows with `number`, as the ERP writes it."""
    day, second = divmod(number, 86_400)
    return f"2026-01-{day % 28 + 1:02} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def make_crm(path):
    """The second database: where customers and orders are delivered to."""
    with sqlite3.connect(path) as db:
        db.executescript("""
            CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT, email TEXT, city TEXT, country TEXT);
            CREATE TABLE orders (id TEXT PRIMARY KEY, number TEXT, customer TEXT, status TEXT, total TEXT, currency TEXT,
                lines INTEGER);""")
    db.close()


def count(path, query):
    db = sqlite3.connect(path)
    try:
        return db.execute(query).fetchone()[0]
    finally:
        db.close()
