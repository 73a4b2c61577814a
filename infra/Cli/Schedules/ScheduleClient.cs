using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Schedules;

/// <summary>Recurring feeds of Ingest.</summary>
internal sealed class ScheduleClient(ServiceClient ingest)
{
    private const string All = "/feed-schedules";

    /// <summary>All of them, by name.</summary>
    /// <exception cref="CommandException">Ingest does not answer.</exception>
    public Task<IReadOnlyList<ScheduleAnswer>> ListAsync(CancellationToken cancellationToken) =>
        ingest.GetAsync<IReadOnlyList<ScheduleAnswer>>(All, cancellationToken);

    /// <inheritdoc cref="ListAsync"/>
    public Task<string> ListJsonAsync(CancellationToken cancellationToken) =>
        ingest.SendAsync(HttpMethod.Get, All, null, cancellationToken);

    /// <summary>Adds one, or replaces the one of this name.</summary>
    /// <exception cref="CommandException">Ingest does not answer (3), or refuses it (2).</exception>
    public async Task<ScheduleAnswer> PutAsync(string name, ScheduleBody schedule, CancellationToken cancellationToken) =>
        (await ingest.SendAsync(HttpMethod.Put, PathOf(name), schedule, null, cancellationToken))
            .ThrowUnlessGood().Read<ScheduleAnswer>("PUT " + All);

    /// <summary>Removes one; feeds that it has handed in go on.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="source">Its source; null: the only one with a schedule of that name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CommandException">Ingest does not answer (3), knows none of this name, or several (2).</exception>
    public Task RemoveAsync(string name, string? source, CancellationToken cancellationToken) =>
        ingest.SendAsync(
            HttpMethod.Delete, PathOf(name) + (source is null ? "" : $"?source={Uri.EscapeDataString(source)}"), null, cancellationToken);

    private static string PathOf(string name) => $"{All}/{Uri.EscapeDataString(name)}";
}
