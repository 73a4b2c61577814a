using Npgsql;

namespace CpfPipeline.Cli.Installations;

/// <summary>Reads the connection strings that a user gives for existing servers.</summary>
internal static class ConnectionText
{
    /// <summary>An Npgsql connection string from one, or from <c>postgres://user:password@host:port/database?sslmode=require</c>.</summary>
    /// <exception cref="CommandException">The text is neither.</exception>
    public static string Postgres(string text)
    {
        try
        {
            if (!text.StartsWith("postgres://", StringComparison.Ordinal) && !text.StartsWith("postgresql://", StringComparison.Ordinal))
            {
                var given = new NpgsqlConnectionStringBuilder(text);
                return given.Host is { Length: > 0 } ? given.ConnectionString : throw new FormatException("no host");
            }

            var uri = new Uri(text);
            var (user, password) = Split(uri.UserInfo, ':');
            var database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
            var builder = new NpgsqlConnectionStringBuilder { Host = uri.IdnHost, Port = uri.Port > 0 ? uri.Port : 5432 };
            builder.Username = user.Length > 0 ? user : null;
            builder.Password = password.Length > 0 ? password : null;
            builder.Database = database.Length > 0 ? database : null;
            foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            {
                var (key, value) = Split(pair, '=');
                // libpq's spelling of the modes has a dash: verify-full.
                builder[NameOf(key)] = key is "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
            }

            return builder.Host is { Length: > 0 } ? builder.ConnectionString : throw new FormatException("no host");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw CommandException.Usage(
                $"CPF_POSTGRES is neither an Npgsql connection string nor a postgres:// URI: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>The URI itself, when it is one.</summary>
    /// <exception cref="CommandException">The text is no amqp URI.</exception>
    public static string RabbitMq(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps" && uri.Host.Length > 0
            ? text
            : throw CommandException.Usage("CPF_RABBITMQ is no URI of the form amqp://user:password@host:port/vhost");

    // Npgsql's name of a parameter of libpq.
    private static string NameOf(string parameter) => parameter switch
    {
        "sslmode" => "SSL Mode",
        "sslrootcert" => "Root Certificate",
        "sslcert" => "SSL Certificate",
        "sslkey" => "SSL Key",
        "sslpassword" => "SSL Password",
        "connect_timeout" => "Timeout",
        "target_session_attrs" => "Target Session Attributes",
        _ => parameter.Replace('_', ' '),
    };

    private static (string First, string Second) Split(string text, char separator)
    {
        var at = text.IndexOf(separator);
        return at < 0
            ? (Uri.UnescapeDataString(text), "")
            : (Uri.UnescapeDataString(text[..at]), Uri.UnescapeDataString(text[(at + 1)..]));
    }
}
