using CpfPipeline.Data.Blobs;
using Npgsql;

namespace CpfPipeline.Cli.Verifications;

/// <summary>Looks for what is wrong, and repairs it where that was asked for. Everything may run meanwhile.</summary>
/// <param name="dataSource">The database, as the schema's owner.</param>
/// <param name="blobs">The blob store.</param>
/// <param name="request">What is verified.</param>
/// <param name="time">The clock.</param>
/// <param name="tell">Receives a step's name and how far it is.</param>
internal sealed class VerifySession(
    NpgsqlDataSource dataSource, IBlobStore blobs, VerifyRequest request, TimeProvider time, Action<string, string> tell)
{
    public async Task<VerifyOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var faults = new Faults();
        var found = new BlobFaults(dataSource, blobs, request, faults, time);
        await found.FindAsync(done => tell("blobs", done), cancellationToken);
        var repairs = new Repairs(dataSource, blobs, request, faults, time);
        if (request.Repair)
        {
            tell("repair", "blobs"); // At once: the groups take their time.
            await repairs.FetchAsync(found, cancellationToken);
            await repairs.DeleteFilesAsync(found, cancellationToken);
        }

        var rows = new RowFaults(dataSource, request, faults);
        await rows.FindAsync(done => tell("rows", done), cancellationToken);
        var groups = new GroupFaults(dataSource, request, faults, time);
        await groups.FindAsync(done => tell("groups", done), cancellationToken);
        if (request.Repair)
        {
            tell("repair", "rows and groups");
            await repairs.DeleteRowsAsync(cancellationToken);
            await repairs.OrderAsync(found, rows, groups, cancellationToken);
            repairs.Explain();
        }

        return new VerifyOutcome(faults, found.BlobsRead, groups.Members, groups.Pending, rows.Waiting);
    }
}
