/**
 * The tables of hungry. Causal: what customers say of themselves and the message of the day, each with
 * the stamp of its last write. Forced: the menu with its stock, and the orders.
 * Invariants: stock is never negative; stock and the quantities of placed orders change together, so
 * while no `setItem` comes their sum stays the same; orders are numbered 1, 2, 3 … without gaps and are
 * never deleted, nor are dishes.
 */

export const CAUSAL_SCHEMA = `
  CREATE TABLE details (
    user TEXT PRIMARY KEY,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    phone TEXT NOT NULL,
    postcode TEXT NOT NULL,
    address TEXT NOT NULL,
    latitude REAL,                -- null where a postcode has no place on the map
    longitude REAL,
    stamp TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE motd (
    only INTEGER PRIMARY KEY,     -- 1: there is one row
    text TEXT NOT NULL,
    stamp TEXT NOT NULL
  ) WITHOUT ROWID;
`;

export const FORCED_SCHEMA = `
  CREATE TABLE items (
    item TEXT PRIMARY KEY,
    place INTEGER NOT NULL,       -- on the menu
    course TEXT NOT NULL,
    name TEXT NOT NULL,
    about TEXT NOT NULL,
    price INTEGER NOT NULL,       -- pence, as all money
    stock INTEGER NOT NULL CHECK (stock >= 0)
  ) WITHOUT ROWID;
  CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY,
    user TEXT NOT NULL,
    status TEXT NOT NULL,         -- placed or cancelled
    delivery TEXT NOT NULL,
    delivery_price INTEGER NOT NULL,
    tip INTEGER NOT NULL,
    total INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX orders_of_user ON orders (user, order_id);
  CREATE TABLE order_lines (
    order_id INTEGER NOT NULL,
    line INTEGER NOT NULL,        -- 0, 1, 2 … as ordered
    item TEXT NOT NULL,
    name TEXT NOT NULL,           -- name and price as they were when it was ordered
    price INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (order_id, line)
  ) WITHOUT ROWID;
`;

export const VISIBLE_STATE = [
  `SELECT user, first, last, phone, postcode, address, latitude, longitude FROM details
   ORDER BY user`,
  'SELECT text FROM motd ORDER BY only',
  'SELECT item, place, course, name, about, price, stock FROM items ORDER BY item',
  `SELECT order_id, user, status, delivery, delivery_price, tip, total FROM orders
   ORDER BY order_id`,
  `SELECT order_id, line, item, name, price, quantity FROM order_lines ORDER BY order_id, line`,
];
