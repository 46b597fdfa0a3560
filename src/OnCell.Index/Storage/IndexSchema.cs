namespace OnCell.Indexing.Storage;

/// <summary>The tables of an index.</summary>
/// <remarks>
/// The index is derived data: where the version differs, the tables are dropped and the next run fills them. Raise the
/// version with every change of the tables, of the chunker, or of how terms are made.
/// </remarks>
internal static class IndexSchema
{
    public const int Version = 3;

    public const string Drop =
        """
        DROP TABLE IF EXISTS file;
        DROP TABLE IF EXISTS chunk;
        DROP TABLE IF EXISTS symbol;
        DROP TABLE IF EXISTS segment;
        DROP TABLE IF EXISTS posting;
        DROP TABLE IF EXISTS signature;
        DROP TABLE IF EXISTS vector;
        DROP TABLE IF EXISTS model;
        DROP TABLE IF EXISTS meta;
        """;

    public const string Create =
        """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

        -- A file's chunks have consecutive ids; lengths holds their word counts, one little-endian u16 each.
        CREATE TABLE file(
            id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL, modified_ns INTEGER NOT NULL, changed_ns INTEGER NOT NULL, hash BLOB NOT NULL,
            lines INTEGER NOT NULL, first_chunk INTEGER NOT NULL, lengths BLOB NOT NULL);

        CREATE INDEX file_first_chunk ON file(first_chunk);

        CREATE TABLE chunk(
            id INTEGER PRIMARY KEY, start_line INTEGER NOT NULL, end_line INTEGER NOT NULL, content TEXT NOT NULL);

        CREATE TABLE symbol(
            chunk INTEGER NOT NULL, line INTEGER NOT NULL, name_lower TEXT NOT NULL, name TEXT NOT NULL,
            kind TEXT NOT NULL, PRIMARY KEY(chunk, line, name)) WITHOUT ROWID;
        CREATE INDEX symbol_name ON symbol(name_lower);

        -- Postings are written once, in segments of rising chunk ids; chunks that are gone stay in them until a merge.
        CREATE TABLE segment(
            id INTEGER PRIMARY KEY, first_chunk INTEGER NOT NULL, last_chunk INTEGER NOT NULL, chunks INTEGER NOT NULL);
        CREATE TABLE posting(
            segment INTEGER NOT NULL, term INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY(segment, term)) WITHOUT ROWID;

        -- The trigram signatures of a file's chunks, one after another; its key is the file's first chunk.
        CREATE TABLE signature(first_chunk INTEGER PRIMARY KEY, bits BLOB NOT NULL);

        -- Unit vectors, one signed byte for each dimension; of one model at a time.
        CREATE TABLE model(name TEXT PRIMARY KEY, dimension INTEGER NOT NULL);
        CREATE TABLE vector(chunk INTEGER PRIMARY KEY, vector BLOB NOT NULL);

        INSERT INTO meta(key, value) VALUES ('generation', 1), ('next_chunk', 1), ('next_file', 1), ('last_scan_ns', 0);
        """;
}
