using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using CpfPipeline.Tests.Benchmarks.Servers;
using Npgsql;

namespace CpfPipeline.Tests.Benchmarks.Sql;

/// <summary>A large catalogue, generated straight into the tables by <c>catalogue.sql</c>.</summary>
internal static class GeneratedCatalogue
{
    /// <summary>Fills a database.</summary>
    /// <param name="servers">A database without rows.</param>
    /// <param name="contents">How many contents.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Seconds that it took.</returns>
    public static async Task<double> FillAsync(BenchServers servers, int contents, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, $"set bench.contents = '{contents.ToString(CultureInfo.InvariantCulture)}'", cancellationToken);
        await ExecuteAsync(connection, Read(), cancellationToken);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static string Read()
    {
        var name = $"{typeof(GeneratedCatalogue).Namespace}.catalogue.sql";
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants of this program.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
