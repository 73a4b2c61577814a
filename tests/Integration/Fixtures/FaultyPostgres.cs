using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>Where a connection breaks.</summary>
public enum Break
{
    /// <summary>The server never hears of the statement.</summary>
    BeforeTheStatement,

    /// <summary>The server has executed it, but the client never gets the answer.</summary>
    AfterTheStatement,
}

/// <summary>
/// A proxy between a client and a real PostgreSQL. It understands enough of the wire protocol (version 3, unencrypted) to count round
/// trips. From a chosen round trip on it breaks every connection, which looks to the server like a client that died between two statements.
/// </summary>
public sealed class FaultyPostgres : TcpFront
{
    private readonly string _host;
    private readonly int _port;
    private long _left = long.MaxValue;
    private Break _how;
    private bool _commitsOnly;

    /// <param name="connectionString">Of the real database.</param>
    public FaultyPostgres(string connectionString)
    {
        var real = new NpgsqlConnectionStringBuilder(connectionString);
        (_host, _port) = (real.Host!, real.Port);
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1", Port = Port, SslMode = SslMode.Disable,
                GssEncryptionMode = GssEncryptionMode.Disable, Pooling = false,
        }.ConnectionString;
    }

    /// <summary>Connects through this proxy. Every use is a separate connection.</summary>
    public string ConnectionString { get; }

    /// <summary>Whether the break has come.</summary>
    public bool HasBroken => Volatile.Read(ref _left) <= 0;

    /// <summary>Breaks at the n-th round trip from now, counted from 1 over all connections.</summary>
    /// <param name="roundTrip">Which one.</param>
    /// <param name="how">Before or after it.</param>
    /// <param name="commitsOnly">
    /// Counts only commits. Writes that belong into one transaction but are outside of it show before or after a commit, regardless of the
    /// round trips in between.
    /// </param>
    public void BreakAt(long roundTrip, Break how, bool commitsOnly = false)
    {
        (_how, _commitsOnly) = (how, commitsOnly);
        Volatile.Write(ref _left, roundTrip);
    }

    protected override async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        using var server = _host.StartsWith('/')
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Stopped);
        try
        {
            client.NoDelay = true;
            if (server.ProtocolType == ProtocolType.Tcp)
            {
                server.NoDelay = true; // Messages are written one by one: each would wait until the one before is acknowledged.
            }

            await server.ConnectAsync(
                _host.StartsWith('/') ? new UnixDomainSocketEndPoint($"{_host}/.s.PGSQL.{_port}") : new DnsEndPoint(_host, _port),
                over.Token);
            await using var up = new NetworkStream(server);
            var down = client.GetStream();
            var silence = new TaskCompletionSource();
            var answers = AnswerAsync(up, down, silence, over);
            await AskAsync(down, up, silence, over.Token);
            await answers;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or EndOfStreamException)
        {
            await over.CancelAsync(); // Either side has gone: so does the other.
        }
    }

    private async Task AskAsync(Stream client, Stream server, TaskCompletionSource silence, CancellationToken cancellationToken)
    {
        await server.WriteAsync(await ReadAsync(client, withType: false, cancellationToken), cancellationToken); // Startup.
        var pending = new List<byte[]>();
        while (true)
        {
            var message = await ReadAsync(client, withType: true, cancellationToken);
            pending.Add(message);
            if (message[0] is not ((byte)'S' or (byte)'Q' or (byte)'X' or (byte)'p' or (byte)'c' or (byte)'d'))
            {
                continue; // A round trip ends with Sync, or is a simple query.
            }

            var breaks = message[0] is (byte)'S' or (byte)'Q'
                && (!_commitsOnly || pending.Exists(IsCommit)) && Interlocked.Decrement(ref _left) <= 0;
            if (breaks && _how == Break.BeforeTheStatement)
            {
                throw new IOException("broken");
            }

            if (breaks)
            {
                silence.TrySetResult();
            }

            foreach (var part in pending)
            {
                await server.WriteAsync(part, cancellationToken);
            }

            pending.Clear();
        }
    }

    // A simple query, or the text of a statement to parse, after its name.
    private static bool IsCommit(byte[] message) =>
        message[0] is (byte)'Q' or (byte)'P'
        && Encoding.ASCII.GetString(message.AsSpan(5))
            .Split('\0')[message[0] == (byte)'Q' ? 0 : 1].Equals("commit", StringComparison.OrdinalIgnoreCase);

    private static async Task AnswerAsync(Stream server, Stream client, TaskCompletionSource silence, CancellationTokenSource over)
    {
        try
        {
            while (true)
            {
                var message = await ReadAsync(server, withType: true, over.Token);
                if (!silence.Task.IsCompleted)
                {
                    await client.WriteAsync(message, over.Token);
                }
                else if (message[0] == (byte)'Z')
                {
                    throw new IOException("broken"); // Ready again: the statement has been carried out.
                }
            }
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, bool withType, CancellationToken cancellationToken)
    {
        var head = new byte[withType ? 5 : 4];
        await stream.ReadExactlyAsync(head, cancellationToken);
        var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(withType ? 1 : 0));
        var message = new byte[head.Length + length - 4];
        head.CopyTo(message, 0);
        await stream.ReadExactlyAsync(message.AsMemory(head.Length), cancellationToken);
        return message;
    }
}
