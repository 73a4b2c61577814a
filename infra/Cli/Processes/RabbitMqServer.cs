using System.Globalization;
using System.Net.Sockets;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Processes;

/// <summary>
/// The private RabbitMQ with its own port mapper: configured by <see cref="RabbitMqFiles"/>, started by <c>infra/local/rabbitmq.sh</c>.
/// </summary>
internal static class RabbitMqServer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <returns>What happened, for the progress display.</returns>
    public static async Task<string> StartAsync(Installation installation, bool passwordLost, CancellationToken cancellationToken)
    {
        var log = Path.Combine(installation.Logs, "rabbitmq.log");
        if (Find(installation) is { } running)
        {
            if (!passwordLost && await AnswersAsync(installation, cancellationToken))
            {
                if (FindEpmd(installation) is null)
                {
                    // The broker registers again by itself within seconds.
                    await Script.RunAsync(installation, "rabbitmq.sh", ["epmd"], [], null, cancellationToken);
                }

                return "already running";
            }

            await ProcessTable.StopAsync([running], ProcessTable.Terminate, TimeSpan.FromSeconds(20), cancellationToken);
        }

        if (FindEpmd(installation) is { } epmd)
        {
            await ProcessTable.StopAsync([epmd], ProcessTable.Terminate, TimeSpan.FromSeconds(1), cancellationToken);
        }

        if (Ports.Settle(
            installation.State.Ports, [Component.RabbitMq, Component.RabbitMqDistribution, Component.RabbitMqManagement, Component.Epmd]))
        {
            installation.Save();
        }

        RabbitMqFiles.Write(installation);
        var pidFile = Path.Combine(installation.Run, "rabbitmq.pid");
        File.Delete(pidFile);
        var code = await Script.RunAsync(installation, "rabbitmq.sh", ["start", log, pidFile], [], null, cancellationToken);
        if (code != 0 || !int.TryParse(File.ReadAllText(pidFile), out var pid)
            || ProcessRecord.Write(installation, Component.RabbitMq, pid, "") is not { } process)
        {
            throw CommandException.Infrastructure(Script.LastWord(log, "RabbitMQ did not start"));
        }

        var start = TimeProvider.System.GetTimestamp();
        while (!await AnswersAsync(installation, cancellationToken))
        {
            if (!process.IsAlive || TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw CommandException.Infrastructure(
                    $"RabbitMQ did not start; the end of {log}:\n" + string.Join('\n', Script.Tail(log, 15)));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }

        return string.Create(CultureInfo.InvariantCulture, $"started on port {installation.State.Ports[Component.RabbitMq]}");
    }

    /// <summary>The Erlang machine, or null.</summary>
    public static ProcessRecord? Find(Installation installation) => ProcessRecord.Read(installation, Component.RabbitMq)
        ?? ProcessTable.Of(installation).FirstOrDefault(p => ProcessTable.CommandLine(p.Pid).Contains("/beam", StringComparison.Ordinal));

    private static ProcessRecord? FindEpmd(Installation installation) =>
        ProcessTable.Of(installation)
            .FirstOrDefault(p => ProcessTable.CommandLine(p.Pid).Split(' ')[0].EndsWith("epmd", StringComparison.Ordinal));

    /// <summary>Whether a broker speaks on our port: it answers the protocol header with a method frame once it has booted.</summary>
    private static async Task<bool> AnswersAsync(Installation installation, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(3));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", installation.State.Ports[Component.RabbitMq], limit.Token);
            var stream = client.GetStream();
            await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), limit.Token);
            var answer = new byte[1];
            return await stream.ReadAsync(answer, limit.Token) == 1 && answer[0] == 1;
        }
        catch (Exception e) when (
            e is SocketException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
