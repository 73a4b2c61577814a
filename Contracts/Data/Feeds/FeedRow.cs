using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Feeds;

/// <summary>Reads rows of <c>cpf.feeds</c>.</summary>
internal static class FeedRow
{
    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = """
        feed_id, source, path, format, keys_path, snapshot, state, revision, rows_total, rows_read, unchanged, stored, rejected, retracted,
        message, submitted_at, started_at, finished_at, unreadable, duplicates, findings, max_retract_share,
        url, refetch, schedule, charset, sha256, bytes_total, bytes_read, bytes_downloaded, attempts, next_attempt_at, unchanged_since,
        waited, global_keys, reads_files
        """;

    /// <summary>A feed of the current row.</summary>
    public static Feed Read(NpgsqlDataReader row) => new()
    {
        FeedId = row.GetInt64(0),
        Source = row.GetString(1),
        Path = row.GetStringOrNull(2) ?? "",
        Format = row.GetString(3),
        KeysPath = row.GetStringOrNull(4),
        Snapshot = row.GetBoolean(5),
        State = row.GetString(6),
        Revision = row.GetInt64(7),
        RowsTotal = row.GetOrNull<long>(8),
        RowsRead = row.GetInt64(9),
        Unchanged = row.GetInt64(10),
        Stored = row.GetInt64(11),
        Rejected = row.GetInt64(12),
        Retracted = row.GetInt64(13),
        Message = row.GetStringOrNull(14),
        SubmittedAt = row.GetFieldValue<DateTimeOffset>(15),
        StartedAt = row.GetOrNull<DateTimeOffset>(16),
        FinishedAt = row.GetOrNull<DateTimeOffset>(17),
        Unreadable = row.GetInt64(18),
        Duplicates = row.GetInt64(19),
        Findings = row.GetFieldValue<string[]>(20),
        MaxRetractShare = row.GetOrNull<double>(21),
        Url = row.GetStringOrNull(22),
        Refetch = row.GetBoolean(23),
        Schedule = row.GetStringOrNull(24),
        Charset = row.GetStringOrNull(25),
        Sha256 = row.IsDBNull(26) ? null : row.GetFieldValue<byte[]>(26),
        BytesTotal = row.GetOrNull<long>(27),
        BytesRead = row.GetInt64(28),
        BytesDownloaded = row.GetOrNull<long>(29),
        Attempts = row.GetInt32(30),
        NextAttemptAt = row.GetOrNull<DateTimeOffset>(31),
        UnchangedSince = row.GetOrNull<long>(32),
        Waited = row.GetFieldValue<TimeSpan>(33),
        GlobalKeys = row.GetBoolean(34),
        ReadsFiles = row.GetBoolean(35),
    };
}
