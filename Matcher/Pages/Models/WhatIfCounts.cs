namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>How many groups another threshold would leave.</summary>
/// <param name="GroupsNow">Groups of two pictures or more under the model.</param>
/// <param name="GroupsThen">Groups then; null when too many merges come undone to count them.</param>
/// <param name="Changed">Groups that change; null likewise.</param>
/// <param name="HasPending">Whether pictures wait to be regrouped, which are counted as they are now.</param>
public sealed record WhatIfCounts(long GroupsNow, long? GroupsThen, long? Changed, bool HasPending);
