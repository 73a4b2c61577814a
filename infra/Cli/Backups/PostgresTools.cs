using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace CpfPipeline.Cli.Backups;

/// <summary>
/// Finds and starts PostgreSQL's own programs. Whom they connect as is in their environment, never on their command line.
/// </summary>
internal static partial class PostgresTools
{
    private const string Installed = "/usr/lib/postgresql";

    // Those that libpq knows as well.
    private static readonly string[] SessionAttributes =
        ["any", "primary", "standby", "prefer-standby", "read-write", "read-only"];

    /// <summary>Variables by which libpq would be told otherwise than by the connection string.</summary>
    private static readonly string[] Cleared =
    [
        "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGSERVICEFILE", "PGOPTIONS",
        "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL", "PGSSLCRLDIR", "PGSSLNEGOTIATION", "PGREQUIREAUTH",
        "PGCHANNELBINDING", "PGGSSENCMODE", "PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS", "PGCONNECT_TIMEOUT",
    ];

    /// <summary>A program of a version that fits.</summary>
    /// <param name="program"><c>pg_dump</c> or <c>pg_restore</c>.</param>
    /// <param name="serverVersion">Major version of the server.</param>
    /// <param name="minVersion">Smallest version that will do; one that wrote a dump may be newer than the server.</param>
    /// <exception cref="CommandException">There is none (3).</exception>
    public static (string Path, int Version) Find(string program, int serverVersion, int minVersion = 0)
    {
        var found = (Directory.Exists(Installed) ? Directory.EnumerateDirectories(Installed) : [])
            .Select(d => Path.Combine(d, "bin", program))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Select(d => Path.Combine(d, program)))
            .Where(File.Exists)
            .Select(path => (Path: path, Version: VersionOf(path)))
            .Where(p => p.Version > 0)
            .ToList();
        return Choose(found, serverVersion, minVersion) ?? throw CommandException.Infrastructure(
            $"{program} of PostgreSQL {Math.Max(serverVersion, minVersion)} is needed"
                + (found.Count == 0
                    ? ", and none is here"
                    : $"; here is {string.Join(", ", found.Select(f => f.Version).Distinct().Order())}")
                + $": install the package postgresql-client-{Math.Max(serverVersion, minVersion)}");
    }

    /// <summary>
    /// That of the server's version; else the next newer one, which reads older servers. What tools from 17 on write sets a parameter that
    /// servers before 17 do not know (transaction_timeout), so that it could not be restored there.
    /// </summary>
    internal static (string Path, int Version)? Choose(
        IEnumerable<(string Path, int Version)> found, int serverVersion, int minVersion) =>
        found.Where(f => f.Version >= Math.Max(serverVersion, minVersion) && (serverVersion >= 17 || f.Version < 17))
            .OrderBy(f => f.Version).Cast<(string, int)?>().FirstOrDefault();

    /// <summary>How to start one on a database.</summary>
    /// <param name="path">The program.</param>
    /// <param name="connectionString">Npgsql's connection string of the database.</param>
    /// <param name="arguments">Its arguments, without the connection.</param>
    /// <exception cref="CommandException">The connection string says something that the program cannot be told (2).</exception>
    public static ProcessStartInfo Start(string path, string connectionString, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(path, arguments) { UseShellExecute = false, RedirectStandardError = true };
        foreach (var name in Cleared)
        {
            start.Environment.Remove(name);
        }

        // A vector index that outgrows the default of 64 MB is built many times slower.
        start.Environment["PGOPTIONS"] = "-c maintenance_work_mem=512MB -c statement_timeout=0";
        foreach (var (name, value) in EnvironmentOf(new NpgsqlConnectionStringBuilder(connectionString)))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>libpq's variables for an Npgsql connection string.</summary>
    /// <exception cref="CommandException">It says something for which libpq has none (2).</exception>
    internal static IEnumerable<KeyValuePair<string, string>> EnvironmentOf(NpgsqlConnectionStringBuilder connection)
    {
        if (Untold(connection) is { } name)
        {
            throw CommandException.Usage(
                $"the connection string sets {name}, which pg_dump and pg_restore cannot be told: give one without it for this command");
        }

        // Several hosts may have a port each: "a:5433,b".
        var hosts = (connection.Host ?? "").Split(',')
            .Select(h => h.Split(':') is [var host, var port] ? (host, port) : (h, Port(connection))).ToList();
        return Variables(connection, hosts);
    }

    private static string Port(NpgsqlConnectionStringBuilder connection) => connection.Port.ToString(CultureInfo.InvariantCulture);

    private static string? Untold(NpgsqlConnectionStringBuilder connection) =>
        connection.SslPassword is { Length: > 0 } ? "SSL Password"
        : connection.SslCertificate is { } file && Path.GetExtension(file) is ".pfx" or ".p12" ? "an SSL Certificate in PFX format"
        : connection.TargetSessionAttributes is { Length: > 0 } wanted && !SessionAttributes.Contains(wanted)
            ? $"Target Session Attributes={wanted}"
        : connection is { SslMode: SslMode.VerifyCA or SslMode.VerifyFull, RootCertificate: null or "" }
            ? $"SSL Mode={connection.SslMode} without a Root Certificate"
        : null;

    private static IEnumerable<KeyValuePair<string, string>> Variables(
        NpgsqlConnectionStringBuilder connection, IReadOnlyCollection<(string Host, string Port)> hosts) =>
        new Dictionary<string, string?>
        {
            ["PGHOST"] = string.Join(',', hosts.Select(h => h.Host)),
            ["PGPORT"] = string.Join(',', hosts.Select(h => h.Port)),
            ["PGTARGETSESSIONATTRS"] = connection.TargetSessionAttributes,
            ["PGCHANNELBINDING"] = connection.ChannelBinding.ToString().ToLowerInvariant(),
            ["PGDATABASE"] = connection.Database ?? connection.Username,
            ["PGUSER"] = connection.Username,
            ["PGPASSWORD"] = connection.Password,
            ["PGPASSFILE"] = connection.Passfile,
            ["PGSSLMODE"] = connection.SslMode switch
            {
                SslMode.VerifyCA => "verify-ca",
                SslMode.VerifyFull => "verify-full",
                var mode => mode.ToString().ToLowerInvariant(),
            },
            ["PGSSLROOTCERT"] = connection.RootCertificate,
            ["PGSSLCERT"] = connection.SslCertificate,
            ["PGSSLKEY"] = connection.SslKey,
            ["PGAPPNAME"] = "cpf backup",
            ["LC_ALL"] = "C",
        }
        .Where(v => v.Value is { Length: > 0 }).Select(v => KeyValuePair.Create(v.Key, v.Value!));

    private static int VersionOf(string path)
    {
        var start = new ProcessStartInfo(path, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return Version().Match(said) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
    }

    // pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)
    [GeneratedRegex(@"\(PostgreSQL\) (\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
