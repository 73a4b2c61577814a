using System.Globalization;

namespace CpfPipeline.Matcher.Pages.Addresses;

/// <summary>Addresses of the pages about models.</summary>
internal static class ModelAddress
{
    /// <summary>Models before one, the newest first.</summary>
    public static string Before(long modelId) => string.Create(CultureInfo.InvariantCulture, $"{PageEntry.Models}?before={modelId}");

    /// <summary>The page of a model.</summary>
    public static string Of(long modelId) => string.Create(CultureInfo.InvariantCulture, $"{PageEntry.Models}/{modelId}");

    /// <summary>The page of a model on which an activation that was just requested shows up.</summary>
    /// <param name="modelId">The model.</param>
    /// <param name="key">The request's key.</param>
    /// <param name="until">Until when it may begin.</param>
    public static string Requested(long modelId, Guid key, DateTimeOffset until) => string.Create(
        CultureInfo.InvariantCulture, $"{Of(modelId)}?requested={key}&until={until.ToUnixTimeSeconds()}");

    /// <summary>How its groups differ from another model's.</summary>
    public static string Differences(long modelId, long against, long? after = null) => string.Create(
        CultureInfo.InvariantCulture, $"{Of(modelId)}/changes?against={against}{(after is { } group ? $"&after={group}" : "")}");

    /// <summary>What another threshold would do.</summary>
    public static string WhatIf(long modelId, double? threshold = null, string? after = null) =>
        $"{Of(modelId)}/what-if"
        + (threshold is { } tau ? string.Create(CultureInfo.InvariantCulture, $"?threshold={tau:R}") : "")
        + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}");

    /// <summary>The form that makes it the active one.</summary>
    public static string Activate(long modelId) => $"{Of(modelId)}/activate";

    /// <summary>The report that its run wrote.</summary>
    public static string Report(long modelId) => $"{Of(modelId)}/report";
}
