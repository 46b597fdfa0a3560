using Microsoft.Data.Sqlite;

namespace OnCell.Indexing.Storage;

/// <summary>Keeps small the number of segments, and the share of postings of chunks that are gone.</summary>
internal static class SegmentMerger
{
    /// <summary>A lookup costs one seek in each segment.</summary>
    private const int MaxSegments = 8;

    private readonly record struct Segment(long Id, long First, long Last, long Chunks);

    /// <summary>Merges the newest segments where there are too many, or all where half of what they hold is gone.</summary>
    /// <returns>Whether something was merged.</returns>
    public static bool MergeIfNeeded(IndexWriter writer, SqliteConnection connection)
    {
        var segments = Read(connection);
        var held = segments.Sum(s => s.Chunks);
        var wasteful = held > 2 * IndexDatabase.Scalar(connection, "SELECT count(*) FROM chunk") && segments.Count > 0;
        if (segments.Count <= MaxSegments && !wasteful) return false;

        var first = wasteful ? 0 : FirstToMerge(segments);
        writer.Within(c => Merge(c, segments[first..]));
        return true;
    }

    /// <summary>Finds where the small new segments begin: a segment is spared while it is twice what comes after it.</summary>
    private static int FirstToMerge(List<Segment> segments)
    {
        var newer = 0L;
        for (var i = segments.Count - 1; i > 0; i--)
        {
            newer += segments[i].Chunks;
            if (segments.Count - i > MaxSegments / 2 && segments[i - 1].Chunks > 2 * newer) return i;
        }

        return 0;
    }

    private static void Merge(SqliteConnection connection, List<Segment> segments)
    {
        var first = segments[0].First;
        var last = segments[^1].Last;
        var alive = ReadAlive(connection, first, last, out var living);
        var merged = InsertSegment(connection, first, last, living);

        // Every segment is read in the order of its terms, the one with the lowest next; equal terms oldest first.
        using var insert = new RawStatement(connection, "INSERT INTO posting VALUES (?1, ?2, ?3)");
        var sources = new List<RawStatement>();
        var queue = new PriorityQueue<RawStatement, (long Term, int Segment)>();
        try
        {
            foreach (var segment in segments)
            {
                var source = new RawStatement(connection, "SELECT term, data FROM posting WHERE segment = ?1 ORDER BY term");
                sources.Add(source.Bind(1, segment.Id));
                if (source.Step()) queue.Enqueue(source, (source.Long(0), sources.Count));
            }

            while (queue.TryPeek(out _, out var next))
            {
                var list = new PostingList();
                while (queue.TryPeek(out var source, out var at) && at.Term == next.Term)
                {
                    for (var cursor = new PostingCursor(source.Blob(1)); cursor.MoveNext();)
                    {
                        if (alive[cursor.Chunk - first]) list.Append(cursor.Chunk, cursor.Count);
                    }

                    queue.Dequeue();
                    if (source.Step()) queue.Enqueue(source, (source.Long(0), at.Segment));
                }

                if (!list.Data.IsEmpty) insert.Bind(1, merged).Bind(2, next.Term).Bind(3, list.Data).Run();
            }
        }
        finally
        {
            foreach (var source in sources) source.Dispose();
        }

        foreach (var sql in (string[])["DELETE FROM posting WHERE segment = ?1", "DELETE FROM segment WHERE id = ?1"])
        {
            using var delete = new RawStatement(connection, sql);
            foreach (var segment in segments) delete.Bind(1, segment.Id).Run();
        }
    }

    private static bool[] ReadAlive(SqliteConnection connection, long first, long last, out int living)
    {
        living = 0;
        var alive = new bool[last - first + 1];
        using var read = new RawStatement(connection, "SELECT id FROM chunk WHERE id BETWEEN ?1 AND ?2");
        read.Bind(1, first).Bind(2, last);
        while (read.Step())
        {
            alive[read.Long(0) - first] = true;
            living++;
        }

        return alive;
    }

    private static long InsertSegment(SqliteConnection connection, long first, long last, int chunks)
    {
        using var insert = new RawStatement(connection, "INSERT INTO segment VALUES (NULL, ?1, ?2, ?3) RETURNING id");
        insert.Bind(1, first).Bind(2, last).Bind(3, chunks).Step();
        var id = insert.Long(0);
        insert.Reset();
        return id;
    }

    private static List<Segment> Read(SqliteConnection connection)
    {
        using var read = new RawStatement(
            connection, "SELECT id, first_chunk, last_chunk, chunks FROM segment ORDER BY id");
        var segments = new List<Segment>();
        while (read.Step()) segments.Add(new Segment(read.Long(0), read.Long(1), read.Long(2), read.Long(3)));
        return segments;
    }
}
