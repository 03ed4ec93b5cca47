-- The central tables of version 3, as `kiosk central init` made them on this kind of database. Never changed.

CREATE TABLE schema_version (
    version INTEGER NOT NULL,
    PRIMARY KEY (version)
);

CREATE TABLE schools (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT DEFAULT '0' NOT NULL,
    loan_limit INTEGER DEFAULT '5' NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE import_batches (
    school_id TEXT NOT NULL,
    id TEXT NOT NULL,
    what TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    begun DATETIME NOT NULL,
    done_rows INTEGER DEFAULT '0' NOT NULL,
    finished BOOLEAN DEFAULT 0 NOT NULL,
    last TEXT DEFAULT '[]' NOT NULL,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY(school_id) REFERENCES schools (id)
);

CREATE TABLE kiosks (
    id TEXT NOT NULL,
    school_id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT,
    seen_at DATETIME,
    PRIMARY KEY (id),
    UNIQUE (school_id, name),
    FOREIGN KEY(school_id) REFERENCES schools (id),
    UNIQUE (role)
);

CREATE TABLE patrons (
    school_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT DEFAULT '' NOT NULL,
    patronymic TEXT DEFAULT '' NOT NULL,
    category TEXT DEFAULT 'pupil' NOT NULL,
    grade INTEGER,
    letter TEXT DEFAULT '' NOT NULL,
    language TEXT DEFAULT '' NOT NULL,
    expires DATE,
    has_left BOOLEAN DEFAULT 0 NOT NULL,
    phone TEXT DEFAULT '' NOT NULL,
    address TEXT DEFAULT '' NOT NULL,
    external_id TEXT,
    PRIMARY KEY (school_id, id),
    UNIQUE (school_id, external_id),
    FOREIGN KEY(school_id) REFERENCES schools (id)
);

CREATE INDEX patrons_changed ON patrons (school_id, version, id);

CREATE TABLE titles (
    school_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    "key" TEXT NOT NULL,
    title TEXT NOT NULL,
    author TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT 'book' NOT NULL,
    publisher TEXT DEFAULT '' NOT NULL,
    year INTEGER,
    isbn TEXT DEFAULT '' NOT NULL,
    pages INTEGER,
    language TEXT DEFAULT '' NOT NULL,
    udc TEXT DEFAULT '' NOT NULL,
    bbk TEXT DEFAULT '' NOT NULL,
    branch TEXT DEFAULT '' NOT NULL,
    grade INTEGER,
    subject TEXT DEFAULT '' NOT NULL,
    part TEXT DEFAULT '' NOT NULL,
    shelf TEXT DEFAULT '' NOT NULL,
    held INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (school_id, id),
    UNIQUE (school_id, "key"),
    FOREIGN KEY(school_id) REFERENCES schools (id)
);

CREATE INDEX titles_changed ON titles (school_id, version, id);

CREATE TABLE transactions (
    school_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    kiosk TEXT NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    patron_id TEXT,
    item_id TEXT,
    title_id TEXT,
    ends TEXT,
    undoes TEXT,
    before_id TEXT,
    body TEXT NOT NULL,
    at DATETIME NOT NULL,
    trusted BOOLEAN NOT NULL,
    clock_at DATETIME,
    reported_at DATETIME NOT NULL,
    flags TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY(school_id) REFERENCES schools (id)
);

CREATE INDEX transactions_ends ON transactions (school_id, ends);

CREATE INDEX transactions_flagged ON transactions (school_id) WHERE flags <> '';

CREATE INDEX transactions_undoes ON transactions (school_id, undoes);

CREATE INDEX transactions_version ON transactions (school_id, version);

CREATE TABLE blocks (
    school_id TEXT NOT NULL,
    patron_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    until DATE,
    PRIMARY KEY (school_id, patron_id, kind),
    FOREIGN KEY(school_id, patron_id) REFERENCES patrons (school_id, id)
);

CREATE TABLE cards (
    school_id TEXT NOT NULL,
    number TEXT NOT NULL,
    patron_id TEXT NOT NULL,
    lost BOOLEAN DEFAULT 0 NOT NULL,
    PRIMARY KEY (school_id, number),
    FOREIGN KEY(school_id, patron_id) REFERENCES patrons (school_id, id)
);

CREATE INDEX cards_patron ON cards (school_id, patron_id);

CREATE TABLE carriers (
    kiosk_id TEXT NOT NULL,
    school_id TEXT NOT NULL,
    secret TEXT NOT NULL,
    seen BIGINT DEFAULT '0' NOT NULL,
    answered BIGINT DEFAULT '0' NOT NULL,
    read BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (kiosk_id),
    FOREIGN KEY(kiosk_id) REFERENCES kiosks (id) ON DELETE CASCADE,
    FOREIGN KEY(school_id) REFERENCES schools (id)
);

CREATE TABLE debts (
    school_id TEXT NOT NULL,
    patron_id TEXT NOT NULL,
    new_school_id TEXT NOT NULL,
    new_patron_id TEXT NOT NULL,
    lifts_block BOOLEAN DEFAULT 1 NOT NULL,
    PRIMARY KEY (school_id, patron_id),
    FOREIGN KEY(school_id, patron_id) REFERENCES patrons (school_id, id)
);

CREATE TABLE items (
    school_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    title_id TEXT NOT NULL,
    barcode TEXT,
    inventory_no TEXT,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    service_point TEXT NOT NULL,
    shelf TEXT DEFAULT '' NOT NULL,
    price TEXT DEFAULT '' NOT NULL,
    last_id TEXT,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY(school_id, title_id) REFERENCES titles (school_id, id),
    UNIQUE (school_id, barcode),
    UNIQUE (school_id, inventory_no),
    FOREIGN KEY(school_id) REFERENCES schools (id)
);

CREATE INDEX items_barcode ON items (barcode);

CREATE INDEX items_changed ON items (school_id, version, id);

CREATE INDEX items_title ON items (school_id, title_id);

CREATE TABLE holds (
    school_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    title_id TEXT NOT NULL,
    patron_id TEXT NOT NULL,
    placed DATETIME NOT NULL,
    state TEXT NOT NULL,
    item_id TEXT,
    expires DATE,
    ready_by TEXT,
    ended TEXT,
    ended_by TEXT,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY(school_id, patron_id) REFERENCES patrons (school_id, id),
    FOREIGN KEY(school_id, title_id) REFERENCES titles (school_id, id),
    FOREIGN KEY(school_id, item_id) REFERENCES items (school_id, id),
    FOREIGN KEY(school_id) REFERENCES schools (id)
);

CREATE INDEX holds_changed ON holds (school_id, version, id);

CREATE INDEX holds_ended_by ON holds (school_id, ended_by);

CREATE INDEX holds_title ON holds (school_id, title_id) WHERE ended IS NULL;

CREATE TABLE loans (
    school_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    patron_id TEXT NOT NULL,
    title_id TEXT NOT NULL,
    item_id TEXT,
    since DATE NOT NULL,
    due DATE,
    days INTEGER NOT NULL,
    renewals INTEGER DEFAULT '0' NOT NULL,
    kiosk TEXT NOT NULL,
    last TEXT NOT NULL,
    ended TEXT,
    ended_by TEXT,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY(school_id, patron_id) REFERENCES patrons (school_id, id),
    FOREIGN KEY(school_id, title_id) REFERENCES titles (school_id, id),
    FOREIGN KEY(school_id, item_id) REFERENCES items (school_id, id),
    FOREIGN KEY(school_id) REFERENCES schools (id)
);

CREATE INDEX loans_changed ON loans (school_id, version, id);

CREATE INDEX loans_ended_by ON loans (school_id, ended_by);

CREATE UNIQUE INDEX loans_item ON loans (school_id, item_id) WHERE ended IS NULL;

CREATE INDEX loans_patron ON loans (school_id, patron_id) WHERE ended IS NULL;

INSERT INTO schema_version (version) VALUES (3);
