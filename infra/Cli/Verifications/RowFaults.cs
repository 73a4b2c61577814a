using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Verifications;

/// <summary>Runs the checks of rows, and looks for tombstoned pictures that are there.</summary>
/// <param name="dataSource">The database.</param>
/// <param name="request">What is verified.</param>
/// <param name="faults">Receives what is wrong.</param>
internal sealed class RowFaults(NpgsqlDataSource dataSource, VerifyRequest request, Faults faults)
{
    // What a message mends that may wait.
    private static readonly string[] MaybeOnTheirWay = [FaultKind.EmbeddingMissing, FaultKind.MemberGone, FaultKind.MemberMissing];

    private readonly Dictionary<string, HashSet<long>> _found = [];

    /// <summary>What was found and may be on its way.</summary>
    public long Waiting { get; private set; }

    /// <summary>The contents that a kind of fault was found of.</summary>
    public IReadOnlyCollection<long> Of(string kind) => _found.TryGetValue(kind, out var ids) ? ids : [];

    public async Task FindAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        foreach (var check in RowCheck.All)
        {
            tell(check.Kind);
            var ids = _found[check.Kind] = [];
            await dataSource.Sql(check.Sql, [request.Grace]).WithoutTimeout().ForEachAsync(
                row =>
                {
                    if (request.HasBacklog && MaybeOnTheirWay.Contains(check.Kind))
                    {
                        Waiting++;
                        return;
                    }

                    ids.Add(row.GetInt64(0));
                    faults.Add(check.Kind, row.GetString(1));
                }, cancellationToken);
        }

        if (request.Key is { } key)
        {
            tell("tombstones");
            await FindErasedAsync(key, cancellationToken);
        }
    }

    // As many hashes in memory as there were erasures.
    private async Task FindErasedAsync(TombstoneKey key, CancellationToken cancellationToken)
    {
        var tombstones = (await dataSource.Sql("select encode(hash, 'hex') from cpf.tombstones").WithoutTimeout()
            .QueryAsync(row => row.GetString(0), cancellationToken)).ToHashSet();
        if (tombstones.Count == 0)
        {
            return;
        }

        void Compare(byte[] hash, string what)
        {
            if (tombstones.Contains(Convert.ToHexStringLower(hash)))
            {
                faults.Add(FaultKind.ErasedRow, what);
            }
        }

        await dataSource.Sql("select content_id, sha256 from cpf.contents where state <> 'erased'").WithoutTimeout().ForEachAsync(
            row => Compare(key.OfContent(row.GetFieldValue<byte[]>(1)), $"content {row.GetInt64(0)} has a tombstone"), cancellationToken);
        await dataSource.Sql("select source, external_id, image_id from cpf.images where state <> 'rejected'").WithoutTimeout()
            .ForEachAsync(
                row => Compare(key.OfImage(row.GetString(0), row.GetString(1)), $"image {row.GetGuid(2)} has a tombstone"),
                cancellationToken);
    }
}
