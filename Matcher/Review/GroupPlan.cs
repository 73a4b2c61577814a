using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matcher.Verdicts;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>The verdicts that a decision on pictures of a group gives.</summary>
internal static class GroupPlan
{
    /// <summary>Verdicts of one decision at most.</summary>
    public const int MaxVerdicts = 500;

    // A larger group is decided on after it was split.
    private const int MaxGroupSize = 2_000;

    /// <summary>Reads what a decision would give now, on the caller's connection.</summary>
    /// <returns>The verdicts, or what is wrong, for a person.</returns>
    public static async Task<(IReadOnlyList<VerdictChange>? Changes, string? Problem)> ReadAsync(
        NpgsqlConnection connection, long groupId, string? word, IReadOnlyCollection<long> chosen, CancellationToken cancellationToken)
    {
        if (!GroupDecision.IsKnown(word))
        {
            return (null, $"A decision is split, same or placeholder, not '{word}'.");
        }

        if (chosen.Count == 0 || (word == GroupDecision.Same && chosen.Count < 2))
        {
            return (null, word == GroupDecision.Same ? "Choose two pictures or more." : "Choose a picture first.");
        }

        var members = await ModelStore.ReadActiveAsync(connection, cancellationToken) is { } model
            ? await GroupStore.ReadMemberIdsAsync(connection, model.ModelId, groupId, -1, MaxGroupSize + 1, cancellationToken) : [];
        if (members.Count > MaxGroupSize)
        {
            return (null, $"The group has more than {MaxGroupSize} pictures: answer its doubtful pairs in the queue first.");
        }

        if (chosen.Except(members).Any())
        {
            return (null, "The group has changed since: look at it again.");
        }

        var others = members.Except(chosen).ToList();
        if (word == GroupDecision.Split && others.Count == 0)
        {
            return (null, "All pictures of the group are chosen: there is nothing left to split them from.");
        }

        var standing = await VerdictStore.ReadClosureAsync(connection, members, cancellationToken);
        var changes = GroupDecision.Changes(word!, chosen, others, standing);
        return changes.Count > MaxVerdicts
            ? (null, $"That would take {changes.Count} verdicts, and {MaxVerdicts} are the most at once. Say first which of the rest are "
                + "all the same: then fewer are needed.")
            : (changes, null);
    }

    /// <summary>Tells two plans apart: the one that a reviewer saw, and the one that the decision would give now.</summary>
    public static string HashOf(IEnumerable<VerdictChange> changes) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', changes.Select(c => $"{c.ContentA} {c.ContentB} {c.Word}").Order(StringComparer.Ordinal)))));
}
