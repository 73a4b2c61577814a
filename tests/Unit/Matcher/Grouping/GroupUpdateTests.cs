using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Grouping;

public sealed class GroupUpdateTests
{
    private static readonly GroupMember Member = new(1, 1, 1, false);

    private static readonly ContentMembership Arriving = new(10, Live: true, Placeholder: false, null);
    private static readonly ContentMembership Staying = new(20, Live: true, Placeholder: false, Member);
    private static readonly ContentMembership Leaving = new(30, Live: false, Placeholder: false, Member);
    private static readonly ContentMembership Absent = new(40, Live: false, Placeholder: false, null);

    [Fact]
    public async Task TryRun_ArrivalsAndDepartures_DeparturesComeFirstAndOnlyArrivalsAreSearched()
    {
        var target = new RecordingTarget(Arriving, Staying, Leaving, Absent);

        Assert.NotNull(await RunAsync(target, recompute: false));

        Assert.Equal(["apply 30", "search 10 arrives", "apply 10,20,30,40 marks 7"], target.Steps);
    }

    [Fact]
    public async Task TryRun_OnlyDepartures_IsOneTransactionWithoutASearch()
    {
        var target = new RecordingTarget(Staying, Leaving);

        Assert.NotNull(await RunAsync(target, recompute: false));

        Assert.Equal(["apply 20,30 marks 7"], target.Steps);
    }

    [Fact]
    public async Task TryRun_VerdictBetweenMembers_SearchesTheMembersOnly()
    {
        var target = new RecordingTarget(Staying, Absent);

        Assert.NotNull(await RunAsync(target, recompute: true));

        Assert.Equal(["search 20", "apply 20,40 recompute marks 7"], target.Steps);
    }

    [Fact]
    public async Task TryRun_DeparturesAreOvertaken_StopsThere()
    {
        var target = new RecordingTarget(Arriving, Leaving) { Overtaken = true };

        Assert.Null(await RunAsync(target, recompute: false));

        Assert.Equal(["apply 30"], target.Steps);
    }

    private static Task<GroupOutcome?> RunAsync(RecordingTarget target, bool recompute) =>
        GroupUpdate.TryRunAsync(target, target.ContentIds, recompute, [7], CancellationToken.None);

    private sealed class RecordingTarget(params ContentMembership[] states) : IGroupTarget
    {
        public List<string> Steps { get; } = [];

        public bool Overtaken { get; init; }

        public IReadOnlyList<long> ContentIds => [.. states.Select(s => s.ContentId)];

        public ServingModel Model { get; } = new(1, 1, 1, 0.9, "active", 8, 2, [], []);

        public Task<List<ContentMembership>> ReadStatesAsync(IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken) =>
            Task.FromResult(states.ToList());

        public Task<SearchResult> SearchAsync(IReadOnlyCollection<long> contentIds, bool anyArrives, CancellationToken cancellationToken)
        {
            Steps.Add($"search {string.Join(',', contentIds)}{(anyArrives ? " arrives" : "")}");
            return Task.FromResult(SearchResult.Nothing(2));
        }

        public Task<GroupOutcome?> TryApplyAsync(GroupRequest request, CancellationToken cancellationToken)
        {
            var marks = request.StaleSeqs.Count > 0 ? $" marks {string.Join(',', request.StaleSeqs)}" : "";
            Steps.Add($"apply {string.Join(',', request.ContentIds)}{(request.Recompute ? " recompute" : "")}{marks}");
            return Task.FromResult(Overtaken ? null : new GroupOutcome([], 0, 0, 0));
        }
    }
}
