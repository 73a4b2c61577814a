using System.Net.Sockets;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;
using CpfPipeline.Data.Outages;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Data.Outages;

public sealed class OutageTests
{
    public static TheoryData<Exception, bool, bool> Exceptions() => new()
    {
        { new NpgsqlException("away", new SocketException(111)), true, false },
        { new AggregateException(new InvalidOperationException("x", new NpgsqlException("away", new IOException("cut")))), true, false },
        { Sql("57P01"), true, false },
        { Sql("25006"), true, false },
        { Sql("28P01"), true, false },
        { Sql("53300"), true, false },
        { Sql("53100"), true, false },
        { Sql("53200"), false, true }, // Memory, for one huge statement.
        { Sql("53400"), false, true }, // temp_file_limit
        { Sql("58030"), false, true }, // One file of a table may be damaged.
        { Sql("3D000"), true, false },
        { Sql("55006"), false, true },
        { new InvalidOperationException("of a loop", new SocketException(111)), false, true },
        { new FullDiskException("full"), true, false },
        { new InvalidOperationException("x", new ObjectStoreException(ObjectStoreFault.Away, "away")), true, false },
        { new ObjectStoreException(ObjectStoreFault.Refused, "refused"), true, false },
        { new ObjectStoreException(ObjectStoreFault.Full, "full"), true, false },
        { new ObjectStoreException(ObjectStoreFault.Request, "archived"), false, true },
        { Sql("57014"), false, true },
        { Sql("40001"), false, true },
        { new NpgsqlException("slow", new TimeoutException()), false, true },
        { new IOException("of one file"), false, true },
        { new UnauthorizedAccessException("of one file"), false, true },
        { new BlobMissingException("gone"), false, true },
        { new FileNotFoundException("gone"), false, false },
        { Sql("23505"), false, false },
        { new InvalidOperationException("poison"), false, false },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void IsCertainAndIsPossible_Exception_TellServersFromWork(Exception exception, bool certain, bool possible) =>
        Assert.Equal(
            (certain, possible, certain || possible),
            (Outage.IsCertain(exception), Outage.IsPossible(exception), Outage.IsOne(exception)));

    private static PostgresException Sql(string state) => new("said", "ERROR", "ERROR", state);
}
