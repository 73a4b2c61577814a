using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>Finds a consumer process at a moment at which it holds messages, so that killing it hits work.</summary>
internal static class BrokerWork
{
    private const int Redelivered = 60;

    /// <summary>
    /// Freezes a Matcher and kills it (SIGKILL) as soon as the broker counts unacknowledged messages of it, which come back to the others.
    /// To be sure that it gets some, messages about embedded contents are published once more.
    /// </summary>
    /// <exception cref="TimeoutException">It was given none within the time.</exception>
    public static async Task KillMatcherWithMessagesAsync(Stack stack, int pid)
    {
        await Stack.UntilAsync(async () =>
            (await stack.QueryAsync<long>("select count(*) from cpf.embeddings"))[0] > 0, "something is embedded");
        using var process = Process.GetProcessById(pid);
        await RunAsync("kill", ["-STOP", $"{pid}"], null);
        try
        {
            await RedeliverAsync(stack);
            var ports = LocalPorts(pid);
            await Stack.UntilAsync(async () => await UnacknowledgedAsync(stack.Home, ports) > 0, $"process {pid} holds messages");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task RedeliverAsync(Stack stack)
    {
        var head = (await stack.QueryAsync<long>("select head_id from cpf.models where state = 'active'"))[0];
        var contents = await stack.QueryAsync<long>("select content_id from cpf.embeddings order by content_id limit $1", Redelivered);
        await using var connection = await new ConnectionFactory { Uri = stack.RabbitMq }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        for (var i = 0; i < Redelivered; i++)
        {
            var message = $$"""{"headId":{{head}},"contentIds":[{{contents[i % contents.Count]}}]}""";
            var body = $$"""
                {"messageId":"{{Guid.NewGuid()}}","messageType":["urn:message:CpfPipeline.Contracts:ContentsEmbedded"],
                 "message":{{message}} }
                """;
            await channel.BasicPublishAsync(
                "", "cpf.contents-embedded", mandatory: true, new BasicProperties { ContentType = "application/vnd.masstransit+json" },
                Encoding.UTF8.GetBytes(body));
        }
    }

    /// <summary>Messages in a queue or in the hands of its consumers.</summary>
    public static async Task<long> MessagesAsync(string home, string queue) =>
        (await ListAsync(home, "list_queues", "--vhost", "cpf", "name", "messages"))
        .EnumerateArray().Single(q => q.GetProperty("name").GetString() == queue).GetProperty("messages").GetInt64();

    private static async Task<long> UnacknowledgedAsync(string home, HashSet<int> ports)
    {
        var connections = (await ListAsync(home, "list_connections", "name", "peer_port")).EnumerateArray()
            .Where(c => ports.Contains(c.GetProperty("peer_port").GetInt32())).Select(c => c.GetProperty("name").GetString()).ToHashSet();
        return (await ListAsync(home, "list_channels", "--vhost", "cpf", "name", "messages_unacknowledged")).EnumerateArray()
            .Where(c => connections.Any(n => c.GetProperty("name").GetString()!.StartsWith(n!, StringComparison.Ordinal)))
            .Sum(c => c.GetProperty("messages_unacknowledged").GetInt64());
    }

    // /proc/PID/net/tcp lists the sockets of the whole network namespace; those of the process are among its open files.
    private static HashSet<int> LocalPorts(int pid)
    {
        var inodes = Directory.EnumerateFiles($"/proc/{pid}/fd").Select(f => new FileInfo(f).LinkTarget ?? "")
            .Where(t => t.StartsWith("socket:[", StringComparison.Ordinal)).Select(t => t["socket:[".Length..^1]).ToHashSet();
        return
        [
            .. new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{pid}/net/{table}").Skip(1))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => inodes.Contains(fields[9]))
                .Select(fields => int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
        ];
    }

    private static async Task<JsonElement> ListAsync(string home, params string[] words) => JsonDocument.Parse(await RunAsync(
        "bash", [Path.Combine(Cli.Checkout, "infra", "local", "rabbitmq.sh"), "ctl", "--quiet", "--formatter", "json", .. words],
        home)).RootElement;

    private static async Task<string> RunAsync(string program, string[] arguments, string? home)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        if (home is not null)
        {
            start.Environment["CPF_HOME"] = home;
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
    }
}
