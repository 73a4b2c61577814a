using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Services;

/// <summary>
/// Notices services that went away while a command waits for them. A restart is no reason to stop waiting. A service therefore counts as
/// gone only when it has not answered for a while.
/// </summary>
/// <param name="answers">Whether a service answers.</param>
internal sealed class ServiceWatch(Func<Service, CancellationToken, Task<bool>> answers, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    /// <summary>Longer than a service takes to start.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, long> _silentSince = [];
    private long? _last;

    /// <summary>Watches the services of an installation.</summary>
    public static ServiceWatch Of(Installation installation, HealthClient health) =>
        new(async (service, token) => await health.ReadAsync(installation.Url(service), token) != HealthReport.None, TimeProvider.System);

    /// <summary>Asks the services when it is time to.</summary>
    /// <exception cref="CommandException">One of them has been silent for too long.</exception>
    public async Task CheckAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        if (_last is { } last && time.GetElapsedTime(last) < Interval)
        {
            return;
        }

        _last = time.GetTimestamp();
        foreach (var service in Service.All.Where(s => names.Contains(s.Name)))
        {
            if (await answers(service, cancellationToken))
            {
                _silentSince.Remove(service.Name);
                continue;
            }

            var now = time.GetTimestamp();
            if (!_silentSince.TryAdd(service.Name, now) && time.GetElapsedTime(_silentSince[service.Name], now) >= Patience)
            {
                throw CommandException.Infrastructure(
                    $"{service.Name} is gone: infra/cpf logs {service.Key} shows why, infra/cpf up starts it and goes on with what was "
                        + "handed in");
            }
        }
    }
}
